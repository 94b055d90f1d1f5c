"""`samko backup`: all that the engine keeps copied to a folder, while it serves or not."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.cli.journal_option import EXIT_DAMAGED, damaged

if TYPE_CHECKING:
    from queue_engine.journal.backup_folder import Manifest

_MORE: Final = f"""\
Journal, archive, vault and keys of `samko serve`, and what islands on this
machine have set aside, with a list of all files and their checksums. All that
the engine had acknowledged before is in it, but for what was in memory only
(DEGRADED in its log, or an island). `samko restore` reads it, into a file or
into Redis, whatever it came from.

With the vault and its key in it, the folder tells who rang: keep it as you keep
the engine's own, and no longer than a day, for what is erased in the vault is
not erased here. --without-callers leaves them out.

Exit codes: 0 well, 1 it cannot be done, {EXIT_DAMAGED} something is damaged (says where).
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "backup", run, Group.KEEPING, "copy all that the engine keeps, while it serves", more=_MORE
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where; is made")
    parser.add_argument(
        "--without-callers", action="store_true", help="no vault, and no keys of who rang before"
    )


def run(chosen: argparse.Namespace) -> int:
    """Copies, and says what.

    Raises:
        SamkoError: it cannot be done; says why.
    """
    from queue_engine.config.engine_file import read_settings
    from queue_engine.config.source import Faults
    from queue_engine.core.errors import JournalCorrupt
    from queue_engine.serve.backup import back_up

    settings = read_settings(Faults(), chosen.config)
    try:
        made = back_up(settings, chosen.folder, with_callers=not chosen.without_callers)
    except JournalCorrupt as fault:
        return damaged(fault)
    print(told(chosen.folder, made))
    return 0


def told(folder: Path, manifest: Manifest) -> str:
    """What a back-up holds, for people."""
    rows = {
        "back-up": f"{folder}, of {manifest.made_at}",
        "journal": manifest.journal,
        "records": f"{manifest.records:,}",
        "files": f"{len(manifest.files)}",
        "callers": "yes" if "vault.sqlite" in manifest.files else "no",
        "digest": manifest.digest,
    }
    return "\n".join(f"{name:<8} {value}" for name, value in rows.items())
