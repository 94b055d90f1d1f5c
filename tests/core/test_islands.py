"""What islands tell: in order, once, and of nobody who is not over."""

from __future__ import annotations

from dataclasses import replace

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.decide_merge import KEPT_MS, why_not_told
from queue_engine.core.snapshot import digest, read_snapshot, write_snapshot
from routing.policy import MINUTE_MS
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    IslandId,
    LineId,
    NotReadyReason,
    Outcome,
    PhoneId,
    Priority,
    RegionCode,
    TextId,
)
from tests.core.island_world import accounts, come_back, parted, told
from tests.core.world import ADVICE, LINK, World


def kinds(events: tuple[ev.Event, ...]) -> list[str]:
    return [type(event).__name__ for event in events]


def merged(events: tuple[ev.Event, ...]) -> list[ev.IslandContactMerged]:
    return [event for event in events if isinstance(event, ev.IslandContactMerged)]


def rings(world: World, name: str, key: str, region: str = "22") -> tuple[ev.Event, ...]:
    """A caller who is known by a key."""
    return world.do(
        cmd.EnqueueContact(
            contact_id=ContactId(name),
            link_id=LINK,
            line_id=LineId("1177"),
            arrived_ms=world.now_ms,
            priority=Priority.STANDARD,
            needs=ADVICE,
            home_region=RegionCode(region),
            home_region_source=HomeRegionSource.AREA_CODE,
            caller_key=key,
        )
    )


def island_of(world: World, *callers: str) -> tuple[int, World]:
    """An island to which these come, and leave one after the other; and where it parted."""
    after, island = world.state.record_number, parted(world)
    for name in callers:
        island.caller(name)
        island.wait(MINUTE_MS)
        island.gone(name)
    return after, island


def test_parts_come_in_order_and_each_counts_once() -> None:
    world = World()
    after, island = island_of(world, "c1", "c2", "c3")
    first, second, third = told(island, after, part_max=1)
    assert (first.after, first.is_last, third.is_last) == (after, False, True)
    assert second.after == first.until
    assert third.until == island.state.record_number
    world.wait(5 * MINUTE_MS)
    assert world.do(second) == (), "what comes before it has not been told"
    assert [event.contact_id for event in merged(world.do(first))] == ["c1"]
    assert world.do(first) == ()
    (all_of_it,) = told(island, after)
    assert [event.contact_id for event in merged(world.do(all_of_it))] == ["c2", "c3"]
    for part in (first, second, third, all_of_it):
        assert world.do(part) == ()


def test_who_tells_is_told_why_nothing_came_of_it() -> None:
    world = World()
    after, island = island_of(world, "c1", "c2")
    first, second = told(island, after, part_max=1)
    assert "has not been told" in why_not_told(world.state, second, world.now_ms)
    assert not why_not_told(world.state, first, world.now_ms)
    world.wait(3 * MINUTE_MS)
    world.do(first)
    assert "known already" in why_not_told(world.state, first, world.now_ms)
    ended_ms = first.island.until_ms
    assert not why_not_told(world.state, second, ended_ms + KEPT_MS - 1)
    assert "too long ago" in why_not_told(world.state, second, ended_ms + KEPT_MS)


def test_it_is_remembered_that_it_is_known_for_as_long_as_it_could_be_told() -> None:
    world = World()
    after, island = island_of(world, "c1")
    (part,) = told(island, after)
    world.wait(5 * MINUTE_MS)
    world.do(part)
    world.wait(part.island.until_ms + KEPT_MS - world.now_ms - 1)
    assert world.do(part) == ()
    assert kinds(world.wait(1)) == ["IslandForgotten"]
    assert world.do(part) == ()
    assert not world.state.told_islands.rows


def test_a_contact_that_is_not_over_is_left_alone_and_counts_when_it_is() -> None:
    world = World()
    world.caller("c1", "24")
    after, island = world.state.record_number, parted(world)
    island.agent("a1")
    island.answer("c1")
    island.wait(2 * MINUTE_MS)
    island.nurse_hangs_up("c1")
    (part,) = told(island, after)
    world.wait(5 * MINUTE_MS)
    row = world.state.contacts[ContactId("c1")]
    before = (row.place, row.state, row.priority, row.shared)
    assert kinds(world.do(part)) == ["IslandContactAwaited", "IslandMerged"]
    assert (row.place, row.state, row.priority, row.shared) == before
    assert digest(read_snapshot(write_snapshot(world.state))) == digest(world.state)
    come_back(world, world.now_ms)
    assert row.outcome is Outcome.HANDLED
    assert not world.state.told_islands.awaited
    (sums,) = accounts(world.records).values()
    assert (sums.calls, sums.talk_ms) == (1, 2 * MINUTE_MS)


