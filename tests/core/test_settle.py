"""What comes of a command besides what it asked for: cases too fine for the stories."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.policy_codec import write_policy
from routing.gateways import Gateway
from routing.policy import Order
from routing.region_policy import (
    NATIONAL,
    LendRule,
    RegionPolicy,
    ShareCondition,
    ShareRule,
)
from routing.room_policy import ONE_CONTACT
from routing.vocabulary import (
    AgentId,
    ContactId,
    GatewayId,
    HomeRegionSource,
    LineId,
    LinkId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
    Skill,
    SkillLevel,
    UnitId,
)
from tests.core.world import LINK, POLICY, START_MS, World


def offers(events: tuple[ev.Event, ...]) -> list[tuple[str, str]]:
    return [(e.contact_id, e.agent_id) for e in events if isinstance(e, ev.ContactOffered)]


def kinds(events: tuple[ev.Event, ...]) -> list[str]:
    return [type(event).__name__ for event in events]


def picture(world: World, *names: str, link: LinkId = LINK) -> tuple[ev.Event, ...]:
    callers = tuple(
        cmd.SeenCaller(ContactId(name), cmd.CallerPlace.WAITING, world.now_ms) for name in names
    )
    return world.do(cmd.ReportSwitch(link, world.now_ms, callers))


def test_a_phone_of_another_switch_cannot_be_rung_for_a_caller() -> None:
    world = World()
    other = LinkId("ast2")
    world.do(cmd.ReportSwitch(other, world.now_ms, ()))
    skills = (SkillLevel(Skill("advice")),)
    world.do(cmd.SignOnAgent(AgentId("a1"), other, PhoneId("p1"), RegionCode("22"), skills))
    world.do(cmd.SetAgentReady(AgentId("a1")))
    assert offers(world.caller("c1")) == []
    # The same phone name at the caller's own switch is another phone.
    events = world.do(cmd.ReportConnected(ContactId("c1"), LINK, PhoneId("p1")))
    assert kinds(events) == ["ConnectedUnknownPhone"]


def test_an_answer_reported_by_the_wrong_switch_breaks_nothing() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    events = world.do(
        cmd.ReportConnected(ContactId("c1"), LinkId("ast2"), PhoneId("phone-a1"), offer=1)
    )
    assert kinds(events) == ["OfferRevoked", "ConnectedUnknownPhone"]


def test_a_nurse_who_wraps_up_a_contact_and_is_bridged_with_it_while_another_rings() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.gone("c1")
    world.agent("a2")
    assert offers(world.seen("c1")) == [("c1", "a2")]
    events = world.do(cmd.ReportConnected(ContactId("c1"), LINK, PhoneId("phone-a1")))
    assert kinds(events)[:2] == ["OfferRevoked", "ContactConnected"]
    assert world.state.contacts[ContactId("c1")].agent_id == "a1"


def test_after_a_reload_a_talk_is_not_shared_and_nothing_is_due_for_it() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.do(cmd.LoadPolicy(write_policy(replace(POLICY, version="next"))))
    world.do(cmd.SetWindow("night_22_07", True))
    world.do(cmd.SignOffAgent(AgentId("a1")))
    assert "ContactShared" not in kinds(world.wait(20 * 60_000))
    # Back in the queue all that holds is caught up with.
    assert {e.rule for e in world.seen("c1") if isinstance(e, ev.ContactShared)} == {
        "unstaffed",
        "night",
    }


def test_a_rule_removed_while_its_moment_stands_is_gone() -> None:
    world = World()
    world.agent("a1")
    world.agent("a2")
    world.caller("c1")
    world.caller("c2")
    bare = tuple(replace(region, share_rules=()) for region in POLICY.regions)
    world.do(cmd.LoadPolicy(write_policy(replace(POLICY, regions=bare))))
    assert "ContactShared" not in kinds(world.wait(15 * 60_000))
    world.do(cmd.LoadPolicy(write_policy(POLICY)))
    assert "ContactShared" in kinds(world.wait(0))


def test_a_rule_that_reaches_further_now_shares_again() -> None:
    world = World()
    world.agent("a1")
    world.do(cmd.SetAgentNotReady(AgentId("a1"), NotReadyReason.BREAK))
    world.caller("c1")
    world.wait(3 * 60_000)
    wider = ShareRule("after_3_min", ShareCondition.WAITED, NATIONAL, after_ms=180_000)
    home = replace(POLICY.regions[0], share_rules=(wider,))
    policy = replace(POLICY, regions=(home, *POLICY.regions[1:]))
    world.do(cmd.LoadPolicy(write_policy(policy)))
    (event,) = world.wait(0)
    assert isinstance(event, ev.ContactShared)
    assert event.ring == NATIONAL


def test_a_region_that_shares_at_once_does_so_with_the_place_and_waits_for_no_moment() -> None:
    at_once = ShareRule("at_once", ShareCondition.WAITED, NATIONAL)
    home = replace(POLICY.regions[0], share_rules=(at_once,))
    world = World(replace(POLICY, regions=(home, *POLICY.regions[1:])))
    world.caller("c1")
    assert kinds(world.records[-2].events) == ["ContactEnqueued", "ContactShared"]
    assert world.engine.next_deadline_ms() is None


def test_no_offer_is_withdrawn_from_a_seat_that_is_to_leave() -> None:
    """Its caller is answered there still; the emergency would not have been offered it."""
    west = Gateway(GatewayId("west"), LINK, RegionCode("22"), (SkillLevel(Skill("advice")),), 1)
    world = World(replace(POLICY, gateways=(west,)))
    world.do(cmd.ReportGateway(LINK, west.gateway_id, True))
    ((_, seat),) = offers(world.caller("c1"))
    world.do(cmd.SetGatewaySeats(west.gateway_id, 0, "fewer_at_work"))
    assert "OfferRevoked" not in kinds(world.caller("c2", priority=Priority.EMERGENCY))
    world.do(cmd.ReportConnected(ContactId("c1"), LINK, PhoneId(seat), 1))
    world.do(cmd.ReportCallerGone(ContactId("c1")))
    assert AgentId(seat) not in world.state.agents


def test_priorities_that_change_by_a_reload_change_the_order_at_once() -> None:
    world = World()
    world.caller("c1", priority=Priority.NON_MEDICAL)
    world.wait(60_000)
    world.caller("c2")
    flat = tuple(
        (priority, replace(rule, tier=2, due_after_ms=0)) for priority, rule in POLICY.priorities
    )
    world.do(cmd.LoadPolicy(write_policy(replace(POLICY, priorities=flat))))
    assert offers(world.agent("a1")) == [("c1", "a1")]


def test_less_staff_means_less_is_kept() -> None:
    """A nurse who goes home lowers her region's reserve: another may be lent at once."""
    world = World()
    world.agent("a1", "24")
    world.agent("a2", "24", skills="advice")
    for name in ("a3", "a4"):
        world.agent(name, "24")
        world.do(cmd.SetAgentNotReady(AgentId(name), NotReadyReason.BREAK))
    assert offers(world.caller("c1")) == []
    world.do(cmd.SignOffAgent(AgentId("a3")))
    events = world.do(cmd.SignOffAgent(AgentId("a4")))
    assert offers(events) == [("c1", "a1")]


