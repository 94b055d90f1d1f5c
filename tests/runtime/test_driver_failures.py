"""When the core fails, or the journal: fold back, note it, go on; three times, stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence

import pytest

from queue_engine.core import commands as cmd, decide as deciding, events as ev
from queue_engine.core.codec import decode_record
from queue_engine.core.deadlines import Deadline
from queue_engine.core.errors import AppendRefused, EngineStopped, JournalError, Refused
from queue_engine.core.snapshot import digest, write_snapshot
from queue_engine.core.turn import Turn
from queue_engine.journal.base import Snapshot, StoredRecord
from queue_engine.journal.degraded import FallbackJournal
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime import driver as driver_module
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.recovery import recover
from routing.vocabulary import AgentId, ContactId, NotReadyReason
from tests.runtime.driver_world import (
    GatedJournal,
    HandClock,
    begin,
    enqueue,
    load,
    picture,
    running,
    seen,
    until,
)


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The core fails, in the middle of its work, at whatever a contact named poison wants."""
    enqueue_as_ever = deciding._DECIDERS[cmd.EnqueueContact]
    seen_as_ever = deciding._DECIDERS[cmd.ReportCallerWaiting]

    def enqueue_or_fail(turn: Turn, command: cmd.EnqueueContact) -> None:
        enqueue_as_ever(turn, command)
        assert command.contact_id != "poison", "private words"

    def seen_or_fail(turn: Turn, command: cmd.ReportCallerWaiting) -> None:
        seen_as_ever(turn, command)
        assert command.caller.contact_id != "c2", "private words"

    monkeypatch.setitem(deciding._DECIDERS, cmd.EnqueueContact, enqueue_or_fail)
    monkeypatch.setitem(deciding._DECIDERS, cmd.ReportCallerWaiting, seen_or_fail)


@pytest.mark.usefixtures("poisoned")
async def test_a_failure_is_folded_back_and_noted_and_the_loop_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = MemoryJournal()
    caplog.set_level(logging.CRITICAL)
    async with running(journal) as driver:
        await begin(driver)
        before = driver.state.record_number
        feed = driver.follow()
        tasks = [asyncio.create_task(driver.submit(enqueue(n))) for n in ("b", "poison", "c")]
        first, failed, third = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(failed, Refused)
        assert failed.code == "failed"
        assert "private words" not in str(failed)
        record = await feed.__aiter__().__anext__()
        assert record == first, "what was decided before it in the same turn is kept"
        assert third
        assert driver.state.record_number == before + 3
        assert set(driver.state.contacts) == {"c1", "b", "c"}
        assert digest(recover(journal)) == digest(driver.state)
    events = [event for row in journal.read(0) for event in decode_record(row.data).events]
    event = next(event for event in events if isinstance(event, ev.CommandFailed))
    assert event.command == "EnqueueContact"
    assert "AssertionError at test_driver_failures.py:" in event.error
    assert "private words" not in event.error
    assert event.contact_id == "poison"
    assert "the state is folded anew" in caplog.text


@pytest.mark.usefixtures("poisoned")
async def test_the_contact_concerned_rests_and_others_go_on() -> None:
    journal, clock = MemoryJournal(), HandClock()
    async with running(journal, clock) as driver:
        for command in (load(), picture(), enqueue("c2"), enqueue("c3"), seen("c3")):
            await driver.submit(command)
        with pytest.raises(Refused):
            await driver.submit(seen("c2"))
        assert driver.state.contacts[ContactId("c2")].is_postponed
        assert not driver.state.contacts[ContactId("c3")].is_postponed


class AwayJournal(MemoryJournal):
    """It may be out of reach, for reading as well."""

    is_away = False

    def _reach(self) -> None:
        if self.is_away:
            raise JournalError("Redis is away")

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        self._reach()
        super().append(expected_last, records)

    def last_number(self) -> int:
        self._reach()
        return super().last_number()

    def read(self, after: int) -> Iterator[StoredRecord]:
        self._reach()
        return super().read(after)

    def latest_snapshot(self) -> Snapshot | None:
        self._reach()
        return super().latest_snapshot()


@pytest.mark.usefixtures("poisoned")
async def test_a_failure_while_the_journal_is_out_of_reach_is_folded_back_from_memory() -> None:
    away = AwayJournal()
    journal = FallbackJournal(away, lambda _: None)
    async with running(journal) as driver:
        journal.state_now = lambda: Snapshot(
            driver.state.record_number, write_snapshot(driver.state)
        )
        await begin(driver)
        away.is_away = True
        await driver.submit(enqueue("b"))
        assert journal.is_degraded
        with pytest.raises(Refused, match="it has been noted"):
            await driver.submit(enqueue("poison"))
        assert await driver.submit(enqueue("c")) is not None
        assert set(driver.state.contacts) == {"c1", "b", "c"}
        away.is_away = False
        assert journal.retry()
        assert digest(recover(away)) == digest(driver.state)


@pytest.mark.usefixtures("poisoned")
async def test_three_failures_within_a_minute_stop_the_process_and_spoil_no_snapshot() -> None:
    journal, clock = MemoryJournal(), HandClock()
    driver = Driver(journal, clock_of=clock.of)
    await driver.start()
    task = asyncio.create_task(driver.run())
    feed = driver.follow()
    for _ in range(2):
        with pytest.raises(Refused):
            await driver.submit(enqueue("poison"))
        clock.ms += 4_000
    with pytest.raises(EngineStopped, match="private words"):
        await driver.submit(enqueue("poison"))
    with pytest.raises(AssertionError, match="private words"):
        await task
    with pytest.raises(EngineStopped):
        await driver.submit(enqueue("c9"))
    assert len([record async for record in feed]) == 2
    assert "poison" in driver.state.contacts, "the failure left the state half written"
    await driver.close()
    snapshot = journal._snapshot
    assert snapshot is None, "half a state was saved"


