"""What the switch reports, where the stories are not fine enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.contact import ContactState
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.engine import Engine
from queue_engine.core.repairs import repairs
from routing.policy import MINUTE_MS
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
    UnitId,
)
from tests.core.everybody import everybody
from tests.core.everybody_callback import to_be_rung
from tests.core.world import ADVICE, LINK, POLICY, START_MS, World


def kinds(events: tuple[ev.Event, ...]) -> list[str]:
    return [type(event).__name__ for event in events]


def seen(name: str, place: cmd.CallerPlace, **more: object) -> cmd.SeenCaller:
    return cmd.SeenCaller(ContactId(name), place, START_MS, **more)  # type: ignore[arg-type]


def test_one_enqueued_after_the_picture_was_asked_for_is_not_taken_for_gone() -> None:
    world = World()
    asked_ms = world.now_ms
    world.caller("c1")
    assert world.do(cmd.ReportSwitch(LINK, asked_ms, ())) == ()
    world.wait(1)
    events = world.do(cmd.ReportSwitch(LINK, world.now_ms, ()))
    assert kinds(events) == ["ContactEnded", "LinkReconciled"]


def test_contacts_of_another_switch_are_none_of_this_ones_business() -> None:
    world = World()
    world.caller("c1")
    world.wait(1)
    events = world.do(cmd.ReportSwitch(LinkId("ast2"), world.now_ms, ()))
    assert kinds(events) == ["LinkRestored"]


def test_the_picture_of_a_live_link_that_agrees_is_no_event() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.caller("c2")
    callers = (
        seen("c1", cmd.CallerPlace.MENU),
        seen("c2", cmd.CallerPlace.WAITING),
    )
    assert world.do(cmd.ReportSwitch(LINK, world.now_ms, callers)) == ()


def test_a_link_that_is_up_tells_how_many_contacts_were_repaired_before_what_follows() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.caller("c2")
    world.caller("c3")
    world.wait(1)
    callers = (seen("c1", cmd.CallerPlace.WAITING), seen("c2", cmd.CallerPlace.WAITING))
    events = world.do(cmd.ReportSwitch(LINK, world.now_ms, callers))
    told = events.index(ev.LinkReconciled(LINK, 2))
    assert repairs(events[:told]) == {"c1": "returned", "c3": "ended"}


def test_ringing_of_a_known_phone_without_a_known_offer_is_ours() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.do(cmd.ReportLinkLost(LINK))
    caller = seen("c1", cmd.CallerPlace.RINGING, phone_id=PhoneId("phone-a1"))
    events = world.do(cmd.ReportSwitch(LINK, world.now_ms, (caller,)))
    assert kinds(events) == ["OfferSeen", "LinkRestored"]


def test_what_rings_at_a_switch_that_is_still_lost_has_no_moment() -> None:
    world = World()
    other = LinkId("ast2")
    world.do(cmd.ReportSwitch(other, world.now_ms, ()))
    skills = (SkillLevel(Skill("advice")),)
    world.do(cmd.SignOnAgent(AgentId("a1"), other, PhoneId("p1"), RegionCode("22"), skills))
    world.do(cmd.SetAgentReady(AgentId("a1")))
    world.do(to_be_rung("c1", ADVICE))
    world.do(cmd.ReportLinkLost(LINK))
    world.do(cmd.ReportLinkLost(other))
    assert kinds(world.do(cmd.ReportSwitch(LINK, world.now_ms, ()))) == ["LinkRestored"]
    assert kinds(world.do(cmd.ReportSwitch(other, world.now_ms, ()))) == [
        "OfferSeen",
        "LinkRestored",
    ]


def test_a_hold_that_is_newer_than_the_picture_goes_on() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.do(cmd.HoldContact(AgentId("a1"), ContactId("c1")))
    callers = (seen("c1", cmd.CallerPlace.TALKING, phone_id=PhoneId("phone-a1")),)
    assert world.do(cmd.ReportSwitch(LINK, world.now_ms, callers)) == ()
    later = world.do(cmd.ReportSwitch(LINK, world.now_ms + 1, callers))
    assert kinds(later) == ["ContactRetrieved", "LinkReconciled"]


@pytest.mark.parametrize(("needs", "told"), [(ADVICE, None), ((), ())])
def test_a_newer_ticket_tells_what_else_is_needed(
    needs: tuple[Requirement, ...], told: tuple[Requirement, ...] | None
) -> None:
    world = World()
    world.caller("c1")
    ticket = cmd.CallTicket(
        900, ContactId("c1"), START_MS, 1, Priority.STANDARD, RegionCode("22"), needs
    )
    caller = seen("c1", cmd.CallerPlace.WAITING, ticket=ticket)
    (changed, *_) = world.do(cmd.ReportCallerWaiting(LINK, caller))
    assert isinstance(changed, ev.ContactPriorityChanged)
    assert changed.needs == told
    assert world.state.contacts[ContactId("c1")].needs == needs


@pytest.mark.parametrize(("newer", "priority"), [(1, Priority.URGENT), (0, Priority.STANDARD)])
def test_of_one_who_has_ended_the_ticket_counts_only_if_it_is_newer(
    newer: int, priority: Priority
) -> None:
    world = World()
    world.caller("c1")
    row = world.state.contacts[ContactId("c1")]
    world.gone("c1")
    ticket = cmd.CallTicket(
        row.record + newer, row.contact_id, START_MS, 1, Priority.URGENT, RegionCode("22"), ADVICE
    )
    caller = seen("c1", cmd.CallerPlace.WAITING, ticket=ticket)
    world.do(cmd.ReportCallerWaiting(LINK, caller))
    assert world.state.contacts[ContactId("c1")].priority is priority


def test_talks_that_were_swapped_are_put_right() -> None:
    world = World()
    for agent, contact in (("a1", "c1"), ("a2", "c2")):
        world.agent(agent)
        world.caller(contact)
        world.answer(contact)
    callers = (
        seen("c1", cmd.CallerPlace.TALKING, phone_id=PhoneId("phone-a2")),
        seen("c2", cmd.CallerPlace.TALKING, phone_id=PhoneId("phone-a1")),
    )
    world.do(cmd.ReportSwitch(LINK, world.now_ms, callers))
    rows = world.state.contacts
    assert (rows[ContactId("c1")].agent_id, rows[ContactId("c2")].agent_id) == ("a2", "a1")
    world.check_replay()


def test_a_talk_of_which_the_phone_is_not_seen_is_left_as_it_is() -> None:
    world = World()
    world.caller("c1")
    callers = (seen("c1", cmd.CallerPlace.TALKING),)
    assert world.do(cmd.ReportSwitch(LINK, world.now_ms, callers)) == ()


def test_a_talk_of_one_who_is_unknown_is_left_to_the_picture() -> None:
    world = World()
    world.agent("a1")
    connected = cmd.ReportConnected(ContactId("cx"), LINK, PhoneId("phone-a1"))
    assert world.do(connected) == ()
    callers = (seen("cx", cmd.CallerPlace.TALKING, phone_id=PhoneId("phone-a1")),)
    events = world.do(cmd.ReportSwitch(LINK, world.now_ms, callers))
    assert kinds(events) == ["ContactRestored", "ContactConnected", "LinkReconciled"]


def test_after_a_lost_link_nobody_is_offered_before_he_is_seen_again() -> None:
    world = World()
    world.caller("c1")
    world.do(cmd.ReportLinkLost(LINK))
    world.agent("a1")
    events = world.do(cmd.ReportSwitch(LINK, world.now_ms, (seen("c1", cmd.CallerPlace.MENU),)))
    assert kinds(events) == ["LinkRestored"]
    assert "ContactOffered" in kinds(world.seen("c1"))


def test_one_who_comes_back_is_who_he_was() -> None:
    world = World()
    world.agent("a1")
    world.do(
        cmd.EnqueueContact(
            contact_id=ContactId("c1"),
            link_id=LINK,
            line_id=LineId("4711"),
            arrived_ms=START_MS - 9,
            priority=Priority.RAISED,
            needs=ADVICE,
            home_region=RegionCode("22"),
            home_region_source=HomeRegionSource.NETWORK,
            home_unit=UnitId("u1"),
            language="en",
            preferred_agent=AgentId("a9"),
        )
    )
    world.seen("c1")
    world.answer("c1")
    world.wait(60_000)
    before = world.state.contacts[ContactId("c1")]
    world.gone("c1")
    stale = cmd.CallTicket(1, ContactId("c1"), 0, 77, Priority.STANDARD, RegionCode("24"), ())
    caller = seen("c1", cmd.CallerPlace.WAITING, ticket=stale)
    world.do(cmd.ReportCallerWaiting(LINK, caller))
    after = world.state.contacts[ContactId("c1")]
    assert after is not before
    kept = (
        "sequence",
        "arrived_ms",
        "priority",
        "needs",
        "home_region",
        "home_region_source",
        "line_id",
        "home_unit",
        "language",
        "channel",
        "preferred_agent",
        "wait_ms",
        "place",
    )
    for name in kept:
        assert getattr(after, name) == getattr(before, name), name
    assert after.talk_ms == 60_000
    assert after.state is ContactState.WAITING


def test_a_ticket_of_somebody_else_is_not_believed() -> None:
    world = World()
    ticket = cmd.CallTicket(9, ContactId("c2"), 0, 7, Priority.URGENT, RegionCode("22"), ())
    caller = seen("c1", cmd.CallerPlace.WAITING, ticket=ticket)
    (restored, *_) = world.do(cmd.ReportCallerWaiting(LINK, caller))
    assert isinstance(restored, ev.ContactRestored)
    assert (restored.has_ticket, restored.priority) == (False, Priority.STANDARD)
    row = world.state.contacts[ContactId("c1")]
    assert (row.priority, row.home_region) == (Priority.STANDARD, "unknown")
    assert world.do(cmd.ReportCallerWaiting(LINK, caller)) == ()


def test_a_sequence_that_another_has_is_not_given_twice() -> None:
    world = World()
    world.caller("c1")
    sequence = world.state.contacts[ContactId("c1")].sequence
    ticket = cmd.CallTicket(
        9, ContactId("c2"), START_MS, sequence, Priority.STANDARD, RegionCode("22"), ()
    )
    caller = seen("c2", cmd.CallerPlace.WAITING, ticket=ticket)
    world.do(cmd.ReportCallerWaiting(LINK, caller))
    assert world.state.contacts[ContactId("c2")].sequence > sequence


def test_a_ticket_from_the_future_arrives_now() -> None:
    world = World()
    ticket = cmd.CallTicket(
        9, ContactId("c1"), START_MS + 10**9, 1, Priority.STANDARD, RegionCode("22"), ()
    )
    caller = seen("c1", cmd.CallerPlace.WAITING, ticket=ticket)
    world.do(cmd.ReportCallerWaiting(LINK, caller))
    assert world.state.contacts[ContactId("c1")].arrived_ms == world.now_ms


_ARRIVALS = pytest.mark.parametrize(
    ("said_ms", "arrived_ms"),
    [
        (START_MS - 9, START_MS - 9),
        (START_MS + 40, START_MS),
        (0, START_MS - 86_400_000),
        (-5, START_MS - 86_400_000),
    ],
)


@_ARRIVALS
def test_a_switch_whose_clock_is_wrong_costs_nobody_his_place(
    said_ms: int, arrived_ms: int
) -> None:
    world = World()
    world.do(
        cmd.EnqueueContact(
            ContactId("c1"),
            LINK,
            LineId("1177"),
            said_ms,
            Priority.STANDARD,
            ADVICE,
            RegionCode("22"),
            HomeRegionSource.LINE,
        )
    )
    assert world.state.contacts[ContactId("c1")].arrived_ms == arrived_ms


@_ARRIVALS
def test_nor_does_it_when_it_shows_one_without_a_ticket(said_ms: int, arrived_ms: int) -> None:
    world = World()
    caller = cmd.SeenCaller(ContactId("c1"), cmd.CallerPlace.WAITING, said_ms)
    world.do(cmd.ReportSwitch(LINK, world.now_ms, (caller,)))
    assert world.state.contacts[ContactId("c1")].arrived_ms == arrived_ms


def test_five_thousand_callers_come_back_in_their_order() -> None:
    world = World()
    world.engine = Engine(world.engine.state)
    callers = tuple(
        seen(
            f"c{n}",
            cmd.CallerPlace.WAITING,
            ticket=cmd.CallTicket(
                5,
                ContactId(f"c{n}"),
                START_MS - 1000 * (n % 997),
                n,
                Priority.STANDARD,
                RegionCode("22"),
                ADVICE,
            ),
        )
        for n in range(1, 5_001)
    )
    record = world.engine.handle(cmd.ReportSwitch(LINK, world.now_ms, callers), world.now_ms)
    assert record is not None
    ((_, _, row),) = world.state.waiting.own(2, RegionCode("22"))
    wanted = sorted(range(1, 5_001), key=lambda n: (START_MS - 1000 * (n % 997), n))
    assert [contact.contact_id for _, _, contact in row] == [f"c{n}" for n in wanted]


def test_times_end_when_the_caller_was_last_seen() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.wait(5_000)
    world.answer("c1")
    world.wait(10_000)
    seen_ms = world.now_ms
    world.wait(60_000)
    world.do(cmd.ReportLinkLost(LINK, seen_ms))
    world.wait(60_000)
    ended = next(
        event
        for event in world.do(cmd.ReportSwitch(LINK, world.now_ms, ()))
        if isinstance(event, ev.ContactEnded)
    )
    assert (ended.wait_ms, ended.talk_ms, ended.ended_ms) == (5_000, 10_000, seen_ms)
    assert world.state.links_seen_ms == {}
    assert world.state.contacts[ContactId("c1")].ended_ms == seen_ms


def test_a_talk_that_began_after_the_switch_was_last_seen_has_no_length() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.wait(10_000)
    world.answer("c1")
    world.do(cmd.HoldContact(AgentId("a1"), ContactId("c1")))
    world.do(cmd.ReportLinkLost(LINK, world.now_ms - 5_000))
    world.wait(60_000)
    ended = world.do(cmd.ReportSwitch(LINK, world.now_ms, ()))[0]
    assert isinstance(ended, ev.ContactEnded)
    assert (ended.wait_ms, ended.talk_ms, ended.hold_ms) == (10_000, 0, 0)
    assert world.state.contacts[ContactId("c1")].hold_ms == 0


def test_a_wrap_up_however_long_ends_when_she_picks_up_another() -> None:
    world = World(replace(POLICY, wrap_up_ms_max=30 * MINUTE_MS))
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.nurse_hangs_up("c1")
    world.wait(20 * MINUTE_MS)
    world.caller("c2")
    a1, c1, c2 = AgentId("a1"), ContactId("c1"), ContactId("c2")
    assert world.do(cmd.ReportConnected(c2, LINK, PhoneId("phone-a1"))) == (
        ev.WrapUpEnded(a1, c1, "", 20 * MINUTE_MS),
        ev.ContactConnected(c2, a1, PhoneId("phone-a1"), 0),
    )


def test_a_caller_in_the_menu_is_not_reported_waiting() -> None:
    world = World()
    for place in (cmd.CallerPlace.MENU, cmd.CallerPlace.TALKING, cmd.CallerPlace.RINGING):
        assert world.do(cmd.ReportCallerWaiting(LINK, seen("c1", place))) == ()


def test_a_deadline_that_is_no_more_is_not_put_off() -> None:
    world = World()
    (event,) = world.do(
        cmd.ReportCommandFailed("PassTime", "AssertionError", None, ("c_ring", "c1", ""))
    )
    assert isinstance(event, ev.CommandFailed)
    assert (event.deadline, event.retry_at_ms) == (None, None)


def test_a_deadline_that_we_fail_at_is_put_off() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    ring = (DeadlineKind.RING, ContactId("c1"), "")
    (event,) = world.do(cmd.ReportCommandFailed("PassTime", "AssertionError", None, ring))
    retry_at_ms = world.now_ms + POLICY.not_before_ms
    assert isinstance(event, ev.CommandFailed)
    assert (event.deadline, event.retry_at_ms) == (ring, retry_at_ms)
    assert world.state.deadlines.at_ms(*ring) == retry_at_ms


@pytest.mark.parametrize("about", ["rings", "talks", "over", "never was"])
def test_only_one_who_waits_rests_when_we_fail_at_him(about: str) -> None:
    world = everybody()
    failed = cmd.ReportCommandFailed("x", "AssertionError", ContactId(about))
    assert kinds(world.do(failed)) == ["CommandFailed"]


def test_one_who_came_after_the_switch_was_last_seen_was_there_at_least_then() -> None:
    world = World()
    world.do(cmd.ReportLinkLost(LINK))
    world.wait(10_000)
    world.caller("c1")
    world.wait(10_000)
    ended = world.do(cmd.ReportSwitch(LINK, world.now_ms, ()))[0]
    assert isinstance(ended, ev.ContactEnded)
    assert (ended.wait_ms, ended.ended_ms) == (0, world.now_ms - 10_000)


def test_what_is_said_of_one_who_was_never_here_is_nothing() -> None:
    world = World()
    nobody, phone = ContactId("nobody"), PhoneId("p1")
    for report in (
        cmd.ReportCallerGone(nobody),
        cmd.ReportOfferFailed(nobody, 1, cmd.OfferFailure.NO_ANSWER),
        cmd.ReportTalkEnded(nobody, phone),
        cmd.ReportConsultAnswered(nobody, phone, 1),
        cmd.ReportCallbackDialled(nobody, 1),
        cmd.ReportCallbackFailed(nobody, 1, cmd.CallbackFailure.BUSY),
    ):
        assert world.do(report) == (), report


def test_a_link_is_not_last_seen_in_the_future() -> None:
    world = World()
    (event,) = world.do(cmd.ReportLinkLost(LINK, world.now_ms + 5))
    assert event == ev.LinkLost(LINK, None)
    assert world.state.links_seen_ms == {LINK: world.now_ms}
