"""Memory takes over from a journal that fails, loudly, and gives everything back in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from threading import Event
from zlib import crc32

import pytest
from hypothesis import given, settings, strategies as st

from queue_engine.core.errors import AppendRefused, JournalCorrupt, JournalError, JournalLost
from queue_engine.journal.aside import Aside
from queue_engine.journal.base import Journal, Snapshot, StoredRecord
from queue_engine.journal.degraded import Degradation, FallbackJournal
from queue_engine.journal.memory import MemoryJournal
from queue_engine.journal.sqlite import SqliteJournal


class Moody(MemoryJournal):
    """A journal in memory that fails when it is told to, before or after it has written."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = False
        self.fails_after_writing = False
        self.is_lost = False
        self.is_closed = False
        self.appends: list[int] = []

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        if self.is_lost:
            raise JournalLost("it was emptied")
        if self.fails:
            raise JournalError("no space left")
        super().append(expected_last, records)
        self.appends.append(len(records))
        if self.fails_after_writing:
            raise JournalError("no answer")

    def last_number(self) -> int:
        if self.is_lost:
            raise JournalLost("it was emptied")
        return super().last_number()

    def close(self) -> None:
        super().close()
        self.is_closed = True


class Told(list[Degradation | None]):
    """What was told, in order."""

    def __call__(self, degradation: Degradation | None) -> None:
        self.append(degradation)


class Asides(list[Aside]):
    """What was set aside, in order."""

    def __call__(self, aside: Aside) -> Path:
        self.append(aside)
        return Path("somewhere")


@pytest.fixture
def primary() -> Moody:
    return Moody()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def asides() -> Asides:
    return Asides()


@pytest.fixture
def journal(primary: Moody, told: Told) -> FallbackJournal:
    journal = FallbackJournal(primary, told, records_max=5, bytes_max=1_000)
    journal.append(0, [b"1", b"2"])
    return journal


def contents(journal: Journal, after: int = 0) -> list[bytes]:
    records = list(journal.read(after))
    assert [record.number for record in records] == [
        number for number, _ in zip(count(after + 1), records, strict=False)
    ]
    return [record.data for record in records]


