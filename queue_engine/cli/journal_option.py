"""Which journal a command looks back on, and how far it is with it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from queue_engine.config.engine_file import EngineSettings
    from queue_engine.journal.base import Reading

EXIT_DAMAGED: Final = 3
"""The journal is damaged; what is told names the place."""
JOURNAL_HELP: Final = "the journal; else as samko.yaml says, else that of `samko run`"
DAMAGED_MORE: Final = """\
If an engine has the journal's file open, a copy of it is read; if none has,
none can start on it meanwhile. A journal in Redis may be looked at at any
time; records that have left it are read from the archive. Nothing is changed.
"""


class Opener(NamedTuple):
    """A journal that may be looked back on."""

    where: str
    archive: Path
    """The folder with what has left it."""
    open: Callable[[], AbstractContextManager[Reading]]
    """Gives what is still in it."""
    open_meanwhile: Callable[[], AbstractContextManager[Reading]]
    """The same while an engine has it open; a file is copied for it."""

    @contextmanager
    def whole(self, *, meanwhile: bool) -> Iterator[Reading]:
        """With what has left it for the archive.

        Args:
            meanwhile: whether an engine may have it open.
        """
        from queue_engine.journal.archive import Archive
        from queue_engine.journal.whole_reading import WholeReading

        with self.open_meanwhile() if meanwhile else self.open() as reading:
            has_all = not reading.kept_after()
            yield reading if has_all else WholeReading(Archive(self.archive), reading)


def add_journal(parser: argparse.ArgumentParser) -> None:
    """`[JOURNAL]`."""
    parser.add_argument("journal", nargs="?", type=Path, metavar="JOURNAL", help=JOURNAL_HELP)


def openers(chosen: argparse.Namespace) -> list[Opener]:
    """What may be looked back on, the journal of real callers first.

    That is the file that was named; else, by the configuration, the engine's journal, in Redis or a
    file, and that of `samko run`, as far as they are there.
    """
    from queue_engine.config.engine_file import read_settings
    from queue_engine.config.source import Faults

    if chosen.journal is not None:
        return [_of_file(chosen.journal)]
    settings = read_settings(Faults(), chosen.config)
    files = (settings.journal, settings.embedded_dir / "journal.sqlite")
    if settings.redis is not None:
        return [_of_redis(settings), *(_of_file(path) for path in files[1:] if path.exists())]
    return [_of_file(path) for path in files if path.exists()] or [_of_file(files[0])]


def _of_file(path: Path) -> Opener:
    def open_file() -> AbstractContextManager[Reading]:
        from queue_engine.journal.sqlite_reading import SqliteReading

        return SqliteReading(path)

    def open_meanwhile() -> AbstractContextManager[Reading]:
        from queue_engine.journal.sqlite_reading import reading_meanwhile

        return reading_meanwhile(path, path.parent)

    return Opener(str(path), path.parent / "archive", open_file, open_meanwhile)


def _of_redis(settings: EngineSettings) -> Opener:
    from queue_engine.journal.redis_reading import RedisReading
    from queue_engine.serve.journal import place_of

    assert settings.redis is not None, "asked before"
    place = place_of(settings.redis)
    return Opener(
        str(place), settings.archive_dir, lambda: RedisReading(place), lambda: RedisReading(place)
    )


@contextmanager
def opened(chosen: argparse.Namespace) -> Iterator[Reading]:
    """The journal that was chosen, for as long as it is looked at.

    Raises:
        JournalError: it cannot be read; says why.
    """
    with openers(chosen)[0].whole(meanwhile=True) as reading:
        yield reading


@contextmanager
def progress(last: int) -> Iterator[Callable[[int], None]]:
    """Tells on a terminal, and only there, how many of the records have been read."""
    if not sys.stderr.isatty():
        yield lambda number: None
        return
    try:
        yield lambda number: print(
            f"\r{number:,} of {last:,} records", end="", file=sys.stderr, flush=True
        )
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def damaged(fault: Exception) -> int:
    """Says where the journal is damaged; the exit code."""
    print(f"samko: {fault}", file=sys.stderr)
    return EXIT_DAMAGED
