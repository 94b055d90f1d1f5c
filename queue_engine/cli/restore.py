"""`samko restore`: what a back-up holds, put where the engine looks for it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.cli.journal_option import EXIT_DAMAGED, damaged

_MORE: Final = f"""\
Stop the engines first. Each file of the back-up is checked; where anything lies
already nothing is written. The journal becomes what samko.yaml says, a file or
a journal in Redis, and must make the state that the back-up made. What was due
to be erased since is not brought back. Calls that the back-up knows nothing of
are queued again by their tickets when the engine starts.

Exit codes: 0 well, 1 it cannot be done, {EXIT_DAMAGED} the back-up is damaged (says where).
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "restore", run, Group.KEEPING, "put back what `samko backup` copied", more=_MORE
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the back-up")


def run(chosen: argparse.Namespace) -> int:
    """Puts it back, and says what.

    Raises:
        SamkoError: it cannot be done; says why.
    """
    from queue_engine.cli.backup import told
    from queue_engine.config.engine_file import read_settings
    from queue_engine.config.source import Faults
    from queue_engine.core.errors import JournalCorrupt
    from queue_engine.runtime.clock import wall_ms
    from queue_engine.serve.restore import restore

    settings = read_settings(Faults(), chosen.config)
    try:
        found = restore(settings, chosen.folder, wall_ms())
    except JournalCorrupt as fault:
        return damaged(fault)
    print(told(chosen.folder, found))
    print("All of it is back; the journal makes the same state.")
    return 0
