"""What only the journal in memory does: it is full at some point, and says so."""

from __future__ import annotations

import pytest

from queue_engine.core.errors import JournalError
from queue_engine.journal.base import StoredRecord
from queue_engine.journal.memory import MemoryJournal


def test_it_holds_so_many_records() -> None:
    journal = MemoryJournal(records_max=3)
    journal.append(0, [b"a", b"b"])
    with pytest.raises(JournalError, match="full: it holds 3 records"):
        journal.append(2, [b"c", b"d"])
    journal.append(2, [b"c"])
    assert journal.last_number() == 3
    with pytest.raises(JournalError, match="full"):
        journal.append(3, [b"d"])
    assert list(journal.read(2)) == [StoredRecord(3, b"c")]


def test_it_holds_so_many_bytes() -> None:
    journal = MemoryJournal(bytes_max=10)
    journal.append(0, [b"12345"])
    with pytest.raises(JournalError, match="full: it holds 10 bytes"):
        journal.append(1, [b"123", b"456"])
    journal.append(1, [b"67890"])
    assert journal.last_number() == 2