def test_whoever_saw_him_last_is_right_about_what_became_of_him() -> None:
    """The others talked with him after the island had seen him talk: his end is theirs."""
    world = World()
    world.agent("a1", "24")
    after, island = world.state.record_number, parted(world)
    island.caller("c1", "24")
    island.answer("c1")
    island.wait(MINUTE_MS)
    (part,) = told(island, after)
    world.wait(2 * MINUTE_MS)
    world.do(cmd.ReportLinkLost(LINK))
    ticket = island.state.contacts[ContactId("c1")].ticket()
    seen = cmd.SeenCaller(ContactId("c1"), cmd.CallerPlace.TALKING, 0, ticket, PhoneId("phone-a1"))
    world.do(cmd.ReportSwitch(LINK, world.now_ms, (seen,)))
    world.do(part)
    world.wait(3 * MINUTE_MS)
    (event,) = merged(world.do(cmd.ReportCallerGone(ContactId("c1"))))
    assert event.outcome is Outcome.HANDLED
    assert event.ended_ms == world.now_ms
    assert (event.wait_ms, event.talk_ms) == (0, 4 * MINUTE_MS)


def test_a_call_that_was_counted_there_makes_a_repeat_caller_here() -> None:
    world = World()
    after, island = world.state.record_number, parted(world)
    for name in ("c1", "c2"):
        rings(island, name, "k1")
        island.agent(f"a-{name}")
        island.seen(name)
        island.answer(name)
        island.nurse_hangs_up(name)
    world.wait(MINUTE_MS)
    for part in told(island, after):
        world.do(part)
    rings(world, "c3", "k1")
    assert world.state.contacts[ContactId("c3")].priority is Priority.RAISED


def test_what_was_continued_there_is_not_continued_here() -> None:
    world = World()
    rings(world, "c1", "k1")
    world.gone("c1")
    after, island = world.state.record_number, parted(world)
    rings(island, "c2", "k1")
    assert island.state.contacts[ContactId("c2")].continues == "c1"
    island.gone("c2")
    world.wait(MINUTE_MS)
    for part in told(island, after):
        world.do(part)
    assert world.state.contacts[ContactId("c2")].continues == "c1"
    rings(world, "c3", "k1")
    assert world.state.contacts[ContactId("c3")].continues == "c2"


def test_who_has_rung_again_since_is_not_rung_back_besides() -> None:
    world = World()
    rings(world, "c1", "k1")
    after, island = world.state.record_number, parted(world)
    island.do(cmd.RequestCallback(ContactId("c1")))
    island.gone("c1")
    come_back(world, world.now_ms + MINUTE_MS)
    rings(world, "c2", "k1")
    assert world.state.contacts[ContactId("c2")].continues == "c1"
    for part in told(island, after):
        world.do(part)
    assert not world.state.promised
    assert world.state.living(ContactId("c1")) is None


def test_a_text_message_that_it_sent_is_not_sent_again() -> None:
    """Nor is one that it did not send, if the caller has been reached since."""
    world = World()
    island = cmd.Island(IslandId("n1-2"), "n1", 2, world.now_ms, world.now_ms)

    def tell(until: int, *texts: cmd.IslandText) -> list[str]:
        part = cmd.ReportIsland(island, until - 1, until, (), texts)
        return kinds(world.do(part))[:-1]

    text_id, nobody = TextId("5-nobody"), ContactId("nobody")
    assert tell(3, cmd.IslandText(text_id, nobody, is_sent=False)) == ["IslandTextTaken"]
    assert tell(4, cmd.IslandText(text_id, nobody, is_sent=False)) == []
    assert tell(5, cmd.IslandText(text_id, nobody, is_sent=True)) == ["TextSent"]
    assert tell(6, cmd.IslandText(TextId("6-nobody"), nobody, is_sent=True)) == []
    world.agent("a1")
    world.caller("c1")
    unsent = cmd.IslandText(TextId("6-c1"), ContactId("c1"), is_sent=False)
    assert tell(7, unsent) == [], "he waits here, and may be reached yet"
    world.answer("c1")
    world.nurse_hangs_up("c1")
    assert tell(8, unsent) == []


def test_a_chat_of_an_island_that_is_not_over_there_is_lost_here() -> None:
    """Its browser was joined to the island alone; nobody here could answer it."""
    world = World()
    after, island = world.state.record_number, parted(world)
    island.chat("c1")
    island.wait(MINUTE_MS)
    world.wait(2 * MINUTE_MS)
    (part,) = told(island, after)
    (event,) = merged(world.do(part))
    assert (event.outcome, event.fact.channel) == (Outcome.LOST, ContactChannel.CHAT)
    assert event.former is None