def test_a_colleague_at_another_switch_sets_a_nurse_free_to_be_lent() -> None:
    """The region keeps one: with a second who is ready the first may be lent, though the second
    cannot be rung for this caller."""
    world = World()
    other = LinkId("ast2")
    world.do(cmd.ReportSwitch(other, world.now_ms, ()))
    world.agent("a1", "23")
    assert offers(world.caller("c1")) == []
    skills = (SkillLevel(Skill("advice")),)
    world.do(cmd.SignOnAgent(AgentId("a2"), other, PhoneId("p2"), RegionCode("23"), skills))
    assert offers(world.do(cmd.SetAgentReady(AgentId("a2")))) == [("c1", "a1")]


def test_a_reserve_lowered_by_a_reload_lends_at_once() -> None:
    world = World()
    world.agent("a1", "23")
    assert offers(world.caller("c1")) == []
    lend = tuple(replace(region, lend=LendRule()) for region in POLICY.regions)
    events = world.do(cmd.LoadPolicy(write_policy(replace(POLICY, regions=lend))))
    assert offers(events) == [("c1", "a1")]


def test_all_the_urgent_of_a_region_that_comes_to_take_part_are_everybody_s() -> None:
    world = World()
    for name in ("c1", "c2", "c3"):
        world.caller(name, "01", Priority.URGENT)
    regions = tuple(replace(region, takes_part=True) for region in POLICY.regions)
    events = world.do(cmd.LoadPolicy(write_policy(replace(POLICY, regions=regions))))
    shared = [event.contact_id for event in events if isinstance(event, ev.ContactShared)]
    assert shared == ["c1", "c2", "c3"]


