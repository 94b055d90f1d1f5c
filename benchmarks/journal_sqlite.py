"""How fast the SQLite journal is: beside bare SQLite, and at a restart after a million records.

    python -m benchmarks.journal_sqlite [--folder FOLDER]

Appending: the journal and a bare `sqlite3` connection with the same PRAGMAs, inserting the same
records in batches of the same size, take turns in one run; each number is the median of all
rounds, the ratio that of the rounds' ratios. What is promised: at least half of bare SQLite.

Restart: a journal of a million records at the worst moment, when as many records as the driver
allows follow the newest snapshot. Making it is not timed. What is promised: under 2 s.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from queue_engine.core import commands
from queue_engine.core.codec import encode_record
from queue_engine.core.engine import Engine
from queue_engine.core.snapshot import write_snapshot
from queue_engine.core.state import State
from queue_engine.journal.base import Journal
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.sqlite_check import verify_sqlite_journal
from queue_engine.journal.sqlite_file import JOURNAL_FILE
from queue_engine.runtime.driver import SNAPSHOT_EVERY
from queue_engine.runtime.recovery import recover
from routing.vocabulary import (
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
)

ROUNDS: Final = 9
APPENDS: Final = {1: 300, 10: 200, 100: 60}
"""Batch size -> appends in one round."""
RATIO_MIN: Final = 0.5
RECORDS: Final = 1_000_000
RESTARTS: Final = 3
RESTART_SECONDS_MAX: Final = 2.0
FILL_BATCH: Final = 5_000
WAITING: Final = 1_000
SAMPLE: Final = 5_000
"""Records that are appended again and again."""
LINK: Final = LinkId("ast1")
START_MS: Final = 1_795_282_147_000

Append = Callable[[list[bytes]], None]


def main() -> int:
    """Print both tables; 1 if a promise is not kept."""
    parser = argparse.ArgumentParser(description="The SQLite journal beside bare SQLite.")
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    folder = parser.parse_args().folder
    sample = list(itertools.islice(BusyQueue().records(), SAMPLE))
    sizes = sorted(map(len, sample))
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" {os.cpu_count()} processors; {len(sample)} records of {sizes[0]} to {sizes[-1]} bytes,"
        f" {statistics.mean(sizes):.0f} on average"
    )
    with tempfile.TemporaryDirectory(prefix="samko-bench-", dir=folder) as made:
        kept = [measure_appends(Path(made), sample), measure_restart(Path(made), sample)]
    return 0 if all(kept) else 1


class BusyQueue:
    """Records as the engine makes them, with so many callers waiting: a bad day.

    Args:
        before: how many records there were already.
    """

    def __init__(self, before: int = 0) -> None:
        state = State()
        state.record_number = before
        self.engine = Engine(state)
        self._contacts = 0

    def records(self) -> Iterator[bytes]:
        """One caller after the other comes, is seen waiting, and hangs up when it takes long."""
        yield from self._do(commands.ReportSwitch(LINK, START_MS, ()))
        while True:
            number = self._contacts
            self._contacts += 1
            caller = commands.SeenCaller(
                self._contact_id(number), commands.CallerPlace.WAITING, self._now_ms()
            )
            yield from self._do(self._enqueue(number))
            yield from self._do(commands.ReportCallerWaiting(LINK, caller))
            if number >= WAITING:
                gone = self._contact_id(number - WAITING)
                yield from self._do(commands.ReportCallerGone(gone))

    def _do(self, command: commands.Command) -> Iterator[bytes]:
        now_ms = self._now_ms()
        for record in (self.engine.pass_time(now_ms), self.engine.handle(command, now_ms)):
            if record is not None:
                yield encode_record(record)

    def _enqueue(self, number: int) -> commands.Command:
        return commands.EnqueueContact(
            contact_id=self._contact_id(number),
            link_id=LINK,
            line_id=LineId("1177"),
            arrived_ms=self._now_ms(),
            priority=list(Priority)[number % 5],
            needs=(Requirement(Skill("advice"), 9), Requirement(Skill("sv"), 9)),
            home_region=RegionCode(f"{number % 21 + 1:02}"),
            home_region_source=HomeRegionSource.NETWORK,
        )

    def _now_ms(self) -> int:
        return START_MS + 700 * self._contacts

    def _contact_id(self, number: int) -> ContactId:
        return ContactId(f"ast1-{START_MS // 1000 + number}.{number}")


# --- appending ------------------------------------------------------------------------------


def measure_appends(folder: Path, sample: list[bytes]) -> bool:
    """The first table; whether the ratio is kept at each batch size."""
    journal = SqliteJournal(folder / "ours.db")
    with closing(journal), closing(open_bare(folder / "bare.db")) as database:
        subjects = {"journal": append_to_journal(journal), "bare": append_to_bare(database)}
        rates: dict[tuple[str, int], list[float]] = {}
        for round_ in range(ROUNDS + 1):
            for batch, appends in APPENDS.items():
                # Whoever comes second finds a warmer disk, so they take turns at that too.
                for name in sorted(subjects, reverse=bool(round_ % 2)):
                    rate = one_round(subjects[name], sample, batch, appends)
                    if round_:  # the first warms up
                        rates.setdefault((name, batch), []).append(rate)
    print(f"\nrecords per second, synchronous=FULL, median of {ROUNDS} rounds")
    print(f"{'batch':>6} {'journal':>10} {'bare sqlite3':>13} {'ratio':>6}")
    kept = True
    for batch in APPENDS:
        ours, bare = rates["journal", batch], rates["bare", batch]
        ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
        kept = kept and ratio >= RATIO_MIN
        print(
            f"{batch:>6} {statistics.median(ours):>10,.0f} {statistics.median(bare):>13,.0f}"
            f" {ratio:>6.2f}"
        )
    return kept


def one_round(append: Append, sample: list[bytes], batch: int, appends: int) -> float:
    """Records per second."""
    endless = itertools.cycle(sample)
    batches = [list(itertools.islice(endless, batch)) for _ in range(appends)]
    began = time.perf_counter()
    for records in batches:
        append(records)
    return batch * appends / (time.perf_counter() - began)


def append_to_journal(journal: Journal) -> Append:
    """Appends as the driver does, which knows the last number."""
    last = journal.last_number()

    def append(records: list[bytes]) -> None:
        nonlocal last
        journal.append(last, records)
        last += len(records)

    return append


def open_bare(path: Path) -> sqlite3.Connection:
    """A connection with the journal's PRAGMAs and the least table that could do."""
    database = sqlite3.connect(path, isolation_level=None)
    for setting in JOURNAL_FILE.settings:
        database.execute(setting)
    database.execute("CREATE TABLE record (number INTEGER PRIMARY KEY, data BLOB)")
    return database


