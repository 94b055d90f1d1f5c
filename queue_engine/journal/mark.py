"""How far the journal has ever been acknowledged, kept beside it.

SQLite cannot tell that its write-ahead log was removed, or that an older copy was put in its
place: it opens what is there, shorter and content. The mark can. It is written after each commit
without waiting for the disk, so it may lag behind a power cut but is never ahead of what was
acknowledged: a journal that ends below its mark has lost records.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from queue_engine.journal.private_files import PRIVATE

_BYTES: Final = 21


def mark_of(journal: Path) -> Path:
    """Where the mark of a journal lies."""
    return journal.with_name(journal.name + ".mark")


class AcknowledgedMark:
    """The number in the file at `path`, which is made if it is missing.

    Raises:
        OSError: the file cannot be opened or made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, PRIVATE)

    def number(self) -> int:
        """The highest acknowledged record, as far as is known: 0 if the file says nothing."""
        text = os.pread(self._descriptor, _BYTES, 0).strip()
        return int(text) if text.isdigit() else 0

    def set(self, number: int) -> None:
        """Remember that record `number` has been acknowledged."""
        try:
            os.pwrite(self._descriptor, b"%020d\n" % number, 0)
        except OSError:
            # The record itself is safe. A mark that lags behind only sees less, so it must not
            # turn a successful append into a failed one.
            return

    def set_durably(self, number: int) -> None:
        """The same, on the disk when it returns.

        Raises:
            OSError: it could not be written.
        """
        os.pwrite(self._descriptor, b"%020d\n" % number, 0)
        os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)