def test_as_long_as_all_is_well_nothing_is_told(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    assert journal.retry()
    assert not journal.is_degraded
    assert told == []
    assert contents(primary) == contents(journal) == [b"1", b"2"]


def test_a_failure_is_told_and_the_records_are_kept(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    primary.fails = True
    journal.append(2, [b"3"])
    assert journal.is_degraded
    assert told == [Degradation(after=2, reason="no space left")]
    journal.append(3, [b"4", b"5"])
    assert len(told) == 1, "told once"
    assert journal.last_number() == 5
    assert contents(primary) == [b"1", b"2"]


@pytest.mark.parametrize("after", range(6))
def test_reading_goes_on_from_the_journal_into_memory(
    journal: FallbackJournal, primary: Moody, after: int
) -> None:
    primary.fails = True
    journal.append(2, [b"3", b"4"])
    journal.append(4, [b"5"])
    assert contents(journal, after) == [b"1", b"2", b"3", b"4", b"5"][after:]


@pytest.mark.parametrize("after", [-1, 4])
def test_reading_beyond_the_end_is_an_error(
    journal: FallbackJournal, primary: Moody, after: int
) -> None:
    primary.fails = True
    journal.append(2, [b"3"])
    with pytest.raises(JournalError, match="the last record is 3"):
        journal.read(after)


def test_a_reader_is_not_disturbed_when_the_gap_is_closed(
    journal: FallbackJournal, primary: Moody
) -> None:
    primary.fails = True
    journal.append(2, [b"3", b"4"])
    reader = journal.read(1)
    assert next(reader) == StoredRecord(2, b"2")
    primary.fails = False
    assert journal.retry()
    journal.append(4, [b"5"])
    assert list(reader) == [StoredRecord(3, b"3"), StoredRecord(4, b"4")]


def test_the_gap_is_appended_in_order_when_it_can_be(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    primary.fails = True
    for last in (2, 3, 4):
        journal.append(last, [b"%d" % (last + 1)])
    assert not journal.retry()
    assert contents(primary) == [b"1", b"2"]
    primary.fails = False
    assert journal.retry()
    assert not journal.is_degraded
    assert told[-1] is None
    assert contents(primary) == [b"1", b"2", b"3", b"4", b"5"]
    journal.append(5, [b"6"])
    assert contents(primary, 5) == [b"6"]


def test_the_last_record_counts_while_degraded_too(
    journal: FallbackJournal, primary: Moody
) -> None:
    primary.fails = True
    journal.append(2, [b"3"])
    with pytest.raises(AppendRefused, match="the last record is 3, not 2"):
        journal.append(2, [b"other"])
    assert contents(journal) == [b"1", b"2", b"3"]


def test_a_refused_append_is_no_degradation(journal: FallbackJournal, told: Told) -> None:
    with pytest.raises(AppendRefused):
        journal.append(1, [b"other"])
    assert told == []
    assert contents(journal) == [b"1", b"2"]


def test_a_failure_at_a_false_end_is_not_covered_up(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    primary.fails = True
    with pytest.raises(JournalError, match="no space left"):
        journal.append(1, [b"other"])
    assert told == []
    assert not journal.is_degraded


@pytest.mark.parametrize("batch", [[b"x"] * 4, [b"y" * 999]])
def test_a_full_gap_refuses_and_keeps_what_it_has(
    journal: FallbackJournal, primary: Moody, batch: list[bytes]
) -> None:
    primary.fails = True
    journal.append(2, [b"3", b"4"])
    with pytest.raises(JournalError, match=r"2 records after 2 are in memory, and no more fit"):
        journal.append(4, batch)
    assert contents(journal) == [b"1", b"2", b"3", b"4"]
    journal.append(4, [b"5"])
    primary.fails = False
    assert journal.retry()
    assert contents(primary) == [b"1", b"2", b"3", b"4", b"5"]


def test_a_journal_that_is_lost_is_told_and_goes_on_once_it_was_begun_anew(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    primary.fails = True
    journal.append(2, [b"3"])
    primary.fails, primary.is_lost = False, True
    assert not journal.retry()
    assert not journal.retry()
    journal.append(3, [b"4"])
    assert told == [Degradation(2, "no space left"), Degradation(2, "it was emptied", is_lost=True)]
    assert journal.gap() == (b"3", b"4")
    primary.is_lost = False
    primary.append(2, journal.gap())
    assert journal.retry()
    assert told[-1] is None
    assert contents(journal) == [b"1", b"2", b"3", b"4"]


def test_a_journal_found_lost_at_an_append_keeps_the_records(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    primary.is_lost = True
    journal.append(2, [b"3"])
    assert told == [Degradation(2, "it was emptied", is_lost=True)]
    assert journal.gap() == (b"3",)


def test_an_emptied_gap_has_all_its_room_again(journal: FallbackJournal, primary: Moody) -> None:
    for _ in range(3):
        primary.fails = True
        last = journal.last_number()
        journal.append(last, [b"x" * 900])
        with pytest.raises(JournalError, match="no more fit"):
            journal.append(last + 1, [b"x" * 101])
        journal.append(last + 1, [b"x" * 100])
        primary.fails = False
        assert journal.retry()


def test_a_full_gap_tries_the_journal_before_it_refuses(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    primary.fails = True
    journal.append(2, [b"3"] * 5)
    primary.fails = False
    journal.append(7, [b"8"])
    assert told[-1] is None
    assert contents(primary)[-1] == b"8"


def test_a_first_batch_that_does_not_fit_is_the_journals_failure(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    primary.fails = True
    with pytest.raises(JournalError, match="no space left"):
        journal.append(2, [b"x"] * 6)
    assert told == []
    assert journal.last_number() == 2


def test_while_the_journal_is_out_of_reach_the_state_is_to_be_had(
    primary: Moody, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it could first not be written, and the records after that."""
    number = 2
    journal = FallbackJournal(primary, told)
    journal.state_now = lambda: Snapshot(number, b"state %d" % number)
    journal.append(0, [b"1"])
    primary.save_snapshot(1, b"state 1")
    primary.fails = True
    for number in (2, 3, 4):
        journal.append(number - 1, [b"%d" % number])
    primary.fails = False
    primary.append(1, [b"2", b"3"])  # as if its answer had been lost
    journal._drop_written()
    with monkeypatch.context() as patched:
        patched.setattr(primary, "read", None)
        patched.setattr(primary, "latest_snapshot", None)
        assert journal.latest_snapshot() == Snapshot(2, b"state 2")
        assert contents(journal, 2) == [b"3", b"4"]
        assert contents(journal, 1) == [b"2", b"3", b"4"]
    assert contents(journal) == [b"1", b"2", b"3", b"4"]
    assert journal.retry()
    assert journal.latest_snapshot() == Snapshot(1, b"state 1")


def test_what_comes_as_the_gap_is_closed_is_set_aside_with_what_was_written(
    primary: Moody, told: Told, asides: Asides, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = FallbackJournal(primary, told, set_aside=asides)
    journal.state_now = lambda: Snapshot(1, b"state 1")
    primary.fails = True
    journal.append(0, [b"1"])
    primary.fails = False
    append_as_ever = primary.append

    def append(expected_last: int, records: Sequence[bytes]) -> None:
        append_as_ever(expected_last, records)
        primary.fails = True

    monkeypatch.setattr(primary, "append", append)
    drop_as_ever = journal._drop

    def drop(count: int) -> None:
        drop_as_ever(count)
        assert journal.keep(count, [b"2"])

    monkeypatch.setattr(journal, "_drop", drop)
    assert not journal.retry()
    with pytest.raises(JournalError):
        journal.close()
    (aside,) = asides
    assert (aside.after, aside.records) == (0, (b"1", b"2"))


def test_what_is_kept_while_the_journal_is_being_tried_follows_in_order(
    primary: Moody, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread waits for an answer, and whoever decides does not."""
    journal = FallbackJournal(primary, told, records_max=5)
    assert not journal.keep(0, [b"1"]), "that would take more than memory"
    primary.fails = True
    journal.append(0, [b"1"])
    primary.fails = False
    entered, gate = Event(), Event()
    append_as_ever = primary.append

    def append(expected_last: int, records: Sequence[bytes]) -> None:
        entered.set()
        assert gate.wait(10.0)
        append_as_ever(expected_last, records)

    monkeypatch.setattr(primary, "append", append)
    with ThreadPoolExecutor(1) as thread:
        retried = thread.submit(journal.retry)
        assert entered.wait(10.0)
        assert journal.keep(1, [b"2", b"3"])
        with pytest.raises(AppendRefused, match="the last record is 3, not 1"):
            journal.keep(1, [b"other"])
        assert not journal.keep(3, [b"x"] * 3), "there is no room"
        assert journal.gap() == (b"1", b"2", b"3")
        gate.set()
        assert retried.result(10.0)
    assert not journal.keep(3, [b"4"]), "the journal takes it"
    journal.append(3, [b"4"])
    assert contents(primary) == [b"1", b"2", b"3", b"4"]
    assert told[-1] is None


def test_what_was_written_after_all_is_not_written_twice(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    primary.fails_after_writing = True
    journal.append(2, [b"3", b"4"])
    assert journal.is_degraded
    primary.fails_after_writing = False
    journal.append(4, [b"5"])
    assert contents(journal) == [b"1", b"2", b"3", b"4", b"5"]
    assert journal.retry()
    assert contents(primary) == contents(journal) == [b"1", b"2", b"3", b"4", b"5"]
    assert told[-1] is None


def test_what_somebody_else_wrote_is_never_covered_up(
    journal: FallbackJournal, primary: Moody
) -> None:
    primary.fails = True
    journal.append(2, [b"3", b"4"])
    primary.fails = False
    primary.append(2, [b"theirs"])
    with pytest.raises(AppendRefused, match="records after 2 are not those in memory"):
        journal.retry()
    assert journal.is_degraded
    assert contents(journal) == [b"1", b"2", b"3", b"4"]
    primary.append(3, [b"theirs", b"too"])
    with pytest.raises(AppendRefused, match="the journal ends at record 5; in memory"):
        journal.retry()


def test_a_large_gap_goes_in_bounded_batches(primary: Moody, told: Told) -> None:
    journal = FallbackJournal(primary, told)
    primary.fails = True
    journal.append(0, [b"x"] * 2_500)
    primary.fails = False
    assert journal.retry()
    assert primary.appends == [1_000, 1_000, 500]


def test_no_snapshot_of_what_is_in_memory_only(journal: FallbackJournal, primary: Moody) -> None:
    primary.fails = True
    journal.append(2, [b"3"])
    with pytest.raises(JournalError, match=r"no snapshot of record 3 while .*ends at record 2"):
        journal.save_snapshot(3, b"state")
    journal.save_snapshot(2, b"state")
    assert journal.latest_snapshot() == Snapshot(2, b"state")


def test_closing_writes_the_gap_if_it_can(
    journal: FallbackJournal, primary: Moody, told: Told
) -> None:
    primary.fails = True
    journal.append(2, [b"3"])
    primary.fails = False
    journal.close()
    assert primary.is_closed
    assert primary.appends == [2, 1]
    assert told[-1] is None


@pytest.mark.parametrize("late", [[b"3"], [b"3", b"4"], [b"3", b"another's"], [b"another's"]])
def test_an_append_that_was_given_up_and_comes_late_is_none_of_somebody_else(
    journal: FallbackJournal, primary: Moody, monkeypatch: pytest.MonkeyPatch, late: list[bytes]
) -> None:
    """It was on its way when the journal was asked what it has."""
    primary.fails = True
    journal.append(2, [b"3"])
    journal.append(3, [b"4"])
    journal.append(4, [b"5"])
    primary.fails, append = False, primary.append

    def append_later(expected_last: int, records: Sequence[bytes]) -> None:
        monkeypatch.undo()
        append(2, late)
        append(expected_last, records)

    monkeypatch.setattr(primary, "append", append_later)
    if b"another's" in late:
        with pytest.raises(AppendRefused, match="are not those in memory"):
            journal.retry()
        assert contents(primary, 2) == late
    else:
        assert journal.retry()
        assert contents(primary) == [b"1", b"2", b"3", b"4", b"5"]


def test_closing_says_what_is_lost(journal: FallbackJournal, primary: Moody) -> None:
    primary.fails = True
    journal.append(2, [b"3", b"4"])
    with pytest.raises(JournalError, match="records 3 to 4 were in memory only and are lost"):
        journal.close()
    assert primary.is_closed
    journal.close()


@pytest.mark.parametrize("how", ["fails", "refuses"])
def test_what_no_journal_has_is_set_aside(
    primary: Moody, told: Told, asides: Asides, how: str
) -> None:
    journal = FallbackJournal(primary, told, set_aside=asides)
    journal.append(0, [b"1"])
    primary.fails = True
    journal.append(1, [b"2", b"3"])
    if how == "refuses":
        primary.fails = False
        primary.append(1, [b"x", b"y", b"z", b"another's"])
    with pytest.raises(JournalError, match=r"records 2 to 3 were .* are in somewhere now"):
        journal.close()
    (aside,) = asides
    assert (aside.after, aside.records) == (1, (b"2", b"3"))
    assert aside.record_checksum == crc32(b"1")
    assert aside.state is None, "nobody has said what the state was"
    assert primary.is_closed


def test_with_them_goes_the_state_when_the_journal_could_first_not_be_written(
    primary: Moody, told: Told, asides: Asides
) -> None:
    """Of each time anew."""
    number = 1
    journal = FallbackJournal(primary, told, set_aside=asides)
    journal.state_now = lambda: Snapshot(number, b"state %d" % number)
    journal.append(0, [b"1"])
    for number in (2, 3):
        primary.fails = True
        journal.append(number - 1, [b"%d" % number])
        primary.fails = False
        assert journal.retry()
    primary.fails = True
    for number in (4, 5):
        journal.append(number - 1, [b"%d" % number])
    with pytest.raises(JournalError):
        journal.close()
    (aside,) = asides
    assert aside.state == Snapshot(4, b"state 4")
    assert (aside.after, aside.record_checksum) == (3, crc32(b"3"))


def test_what_was_written_in_part_before_it_failed_again_begins_where_it_first_failed(
    primary: Moody, told: Told, asides: Asides
) -> None:
    """The state is of then: without the records in between what follows could not be told."""
    number = 2
    journal = FallbackJournal(primary, told, set_aside=asides)
    journal.state_now = lambda: Snapshot(number, b"state %d" % number)
    journal.append(0, [b"1"])
    primary.fails = True
    for number in (2, 3, 4):
        journal.append(number - 1, [b"%d" % number])
    primary.fails = False
    primary.append(1, [b"2", b"3"])  # as if its answer had been lost
    journal._drop_written()
    primary.fails = True
    with pytest.raises(JournalError):
        journal.close()
    (aside,) = asides
    assert (aside.after, aside.records) == (1, (b"2", b"3", b"4"))
    assert (aside.state, aside.record_checksum) == (Snapshot(2, b"state 2"), crc32(b"1"))


@pytest.mark.parametrize("is_asked", [False, True])
def test_a_journal_that_ends_with_its_snapshot_gives_it(
    told: Told, asides: Asides, is_asked: bool
) -> None:
    """As of one that was only followed so far: the first record is in memory before whoever
    appends says what the state is, and a later one would be the worse of the two."""
    primary = Moody()
    primary.append(0, [b"1", b"2"])
    primary.save_snapshot(2, b"state 2")
    journal = FallbackJournal(primary, told, set_aside=asides)
    primary.fails = True
    journal.append(2, [b"3"])
    if is_asked:
        journal.state_now = lambda: Snapshot(3, b"state 3")
    with pytest.raises(JournalError):
        journal.close()
    (aside,) = asides
    assert aside.state == Snapshot(2, b"state 2")
    assert aside.record_checksum == crc32(b"2"), "read when it was opened"


def test_what_cannot_be_set_aside_is_told_as_lost(primary: Moody, told: Told) -> None:
    def set_aside(aside: Aside) -> Path:
        raise JournalError("no space there either")

    journal = FallbackJournal(primary, told, set_aside=set_aside)
    primary.fails = True
    journal.append(0, [b"1"])
    with pytest.raises(JournalError, match=r"are lost .no space there either.: no space left"):
        journal.close()


def test_a_damaged_journal_does_not_stop_the_calls_either(path: Path, told: Told) -> None:
    primary = SqliteJournal(path)
    journal = FallbackJournal(primary, told)
    journal.append(0, [b"1"])
    primary._database.execute("DROP TABLE record")
    journal.append(1, [b"2"])
    assert journal.is_degraded
    assert not journal.retry()
    with pytest.raises(JournalError, match="records 2 to 2 were in memory only"):
        journal.close()


def test_a_full_disk_and_back(
    path: Path, told: Told, files_up_to: Callable[[int], AbstractContextManager[None]]
) -> None:
    journal = FallbackJournal(SqliteJournal(path), told)
    records = [b"%06d " % number * 100 for number in range(1, 1_001)]
    with files_up_to(200_000):
        for last in range(0, 1_000, 10):
            journal.append(last, records[last : last + 10])
            if last % 200 == 0:
                journal.retry()
        assert journal.is_degraded
        assert contents(journal) == records
    assert journal.retry()
    assert contents(journal) == records
    journal.close()
    assert [type(change) for change in told] == [Degradation, type(None)]

    again = SqliteJournal(path)
    assert contents(again) == records
    again.close()


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.integers(1, 4)),
            st.tuples(st.sampled_from(["fail", "fail late", "heal", "retry"]), st.just(0)),
        ),
        max_size=40,
    )
)
@settings(max_examples=100, deadline=None)
def test_whatever_happens_order_and_number_are_kept(steps: list[tuple[str, int]]) -> None:
    primary, told = Moody(), Told()
    journal = FallbackJournal(primary, told, records_max=10)
    accepted: list[bytes] = []
    names: Iterator[int] = count()
    for step, size in steps:
        if step == "append":
            batch = [b"%d" % next(names) for _ in range(size)]
            try:
                journal.append(len(accepted), batch)
            except AppendRefused:
                raise
            except JournalError:
                assert primary.fails or primary.fails_after_writing, "refused without need"
            else:
                accepted += batch
        elif step == "retry":
            assert journal.retry() == (not journal.is_degraded)
        else:
            primary.fails = step == "fail"
            primary.fails_after_writing = step == "fail late"
        assert journal.last_number() == len(accepted)
        assert contents(journal) == accepted
        assert journal.is_degraded == (bool(told) and told[-1] is not None)
    primary.fails = primary.fails_after_writing = False
    assert journal.retry()
    assert contents(primary) == accepted


def test_corruption_found_by_a_reader_is_passed_on(told: Told) -> None:
    class Damaged(Moody):
        def read(self, after: int) -> Iterator[StoredRecord]:
            raise JournalCorrupt(f"record {after + 1} is damaged")

    journal = FallbackJournal(Damaged(), told)
    with pytest.raises(JournalCorrupt, match="record 1 is damaged"):
        journal.read(0)
