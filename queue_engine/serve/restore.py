"""What a back-up holds put where an engine looks for it, and nothing written over.

House rules: everything is made beside its place, and checked there; the journal comes last, so
that half a restore is never gone on with.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from filecmp import cmp
from itertools import islice
from pathlib import Path
from typing import Final

from queue_engine.config.engine_file import EngineSettings
from queue_engine.core.errors import JournalCorrupt, SamkoError
from queue_engine.core.snapshot import digest
from queue_engine.journal.archive import Archive
from queue_engine.journal.backup_folder import BackupFolder, Manifest
from queue_engine.journal.base import Reading
from queue_engine.journal.live_copy import copy_private
from queue_engine.journal.lookup_keys import LookupKeys
from queue_engine.journal.private_files import sync_directory
from queue_engine.journal.redis_journal import RECORDS_KEPT
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.redis_reading import RedisReading
from queue_engine.journal.redis_restore import put_back, require_no_journal
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.sqlite_reading import SqliteReading
from queue_engine.journal.vault import Vault
from queue_engine.runtime.replay import newest_state, replay
from queue_engine.serve.journal import place_of
from queue_engine.serve.kept_callers import put_back_shared, require_no_vault

_BATCH_ROWS: Final = 1_000
_BESIDE: Final = "restoring"
_FILES: Final = ("archive", "lookup-keys", "unjournaled", "vault.key", "vault.sqlite")
_WITH_REDIS: Final = ("archive", "unjournaled", "vault.key")
"""Of these; the others are in Redis as well as the journal."""


def restore(settings: EngineSettings, folder: Path, now_ms: int) -> Manifest:
    """Makes journal, archive, vault and keys anew, and puts back what had been set aside; what
    they hold.

    What is due to be erased by `now_ms` is not brought back.

    Raises:
        JournalCorrupt: the back-up is damaged, or makes another state than it did; says where.
        JournalError, SamkoError: something is in the way; nothing has been changed then.
    """
    backup = BackupFolder(folder)
    manifest = backup.manifest()
    place = place_of(settings.redis) if settings.redis is not None else None
    _require_nothing(settings, place, backup)
    beside, journal_beside = settings.var_dir / _BESIDE, settings.journal.parent / _BESIDE
    try:
        for made in {beside, journal_beside}:
            made.mkdir(mode=0o700, parents=True)
        _make_files(backup, beside, now_ms)
        if place is None:
            journal = journal_beside / settings.journal.name
            _make_journal(backup, journal, manifest)
            _move((beside / name for name in _FILES), settings.var_dir)
            # Its snapshots and its mark, then the file: without it they only keep others out.
            beside_it = sorted(journal.parent.glob(f"{journal.name}.*"))
            others = (path for path in beside_it if path.suffix != ".lock")
            _move((*others, journal), settings.journal.parent)
        else:
            put_back_shared(place, beside, now_ms)
            _move((beside / name for name in _WITH_REDIS), settings.var_dir)
            _fill_redis(backup, place, manifest.records)
            with RedisReading(place) as reading:
                _require_same(reading, manifest)
    except OSError as fault:
        raise SamkoError(f"not restored: {fault.strerror}: {fault.filename}") from fault
    finally:
        for made in (beside, journal_beside):
            shutil.rmtree(made, ignore_errors=True)
    return manifest


def _require_nothing(
    settings: EngineSettings, place: RedisPlace | None, backup: BackupFolder
) -> None:
    if place is not None:
        require_no_journal(place)
        require_no_vault(place)
    var_dir, journal = settings.var_dir, settings.journal
    there = [var_dir / name for name in ("vault.sqlite", "vault.key", _BESIDE)]
    there += [day.path for day in Archive(settings.archive_dir).days]
    there += sorted((var_dir / "lookup-keys").glob("day-*.key"))
    if place is None:
        there += sorted(journal.parent.glob(f"{journal.name}*"))
    there += _others_in_place(backup.unjournaled, settings.unjournaled_dir)
    for path in there:
        if path.exists() and path.suffix != ".lock":
            raise SamkoError(f"{path} is there, and nothing is written over: move it away first")


def _others_in_place(kept: Path, folder: Path) -> list[Path]:
    """What has a name of what was set aside, and is not the same. All else that lies there stays:
    the engine tells it beside what comes back."""
    if not kept.exists():
        return []
    both = [(path, folder / path.name) for path in sorted(kept.iterdir())]
    return [there for path, there in both if there.exists() and not cmp(path, there, shallow=False)]


def _make_files(backup: BackupFolder, beside: Path, now_ms: int) -> None:
    """Archive, vault and keys, and what was set aside."""
    for folder in (backup.archive, backup.lookup_keys, backup.unjournaled):
        if folder.exists():
            (beside / folder.name).mkdir(mode=0o700)
            for path in sorted(folder.iterdir()):
                copy_private(path, beside / folder.name / path.name)
    if backup.lookup_keys.exists():
        LookupKeys(beside / backup.lookup_keys.name, now_ms).close()
    if backup.vault.exists():
        vault, key = beside / backup.vault.name, beside / backup.vault_key.name
        copy_private(backup.vault_key, key)
        copy_private(backup.vault, vault)
        opened = Vault(vault, key)
        opened.erase_due(now_ms)
        opened.close()


def _make_journal(backup: BackupFolder, path: Path, manifest: Manifest) -> None:
    journal = SqliteJournal(path)
    try:
        rows, last = backup.rows(), 0
        while batch := [row.data for row in islice(rows, _BATCH_ROWS)]:
            journal.append(last, batch)
            last += len(batch)
        snapshot = backup.snapshot()
        if snapshot is not None:
            journal.save_snapshot(snapshot.number, snapshot.data)
    finally:
        journal.close()
    with SqliteReading(path) as reading:
        _require_same(reading, manifest)


def _fill_redis(backup: BackupFolder, place: RedisPlace, records: int) -> None:
    """As much as would be kept there: the rest is in the archive."""
    snapshot = backup.snapshot()
    covered = snapshot.number if snapshot is not None else 0
    kept_after = max(min(Archive(backup.archive).last, covered, records - RECORDS_KEPT), 0)
    put_back(place, backup.rows(max(kept_after - 1, 0)), kept_after, snapshot)


def _require_same(reading: Reading, manifest: Manifest) -> None:
    last = reading.last_number()
    if (last, reading.checksum_of(last)) != (manifest.records, manifest.checksum):
        raise JournalCorrupt(f"{reading.where} ends at record {last}, not as the back-up did")
    state = newest_state(reading)
    replay(reading, state, lambda number: None)
    if digest(state) != manifest.digest:
        raise JournalCorrupt(f"{reading.where} makes another state than the back-up did")


def _move(paths: Iterable[Path], folder: Path) -> None:
    for path in filter(Path.exists, paths):
        target = folder / path.name
        if target.is_dir():  # where our names are free, or are the same already
            for file in path.iterdir():
                file.rename(target / file.name)
        else:
            path.rename(target)
    sync_directory(folder)
