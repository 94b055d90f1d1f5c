"""A copy of a SQLite file that another process has open for itself alone.

Its owner shares it with nobody, so SQLite's own backup cannot read it. The two files can: the
database changes only when the write-ahead log is written into it, now and then; as long as it has
not, database and log together are the state after one of the last commits, whatever was being
added to the log's end. So both are copied, and again if the database was written to meanwhile.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Final

from queue_engine.core.errors import SamkoError
from queue_engine.journal.private_files import PRIVATE

_TRIES: Final = 50
_PAUSE_S: Final = 0.1
_CLOCK_STEP_NS: Final = 20_000_000
"""File systems stamp times by a coarse clock: two writes within a step of it look like one."""


def copy_live(source: Path, target: Path) -> None:
    """Copies a database with its log, as of a moment between the call and the return.

    What had been committed before the call is in it.

    Args:
        target: must not be there; its log is beside it.

    Raises:
        SamkoError: it cannot be read, or is never left alone for long enough.
    """
    try:
        for _ in range(_TRIES):
            if _copied(source, target):
                return
            time.sleep(_PAUSE_S)
    except OSError as fault:
        raise SamkoError(f"{source} cannot be copied to {target}: {fault.strerror}") from fault
    raise SamkoError(f"{source} is written to all the time; stop the engine, and try again")


def _copied(source: Path, target: Path) -> bool:
    before = os.stat(source)
    if time.time_ns() - before.st_mtime_ns < _CLOCK_STEP_NS:
        return False
    copy_private(source, target)
    log, log_copy = _log(source), _log(target)
    log_copy.unlink(missing_ok=True)
    if log.exists():
        copy_private(log, log_copy)
    after = os.stat(source)
    return (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)


def copy_private(source: Path, target: Path) -> None:
    """Copies a file; the copy is of mode 0600, and on disk.

    Raises:
        OSError: as the operating system says.
    """
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, PRIVATE)
    with open(descriptor, "wb") as written, source.open("rb") as read:
        shutil.copyfileobj(read, written, 1024 * 1024)
        written.flush()
        os.fsync(written.fileno())


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
