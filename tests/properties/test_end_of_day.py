"""When all have gone home, and what may be known of them is forgotten, nothing of them is left."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.ledger import Ledger
from queue_engine.core.service_level import ServiceLevel
from queue_engine.core.state import State
from routing.return_policy import REPEAT_MS_MAX
from routing.vocabulary import AgentId, PhoneId, Skill, SkillLevel, UnitId
from tests.core.chaos import DAYS_MS, OTHER_LINK, Chaos
from tests.core.world import LINK, POLICY, World
from tests.properties import test_callbacks_random as callbacks

STEPS: Final = 600
HOUR_MS: Final = 60 * 60_000


def all_leave(world: World) -> None:
    """Nobody is on the line or at a screen any more; whoever is to be rung is, in vain."""
    for link_id in (LINK, OTHER_LINK):
        world.do(cmd.ReportSwitch(link_id, world.now_ms, ()))
    for agent_id in list(world.state.agents):
        world.do(cmd.SignOffAgent(agent_id))
    for contact in world.state.living_contacts():
        world.do(cmd.ReportCallerGone(contact.contact_id))
    world.wait(HOUR_MS)
    skills = tuple(SkillLevel(Skill(name)) for name in ("advice", "child", "ar"))
    for region in world.state.rules.regions:
        last, phone_id = AgentId(f"last{region}"), PhoneId(f"last{region}")
        unit = UnitId("hamnen")  # which keeps its own callers
        world.do(cmd.SignOnAgent(last, LINK, phone_id, region, skills, unit))
        world.do(cmd.SetAgentReady(last))
    for _ in range(60):
        for contact in list(world.state.promised.values()):
            if contact.offer is not None:
                failure = cmd.CallbackFailure.NO_ANSWER
                world.do(cmd.ReportCallbackFailed(contact.contact_id, contact.offer, failure))
        world.wait(60_000)
    for agent_id in list(world.state.agents):
        world.do(cmd.SignOffAgent(agent_id))


def rows_of(state: State) -> dict[str, int]:
    """How many rows of each kind there are, of those that are about callers and agents."""
    kept_of_regions = ("policy_text", "links", "windows", "limits", "closed_lines", "_not_ended")
    found = {name: len(rows) for name, rows in vars(state).items() if hasattr(rows, "__len__")}
    found |= {"living": len(state.living_contacts()), "heap": len(state.deadlines._heap)}
    return {name: count for name, count in found.items() if count and name not in kept_of_regions}


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_left_of_any_commands(seed: int) -> None:
    world = World(replace(POLICY, callbacks=callbacks.CALLBACKS), watch=None)
    callbacks.run(world, seed, STEPS)
    Chaos(world, seed, chats=0.3, crowd=8).run(STEPS)
    all_leave(world)
    world.wait(REPEAT_MS_MAX + DAYS_MS)
    assert rows_of(world.state) == {}
    ledger, level = Ledger(), ServiceLevel(lambda: world.state.rules)
    for record in world.records:
        ledger.follow(record)
        level.follow(record)
    assert not ledger.rows().contacts
    assert not ledger.rows().agents
    assert not level._callers
