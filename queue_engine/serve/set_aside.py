"""Records that no journal has, kept in a file until they are told to whoever decides."""

from __future__ import annotations

import secrets
import socket
from datetime import UTC, datetime
from pathlib import Path

from queue_engine.journal.archive_file import write_day
from queue_engine.journal.aside import Aside
from queue_engine.journal.checksum import CHAIN_START, Row
from queue_engine.journal.island_file import IslandHead, require_writable, write_island
from queue_engine.journal.live_copy import copy_private
from queue_engine.runtime.clock import wall_ms


class SetAside:
    """What a `FallbackJournal` is given.

    Args:
        folder: where the files are; made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, aside: Aside) -> Path:
        """Writes them to a file. Without a state to begin with nothing can be told of them: then
        they are in a file of the archive's kind, for people.

        Raises:
            JournalError: they cannot be written.
        """
        require_writable(self._folder)
        now_ms = wall_ms()
        day = datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat()
        state = aside.state
        if state is None:
            before = Row(aside.after, CHAIN_START, b"")
            return write_day(self._folder, day, before, aside.records)[0].path
        head = IslandHead(
            island_id=f"{secrets.token_hex(8)}-{aside.after}",
            host=socket.gethostname(),
            after=aside.after,
            record_checksum=aside.record_checksum,
            ended_ms=now_ms,
            snapshot=state.number,
            snapshot_bytes=len(state.data),
        )
        return write_island(self._folder, day, head, state, aside.records)


def copy_set_aside(folder: Path, to: Path) -> None:
    """Copies all that has been set aside there and is whole; its engine may be at work.

    Args:
        folder: need not be there; then there is no copy.
        to: must not be there.

    Raises:
        OSError: as the operating system says.
    """
    if not folder.exists():
        return
    to.mkdir(mode=0o700)
    while left := [path for path in _whole(folder) if not (to / path.name).exists()]:
        for path in left:
            try:
                copy_private(path, to / path.name)
            except FileNotFoundError:  # merged meanwhile: it is found again under that name
                (to / path.name).unlink()


def _whole(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix != ".new" and path.is_file()]
