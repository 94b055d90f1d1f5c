"""Files of islands are told to a real engine, once; what cannot be told is left, and said so."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from queue_engine.config.engine_file import read_settings
from queue_engine.config.source import Faults
from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.codec import encode_record
from queue_engine.core.commands import Command, ReportIsland
from queue_engine.core.errors import EngineStopped, JournalError, Refused
from queue_engine.core.record import Record
from queue_engine.journal.archive_file import write_day
from queue_engine.journal.checksum import CHAIN_START, Row
from queue_engine.journal.degraded import FallbackJournal
from queue_engine.journal.island_file import IslandFile
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.islands import parted_after
from queue_engine.runtime.recovery import record_of
from queue_engine.serve import merging
from queue_engine.serve.deciding import Deciding
from queue_engine.serve.journal import OpenedJournal
from queue_engine.serve.merging import Merging, MergingMetrics, open_merging
from queue_engine.serve.set_aside import SetAside
from routing.policy import MINUTE_MS
from routing.vocabulary import ContactId, Outcome
from tests.core.island_world import parted
from tests.core.world import LINK, World
from tests.runtime.driver_world import HandClock, begin, enqueue, running, until
from tests.runtime.island_on_disk import journal_of, set_aside

ISLANDERS = 45
"""Told in three parts."""


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "LOOK_S", 0.01)
    monkeypatch.setattr(merging, "PAUSE_S", 0.0)
    monkeypatch.setattr(merging, "PROGRESS_S", 0.0)


class Story(NamedTuple):
    """What happened on both sides."""

    common: World
    """All others."""
    island: World
    after: int
    """The last record that both have."""

    def set_aside(self, folder: Path) -> Path:
        """The island's file."""
        return set_aside(folder, self.island, self.after)


@pytest.fixture
def story() -> Story:
    """An island with callers of its own."""
    common = World()
    common.caller("c0", "24")
    after, island = common.state.record_number, parted(common)
    for number in range(ISLANDERS):
        island.caller(f"i{number}")
        island.wait(MINUTE_MS)
        island.gone(f"i{number}")
    common.wait(2 * ISLANDERS * MINUTE_MS)
    return Story(common, island, after)


class Teller:
    """An engine that may be asked in vain: `refusals` are what it says first."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.refusals: list[Exception] = []
        self.told: list[ReportIsland] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._driver, name)

    async def submit(self, command: Command) -> Record | None:
        assert isinstance(command, ReportIsland)
        if self.refusals:
            raise self.refusals.pop(0)
        self.told.append(command)
        return await self._driver.submit(command)


class Scene:
    """A merging beside an engine on the journal of all others."""

    def __init__(self, folder: Path, driver: Driver, world: World) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.driver = driver
        self.journal = journal_of(world)
        self.teller = Teller(driver)
        self.is_fit = True
        self.is_away = False
        self.unreadable: Path | None = None
        self.journal_ends = 0
        self.tries = 0
        self.merging = Merging(
            folder,
            self.teller,  # type: ignore[arg-type]
            self._parted,
            lambda: self.is_fit,
        )

    async def _parted(self, file: IslandFile) -> tuple[int, int]:
        self.tries += 1
        if self.is_away or file.path == self.unreadable:
            raise JournalError("the journal cannot be reached")
        return parted_after(file, self.journal), self.journal_ends

    def names(self) -> list[str]:
        return sorted(path.name.partition(".island.gz")[2] for path in self.folder.iterdir())

    def merged(self) -> list[ev.IslandContactMerged]:
        records = map(record_of, self.driver._journal.read(0))
        found = (event for record in records for event in record.events)
        return [event for event in found if isinstance(event, ev.IslandContactMerged)]

    def metrics(self) -> dict[str, float]:
        collected = MergingMetrics(self.merging.counts).collect()
        return {
            f"{sample.name} {sample.labels.get('state', '')}".strip(): sample.value
            for metric in collected
            for sample in metric.samples
        }


@asynccontextmanager
async def scene(folder: Path, world: World) -> AsyncIterator[Scene]:
    clock = HandClock(world.now_ms)
    async with running(journal_of(world), clock) as driver:
        found = Scene(folder, driver, world)
        task = asyncio.create_task(found.merging.run())
        yield found
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled(), task


@pytest_asyncio.fixture
async def here(tmp_path: Path, story: Story) -> AsyncIterator[Scene]:
    """Where it is to be told; nothing has been set aside yet."""
    async with scene(tmp_path / "unjournaled", story.common) as found:
        yield found


async def test_a_file_is_told_once_and_kept(
    here: Scene, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        path = story.set_aside(here.folder)
        await until(lambda: here.names() == [".merged"], "it is merged")
        merged = here.merged()
        assert [event.contact_id for event in merged] == [f"i{n}" for n in range(ISLANDERS)]
        assert {event.outcome for event in merged} == {Outcome.ABANDONED}
        shutil.copy(path.with_name(f"{path.name}.merged"), path.with_name(f"copy{path.name}"))
        await until(lambda: here.names() == [".merged"] * 2, "a copy is known already")
        assert len(here.merged()) == ISLANDERS
        assert len(here.teller.told) == 3
        await until(lambda: here.merging.counts.waiting == 0, "nothing is left")
        assert here.merging.counts.merged == 2
    assert f"an island is merged: {path}, with {ISLANDERS} contacts" in caplog.text
    assert "contacts are left" in caplog.text
    assert f"it is kept as {path.name}.merged" in caplog.text


async def test_an_engine_with_a_journal_of_its_own_tells_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its disk was full when it ended: what was in memory only is known at its next start."""
    settings = replace(read_settings(Faults(), tmp_path), var_dir=tmp_path)

    def opened() -> OpenedJournal:
        kept = SqliteJournal(tmp_path / "journal.sqlite")
        journal = FallbackJournal(
            kept, lambda _: None, set_aside=SetAside(settings.unjournaled_dir)
        )
        return OpenedJournal(journal, kept, tmp_path / "ledger")

    async with deciding(opened()) as engine:
        await begin(engine.driver)
        with monkeypatch.context() as full:
            full.setattr(SqliteJournal, "append", _no_space)
            await engine.driver.submit(enqueue("c2"))
            assert engine.is_degraded
            await engine.driver.submit(cmd.ReportCallerGone(ContactId("c2")))
            with pytest.raises(JournalError, match=r"are in .* now"):
                await engine.driver.close()
    (file,) = settings.unjournaled_dir.iterdir()
    async with deciding(opened()) as again:
        assert ContactId("c2") not in again.driver.state.contacts
        telling = asyncio.create_task(open_merging(settings, again).run())
        await until(lambda: not file.exists(), "it is told")
        telling.cancel()
        assert again.driver.state.contacts[ContactId("c2")].outcome is Outcome.ABANDONED
        await again.driver.close()


