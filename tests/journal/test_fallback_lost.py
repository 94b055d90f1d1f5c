"""A journal that is lost is begun anew with what memory holds: by what is known of it now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from queue_engine.core.errors import AppendRefused, JournalError, JournalLost
from queue_engine.journal.base import LeftForArchive, Snapshot, StoredRecord
from queue_engine.journal.degraded import FallbackJournal
from queue_engine.journal.memory import MemoryJournal


class Losable(MemoryJournal):
    """Fails as it is told, and may be begun anew as one that keeps nothing of before."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: JournalError | None = None
        self.begins_after = 0
        """What can be read follows this record."""

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        self._fail()
        super().append(expected_last, records)

    def last_number(self) -> int:
        self._fail()
        return super().last_number()

    def read(self, after: int) -> Iterator[StoredRecord]:
        self._fail()
        if after < self.begins_after:
            raise LeftForArchive(f"record {after + 1} is in the archive")
        return super().read(after)

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault


LOST = JournalLost("it was emptied")


@pytest.fixture
def primary() -> Losable:
    return Losable()


@pytest.fixture
def journal(primary: Losable) -> FallbackJournal:
    """With two records that the primary has; two more are to be written."""
    journal = FallbackJournal(primary, lambda _: None)
    journal.append(0, [b"1", b"2"])
    journal.state_now = lambda: Snapshot(4, b"state")
    return journal


def got(journal: FallbackJournal, primary: Losable, *records: bytes) -> None:
    """Two records go to memory, of which the primary gets these after all."""
    primary.fault = JournalError("no answer")
    journal.append(2, [b"3", b"4"])
    primary.fault = None
    primary.append(2, records)


def test_it_is_begun_anew_with_the_state_when_it_failed_and_given_the_rest_after_it(
    journal: FallbackJournal, primary: Losable
) -> None:
    assert journal.held_of_lost() is None
    primary.fault = LOST
    journal.append(2, [b"3", b"4"])
    journal.append(4, [b"5"])
    assert not journal.retry()
    held = journal.held_of_lost()
    assert held is not None
    assert held.state == Snapshot(4, b"state")
    assert (held.after, held.records) == (2, (b"3", b"4")), "an hour's would not go at once"
    primary.fault = None
    primary.append(2, held.records)
    assert journal.retry()
    assert journal.held_of_lost() is None
    assert [record.data for record in primary.read(2)] == [b"3", b"4", b"5"]


def test_so_it_is_with_what_it_got_of_them_before_it_was_lost(
    journal: FallbackJournal, primary: Losable
) -> None:
    got(journal, primary, b"3")
    journal._drop_written()
    primary.fault = LOST
    assert not journal.retry()
    held = journal.held_of_lost()
    assert held is not None
    assert (held.after, held.records) == (2, (b"3", b"4"))


def test_so_it_is_with_all_that_others_may_have_read_there(
    journal: FallbackJournal, primary: Losable
) -> None:
    got(journal, primary, b"3", b"4")
    for number in (4, 5):
        journal.append(number, [b"%d" % (number + 1)])
    primary.append(4, [b"5"])
    journal._drop_written()
    primary.fault = LOST
    assert not journal.retry()
    held = journal.held_of_lost()
    assert held is not None
    assert (held.state, held.records) == (Snapshot(4, b"state"), (b"3", b"4", b"5"))


def test_one_that_does_not_answer_any_more_is_not_known_to_be_lost(
    journal: FallbackJournal, primary: Losable
) -> None:
    """Whoever began it anew would wait for it in vain, or write over what is there again."""
    primary.fault = LOST
    journal.append(2, [b"3"])
    assert not journal.retry()
    primary.fault = JournalError("no answer")
    assert not journal.retry()
    assert journal.held_of_lost() is None
    primary.fault = LOST
    assert not journal.retry()
    assert journal.held_of_lost() is not None, "now it is again"


def test_nor_is_it_begun_anew_while_the_state_is_not_known(
    journal: FallbackJournal, primary: Losable
) -> None:
    journal.state_now = None
    primary.fault = LOST
    journal.append(2, [b"3"])
    assert not journal.retry()
    assert journal.held_of_lost() is None


@pytest.mark.parametrize("count", [1, 2])
def test_one_that_was_begun_with_the_first_in_memory_is_whole_again(
    journal: FallbackJournal, primary: Losable, count: int
) -> None:
    """What it follows from is nowhere: reading begins behind it."""
    got(journal, primary, *[b"3", b"4"][:count])
    primary.begins_after = 3
    assert journal.retry()
    assert not journal.is_degraded
    assert [record.data for record in primary.read(3)] == [b"4"]


def test_other_records_behind_its_beginning_are_found(
    journal: FallbackJournal, primary: Losable
) -> None:
    got(journal, primary, b"3", b"another's")
    primary.begins_after = 3
    with pytest.raises(AppendRefused, match="records after 3 are not those in memory"):
        journal.retry()