@pytest.mark.usefixtures("poisoned")
async def test_three_failures_in_more_than_a_minute_do_not() -> None:
    clock = HandClock()
    async with running(MemoryJournal(), clock) as driver:
        for _ in range(4):
            with pytest.raises(Refused):
                await driver.submit(enqueue("poison"))
            for _ in range(7):
                clock.ms += 4_500
                await driver.submit(cmd.PassTime())
        assert driver.counts.failures == 4


async def test_a_deadline_at_which_it_fails_is_put_off_and_costs_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal, clock = MemoryJournal(), HandClock()
    run_as_ever = deciding._run_deadline

    def fail(turn: Turn, row: Deadline) -> None:
        assert row.subject != "c1", "private words"
        run_as_ever(turn, row)

    async with running(journal, clock) as driver:
        await begin(driver)
        monkeypatch.setattr(deciding, "_run_deadline", fail)
        feed = driver.follow()
        for _ in range(6):
            clock.ms += 4_000
            await driver.submit(cmd.PassTime())
        record = await driver.submit(enqueue("c2"))
        assert record is not None
        failed = (await feed.__aiter__().__anext__()).events[0]
        assert isinstance(failed, ev.CommandFailed)
        assert failed.command == "PassTime"
        assert failed.deadline == ("c_ring", "c1", "")
        assert failed.retry_at_ms == clock.ms + 30_000
        assert driver.counts.failures == 1
        monkeypatch.setattr(deciding, "_run_deadline", run_as_ever)
        for _ in range(8):
            clock.ms += 4_000
            await driver.submit(cmd.PassTime())
        assert driver.state.contacts[ContactId("c1")].offer is None, "rung out in the end"
    assert digest(recover(journal)) == digest(driver.state)


async def test_a_journal_that_fails_is_tried_again_and_nothing_is_seen_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver_module, "RETRY_S", 0.001)
    journal = GatedJournal()
    async with running(journal) as driver:
        journal.failures = 3
        feed = driver.follow()
        beat = driver.beat()
        record = await driver.submit(enqueue("c1"))
        assert driver.counts.append_failures == 3
        assert record is not None
        assert await feed.__aiter__().__anext__() == record
        assert driver.beat() >= beat
        assert journal.last_number() == 1
        await driver.submit(enqueue("c2"))
        assert digest(recover(journal)) == digest(driver.state)


async def test_ended_while_the_journal_fails_those_who_wait_are_told_and_nothing_is_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver_module, "RETRY_S", 0.001)
    journal = GatedJournal()
    driver = Driver(journal, clock_of=HandClock().of)
    await driver.start()
    task = asyncio.create_task(driver.run())
    journal.failures = 10**9
    answer = asyncio.create_task(driver.submit(enqueue("c1")))
    await until(lambda: driver.counts.append_failures > 2, "failures")
    task.cancel()
    await asyncio.wait([task])
    with pytest.raises(EngineStopped):
        await answer
    await driver.close()
    assert journal._snapshot is None


async def test_a_failure_while_freezing_ends_the_loop_and_saves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = MemoryJournal()
    async with running(journal) as driver:
        await begin(driver)

    def fail(turn: Turn, command: cmd.Command) -> None:
        turn.emit(ev.AgentBecameNotReady(AgentId("a1"), NotReadyReason.OTHER))
        raise AssertionError("no")

    monkeypatch.setitem(deciding._DECIDERS, cmd.ReportLinkLost, fail)
    again = Driver(journal, clock_of=HandClock().of)
    await again.start()
    with pytest.raises(AssertionError):
        await again.run()
    await again.close()
    assert journal._snapshot is None


# --- the end --------------------------------------------------------------------------------


async def test_cancelled_while_it_appends_what_is_journaled_is_published_and_answered() -> None:
    journal = GatedJournal()
    driver = Driver(journal, clock_of=HandClock().of)
    await driver.start()
    task = asyncio.create_task(driver.run())
    feed = driver.follow()
    journal.gate.clear()
    answer = asyncio.create_task(driver.submit(enqueue("c1")))
    await until(journal.entered.is_set, "the append")
    late = asyncio.create_task(driver.submit(enqueue("c2")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    journal.gate.set()
    await asyncio.wait([task])
    record = await answer
    assert record is not None
    assert [each async for each in feed] == [record]
    with pytest.raises(EngineStopped):
        await late
    assert journal.last_number() == 1
    await driver.close()


async def test_when_somebody_else_has_written_the_loop_ends_and_everybody_is_told() -> None:
    journal = MemoryJournal()
    driver = Driver(journal, clock_of=HandClock().of)
    await driver.start()
    task = asyncio.create_task(driver.run())
    await driver.submit(enqueue("c1"))
    journal.append(1, [b"{}"])
    with pytest.raises(EngineStopped):
        await driver.submit(enqueue("c2"))
    with pytest.raises(AppendRefused):
        await task
    await driver.close()
    closed = journal._snapshot
    assert closed is None, "a state that the journal does not hold was saved"
