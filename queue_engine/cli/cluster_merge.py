"""`samko cluster merge FILE`: what a node did while it was an island, told for it by another."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING, Final

from queue_engine.core.errors import JournalCorrupt, SamkoError

if TYPE_CHECKING:
    import argparse

    from queue_engine.core.commands import ReportIsland
    from queue_engine.journal.island_file import IslandFile

WAIT_S: Final = 60.0
"""So long it waits for the engine here to take the file."""
_EVERY_S: Final = 0.2


def merge(chosen: argparse.Namespace) -> int:
    """Looks whether the file is whole and of this journal, and gives it to the engine here.

    Raises:
        SamkoError: it is not, or cannot be given; says why. The file is as it was.
    """
    from queue_engine.cli.journal_option import damaged
    from queue_engine.config.engine_file import read_settings
    from queue_engine.config.source import Faults
    from queue_engine.journal.island_file import failed

    faults = Faults()
    settings = read_settings(faults, chosen.config)
    faults.raise_if_any()
    if not chosen.node:
        raise SamkoError("which file? var/unjournaled of the node that was an island has it")
    path = Path(chosen.node)
    try:
        file, parts = _looked_at(path, chosen)
    except JournalCorrupt as fault:
        return damaged(fault)
    if not parts:
        raise SamkoError(f"{path}: the journal has all of it already")
    given = _give(path, settings.unjournaled_dir)
    is_merged = _wait(given, frozenset(failed(given.parent)))
    _tell(file, parts, given, is_merged=is_merged, is_json=chosen.json)
    return 0 if is_merged else 1


def _looked_at(path: Path, chosen: argparse.Namespace) -> tuple[IslandFile, list[ReportIsland]]:
    from queue_engine.cli.journal_option import openers
    from queue_engine.journal.island_file import read_island
    from queue_engine.runtime.islands import island_parts, parted_after

    chosen.journal = None
    file = read_island(path)
    with openers(chosen)[0].whole(meanwhile=True) as reading:
        after = parted_after(file, reading)
    return file, island_parts(file, after)


def _give(path: Path, folder: Path) -> Path:
    """Puts it where the engine looks; it is there as a whole or not at all.

    One that the engine itself put aside there is not copied: it has its name back.
    """
    from queue_engine.journal.island_file import FAILED, require_writable
    from queue_engine.journal.live_copy import copy_private
    from queue_engine.journal.private_files import sync_directory

    name = _name(path)
    if path.resolve() == folder.resolve() / name:
        return path
    is_new = not folder.exists()
    require_writable(folder)
    to = folder / name
    beside = to.with_name(to.name + ".new")
    try:
        if path.name.endswith(FAILED) and path.resolve().parent == folder.resolve():
            os.link(path, to)
            path.unlink()
            return to
        copy_private(path, beside)
        if os.geteuid() == 0:  # the engine is another user, and must read and rename it
            owner = (folder.parent if is_new else folder).stat()
            for made in (folder, beside) if is_new else (beside,):
                os.chown(made, owner.st_uid, owner.st_gid)
        os.link(beside, to)  # which fails where something is
        sync_directory(folder)
    except FileExistsError:
        raise SamkoError(f"{to} is there already: the engine takes it by itself") from None
    except OSError as fault:
        raise SamkoError(f"{path} cannot be given to {folder}: {fault.strerror}") from fault
    finally:
        beside.unlink(missing_ok=True)
    return to


def _name(path: Path) -> str:
    """Under which the engine takes it, whatever somebody has called it on its way."""
    from queue_engine.journal.island_file import FAILED, MERGED, SUFFIX

    name = path.name.removesuffix(MERGED).removesuffix(FAILED)
    return name if name.endswith(SUFFIX) else name + SUFFIX


def _wait(path: Path, known: Set[Path]) -> bool:
    """Until the engine has merged it, which renames it then; False: not in time, or it failed.

    Args:
        known: the files that had been put aside before it was given.
    """
    from queue_engine.journal.island_file import failed

    end_s = time.monotonic() + WAIT_S
    while path.exists():
        if time.monotonic() > end_s:
            return False
        time.sleep(_EVERY_S)
    aside = (found for found in failed(path.parent) if found not in known)
    return not any(found.name.startswith(path.name) for found in aside)


def _tell(
    file: IslandFile,
    parts: list[ReportIsland],
    given: Path,
    *,
    is_merged: bool,
    is_json: bool,
) -> None:
    from queue_engine.cli.event_text import moment

    island = parts[-1].island
    outcomes = Counter(
        fact.outcome.value if fact.outcome else "not_over"
        for part in parts
        for fact in part.contacts
    )
    if is_json:
        told = {
            "island": island.island_id,
            "host": island.host,
            "from_ms": island.parted_ms,
            "until_ms": island.until_ms,
            "contacts": dict(sorted(outcomes.items())),
            "is_merged": is_merged,
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    since, until = moment(island.parted_ms)[:19], moment(island.until_ms)[:19]
    print(f"{island.host} was an island from {since} to {until}")
    counts = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in outcomes.items())
    print(f"contacts: {counts or 'none'}")
    if is_merged:
        print(f"all of it counts now; {file.path.name} is kept in {given.parent}")
    else:
        print(
            f"not merged yet: {given} is taken when an engine runs here and reaches the journal;"
            " its log says how far it is"
        )