def _no_space(self: object, expected_last: int, records: object) -> None:
    raise JournalError("no space left")


@asynccontextmanager
async def deciding(kept: OpenedJournal) -> AsyncIterator[Deciding]:
    """It runs; whoever uses it closes its journal."""
    engine = Deciding(kept, lambda kept: Driver(kept.journal, clock_of=HandClock().of))
    await engine.start()
    task = asyncio.create_task(engine.driver.run())
    try:
        yield engine
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_who_is_cut_off_itself_tells_nothing_until_it_is_back(
    here: Scene, story: Story
) -> None:
    here.is_fit = False
    story.set_aside(here.folder)
    await asyncio.sleep(0.1)
    assert here.names() == [""]
    assert not here.teller.told
    here.is_fit = True
    await until(lambda: here.names() == [".merged"], "it is merged")


async def test_it_goes_on_where_it_was_stopped_and_tries_again_what_may_be_taken_later(
    here: Scene, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    here.is_away = True
    here.teller.refusals = [
        EngineStopped("no engine has decided"),
        Refused("unknown_command", "the engine that decides is older"),
        Refused("overloaded", "too much waits"),
    ]
    story.set_aside(here.folder)
    await until(lambda: "cannot be reached" in caplog.text, "it is told")
    here.is_away = False
    await until(lambda: here.names() == [".merged"], "it is merged")
    assert len(here.merged()) == ISLANDERS
    waits = [entry.message for entry in caplog.records if "waits:" in entry.message]
    assert len(waits) == 4, "each reason once, however often it is tried"


async def test_one_of_records_that_cannot_be_had_keeps_no_other_waiting(
    here: Scene, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    """It parted after a record that has left Redis, and the archive is on another machine."""
    here.is_fit = False
    first, second = story.set_aside(here.folder), story.set_aside(here.folder)
    here.unreadable = min(first, second)
    here.is_fit = True
    await until(lambda: here.names().count(".merged") == 1, "the other one is merged")
    assert here.unreadable.exists()
    assert f"{here.unreadable}: the journal cannot be reached" in caplog.text


async def test_what_nobody_takes_is_tried_ever_more_rarely(
    here: Scene, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    """For each try a long island is folded anew, beside calls."""
    older = Refused("unknown_command", "the engine that decides is older")
    here.teller.refusals = [older] * 1_000
    story.set_aside(here.folder)
    await asyncio.sleep(0.6)
    assert 1 <= here.tries <= 12
    assert caplog.text.count("an island is merged") == 1
    here.teller.refusals.clear()
    await until(lambda: here.names() == [".merged"], "it is merged")


async def test_it_tells_nothing_before_it_has_followed_the_journal_to_its_end(
    here: Scene, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what it knew when it was cut off its switches are in reach."""
    monkeypatch.setattr(merging, "FOLLOWED_S", 0.05)
    here.journal_ends = here.driver.state.record_number + 1_000
    story.set_aside(here.folder)
    await until(lambda: here.tries > 1, "it has tried")
    assert not here.teller.told
    here.journal_ends = here.driver.state.record_number
    await until(lambda: here.names() == [".merged"], "it is merged")


async def test_what_a_decider_has_lost_that_it_was_told_is_told_again(
    here: Scene, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "PAUSE_S", 0.2)
    story.set_aside(here.folder)
    told = here.driver.state.told_islands
    await until(lambda: bool(told.rows), "a part is told")
    told.rows.clear()
    await until(lambda: here.names() == [".merged"], "it is merged")
    assert here.merging.counts.faulty == 0


async def test_what_cannot_be_told_is_left_as_it_is_and_said_once(
    here: Scene, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    path = story.set_aside(here.folder)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    data = [encode_record(record) for record in story.island.records[story.after :]]
    write_day(here.folder, "2026-11-21", Row(story.after, CHAIN_START, b""), data)
    other = World(start_ms=story.common.now_ms + 1)
    foreign = set_aside(here.folder, _gone_on(other), len(other.records))
    await until(lambda: here.merging.counts.faulty == 2, "both are told")
    await asyncio.sleep(0.1)
    assert here.metrics() == {
        "samko_island_files waiting": 0,
        "samko_island_files faulty": 2,
        "samko_island_contacts_left": 0,
    }
    told = [entry.message for entry in caplog.records if "is not merged" in entry.message]
    assert len(told) == 2, told
    assert any("is damaged" in each and path.name in each for each in told)
    assert any("another journal" in each and foreign.name in each for each in told)
    assert not here.teller.told
    path.write_bytes(whole)  # somebody has found a good copy
    await until(lambda: path.with_name(f"{path.name}.merged").exists(), "it is merged")
    assert len(here.merged()) == ISLANDERS
    assert foreign.exists()


def _gone_on(world: World) -> World:
    island = parted(world)
    island.caller("c9")
    return island


async def test_one_that_is_too_long_ago_is_told_so(
    tmp_path: Path, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "unjournaled"
    story.common.now_ms += 70 * 24 * 60 * MINUTE_MS
    async with scene(folder, story.common) as here:
        story.set_aside(folder)
        await until(lambda: here.merging.counts.faulty == 1, "it is given up")
        assert "too long ago" in caplog.text
        assert not here.teller.told


async def test_a_contact_that_is_there_still_counts_when_it_is_over(tmp_path: Path) -> None:
    common = World()
    common.caller("c1", "24")
    after, island = common.state.record_number, parted(common)
    island.agent("a1")
    island.answer("c1")
    island.wait(MINUTE_MS)
    island.nurse_hangs_up("c1")
    common.wait(2 * MINUTE_MS)
    folder = tmp_path / "unjournaled"
    async with scene(folder, common) as here:
        set_aside(folder, island, after)
        await until(lambda: here.names() == [".merged"], "it is told")
        assert list(here.driver.state.told_islands.awaited) == [ContactId("c1")]
        assert not here.merged()


async def test_who_was_there_when_it_ended_is_found_by_his_ticket_before_it_tells(
    tmp_path: Path,
) -> None:
    common = World()
    after, island = common.state.record_number, parted(common)
    island.caller("c1")
    ticket = island.state.contacts[ContactId("c1")].ticket()
    common.do(cmd.ReportLinkLost(LINK))
    common.wait(MINUTE_MS)
    folder = tmp_path / "unjournaled"
    async with scene(folder, common) as here:
        set_aside(folder, island, after)
        await until(lambda: here.merging.counts.left == 1, "it is about to tell")
        await asyncio.sleep(0.1)
        assert not here.teller.told, "nobody has looked at his switch"
        place, now_ms = cmd.CallerPlace.WAITING, here.driver.now_ms()
        caller = cmd.SeenCaller(ContactId("c1"), place, common.now_ms, ticket)
        await here.driver.submit(cmd.ReportSwitch(LINK, now_ms, (caller,)))
        await until(lambda: here.names() == [".merged"], "it is told")
        assert list(here.driver.state.told_islands.awaited) == [ContactId("c1")]
        assert not here.merged()


async def test_it_does_not_wait_for_ever_for_a_switch_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor for as long again with each part: with thousands of callers that would be hours."""
    monkeypatch.setattr(merging, "LOOKED_AT_S", 1.0)
    common = World()
    after, island = common.state.record_number, parted(common)
    for number in range(ISLANDERS):
        island.caller(f"i{number}")
    common.do(cmd.ReportLinkLost(LINK))
    common.wait(MINUTE_MS)
    folder = tmp_path / "unjournaled"
    async with scene(folder, common) as here:
        set_aside(folder, island, after)
        began_s = asyncio.get_running_loop().time()
        await until(lambda: here.names() == [".merged"], "it is told")
        assert 1.0 <= asyncio.get_running_loop().time() - began_s < 2.0
        assert [event.outcome for event in here.merged()] == [Outcome.LOST] * ISLANDERS
