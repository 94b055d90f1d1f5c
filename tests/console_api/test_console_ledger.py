"""What regions have done for each other, by day, over restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_engine.console_api import ledger_book
from queue_engine.console_api.ledger_book import LedgerBook
from queue_engine.core.commands import EndWrapUp
from queue_engine.core.errors import JournalError
from queue_engine.core.record import Record
from queue_engine.core.snapshot import write_snapshot
from queue_engine.core.state import State
from queue_engine.journal.base import Snapshot, StoredRecord, require_kept
from queue_engine.journal.memory import MemoryJournal
from routing.vocabulary import AgentId, Priority
from tests.console_api.api_world import ApiWorld, api_world
from tests.runtime.driver_world import picture

DAY_MS = 24 * 3_600_000


async def lend(world: ApiWorld) -> None:
    """A nurse of 22 has an emergency of 24 for a minute."""
    contact = await world.caller("24", Priority.EMERGENCY)
    await world.answer(contact)
    await world.wait(60_000)
    await world.nurse_hangs_up(contact)
    await world.driver.submit(EndWrapUp(AgentId("n22-1")))


async def sleep_a_day(world: ApiWorld) -> None:
    """The same hour of the next day; the switch is asked anew, as after any gap."""
    world.clock.ms += DAY_MS
    await world.driver.submit(picture())


async def accounts(world: ApiWorld, query: str = "") -> dict[tuple[str, str], int]:
    """Calls by giver and taker, once all records are told."""
    assert world.api.ledger is not None

    async def is_told() -> bool:
        found = await world.get("/api/v1/ledger")
        return bool(found["is_complete"] and found["at_ms"] == world.driver.state.now_ms)

    await world.until(is_told, "the ledger")
    found = (await world.get(f"/api/v1/ledger{query}"))["accounts"]
    return {(one["giver"], one["taker"]): one["calls"] for one in found}


async def test_accounts_of_days_and_regions(world: ApiWorld) -> None:
    assert await accounts(world) == {}
    await world.agent("n22-1")
    await lend(world)
    first = (await world.get("/api/v1/ledger"))["first_day"]
    await sleep_a_day(world)
    await lend(world)
    assert await accounts(world) == {("22", "24"): 2}
    assert await accounts(world, f"?to={first}") == {("22", "24"): 1}
    assert await accounts(world, f"?from={first}&region=24") == {("22", "24"): 2}
    assert await accounts(world, "?region=01") == {}
    assert await accounts(world, "?from=2000-01-01&to=2000-01-02") == {}


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("from=yesterday", "from: expected a day such as 2026-11-01"),
        ("to=2026-02-30", "to: the calendar has no day 2026-02-30"),
    ],
)
async def test_days_that_are_none_are_refused(world: ApiWorld, query: str, detail: str) -> None:
    problem = await world.get(f"/api/v1/ledger?{query}", 400)
    assert problem["detail"] == detail


async def test_after_a_restart_it_goes_on_where_it_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "samko.db.ledger"
    async with api_world(ledger_file=path) as world:
        assert world.api.ledger is not None
        await world.agent("n22-1")
        await lend(world)
        assert await accounts(world) == {("22", "24"): 1}
        await world.api.ledger.keep(path)
        await lend(world)
        journal = world.journal
    told: list[int] = []
    tell = LedgerBook.tell

    def telling(self: LedgerBook, record: Record) -> None:
        told.append(record.number)
        tell(self, record)

    monkeypatch.setattr(LedgerBook, "tell", telling)
    async with api_world(journal, ledger_file=path) as again:
        assert await accounts(again) == {("22", "24"): 2}
        assert min(told) > 1, "the past was read anew"


async def test_each_time_that_it_cannot_read_on_is_told_once(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    book, faults = world.api.ledger, iter((True, True, False, True, True))
    assert book is not None
    over = asyncio.Event()

    async def follow(self: LedgerBook) -> None:
        fails = next(faults, None)
        if fails is None:
            over.set()
        if fails:
            raise JournalError("Redis is away")

    monkeypatch.setattr(ledger_book, "RETRY_S", 0.0)
    monkeypatch.setattr(LedgerBook, "_follow", follow)
    following = asyncio.create_task(book._follow_on())
    await over.wait()
    following.cancel()
    await asyncio.wait([following])
    assert caplog.text.count("Redis is away") == 2


class Emptied(MemoryJournal):
    """One that has been begun anew, and is a snapshot with what follows it."""

    begun_after = 0

    def read(self, after: int) -> Iterator[StoredRecord]:
        require_kept(after, self.begun_after, "samko")
        return super().read(after)

    def begin_anew(self, state: State) -> None:
        """As an engine does that finds its Redis emptied."""
        self.save_snapshot(state.record_number, write_snapshot(state))
        self.begun_after = state.record_number

    async def before(self, number: int) -> Snapshot | None:
        """See `SnapshotsPort`."""
        found = self.latest_snapshot()
        return found if found is not None and found.number < number else None


async def test_of_a_journal_that_was_begun_anew_all_counts_that_ends_after_it() -> None:
    journal = Emptied()
    async with api_world(journal) as world:
        await world.agent("n22-1")
        await lend(world)
        talks = await world.caller("24", Priority.EMERGENCY)
        await world.answer(talks)
        journal.begin_anew(world.driver.state)
    async with api_world(journal, snapshots=journal) as again:
        await again.wait(60_000)
        await again.nurse_hangs_up(talks)
        assert await accounts(again) == {("22", "24"): 1}


@pytest.mark.parametrize("content", [b"{", b'{"number": 9999, "at_ms": 1}', b"[]"])
async def test_a_file_of_no_use_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "samko.db.ledger"
    path.write_bytes(content)
    async with api_world(ledger_file=path) as world:
        await world.agent("n22-1")
        await lend(world)
        assert await accounts(world) == {("22", "24"): 1}


async def test_it_is_kept_now_and_then_and_only_so_many_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_book, "KEEP_S", 0.01)
    monkeypatch.setattr(ledger_book, "DAYS_MAX", 3)
    path = tmp_path / "samko.db.ledger"
    async with api_world(ledger_file=path) as world:
        await world.agent("n22-1")
        for _ in range(4):
            await lend(world)
            await sleep_a_day(world)
        assert await accounts(world) == {("22", "24"): 2}

        async def is_kept() -> bool:
            await asyncio.sleep(0)
            return path.exists()

        await world.until(is_kept, "the file")
