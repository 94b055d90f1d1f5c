"""The loop's contract: journal first, then act; order; time; snapshots; stalls."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.codec import decode_record
from queue_engine.core.errors import EngineStopped, Refused
from queue_engine.core.record import Record
from queue_engine.core.snapshot import digest
from queue_engine.journal.base import Journal
from queue_engine.journal.memory import MemoryJournal
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime import driver as driver_module
from queue_engine.runtime.driver import STALL_MS, Driver
from queue_engine.runtime.feed import Feed
from queue_engine.runtime.recovery import recover
from routing.vocabulary import AgentId
from tests.core.world import LINK
from tests.forms import examples
from tests.runtime.driver_world import (
    GatedJournal,
    HandClock,
    begin,
    enqueue,
    load,
    names,
    picture,
    running,
    seen,
    sign_on,
    until,
)


def stored(journal: Journal) -> list[Record]:
    return [decode_record(row.data) for row in journal.read(0)]


async def take(feed: Feed, count: int) -> list[Record]:
    taken: list[Record] = []
    async for record in feed:
        taken.append(record)
        if len(taken) == count:
            break
    return taken


# --- journal first --------------------------------------------------------------------------


async def test_nobody_sees_a_record_before_it_is_journaled() -> None:
    journal = GatedJournal()
    async with running(journal) as driver:
        feed = driver.follow()
        reader = asyncio.create_task(take(feed, 1))
        journal.gate.clear()
        answer = asyncio.create_task(driver.submit(enqueue("c1")))
        await until(journal.entered.is_set, "the append")
        assert driver.state.contacts, "it is decided"
        assert not answer.done()
        assert not reader.done()
        assert journal.last_number() == 0
        journal.gate.set()
        record = await answer
        assert record is not None
        assert await reader == [record] == stored(journal)


async def test_what_waits_meanwhile_is_appended_in_one_go_in_its_order() -> None:
    journal = GatedJournal()
    async with running(journal) as driver:
        journal.gate.clear()
        tasks = [asyncio.create_task(driver.submit(enqueue("c0")))]
        await until(journal.entered.is_set, "the append")
        tasks += [asyncio.create_task(driver.submit(enqueue(f"c{n}"))) for n in range(1, 30)]
        await asyncio.sleep(0)
        journal.gate.set()
        records = await asyncio.gather(*tasks)
    assert journal.batches == [1, 29]
    assert [record.number for record in records if record] == list(range(1, 31))
    assert driver.counts.appends == 2


async def test_thousands_of_submits_stay_in_order() -> None:
    crowds = [range(first, first + 3_000) for first in range(0, examples(3_000), 3_000)]
    count = crowds[-1].stop
    journal, numbers = MemoryJournal(), []
    async with running(journal) as driver:
        for crowd in crowds:  # more at once than the inbox holds would be refused
            tasks = [asyncio.create_task(driver.submit(enqueue(f"c{n}"))) for n in crowd]
            numbers += [record.number for record in await asyncio.gather(*tasks) if record]
    assert numbers == list(range(1, count + 1))
    commands = [record.command for record in stored(journal)]
    assert [each.contact_id for each in commands if isinstance(each, cmd.EnqueueContact)] == [
        f"c{n}" for n in range(count)
    ]


async def test_a_refused_request_changes_nothing_and_is_not_journaled() -> None:
    journal = MemoryJournal()
    async with running(journal) as driver:
        await begin(driver)
        before, last = digest(driver.state), journal.last_number()
        with pytest.raises(Refused) as refused:
            await driver.submit(cmd.SignOffAgent(AgentId("nobody")))
        assert refused.value.code == "not_signed_on"
        assert (digest(driver.state), journal.last_number()) == (before, last)
        assert driver.counts.refusals == 1


async def test_a_command_that_gave_nothing_is_answered_and_not_journaled() -> None:
    journal = MemoryJournal()
    async with running(journal) as driver:
        assert await driver.submit(cmd.PassTime()) is None
        assert await driver.submit(cmd.SetWindow("night", False)) is None
    assert journal.last_number() == 0


async def test_a_command_is_decided_even_if_its_caller_stops_waiting() -> None:
    journal = GatedJournal()
    async with running(journal) as driver:
        journal.gate.clear()
        task = asyncio.create_task(driver.submit(enqueue("c1")))
        await until(journal.entered.is_set, "the append")
        task.cancel()
        other = asyncio.create_task(driver.submit(enqueue("c2")))
        await asyncio.sleep(0)
        other.cancel()
        journal.gate.set()
        await driver.submit(enqueue("c3"))
    assert [type(record.command) for record in stored(journal)] == [cmd.EnqueueContact] * 3


async def test_a_full_inbox_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_module, "INBOX_MAX", 50)
    driver = Driver(MemoryJournal(), clock_of=HandClock().of)
    await driver.start()  # and does not run, so that nothing is taken out
    tasks = [asyncio.create_task(driver.submit(cmd.PassTime())) for _ in range(50)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as refused:
        await driver.submit(cmd.PassTime())
    assert refused.value.code == "overloaded"
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await driver.close()


# --- time -----------------------------------------------------------------------------------


async def test_what_is_due_comes_first_in_a_record_of_its_own() -> None:
    journal, clock = MemoryJournal(), HandClock()
    async with running(journal, clock) as driver:
        await begin(driver)
        feed = driver.follow()
        for _ in range(6):  # in steps, so that it is no stall
            clock.ms += 4_000
            await driver.submit(cmd.PassTime())
        await driver.submit(enqueue("c2"))
        first, second = await take(feed, 2)
    assert type(first.command) is cmd.PassTime
    assert names([first]) == ["OfferRangOut", "AgentBecameNotReady"]
    assert second.command == enqueue("c2")


async def test_time_alone_turns_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_module, "TURN_S_MAX", 0.01)
    clock = HandClock()
    async with running(MemoryJournal(), clock) as driver:
        await begin(driver)
        feed = driver.follow()
        beat = driver.beat()
        for _ in range(6):
            clock.ms += 4_000
            turned = driver.beat()
            await until(lambda turned=turned: driver.beat() > turned, "a turn")  # type: ignore[misc]
        assert names(await take(feed, 1))[0] == "OfferRangOut"
        assert driver.beat() > beat


async def test_a_stall_tells_the_links_and_freezes_them_before_anything_else() -> None:
    clock = HandClock()
    async with running(MemoryJournal(), clock) as driver:
        await begin(driver)
        seen_at_call: list[bool] = []
        driver.on_stall(lambda: seen_at_call.append(driver.state.is_link_up(LINK)))
        feed = driver.follow()
        before_ms = clock.ms
        clock.ms += 30_000  # the offer's ring deadline has passed meanwhile
        await driver.submit(enqueue("c2"))
        frozen, enqueued = await take(feed, 2)
        assert frozen.command == cmd.ReportLinkLost(LINK, before_ms)
        assert frozen.events == (ev.LinkLost(LINK, before_ms),)
        assert enqueued.command == enqueue("c2")
        assert seen_at_call == [True]
        assert driver.counts.stalls == 1
        assert driver.state.contacts[enqueue("c1").contact_id].offer == 1, "not rung out"


async def test_a_gap_of_five_seconds_is_no_stall() -> None:
    clock = HandClock()
    async with running(MemoryJournal(), clock) as driver:
        await begin(driver)
        clock.ms += STALL_MS
        await driver.submit(cmd.PassTime())
        assert driver.counts.stalls == 0
        assert driver.state.is_link_up(LINK)


async def test_waiting_long_for_the_disk_is_a_stall_too() -> None:
    journal, clock = GatedJournal(), HandClock()
    async with running(journal, clock) as driver:
        await begin(driver)
        journal.gate.clear()
        journal.entered.clear()
        slow = asyncio.create_task(driver.submit(enqueue("c2")))
        await until(journal.entered.is_set, "the append")
        clock.ms += 10_000
        journal.gate.set()
        await slow
        await driver.submit(cmd.PassTime())
        assert driver.counts.stalls == 1


# --- feeds ----------------------------------------------------------------------------------


async def test_a_slow_follower_is_cut_off_and_harms_nobody() -> None:
    async with running(MemoryJournal()) as driver:
        slow, quick = driver.follow("slow", records_max=2), driver.follow("quick")
        reader = asyncio.create_task(take(quick, 5))
        for n in range(5):
            await driver.submit(enqueue(f"c{n}"))
        assert [record.number for record in await reader] == [1, 2, 3, 4, 5]
        assert slow.was_cut_off
        assert driver.counts.feeds_cut == 1


# --- start, recovery, close -----------------------------------------------------------------


async def test_submitting_to_one_that_does_not_run_says_so() -> None:
    driver = Driver(MemoryJournal(), clock_of=HandClock().of)
    with pytest.raises(EngineStopped, match="not started"):
        await driver.submit(enqueue("c1"))
    assert [record async for record in driver.follow()] == []
    await driver.close()


async def test_at_the_start_links_are_frozen_as_of_the_last_record() -> None:
    journal, clock = MemoryJournal(), HandClock()
    async with running(journal, clock) as driver:
        await begin(driver)
    died_ms = clock.ms
    clock.ms += 600_000
    async with running(journal, clock) as again:
        feed = again.follow()
        # Nothing is rung out or healed before the switch has been asked.
        (frozen,) = await take(feed, 1)
        assert frozen.events == (ev.LinkLost(LINK, died_ms),)
        record = await again.submit(picture(asked_ms=clock.ms))
        assert record is not None
        ended = next(event for event in record.events if isinstance(event, ev.ContactEnded))
        assert (ended.outcome, ended.wait_ms, ended.ended_ms) == ("lost", 0, died_ms)


async def test_after_a_crash_at_any_record_the_state_is_the_same() -> None:
    journal, clock = MemoryJournal(), HandClock()
    digests: dict[int, str] = {0: digest(recover(journal))}
    async with running(journal, clock, snapshot_every=5) as driver:
        for n in range(12):
            for command in (load(), picture(), enqueue(f"c{n}"), seen(f"c{n}"), sign_on(f"a{n}")):
                await driver.submit(command)
                digests[driver.state.record_number] = digest(driver.state)
            clock.ms += 3_000
    rows = [row.data for row in journal.read(0)]
    for number, wanted in digests.items():
        crashed = MemoryJournal()
        crashed.append(0, rows[:number])
        assert digest(recover(crashed)) == wanted, f"crashed after record {number}"
    assert digest(recover(journal)) == wanted, "from the snapshot"


async def test_closing_saves_a_snapshot_and_a_restart_reads_no_records(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.sqlite")
    async with running(journal) as driver:
        await begin(driver)
    wanted, last = digest(driver.state), driver.state.record_number
    await driver.close()
    again = SqliteJournal(tmp_path / "journal.sqlite")
    snapshot = again.latest_snapshot()
    assert snapshot is not None
    assert snapshot.number == last
    assert list(again.read(last)) == []
    assert digest(recover(again)) == wanted
    again.close()


async def test_snapshots_are_taken_so_often_and_no_more() -> None:
    class Counting(MemoryJournal):
        saved: list[int]

        def save_snapshot(self, number: int, data: bytes) -> None:
            super().save_snapshot(number, data)
            self.saved.append(number)

    journal = Counting()
    journal.saved = []
    async with running(journal, snapshot_every=10) as driver:
        for n in range(35):
            await driver.submit(enqueue(f"c{n}"))
        await until(lambda: len(journal.saved) == 3, "three snapshots")
    assert journal.saved == [10, 20, 30]
    await driver.close()
    assert journal.saved == [10, 20, 30, 35]


async def test_the_same_over_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = SqliteJournal(path)
    async with running(journal) as driver:
        await begin(driver)
        tasks = [asyncio.create_task(driver.submit(enqueue(f"d{n}"))) for n in range(200)]
        await asyncio.gather(*tasks)
        assert driver.counts.appends < 20, "what waits is appended together"
    wanted = digest(driver.state)
    journal.close()  # and not the driver: as after a crash
    again = SqliteJournal(path)
    assert digest(recover(again)) == wanted
    again.close()