def append_to_bare(database: sqlite3.Connection) -> Append:
    """Inserts, and nothing else."""
    last = 0

    def append(records: list[bytes]) -> None:
        nonlocal last
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO record VALUES (?, ?)", enumerate(records, last + 1))
        database.execute("COMMIT")
        last += len(records)

    return append


# --- restart --------------------------------------------------------------------------------


def measure_restart(folder: Path, sample: list[bytes]) -> bool:
    """The second table; whether a restart is fast enough."""
    path = folder / "million.db"
    snapshot_bytes = fill(path, sample)
    steps: dict[str, list[float]] = {}
    totals: list[float] = []
    for _ in range(RESTARTS):
        took = dict(restart(path))
        totals.append(sum(took.values()))
        for step, seconds in took.items():
            steps.setdefault(step, []).append(seconds)
    print(
        f"\nrestart after {RECORDS:,} records ({path.stat().st_size / 1e6:,.0f} MB), a snapshot of"
        f" {snapshot_bytes:,} bytes every {SNAPSHOT_EVERY:,}, median of {RESTARTS}"
    )
    for step, each in steps.items():
        print(f"{step:<48} {statistics.median(each):>6.2f} s")
    print(f"{'in all':<48} {statistics.median(totals):>6.2f} s")
    began = time.perf_counter()
    found = verify_sqlite_journal(path)
    assert found.records == RECORDS, found
    assert not found.faults, found
    seconds = time.perf_counter() - began
    print(f"{'not at a restart: verifying every record':<48} {seconds:>6.2f} s")
    return statistics.median(totals) < RESTART_SECONDS_MAX


def restart(path: Path) -> Iterator[tuple[str, float]]:
    """What a starting engine does, step by step, with the seconds each took."""
    began = time.perf_counter()
    journal = SqliteJournal(path)
    opened = time.perf_counter()
    yield f"open, check the {journal.rows_checked:,} records of the tail", opened - began
    snapshot = journal.latest_snapshot()
    assert snapshot is not None
    count = sum(1 for _ in journal.read(snapshot.number))
    was_read = time.perf_counter()
    state = recover(journal)
    recovered = time.perf_counter()
    assert state.record_number == RECORDS
    journal.close()
    yield f"read the snapshot and {count:,} records", was_read - opened
    # `recover` reads them too.
    yield "decode them and fold them into the state", recovered - was_read - (was_read - opened)


def fill(path: Path, sample: list[bytes]) -> int:
    """A million records, the last ones those of one queue; the size of its newest snapshot."""
    journal = SqliteJournal(path)
    last_snapshot = RECORDS - SNAPSHOT_EVERY
    before = last_snapshot - len(sample)
    endless = itertools.cycle(sample)
    for last in range(0, before, FILL_BATCH):
        count = min(FILL_BATCH, before - last)
        journal.append(last, list(itertools.islice(endless, count)))
    queue = BusyQueue(before)
    records = queue.records()
    journal.append(before, list(itertools.islice(records, len(sample))))
    snapshot = write_snapshot(queue.engine.state)
    journal.save_snapshot(last_snapshot, snapshot)
    journal.append(last_snapshot, list(itertools.islice(records, SNAPSHOT_EVERY)))
    journal.close()
    return len(snapshot)


if __name__ == "__main__":
    raise SystemExit(main())
