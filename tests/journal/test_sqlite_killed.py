"""A writer that dies at any moment: what was acknowledged is there, and no half batch is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from queue_engine.core.errors import JournalCorrupt
from queue_engine.journal.sqlite import SqliteJournal

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 60


def content(number: int) -> bytes:
    """What `writer_process` writes."""
    return b"record %d " % number * (number % 60 + 1)


def start_writer(path: Path, *arguments: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            str(Path(__file__).with_name("writer_process.py")),
            str(path),
            *map(str, arguments),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def require_all(path: Path, acknowledged: int, batch: int) -> int:
    """Open the journal and check every record in it; its last number."""
    journal = SqliteJournal(path)
    last = journal.last_number()
    assert acknowledged <= last <= acknowledged + batch
    assert last % batch == 0, "no half batch"
    assert (journal.cut, journal.damaged_snapshots) == (None, ())
    assert [record.data for record in journal.read(0)] == [content(n) for n in range(1, last + 1)]
    snapshot = journal.latest_snapshot()
    if snapshot is not None:
        assert snapshot.data == b"state after %d" % snapshot.number
    journal.close()
    return last


@pytest.mark.parametrize("batch", [1, 20])
def test_killed_again_and_again(path: Path, batch: int) -> None:
    """The kill falls between commits or in one, wherever the writer is at that moment."""
    last = 0
    for acknowledgements in (1, 2, 7, 23, 40):
        writer = start_writer(path, batch)
        assert writer.stdout is not None
        acknowledged = last
        for _ in range(acknowledgements):
            acknowledged = int(writer.stdout.readline())
        writer.kill()
        # Not `communicate`, which would pass over the lines that are in the reader's buffer.
        acknowledged = max([acknowledged, *map(int, writer.stdout.read().split())])
        writer.stdout.close()
        assert writer.wait(SECONDS_MAX) == -signal.SIGKILL
        last = require_all(path, acknowledged, batch)


@pytest.mark.parametrize("die_at_bytes", [70_000, 100_001, 262_144, 300_500])
def test_killed_in_the_middle_of_a_commit(path: Path, die_at_bytes: int) -> None:
    writer = start_writer(path, 3, die_at_bytes)
    output, _ = writer.communicate(timeout=SECONDS_MAX)
    assert writer.returncode == -signal.SIGXFSZ
    acknowledged = int(output.split()[-1])
    assert path.with_name("samko.db-wal").stat().st_size == die_at_bytes, "half a write is there"
    last = require_all(path, acknowledged, 3)
    assert last == acknowledged

    journal = SqliteJournal(path)
    journal.append(last, [content(last + 1)])
    journal.close()


def test_a_log_cut_at_any_place_gives_whole_batches(
    path: Path, copy_as_after_a_crash: Callable[..., Path]
) -> None:
    """Power is lost on a disk that had written only a part of the log."""
    journal = SqliteJournal(path)
    batches = 6
    for last in range(0, batches * 5, 5):
        journal.append(last, [content(last + step) for step in range(1, 6)])
    size = path.with_name("samko.db-wal").stat().st_size
    seen = []
    for cut_at in sorted({*range(0, size, 1_031), *range(32, size, 4_120), size - 1, size}):
        copy = copy_as_after_a_crash(path)
        os.truncate(copy.with_name("samko.db-wal"), cut_at)
        found = SqliteJournal(copy)
        last = found.last_number()
        assert last % 5 == 0
        assert [record.data for record in found.read(0)] == [
            content(number) for number in range(1, last + 1)
        ]
        found.close()
        seen.append(last)
    assert seen == sorted(seen)
    assert set(seen) == {0, 5, 10, 15, 20, 25, 30}
    journal.close()


def test_a_cut_log_is_refused_when_its_records_were_acknowledged(
    path: Path, copy_as_after_a_crash: Callable[..., Path]
) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [content(1)])
    journal.append(1, [content(2)])
    copy = copy_as_after_a_crash(path, with_mark=True)
    journal.close()
    log = copy.with_name("samko.db-wal")
    os.truncate(log, log.stat().st_size - 1)
    with pytest.raises(JournalCorrupt, match="at record 1, but record 2 was once acknowledged"):
        SqliteJournal(copy)
