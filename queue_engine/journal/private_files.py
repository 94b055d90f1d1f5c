"""Files that only the engine's own user may read, written whole or not at all.

A name is seen only when its content is safely on disk; whoever loses power half-way finds the
former content, or nothing. All functions raise `OSError` as the operating system gives it: the
caller knows whether it was the journal, a snapshot or a key.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def replace_private(path: Path, data: bytes) -> None:
    """Give `path` this content at once, or leave its former content."""
    beside = path.with_name(path.name + ".new")
    try:
        write_private(beside, data)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def write_private(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 and wait until its content is on disk, not yet its name."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, PRIVATE)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, PRIVATE)
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def sync_directory(path: Path) -> None:
    """Wait until the names in a directory are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_to_others(path: Path) -> bool:
    """Whether anybody but the owner may read, write or run the file."""
    return bool(path.stat().st_mode & _OTHERS)
