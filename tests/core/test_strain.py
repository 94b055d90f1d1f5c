"""What is too much for a nurse: the bounds, and what is no limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.agent import Agent
from queue_engine.core.agent_events import Strain
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.strain import answers_too_many_others, too_much
from routing.policy import MINUTE_MS
from routing.strain_policy import StrainPolicy
from routing.vocabulary import AgentId, ContactId, NotReadyReason, PhoneId, Priority, RegionCode
from tests.core.world import LINK, POLICY, World


def kinds(events: tuple[ev.Event, ...]) -> list[str]:
    return [type(event).__name__ for event in events]


def nurse() -> Agent:
    return Agent(AgentId("a1"), 1, LINK, PhoneId("p1"), RegionCode("22"), ())


@pytest.mark.parametrize(
    ("permille", "answered", "is_too_many"),
    [
        (333, (True, False, False), True),
        (334, (True, False, False), False),
        (500, (True, True), False),
        (0, (True, True, True), False),
    ],
)
def test_a_share_of_others_is_too_much_from_its_next_thousandth_on_and_none_is_no_limit(
    permille: int, answered: tuple[bool, ...], is_too_many: bool
) -> None:
    agent, rules = nurse(), StrainPolicy(others_permille_max=permille, others_of=3)
    agent.others_answered = answered
    assert answers_too_many_others(agent, rules) == is_too_many


def test_work_is_too_much_from_the_very_millisecond_on() -> None:
    agent, rules = nurse(), StrainPolicy(unbroken_work_ms_max=1_000)
    assert too_much(agent, rules) is None
    agent.work_since_ms, agent.worked_until_ms = 5_000, 5_999
    assert too_much(agent, rules) is None
    agent.worked_until_ms = 6_000
    assert too_much(agent, rules) is Strain.UNBROKEN_WORK
    assert too_much(agent, StrainPolicy()) is None


def test_a_caller_who_was_not_gone_after_all_is_no_second_emergency_and_no_new_beginning() -> None:
    strain = StrainPolicy(emergencies_max=2, unbroken_work_ms_max=20 * MINUTE_MS)
    world = World(replace(POLICY, strain=strain))
    world.agent("a1")
    world.caller("c1", priority=Priority.EMERGENCY)
    world.answer("c1")
    since_ms = world.now_ms
    world.wait(6 * MINUTE_MS)
    world.gone("c1")
    talking = cmd.SeenCaller(
        ContactId("c1"), cmd.CallerPlace.TALKING, world.now_ms, None, PhoneId("phone-a1")
    )
    events = world.do(cmd.ReportSwitch(LINK, world.now_ms, (talking,)))
    assert kinds(events) == ["ContactRestored", "ContactConnected", "LinkReconciled"]
    agent = world.state.agents[AgentId("a1")]
    assert (agent.emergencies_in_row, agent.work_since_ms) == (1, since_ms)
    world.nurse_hangs_up("c1")
    assert kinds(world.do(cmd.EndWrapUp(AgentId("a1")))) == ["WrapUpEnded"]


def test_others_of_before_there_were_no_limits_do_not_count_when_there_are_some_again() -> None:
    some = replace(POLICY, strain=StrainPolicy(others_permille_max=500, others_of=2))
    world = World(some)
    world.agent("a1", "23")
    agent = world.state.agents[AgentId("a1")]

    def handle(name: str, region: str, priority: Priority = Priority.STANDARD) -> None:
        world.caller(name, region, priority)
        world.answer(name)
        world.nurse_hangs_up(name)
        world.do(cmd.EndWrapUp(agent.agent_id))

    handle("c1", "22", Priority.EMERGENCY)
    world.do(cmd.LoadPolicy(write_policy(POLICY)))
    handle("c2", "23")
    world.do(cmd.LoadPolicy(write_policy(some)))
    handle("c3", "22", Priority.EMERGENCY)
    assert (agent.others_answered, agent.has_own_only) == ((True,), False)


def test_who_was_done_before_the_rules_knew_it_for_too_much_is_judged_by_her_next_contact() -> None:
    """She is on a break: nothing but that she is done comes of the end of her wrap-up."""
    long, short = (StrainPolicy(unbroken_work_ms_max=minutes * MINUTE_MS) for minutes in (30, 5))
    world = World(replace(POLICY, strain=long))
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.wait(10 * MINUTE_MS)
    world.do(cmd.SetAgentNotReady(AgentId("a1"), NotReadyReason.BREAK))
    world.nurse_hangs_up("c1")
    assert kinds(world.do(cmd.EndWrapUp(AgentId("a1")))) == ["WrapUpEnded"]
    assert kinds(world.do(cmd.LoadPolicy(write_policy(replace(POLICY, strain=short))))) == [
        "PolicyLoaded"
    ]
