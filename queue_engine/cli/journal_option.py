"""Which journal a command looks back on, and how far it is with it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from queue_engine.journal.sqlite_reading import SqliteReading

EXIT_DAMAGED: Final = 3
"""The journal is damaged; what is told names the place."""
JOURNAL_HELP: Final = "the journal; else as samko.yaml says, else that of `samko run`"
DAMAGED_MORE: Final = """\
No engine may have the journal open, nor can one start on it meanwhile; to look
back while one serves, copy the journal first. Nothing in it is changed.
"""


def add_journal(parser: argparse.ArgumentParser) -> None:
    """`[JOURNAL]`."""
    parser.add_argument("journal", nargs="?", type=Path, metavar="JOURNAL", help=JOURNAL_HELP)


def journals(config_dir: Path) -> list[Path]:
    """The journals of this configuration that there are, the real one first."""
    from queue_engine.config.engine_file import read_settings
    from queue_engine.config.source import Faults

    settings = read_settings(Faults(), config_dir)
    known = (settings.journal, settings.embedded_dir / "journal.sqlite")
    return [path for path in known if path.exists()] or [known[0]]


@contextmanager
def opened(chosen: argparse.Namespace) -> Iterator[SqliteReading]:
    """The journal that was chosen, for as long as it is looked at.

    Raises:
        JournalError: it cannot be read; says why.
    """
    from queue_engine.journal.sqlite_reading import SqliteReading

    with SqliteReading(chosen.journal or journals(chosen.config)[0]) as reading:
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