def test_a_unit_of_the_same_name_elsewhere_does_not_break_the_promise() -> None:
    world = World(
        replace(
            POLICY,
            regions=(
                POLICY.regions[0],
                RegionPolicy(RegionCode("23"), "Jämt"),
            ),
        )
    )
    world.do(cmd.ReportLinkLost(LINK))
    skills = (SkillLevel(Skill("advice")),)
    world.agent("a1", "22")
    world.do(
        cmd.SignOnAgent(AgentId("a2"), LINK, PhoneId("p2"), RegionCode("23"), skills, UnitId("u1"))
    )
    world.do(cmd.SetAgentReady(AgentId("a2")))
    world.caller("c2", "23")
    enqueue = cmd.EnqueueContact(
        ContactId("c1"),
        LINK,
        LineId("1177"),
        START_MS - 240_000,
        Priority.STANDARD,
        (),
        RegionCode("22"),
        HomeRegionSource.LINE,
        UnitId("u1"),
    )
    world.do(enqueue)
    assert offers(picture(world, "c1", "c2")) == [("c1", "a1"), ("c2", "a2")]


def test_under_fifo_nothing_is_withdrawn() -> None:
    world = World(replace(POLICY, order=Order.FIFO))
    world.agent("a1")
    world.caller("c1")
    world.caller("c2")
    assert "OfferRevoked" not in kinds(world.caller("c3", priority=Priority.EMERGENCY))


def test_a_lowered_priority_frees_the_nurse_for_an_emergency() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1", priority=Priority.URGENT)
    assert offers(world.caller("c2", priority=Priority.EMERGENCY)) == []
    events = world.do(
        cmd.SetContactPriority(
            ContactId("c1"), Priority.STANDARD, cmd.Actor.SUPERVISOR, "misjudged"
        )
    )
    assert offers(events) == [("c2", "a1")]


def test_a_nurse_who_was_free_for_a_moment_hides_nobody() -> None:
    """Her class was touched and is not ready any more; another's is ready and was not touched."""
    world = World()
    world.agent("a1", "22")
    world.caller("c1")
    world.answer("c1")
    world.agent("a4", "23")
    ticket = cmd.CallTicket(
        1, ContactId("c3"), START_MS, 70, Priority.STANDARD, RegionCode("23"), ()
    )
    talking, waiting = cmd.CallerPlace.TALKING, cmd.CallerPlace.WAITING
    callers = (
        cmd.SeenCaller(ContactId("c1"), cmd.CallerPlace.MENU, START_MS),
        cmd.SeenCaller(ContactId("c2"), talking, START_MS, phone_id=PhoneId("phone-a1")),
        cmd.SeenCaller(ContactId("c3"), waiting, START_MS, ticket),
    )
    events = world.do(cmd.ReportSwitch(LINK, world.now_ms, callers))
    assert offers(events) == [("c3", "a4")]


def test_an_offer_says_how_long_he_has_waited_and_one_who_came_later_than_now_has_not() -> None:
    world = World()
    world.caller("c1")
    world.wait(60_000)
    (offer,) = (e for e in world.agent("a1") if isinstance(e, ev.ContactOffered))
    assert offer.wait_ms == 60_000
    ahead = cmd.CallTicket(
        1, ContactId("c9"), world.now_ms + 5_000, 9, Priority.STANDARD, RegionCode("22"), ()
    )
    caller = cmd.SeenCaller(ahead.contact_id, cmd.CallerPlace.WAITING, world.now_ms, ahead)
    world.agent("a2")
    events = world.do(cmd.ReportCallerWaiting(LINK, caller))
    assert [e.wait_ms for e in events if isinstance(e, ev.ContactOffered)] == [0]


