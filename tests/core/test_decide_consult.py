"""Colleagues who are asked about a caller: what stories over one switch do not show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.contact import Contact, Participant, Role
from queue_engine.core.errors import Refused
from queue_engine.core.talk import TalkState
from routing.vocabulary import (
    AgentId,
    ContactId,
    LinkId,
    PhoneId,
    RegionCode,
    Skill,
    SkillLevel,
)
from tests.core.world import LINK, POLICY, World

A1, A2, C1 = AgentId("a1"), AgentId("a2"), ContactId("c1")


@pytest.fixture
def world() -> World:
    """A nurse talks with a caller, and a colleague's phone rings, so that she can be asked."""
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.agent("a2")
    world.do(cmd.ConsultAgent(A1, C1, to_agent=A2))
    return world


def row(world: World) -> Contact:
    return world.state.contacts[C1]


def test_a_ring_that_the_switch_does_not_carry_out_costs_the_colleague_nothing(
    world: World,
) -> None:
    offer = row(world).consult
    assert offer is not None
    events = world.do(cmd.ReportOfferFailed(C1, offer, cmd.OfferFailure.CANCELLED))
    assert events == (ev.ConsultEnded(C1, A2, ev.ConsultEnd.ENDED),)
    assert world.state.agents[A2].is_ready


def test_each_ring_has_a_number_of_its_own(world: World) -> None:
    answered, asked = 1, row(world).consult
    world.caller("c2")
    world.agent("a3")
    assert (asked, world.state.contacts[ContactId("c2")].offer) == (answered + 1, answered + 2)


def test_she_takes_part_as_soon_as_she_has_picked_up(world: World) -> None:
    offer = row(world).consult
    assert offer is not None
    assert [each.role for each in row(world).participants()] == [Role.CALLER, Role.AGENT]
    world.do(cmd.ReportConsultAnswered(C1, PhoneId("phone-a2"), offer))
    asked = Participant(Role.CONSULTED_AGENT, LINK, "phone-a2", A2)
    assert row(world).participants()[2:] == (asked,)


def test_the_end_of_another_ring_is_late(world: World) -> None:
    offer = row(world).consult
    assert offer is not None
    (event,) = world.do(cmd.ReportOfferFailed(C1, offer - 1, cmd.OfferFailure.NO_ANSWER))
    assert isinstance(event, ev.LateReport)
    assert row(world).talk is TalkState.ASKING


def test_the_picture_of_another_switch_says_nothing_of_it(world: World) -> None:
    (event,) = world.do(cmd.ReportSwitch(LinkId("ast2"), world.now_ms, ()))
    assert isinstance(event, ev.LinkRestored)
    assert row(world).talk is TalkState.ASKING


@pytest.mark.parametrize("asked", [cmd.ConsultAgent(A1, C1), cmd.TransferContact(A1, C1)])
def test_somebody_is_to_be_named(world: World, asked: cmd.Command) -> None:
    world.do(cmd.EndConsult(A1, C1))
    with pytest.raises(Refused, match="nobody is named") as refused:
        world.do(asked)
    assert refused.value.code == "bad_target"


def test_nobody_is_asked_while_the_callers_switch_is_out_of_reach() -> None:
    """Though the colleague's phone hangs at another: it is his that would have to ring it."""
    other = LinkId("ast2")
    world = World(replace(POLICY, trunks=((LINK, other),)))
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.do(cmd.ReportSwitch(other, world.now_ms, ()))
    skills = (SkillLevel(Skill("advice")),)
    world.do(cmd.SignOnAgent(A2, other, PhoneId("phone-a2"), RegionCode("22"), skills))
    world.do(cmd.SetAgentReady(A2))
    world.do(cmd.ReportLinkLost(LINK))
    with pytest.raises(Refused, match="out of reach") as refused:
        world.do(cmd.ConsultAgent(A1, C1, to_agent=A2))
    assert refused.value.code == "link_lost"
    assert row(world).talk is None, "nor is he on hold"
    talking = cmd.SeenCaller(
        C1, cmd.CallerPlace.TALKING, world.now_ms, phone_id=PhoneId("phone-a1")
    )
    world.do(cmd.ReportSwitch(LINK, world.now_ms, (talking,)))
    assert ev.ConsultOffered in map(type, world.do(cmd.ConsultAgent(A1, C1, to_agent=A2)))
