"""Any commands in any order: the invariants hold, and replay gives the same.

Requests and reports are drawn without regard for sense (late, repeated, from the wrong phone),
mixed with sensible ones that follow the state, so that deep states are reached.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_engine.core import commands as cmd
from queue_engine.core.contact import ContactState
from queue_engine.core.errors import Refused
from queue_engine.core.snapshot import digest
from routing.policy import MINUTE_MS, Order, Policy
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
)
from tests.core.world import LINK, POLICY, World

REGIONS = ("22", "23", "24", "01", "unknown")
NEEDS = (
    (),
    (Requirement(Skill("advice")),),
    (Requirement(Skill("advice")), Requirement(Skill("ar"), 3)),
)
SKILLS = (
    (SkillLevel(Skill("advice")),),
    (SkillLevel(Skill("advice")), SkillLevel(Skill("ar"), 2)),
    (SkillLevel(Skill("advice")), SkillLevel(Skill("ar"), 5)),
)


def _contact_ids(world: World) -> st.SearchStrategy[ContactId]:
    return st.sampled_from([*list(world.state.contacts)[-12:], ContactId("nobody")])


def _agent_ids() -> st.SearchStrategy[AgentId]:
    return st.sampled_from([AgentId(f"a{n}") for n in range(7)])


def _phones() -> st.SearchStrategy[PhoneId]:
    return st.sampled_from([PhoneId(f"p{n}") for n in range(8)])


def _offer(data: st.DataObject, world: World, contact_id: ContactId) -> int:
    contact = world.state.contacts.get(contact_id)
    known = contact.offer if contact is not None and contact.offer else 1
    return data.draw(st.sampled_from([known, known, known, known + 1, 1]))


def _seen(data: st.DataObject, world: World, contact_id: ContactId) -> cmd.SeenCaller:
    contact = world.state.contacts.get(contact_id)
    ticket = None
    if contact is not None and data.draw(st.booleans()):
        ticket = cmd.CallTicket(
            record=data.draw(st.integers(0, world.state.record_number + 5)),
            contact_id=contact_id,
            arrived_ms=contact.arrived_ms,
            sequence=contact.sequence,
            priority=data.draw(st.sampled_from(Priority)),
            home_region=contact.home_region,
            needs=contact.needs,
        )
    return cmd.SeenCaller(
        contact_id,
        data.draw(st.sampled_from(cmd.CallerPlace)),
        world.now_ms - 1000,
        ticket,
        data.draw(st.none() | _phones()),
        _offer(data, world, contact_id),
    )


def _command(data: st.DataObject, world: World, number: int) -> cmd.Command:
    contact_id = data.draw(_contact_ids(world))
    agent_id = data.draw(_agent_ids())
    offered = list(world.state.offers())
    kind = data.draw(st.integers(0, 21))
    match kind:
        case 0 | 1 | 2:
            return cmd.EnqueueContact(
                ContactId(f"c{number}"),
                LINK,
                LineId("1177"),
                world.now_ms - data.draw(st.integers(0, 10 * MINUTE_MS)),
                data.draw(st.sampled_from(Priority)),
                data.draw(st.sampled_from(NEEDS)),
                RegionCode(data.draw(st.sampled_from(REGIONS))),
                HomeRegionSource.AREA_CODE,
                preferred_agent=data.draw(st.none() | _agent_ids()),
            )
        case 3 | 4 | 5:
            waiting = [c for c in world.state.contacts.values() if c.state is ContactState.WAITING]
            if waiting:
                contact_id = data.draw(st.sampled_from(waiting)).contact_id
            caller = cmd.SeenCaller(contact_id, cmd.CallerPlace.WAITING, world.now_ms)
            return cmd.ReportCallerWaiting(LINK, caller)
        case 6:
            return cmd.SetContactPriority(
                contact_id,
                data.draw(st.sampled_from(Priority)),
                data.draw(st.sampled_from(cmd.Actor)),
                "test",
            )
        case 7 | 8:
            return cmd.SignOnAgent(
                agent_id,
                LINK,
                data.draw(_phones()),
                RegionCode(data.draw(st.sampled_from(REGIONS[:-1]))),
                data.draw(st.sampled_from(SKILLS)),
            )
        case 9:
            return cmd.SignOffAgent(agent_id)
        case 10 | 11 | 12:
            return cmd.SetAgentReady(agent_id)
        case 13:
            return cmd.SetAgentNotReady(agent_id, data.draw(st.sampled_from(NotReadyReason)))
        case 14:
            return cmd.EndWrapUp(agent_id, "")
        case 15 | 16:
            if offered and data.draw(st.booleans()):
                contact, agent = offered[data.draw(st.integers(0, len(offered) - 1))]
                return cmd.ReportConnected(contact.contact_id, LINK, agent.phone_id, contact.offer)
            offer = data.draw(st.none() | st.integers(1, 50))
            return cmd.ReportConnected(contact_id, LINK, data.draw(_phones()), offer)
        case 17:
            return cmd.ReportOfferFailed(
                contact_id,
                _offer(data, world, contact_id),
                data.draw(st.sampled_from(cmd.OfferFailure)),
            )
        case 18:
            known = world.state.contacts.get(contact_id)
            phone = known.phone_id if known is not None else None
            return cmd.ReportTalkEnded(contact_id, phone or data.draw(_phones()))
        case 19:
            return cmd.ReportCallerGone(contact_id)
        case 20:
            return cmd.SetWindow("night_22_07", data.draw(st.booleans()))
        case _:
            if data.draw(st.booleans()):
                return cmd.ReportLinkLost(LINK)
            chosen = data.draw(st.lists(_contact_ids(world), unique=True, max_size=8))
            callers = tuple(_seen(data, world, one) for one in chosen)
            return cmd.ReportSwitch(LINK, world.now_ms, callers)


@pytest.mark.timeout(110)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_commands_keep_the_invariants(data: st.DataObject) -> None:
    order = data.draw(st.sampled_from([Order.DUE, Order.DUE, Order.STRICT, Order.FIFO]))
    advantage = data.draw(st.sampled_from([None, None, 2 * MINUTE_MS]))
    world = World(_with(order, advantage))
    for number in range(data.draw(st.integers(1, 60))):
        command = _command(data, world, number)
        before = digest(world.state)
        try:
            world.do(command)
        except Refused:
            world.state.touched.clear()
            assert digest(world.state) == before or world.records[-1].command == cmd.PassTime()
        world.wait(data.draw(st.sampled_from([0, 1, 1000, 30_000, 4 * MINUTE_MS])))
    world.check_replay()


def _with(order: Order, home_advantage_ms: int | None) -> Policy:

    return replace(POLICY, order=order, home_advantage_ms=home_advantage_ms)
