"""Any sequence of calls: a journal is a list with a file behind it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from queue_engine.core.errors import AppendRefused, JournalError
from queue_engine.journal.base import Journal, Snapshot, StoredRecord
from queue_engine.journal.memory import MemoryJournal
from queue_engine.journal.sqlite import SqliteJournal


class JournalAsAList(RuleBasedStateMachine):
    """Does to a journal and to a list the same, and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[bytes] = []
        self.snapshot: Snapshot | None = None
        self.journal = self.open()

    def open(self) -> Journal:
        return MemoryJournal()

    @rule(batch=st.lists(st.binary(max_size=300), max_size=5))
    def append(self, batch: list[bytes]) -> None:
        self.journal.append(len(self.records), batch)
        self.records += batch

    @rule(batch=st.lists(st.binary(max_size=30), max_size=3), off=st.sampled_from([-2, -1, 1, 7]))
    def append_elsewhere(self, batch: list[bytes], off: int) -> None:
        with pytest.raises(AppendRefused):
            self.journal.append(len(self.records) + off, batch)

    @rule(number=st.integers(-1, 60), data=st.binary(max_size=100))
    def save_snapshot(self, number: int, data: bytes) -> None:
        latest = self.snapshot.number if self.snapshot else 1
        if latest <= number <= len(self.records):
            self.journal.save_snapshot(number, data)
            self.snapshot = Snapshot(number, data)
        else:
            with pytest.raises(JournalError):
                self.journal.save_snapshot(number, data)

    @rule(after=st.integers(-1, 60))
    def read(self, after: int) -> None:
        if 0 <= after <= len(self.records):
            assert list(self.journal.read(after)) == [
                StoredRecord(number, self.records[number - 1])
                for number in range(after + 1, len(self.records) + 1)
            ]
        else:
            with pytest.raises(JournalError):
                self.journal.read(after)

    @invariant()
    def knows_its_end(self) -> None:
        assert self.journal.last_number() == len(self.records)
        assert self.journal.latest_snapshot() == self.snapshot

    def teardown(self) -> None:
        self.journal.close()


class SqliteAsAList(JournalAsAList):
    """The same, with closings and crashes in between."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="samko-journal-"))
        super().__init__()

    def open(self) -> SqliteJournal:
        journal = SqliteJournal(self.folder / "samko.db")
        assert journal.cut is None
        return journal

    @rule()
    def reopen(self) -> None:
        self.journal.close()
        self.journal = self.open()

    @precondition(lambda self: self.records)
    @rule()
    def crash(self) -> None:
        """What lies on the disk at this moment is all that is left."""
        after = self.folder.with_name(self.folder.name + "-after")
        shutil.copytree(self.folder, after)
        self.journal.close()
        shutil.rmtree(self.folder)
        after.rename(self.folder)
        self.journal = self.open()

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.folder)


MODEST = settings(max_examples=25, stateful_step_count=20, deadline=None)

TestMemory = JournalAsAList.TestCase
TestMemory.settings = MODEST
TestSqlite = SqliteAsAList.TestCase
TestSqlite.settings = MODEST
