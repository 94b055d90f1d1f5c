"""Sole ownership of a file: two engines on one journal would each believe their own queue."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from queue_engine.core.errors import JournalError
from queue_engine.journal.private_files import PRIVATE

_OWNER_BYTES_MAX: Final = 20


class InUse(JournalError):
    """Another opener, in this process or in another, holds the file."""


class Ownership:
    """Holds `<path>.lock` for as long as it is not released.

    The kernel lets go of the lock when the process ends, however it ends, so a lock file that is
    left behind means nothing. It holds the owner's process id, for the message to the second one.

    Raises:
        InUse: somebody holds it.
        JournalError: the lock file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        lock = path.with_name(path.name + ".lock")
        try:
            self._descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, PRIVATE)
        except OSError as exc:
            raise JournalError(f"{path} cannot be owned: {lock}: {exc.strerror}") from exc
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._sign()
        except BlockingIOError as exc:
            owner = (
                os.pread(self._descriptor, _OWNER_BYTES_MAX, 0).strip().decode("ascii", "replace")
            )
            self.release()
            raise InUse(f"{path} is in use by process {owner or 'unknown'}") from exc
        except OSError as exc:
            self.release()
            raise JournalError(f"{path} cannot be owned: {lock}: {exc.strerror}") from exc

    def _sign(self) -> None:
        try:
            os.pwrite(self._descriptor, b"%-*d\n" % (_OWNER_BYTES_MAX - 1, os.getpid()), 0)
        except OSError:
            # A full disk must not keep the engine from starting: the lock holds without a name.
            return

    def release(self) -> None:
        """Let the next one have it."""
        os.close(self._descriptor)