def test_nothing_is_withdrawn_from_a_nurse_whose_switch_is_out_of_reach() -> None:
    """She could not be offered the emergency either, and the caller may be talking with her."""
    world = World()
    world.agent("a1")
    assert offers(world.caller("c1")) == [("c1", "a1")]
    world.do(cmd.ReportLinkLost(LINK))
    assert "OfferRevoked" not in kinds(world.chat("c2", priority=Priority.EMERGENCY))


@pytest.mark.parametrize(("arrived_ago_ms", "kept"), [(59_000, True), (60_000, False)])
def test_nobody_is_kept_whose_promised_answer_is_due(arrived_ago_ms: int, kept: bool) -> None:
    world = World(replace(POLICY, preferred_wait_ms=120_000))
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    enqueue = cmd.EnqueueContact(
        ContactId("c2"),
        LINK,
        LineId("1177"),
        world.now_ms - arrived_ago_ms,
        Priority.URGENT,
        (),
        RegionCode("22"),
        HomeRegionSource.LINE,
        preferred_agent=AgentId("a1"),
    )
    assert ("ContactKept" in kinds(world.do(enqueue))) == kept


@pytest.mark.parametrize("numbers", [(30, 20), (40, 30, 20)])
def test_what_is_touched_comes_in_the_order_of_the_queue_whatever_the_order_of_the_rows(
    numbers: tuple[int, ...],
) -> None:
    """Rows restored by old tickets come later than their numbers: a snapshot sorts them anew."""
    bare = tuple(replace(region, share_rules=()) for region in POLICY.regions)
    world = World(replace(POLICY, regions=bare))
    tickets = [
        cmd.CallTicket(1, ContactId(f"c{n}"), START_MS, n, Priority.STANDARD, RegionCode("24"), ())
        for n in numbers
    ]
    for ticket in tickets:
        caller = cmd.SeenCaller(ticket.contact_id, cmd.CallerPlace.FALLBACK, START_MS, ticket)
        world.do(cmd.ReportCallerWaiting(LINK, caller))
    world.begin_from_snapshot()
    events = world.do(cmd.LoadPolicy(write_policy(POLICY)))
    shared = [event.contact_id for event in events if isinstance(event, ev.ContactShared)]
    assert shared == [f"c{n}" for n in sorted(numbers)]
    world.check_replay()


def test_a_nurse_who_stays_free_hides_nobody_from_another_region_either() -> None:
    """As many classes were touched as are ready, one of them is; he may be answered by another."""
    world = World()
    world.agent("a1", "22")
    world.caller("c1")
    world.answer("c1")
    world.agent("a2", "24")
    world.caller("c2", "24")
    world.answer("c2")
    world.agent("a4", "23")
    ticket = cmd.CallTicket(
        1, ContactId("c3"), START_MS, 70, Priority.STANDARD, RegionCode("23"), ()
    )
    talking, waiting = cmd.CallerPlace.TALKING, cmd.CallerPlace.WAITING
    callers = (
        cmd.SeenCaller(ContactId("c1"), cmd.CallerPlace.MENU, START_MS),
        cmd.SeenCaller(ContactId("c2"), waiting, START_MS),
        cmd.SeenCaller(ContactId("c5"), talking, START_MS, phone_id=PhoneId("phone-a1")),
        cmd.SeenCaller(ContactId("c3"), waiting, START_MS, ticket),
    )
    events = world.do(cmd.ReportSwitch(LINK, world.now_ms, callers))
    assert offers(events) == [("c2", "a2"), ("c3", "a4")]


def test_with_new_rules_her_chats_leave_no_room_and_her_ringing_phone_no_way_for_an_emergency() -> (
    None
):
    world = World()
    world.agent("a1")
    world.chat("c1")
    world.answer("c1")
    assert offers(world.chat("c2")) == [("c2", "a1")]
    world.do(cmd.LoadPolicy(write_policy(replace(POLICY, rooms=ONE_CONTACT))))
    assert world.rings() == {"a1": "c2"}
    assert "OfferRevoked" not in kinds(world.caller("c3", priority=Priority.EMERGENCY))
