"""Appends numbered records to a SQLite journal until it is killed; run by `test_sqlite_killed`.

    writer_process.py JOURNAL BATCH [DIE_AT_BYTES]

Prints the last number after each append that returned. With DIE_AT_BYTES the process is killed by
the kernel in the middle of the write that would make a file larger: a commit half written.
"""

from __future__ import annotations

import resource
import signal
import sys
from pathlib import Path

from queue_engine.journal.sqlite import SqliteJournal


def content(number: int) -> bytes:
    return b"record %d " % number * (number % 60 + 1)


def main(path: str, batch: int, die_at_bytes: int | None) -> None:
    journal = SqliteJournal(Path(path))
    if die_at_bytes is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (die_at_bytes, die_at_bytes))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    last = journal.last_number()
    while True:
        journal.append(last, [content(last + step) for step in range(1, batch + 1)])
        last += batch
        if last % 500 == 0:
            journal.save_snapshot(last, b"state after %d" % last)
        print(last, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
