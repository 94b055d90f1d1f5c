"""`samko archive`: the journal's complete days into files, and whether these are whole."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.cli.journal_option import (
    EXIT_DAMAGED,
    JOURNAL_HELP,
    Opener,
    damaged,
    openers,
    progress,
)

if TYPE_CHECKING:
    from queue_engine.config.redis_file import RedisSettings
    from queue_engine.journal.archive import Archive
    from queue_engine.journal.base import Reading

_MORE: Final = f"""\
Without a word: writes each complete Swedish day that the archive lacks to one
compressed, checksummed file, reads it back, and never writes over one. From a
journal in Redis, records then leave that the archive has, a snapshot covers and
that are not among the latest 100,000. A journal in a file keeps all it has; if
an engine has it open, a copy of it is read.

check: reads all files, follows the chain of checksums through them and on into
the journal, and rebuilds the state from archive and journal: its digest must be
that of the journal alone.

Exit codes: 0 well, 1 it cannot be done, {EXIT_DAMAGED} something is damaged (says where).
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "archive", run, Group.KEEPING, "write the journal's days to files; check them", more=_MORE
    )
    parser.add_argument("what", nargs="?", choices=("check",), help="only look whether all is well")
    parser.add_argument("--journal", type=Path, metavar="FILE", help=JOURNAL_HELP)
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="the archive (archive, beside the journal)"
    )


def run(chosen: argparse.Namespace) -> int:
    """Archives, or checks.

    Raises:
        JournalError: it cannot be done; says why.
    """
    from queue_engine.core.errors import JournalCorrupt
    from queue_engine.journal.archive import Archive

    opener = openers(chosen)[0]
    try:
        archive = Archive(chosen.folder or opener.archive)
        return _check(archive, opener) if chosen.what == "check" else _add(chosen, archive, opener)
    except JournalCorrupt as fault:
        return damaged(fault)


# --- writing ---------------------------------------------------------------------------------


def _add(chosen: argparse.Namespace, archive: Archive, opener: Opener) -> int:
    from queue_engine.config.engine_file import read_settings
    from queue_engine.config.source import Faults
    from queue_engine.runtime.archiving import swedish_day

    with opener.open_meanwhile() as reading, progress(reading.last_number()) as tell:
        written = 0
        for end in archive.add_days(reading, swedish_day):
            day = archive.days[-1]
            tell(end.number)
            written += 1
            print(
                f"{day.day}  records {day.first:,} to {day.last:,},"
                f" {day.path.stat().st_size / 1e6:.1f} MB, {day.path}"
            )
    if not written:
        print(f"no complete day is missing in {archive.folder}")
    redis = read_settings(Faults(), chosen.config).redis if chosen.journal is None else None
    if redis is not None and archive.days:
        _let_go(redis, archive)
    return 0


def _let_go(settings: RedisSettings, archive: Archive) -> None:
    """Lets all days go that may go, the last of them first asked for."""
    from contextlib import closing

    from queue_engine.journal.redis_journal import RECORDS_KEPT, RedisJournal
    from queue_engine.serve.journal import place_of

    with closing(RedisJournal(place_of(settings))) as journal:
        snapshot = journal.latest_snapshot()
        covered = snapshot.number if snapshot is not None else 0
        most = min(covered, journal.last_number() - RECORDS_KEPT)
        ends = [day.last for day in archive.days if journal.kept_after() < day.last <= most]
        if not ends:
            print(f"nothing leaves {journal.place}: the latest {RECORDS_KEPT:,} records stay")
            return
        (row,) = (row for row in archive.rows(ends[-1] - 1) if row.number == ends[-1])
        journal.let_go(row.number, row.checksum, RECORDS_KEPT)
        print(f"{journal.place} has what follows record {row.number:,} now")


# --- checking --------------------------------------------------------------------------------


def _check(archive: Archive, opener: Opener) -> int:
    from queue_engine.core.errors import SamkoError
    from queue_engine.journal.base import NoJournal
    from queue_engine.runtime.replay import TELL_EVERY

    if not archive.days:
        raise SamkoError(
            f"there is no archive in {archive.folder} yet: a day is archived once it is over"
        )
    with progress(archive.last) as tell:
        for row in archive.rows():
            if row.number % TELL_EVERY == 0:
                tell(row.number)
    first, last = archive.days[0].day, archive.days[-1].day
    print(
        f"archive      {archive.folder}: {archive.last:,} records in {len(archive.days)} files,"
        f" {first} to {last}, all whole"
    )
    try:
        with opener.open_meanwhile() as reading:
            return _rebuild(archive, reading)
    except NoJournal as fault:
        print(f"journal      {fault}: nothing to compare with")
        return 0


def _rebuild(archive: Archive, reading: Reading) -> int:
    from queue_engine.runtime.archiving import rebuild

    print(f"journal      {reading.where}: {reading.last_number():,} records")
    with progress(reading.last_number()) as tell:
        rebuilt = rebuild(archive, reading, tell)
    since = f"the snapshot of record {rebuilt.after:,}" if rebuilt.after else "the first record"
    print(f"whole        {rebuilt.whole} (archive, then journal)")
    print(f"journal      {rebuilt.journal} (from {since} on)")
    if rebuilt.whole != rebuilt.journal:
        print("The two DIFFER: see `samko replay --whole`.")
        return EXIT_DAMAGED
    print("Equal.")
    return 0
