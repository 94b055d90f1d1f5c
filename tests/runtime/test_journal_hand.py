"""The hand that writes to the journal: at once while that is quick, else in a thread."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Sequence

import pytest

from queue_engine.core.errors import AppendRefused
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.journal_hand import AT_ONCE_RECORDS_MAX, HAS_S, QUICK_S, JournalHand


class WatchedJournal(MemoryJournal):
    """Knows which threads appended; each append takes `slow_s` by a clock of its own.

    And none ends while the gate is closed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.slow_s = 0.0
        self.now_s = 0.0
        self.threads: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        self.threads.append(threading.get_ident())
        assert self.gate.wait(10.0)
        self.now_s += self.slow_s
        super().append(expected_last, records)


def hand_of(journal: WatchedJournal) -> JournalHand:
    """A hand that goes by the journal's clock."""
    return JournalHand(journal, now_s=lambda: journal.now_s)


async def turns_without(work: asyncio.Task[None]) -> None:
    """The loop goes on, and the work does not end."""
    for _ in range(20):
        await asyncio.sleep(0)
        assert not work.done()


async def test_the_first_append_is_the_threads_and_a_quick_one_lets_the_next_be_at_once() -> None:
    journal = WatchedJournal()
    hand = hand_of(journal)
    for number in range(3):
        await hand.append(number, [b"x"])
    here = threading.get_ident()
    assert [ident == here for ident in journal.threads] == [False, True, True]
    assert (hand.at_once, hand.last) == (2, 3)
    hand.close()


async def test_after_a_slow_append_the_loop_goes_on_while_the_thread_writes() -> None:
    journal = WatchedJournal()
    hand = hand_of(journal)
    await hand.append(0, [b"x"])
    journal.slow_s = 2 * QUICK_S
    await hand.append(1, [b"x"])  # at once: nobody could know
    journal.gate.clear()
    appending = asyncio.create_task(hand.append(2, [b"x"]))
    await turns_without(appending)
    journal.gate.set()
    await appending
    assert hand.last == 3
    hand.close()


async def test_many_records_are_the_threads() -> None:
    journal = WatchedJournal()
    hand = hand_of(journal)
    await hand.append(0, [b"x"])
    await hand.append(1, [b"x"] * (AT_ONCE_RECORDS_MAX + 1))
    assert hand.at_once == 0
    hand.close()


async def test_nothing_is_appended_at_once_while_the_thread_is_at_the_journal() -> None:
    journal = WatchedJournal()
    hand = hand_of(journal)
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


async def test_what_is_asked_over_a_network_is_never_appended_at_once() -> None:
    journal = WatchedJournal()
    hand = JournalHand(journal, now_s=lambda: journal.now_s, is_near=False)
    for number in range(3):
        await hand.append(number, [b"x"])
    assert threading.get_ident() not in journal.threads
    assert (hand.at_once, hand.last) == (0, 3)
    hand.close()


async def test_what_takes_memory_alone_does_not_wait_for_the_thread() -> None:
    journal, kept = WatchedJournal(), list[bytes]()

    def keep(expected_last: int, data: Sequence[bytes]) -> bool:
        kept.extend(data)
        return expected_last < 2

    hand = JournalHand(journal, keep=keep)
    gate = threading.Event()
    other = asyncio.create_task(hand.call(gate.wait, 10.0))
    await asyncio.sleep(0)
    for number in range(2):
        async with asyncio.timeout(5.0):
            await hand.append(number, [b"%d" % number])
    assert (kept, hand.last, hand.keeps, journal.threads) == ([b"0", b"1"], 2, True, [])
    gate.set()
    await other
    with pytest.raises(AppendRefused):  # this journal has none of them
        await hand.append(2, [b"2"])
    assert (hand.last, hand.keeps) == (2, False)
    hand.close()


@pytest.mark.parametrize("is_memory", [False, True])
async def test_who_waits_for_a_record_goes_on_though_it_took_no_thread(is_memory: bool) -> None:
    """The core may have failed before it was appended, and have been folded anew meanwhile."""
    journal = WatchedJournal()
    hand = JournalHand(
        journal,
        now_s=lambda: journal.now_s,
        keep=lambda expected_last, _: is_memory and expected_last == 1,
    )
    await hand.append(0, [b"x"])
    waiting = asyncio.create_task(hand.has(lambda: 2))
    await asyncio.sleep(0)
    await hand.append(1, [b"x"])
    assert len(set(journal.threads)) == 1 + (not is_memory), "in memory, or at once"
    async with asyncio.timeout(HAS_S / 2):
        assert await waiting
    hand.close()


@pytest.mark.parametrize("before", [0, 1])
async def test_a_refused_append_is_told_and_changes_nothing(before: int) -> None:
    """In the thread, and at once."""
    hand = hand_of(WatchedJournal())
    for number in range(before):
        await hand.append(number, [b"x"])
    with pytest.raises(AppendRefused):
        await hand.append(7, [b"x"])
    assert hand.last == before
    hand.close()


async def test_cancelling_waits_for_the_thread() -> None:
    journal = WatchedJournal()
    journal.gate.clear()
    hand = hand_of(journal)
    appending = asyncio.create_task(hand.append(0, [b"x"]))
    await asyncio.sleep(0)
    appending.cancel()
    await turns_without(appending)
    journal.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await appending
    assert (journal.last_number(), hand.last) == (1, 1)
    hand.close()


async def test_what_was_refused_to_one_who_was_cancelled_alarms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Asyncio would tell of an exception that nobody has taken, as of a bug."""
    gate = threading.Event()

    def refuse() -> None:
        gate.wait()
        raise AppendRefused("another engine decides")

    hand = hand_of(WatchedJournal())
    asking = asyncio.create_task(hand.call(refuse))
    await asyncio.sleep(0)
    asking.cancel()
    await turns_without(asking)
    gate.set()
    await asyncio.wait([asking])
    assert asking.cancelled()
    del asking
    gc.collect()
    hand.close()
    assert caplog.text == ""
