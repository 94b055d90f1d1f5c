"""Chats and videos, as their agents' screens ask for them."""

from __future__ import annotations

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.contact import ContactState
from queue_engine.core.errors import Refused
from routing.vocabulary import (
    NO_LINK,
    AgentId,
    ContactChannel,
    ContactId,
    Outcome,
    PhoneId,
)
from tests.core.world import LINK, World

A1, C1, C2 = AgentId("a1"), ContactId("c1"), ContactId("c2")


@pytest.fixture
def world() -> World:
    """A nurse is ready."""
    world = World()
    world.agent("a1")
    return world


@pytest.mark.parametrize("channel", [ContactChannel.CHAT, ContactChannel.VIDEO])
def test_it_is_offered_at_once_and_no_switch_is_asked(
    world: World, channel: ContactChannel
) -> None:
    enqueued, offered = world.chat("c1", channel=channel)
    assert isinstance(enqueued, ev.ContactEnqueued)
    assert (enqueued.channel, enqueued.link_id) == (channel, NO_LINK)
    assert isinstance(offered, ev.ContactOffered)
    assert (offered.agent_id, offered.link_id) == (A1, NO_LINK)
    world.now_ms += 7_000
    (connected,) = world.do(cmd.AcceptOffer(A1, C1, offered.offer))
    assert connected == ev.ContactConnected(C1, A1, PhoneId("phone-a1"), 7_000)
    world.check_replay()


def test_a_switch_that_is_named_all_the_same_is_not_its_own(world: World) -> None:
    world.chat("c0")
    row = world.state.contacts[ContactId("c0")]
    again = cmd.EnqueueContact(
        C1,
        LINK,
        row.line_id,  # type: ignore[arg-type]
        world.now_ms,
        row.priority,
        row.needs,
        row.home_region,
        row.home_region_source,
        channel=ContactChannel.CHAT,
    )
    world.do(again)
    assert world.state.contacts[C1].link_id == NO_LINK
    world.do(cmd.ReportSwitch(LINK, world.now_ms + 1, ()))
    assert world.state.contacts[C1].state is ContactState.WAITING


def test_a_wait_is_counted_until_the_first_talk(world: World) -> None:
    world.chat("c1")
    world.answer("c1")
    world.do(cmd.SendBack(A1, C1, "wrong_language"))
    world.wait(60_000)
    world.do(cmd.EndWrapUp(A1))
    (connected,) = world.answer("c1")
    assert isinstance(connected, ev.ContactConnected)
    assert connected.wait_ms == 0


def test_either_of_both_may_end_it(world: World) -> None:
    for name in ("c1", "c2"):
        world.chat(name)
        world.answer(name)
    world.now_ms += 90_000
    ended = [*world.do(cmd.EndContact(A1, C1)), *world.gone("c2")]
    assert [event.outcome for event in ended if isinstance(event, ev.ContactEnded)] == [
        Outcome.HANDLED,
        Outcome.HANDLED,
    ]
    row = world.state.agents[A1]
    more = world.do(cmd.ProlongWrapUp(A1, 60_000, C2))
    assert more == (ev.WrapUpProlonged(C2, A1, world.now_ms + 6 * 60_000),)
    assert world.wait(5 * 60_000) != ()
    assert list(row.assignments) == [C2]
    assert world.do(cmd.SetAgentReady(A1)) == (ev.WrapUpEnded(A1, C2, "", 5 * 60_000),)


def test_she_is_ready_with_two_wrap_ups_and_both_are_over(world: World) -> None:
    for name in ("c1", "c2"):
        world.chat(name)
        world.answer(name)
    for name in ("c1", "c2"):
        world.nurse_hangs_up(name)
    events = world.do(cmd.SetAgentReady(A1))
    assert [type(event) for event in events] == [ev.WrapUpEnded, ev.WrapUpEnded]
    assert not world.state.agents[A1].assignments


_WAITS = cmd.SeenCaller(C1, cmd.CallerPlace.WAITING, 0)
_TALKS = cmd.SeenCaller(C1, cmd.CallerPlace.TALKING, 0, phone_id=PhoneId("phone-a1"))


@pytest.mark.parametrize(
    "report",
    [
        cmd.ReportCallerWaiting(LINK, _WAITS),
        cmd.ReportConnected(C1, LINK, PhoneId("phone-a1"), 1),
        cmd.ReportOfferFailed(C1, 1, cmd.OfferFailure.NO_ANSWER),
        cmd.ReportTalkEnded(C1, PhoneId("phone-a1")),
        cmd.ReportSwitch(LINK, 0, (_WAITS,)),
        cmd.ReportSwitch(LINK, 0, (_TALKS,)),
    ],
    ids=lambda report: type(report).__name__,
)
def test_what_a_switch_says_of_it_is_noted_and_changes_nothing(
    world: World, report: cmd.Report
) -> None:
    world.chat("c1")
    assert world.do(report) == (ev.LateReport(C1, type(report).__name__),)
    assert world.state.contacts[C1].state is ContactState.OFFERED
    world.answer("c1")
    assert world.do(report) == (ev.LateReport(C1, type(report).__name__),)
    assert world.state.contacts[C1].state is ContactState.CONNECTED


@pytest.mark.parametrize("command", [cmd.AcceptOffer, cmd.RejectOffer])
def test_another_offer_than_the_one_that_is_shown_is_refused(
    world: World, command: type[cmd.AcceptOffer | cmd.RejectOffer]
) -> None:
    world.chat("c1")
    world.agent("a2")
    offer = world.state.contacts[C1].offer
    assert offer is not None
    for agent_id, number in ((A1, offer + 1), (AgentId("a2"), offer)):
        with pytest.raises(Refused, match="c1 is not offered to agent"):
            world.do(command(agent_id, C1, number))
    world.do(command(A1, C1, offer))
    with pytest.raises(Refused, match="c1 is not offered to agent a1"):
        world.do(command(A1, C1, offer))