def test_nobody_is_offered_or_moved_by_a_merge() -> None:
    world = World()
    for name in ("w1", "w2"):
        world.caller(name)
    after, island = island_of(world, "c1", "c2")
    world.wait(3 * MINUTE_MS)
    order = [contact.place for contact in world.state.living_contacts()]
    for part in told(island, after):
        events = world.do(part)
        assert {type(event).__module__ for event in events} == {"queue_engine.core.island_events"}
    assert [contact.place for contact in world.state.living_contacts()] == order


def test_an_island_that_has_nothing_to_tell_says_so() -> None:
    world = World()
    after, island = world.state.record_number, parted(world)
    island.do(cmd.SetWindow("night_22_07", True))
    (part,) = told(island, after)
    assert (part.contacts, part.is_last, part.until) == ((), True, after + 1)
    world.wait(1)
    assert kinds(world.do(part)) == ["IslandMerged"]


def test_what_is_known_goes_into_a_snapshot_and_comes_back() -> None:
    world = World()
    world.caller("c1")
    after, island = world.state.record_number, parted(world)
    island.agent("a1")
    island.answer("c1")
    world.wait(MINUTE_MS)
    for part in told(island, after):
        world.do(part)
    assert world.state.told_islands.rows
    assert world.state.told_islands.awaited
    world.begin_from_snapshot()
    again = world.state.told_islands
    assert again.awaited[ContactId("c1")][0].fact.answer is not None
    assert list(again.rows) == [f"n1-{after}"]
    world.check_replay()


def test_a_wrap_up_that_goes_on_here_and_was_over_there_counts_as_there() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1", "24")
    world.answer("c1")
    world.wait(MINUTE_MS)
    world.nurse_hangs_up("c1")
    world.wait(1_000)
    after, island = world.state.record_number, parted(world)
    island.wait(20_000)
    island.do(cmd.EndWrapUp(AgentId("a1"), "self_care"))
    world.wait(30_000)
    for part in told(island, after):
        world.do(part)
    world.wait(10 * MINUTE_MS)
    (sums,) = accounts(world.records).values()
    assert (sums.calls, sums.talk_ms, sums.wrap_up_ms) == (1, MINUTE_MS, 21_000)


def test_who_went_home_there_is_rung_no_more_and_who_has_worked_since_is() -> None:
    world = World()
    for name in ("home", "back", "since", "talks"):
        world.agent(name)
    world.wait(1)
    after, island = world.state.record_number, parted(world)
    for name in ("home", "back", "since", "talks"):
        island.do(cmd.SignOffAgent(AgentId(name)))
    island.agent("back")
    (part,) = told(island, after)
    assert part.signed_off == ("home", "since", "talks")
    world.wait(MINUTE_MS)
    world.do(cmd.SetAgentNotReady(AgentId("since"), NotReadyReason.BREAK))
    world.do(cmd.SetAgentReady(AgentId("since")))
    world.do(cmd.SetAgentNotReady(AgentId("home"), NotReadyReason.BREAK))
    world.do(cmd.SetAgentNotReady(AgentId("back"), NotReadyReason.BREAK))
    world.caller("c1")
    world.answer("c1")
    assert world.state.contacts[ContactId("c1")].agent_id == "talks"
    world.do(part)
    assert list(world.state.agents) == ["back", "since", "talks"]


def test_who_went_home_after_her_last_talk_there_wraps_up_here_no_more() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1", "24")
    world.answer("c1")
    world.wait(MINUTE_MS)
    after, island = world.state.record_number, parted(world)
    island.nurse_hangs_up("c1")
    island.wait(5_000)
    island.do(cmd.SignOffAgent(AgentId("a1")))
    come_back(world, island.now_ms + MINUTE_MS)
    assert world.state.agents[AgentId("a1")].assignments
    for part in told(island, after):
        world.do(part)
    assert not world.state.agents
    (sums,) = accounts(world.records).values()
    assert (sums.calls, sums.talk_ms, sums.wrap_up_ms) == (1, MINUTE_MS, 5_000)


def test_a_fact_of_no_later_number_than_the_part_alone_is_taken() -> None:
    """A part that says less than it holds is taken for what it says."""
    world = World()
    after, island = island_of(world, "c1", "c2")
    world.wait(3 * MINUTE_MS)
    (part,) = told(island, after)
    number = part.contacts[0].number
    assert len(merged(world.do(replace(part, until=number)))) == 1
    assert len(merged(world.do(replace(part, after=number)))) == 1
