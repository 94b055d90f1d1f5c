"""The hand that writes to the journal: at once while that is quick, else in a thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from queue_engine.core.errors import AppendRefused
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.journal_hand import AT_ONCE_RECORDS_MAX, QUICK_S, JournalHand


class WatchedJournal(MemoryJournal):
    """Knows which threads appended; each append takes `slow_s`."""

    def __init__(self) -> None:
        super().__init__()
        self.slow_s = 0.0
        self.threads: list[int] = []

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        self.threads.append(threading.get_ident())
        time.sleep(self.slow_s)
        super().append(expected_last, records)


async def test_the_first_append_is_the_threads_and_a_quick_one_lets_the_next_be_at_once() -> None:
    journal = WatchedJournal()
    hand = JournalHand(journal)
    for number in range(3):
        await hand.append(number, [b"x"])
    here = threading.get_ident()
    assert [ident == here for ident in journal.threads] == [False, True, True]
    assert (hand.at_once, hand.last) == (2, 3)
    hand.close()


async def test_after_a_slow_append_the_loop_goes_on_while_the_thread_writes() -> None:
    journal = WatchedJournal()
    hand = JournalHand(journal)
    await hand.append(0, [b"x"])
    journal.slow_s = 2 * QUICK_S
    await hand.append(1, [b"x"])  # at once: nobody could know
    journal.slow_s = 0.2
    appending = asyncio.create_task(hand.append(2, [b"x"]))
    turns = 0
    while not appending.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert hand.last == 3
    hand.close()


async def test_many_records_are_the_threads() -> None:
    journal = WatchedJournal()
    hand = JournalHand(journal)
    await hand.append(0, [b"x"])
    await hand.append(1, [b"x"] * (AT_ONCE_RECORDS_MAX + 1))
    assert hand.at_once == 0
    hand.close()


async def test_nothing_is_appended_at_once_while_the_thread_is_at_the_journal() -> None:
    journal = WatchedJournal()
    hand = JournalHand(journal)
    await hand.append(0, [b"x"])
    gate = threading.Event()
    other = asyncio.create_task(hand.call(gate.wait, 10.0))
    await asyncio.sleep(0)
    appending = asyncio.create_task(hand.append(1, [b"x"]))
    await asyncio.sleep(0)
    assert journal.last_number() == 1
    gate.set()
    await asyncio.gather(other, appending)
    assert (journal.last_number(), hand.at_once) == (2, 0)
    hand.close()


@pytest.mark.parametrize("before", [0, 1])
async def test_a_refused_append_is_told_and_changes_nothing(before: int) -> None:
    """In the thread, and at once."""
    hand = JournalHand(WatchedJournal())
    for number in range(before):
        await hand.append(number, [b"x"])
    with pytest.raises(AppendRefused):
        await hand.append(7, [b"x"])
    assert hand.last == before
    hand.close()


async def test_cancelling_waits_for_the_thread() -> None:
    journal = WatchedJournal()
    journal.slow_s = 0.1
    hand = JournalHand(journal)
    appending = asyncio.create_task(hand.append(0, [b"x"]))
    await asyncio.sleep(0)
    appending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await appending
    assert (journal.last_number(), hand.last) == (1, 1)
    hand.close()
