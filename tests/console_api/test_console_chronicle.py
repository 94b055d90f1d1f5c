"""Stories are bounded, and have no gaps that the journal could fill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from queue_engine.console_api import chronicle as chronicle_module
from queue_engine.console_api.chronicle import ENTRIES_FIRST, ENTRIES_MAX, Chronicle, Entry
from queue_engine.console_api.retold import retell
from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.commands import Command
from queue_engine.core.errors import JournalError
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.runtime.feed import Feed
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    Outcome,
    PhoneId,
    Priority,
    RegionCode,
)
from tests.core.world import LINK, START_MS, World
from tests.runtime.driver_world import until


class Country(World):
    """An engine whose records the test publishes when it likes, and its journal."""

    def __init__(self) -> None:
        super().__init__()
        self.feeds: list[Feed] = []
        self.published = 0
        self.is_readable = True
        self.reads = 0

    def now(self) -> int:
        return self.now_ms

    def publish(self) -> None:
        """What was decided since is journaled and told."""
        for record in self.records[self.published :]:
            for feed in self.feeds:
                feed.put(record)
        self.published = len(self.records)


class Port:
    """The `EnginePort` and `PastPort` of such a country."""

    def __init__(self, country: Country) -> None:
        self.country = country

    @property
    def state(self) -> State:
        return self.country.state

    async def journaled(self) -> bool:
        return True

    def now_ms(self) -> int:
        return self.country.now_ms

    async def submit(self, command: Command) -> Record | None:
        raise NotImplementedError

    def follow(self, name: str, records_max: int) -> Feed:
        feed = Feed(name, records_max)
        self.country.feeds.append(feed)
        return feed

    def last_number(self) -> int:
        return self.country.published

    async def read(self, after: int, count_max: int) -> Sequence[Record]:
        self.country.reads += 1
        if not self.country.is_readable:
            raise JournalError("the disk is gone")
        return self.country.records[after : min(after + count_max, self.country.published)]


@asynccontextmanager
async def chronicle_of(country: Country) -> AsyncIterator[Chronicle]:
    """A chronicle that runs and has read what there is."""
    port = Port(country)
    country.publish()
    chronicle = Chronicle(port, port)
    task = asyncio.create_task(chronicle.run())
    try:
        await chronicle.caught_up(5.0)
        await until(lambda: bool(country.feeds), "it follows")
        yield chronicle
    finally:
        task.cancel()
        await asyncio.wait([task])


def kinds(story: Sequence[Entry]) -> list[str]:
    return [type(entry.event).__name__ for entry in story]


async def follow_up(country: Country, chronicle: Chronicle) -> None:
    """Everything is published and told."""
    country.publish()
    await chronicle.caught_up(5.0)


async def test_what_was_before_and_what_comes_is_one_story_without_repetition() -> None:
    country = Country()
    country.caller("c1", "01")
    country.agent("a1", "01")
    async with chronicle_of(country) as chronicle:
        before = kinds(chronicle.story(ContactId("c1")))
        assert before == ["ContactEnqueued", "ContactOffered"]
        country.answer("c1")
        await follow_up(country, chronicle)
        assert kinds(chronicle.story(ContactId("c1"))) == [*before, "ContactConnected"]
        assert chronicle.offers(ContactId("c1")) == 1


async def test_only_what_happens_from_now_on_is_news() -> None:
    country = Country()
    country.caller("c1")
    async with chronicle_of(country) as chronicle:
        told: list[Record] = []
        chronicle.on_record = told.append
        country.caller("c2")
        await follow_up(country, chronicle)
        assert [record.number for record in told] == [country.records[-2].number,
                                                      country.records[-1].number]  # fmt: skip


async def test_one_that_fell_behind_reads_what_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chronicle_module, "FEED_RECORDS_MAX", 3)
    monkeypatch.setattr(chronicle_module, "RETRY_S", 0.0)
    country = Country()
    async with chronicle_of(country) as chronicle:
        for number in range(10):
            country.caller(f"c{number}")
        country.publish()  # more at once than the feed takes
        assert country.feeds[0].was_cut_off
        await chronicle.caught_up(5.0)
        for number in range(10):
            assert chronicle.story(ContactId(f"c{number}"))


async def test_a_journal_that_cannot_be_read_costs_the_past_only(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chronicle_module, "RETRY_S", 0.0)
    country = Country()
    country.caller("c1")
    country.is_readable = False
    port = Port(country)
    country.publish()
    chronicle = Chronicle(port, port)
    task = asyncio.create_task(chronicle.run())
    await until(lambda: country.reads > 3, "it tries again and again")
    assert caplog.text.count("have a gap") == 1, "it is told once"
    country.is_readable = True
    await until(lambda: bool(country.feeds), "it follows")
    country.caller("c2")
    await follow_up(country, chronicle)
    assert not chronicle.story(ContactId("c1"))
    assert chronicle.story(ContactId("c2"))
    task.cancel()
    await asyncio.wait([task])


async def test_ended_contacts_are_kept_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chronicle_module, "ENDED_MAX", 3)
    country = Country()
    async with chronicle_of(country) as chronicle:
        country.caller("living")
        for number in range(5):
            country.caller(f"c{number}")
            country.gone(f"c{number}")
        await follow_up(country, chronicle)
        kept = [n for n in range(5) if chronicle.story(ContactId(f"c{n}"))]
        assert kept == [2, 3, 4]
        assert chronicle.story(ContactId("living"))
        assert chronicle.forgotten(ContactId("living")) is None


async def test_a_contact_without_end_keeps_its_beginning_and_its_latest() -> None:
    country = Country()
    async with chronicle_of(country) as chronicle:
        country.caller("c1", "01")
        await follow_up(country, chronicle)
        first = country.records[-1]
        for number in range(ENTRIES_MAX + 100):
            failed = ev.OfferRangOut(ContactId("c1"), AgentId(f"a{number}"), number)
            chronicle.tell(Record(first.number, START_MS + number, 1, cmd.PassTime(), (failed,)))
        story = chronicle.story(ContactId("c1"))
        assert len(story) == ENTRIES_MAX
        agents = [getattr(entry.event, "agent_id", None) for entry in story]
        assert agents[1 : ENTRIES_FIRST - 1] == [f"a{n}" for n in range(ENTRIES_FIRST - 2)]
        assert agents[-1] == f"a{ENTRIES_MAX + 99}"


def test_a_contact_is_told_again_from_its_events() -> None:
    country = World()
    country.caller("c1")
    country.agent("a1")
    country.answer("c1")
    country.now_ms += 60_000
    country.nurse_hangs_up("c1")
    country.gone("c1")
    row = country.state.contacts[ContactId("c1")]
    events = [
        (record.at_ms, event)
        for record in country.records
        for event in record.events
        if getattr(event, "contact_id", None) == "c1"
    ]
    told = retell(events)
    assert told is not None
    for name in (
        "contact_id", "sequence", "arrived_ms", "priority", "needs", "home_region", "language",
        "home_region_source", "state", "outcome", "wait_ms", "talk_ms", "ended_ms", "shared",
        "agent_id",
    ):  # fmt: skip
        assert getattr(told, name) == getattr(row, name), name


def test_one_who_was_turned_away_is_told_again_as_he_was() -> None:
    refused = ev.ContactRefused(
        contact_id=ContactId("c1"),
        sequence=7,
        link_id=LINK,
        line_id=LineId("l1"),
        arrived_ms=START_MS - 20_000,
        priority=Priority.NON_MEDICAL,
        needs=(),
        home_region=RegionCode("24"),
        home_region_source=HomeRegionSource.CALLER_KEY,
        language="en",
        reason=ev.RefusalReason.OWN_WAIT,
        offered=(),
    )
    told = retell([(START_MS, refused)])
    assert told is not None
    assert (told.outcome, told.ended_ms) == (Outcome.REFUSED, START_MS)
    assert (told.home_region_source, told.language) == (HomeRegionSource.CALLER_KEY, "en")
    assert told.channel is ContactChannel.PHONE


def test_without_its_beginning_there_is_nothing_to_tell() -> None:
    connected = ev.ContactConnected(ContactId("c1"), AgentId("a1"), PhoneId("p"), 0)
    assert retell([(START_MS, connected)]) is None
