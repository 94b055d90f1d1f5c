"""A back-up of all that an engine keeps, made while it serves or not."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from pathlib import Path

from queue_engine.config.engine_file import EngineSettings
from queue_engine.core.errors import SamkoError
from queue_engine.core.snapshot import digest
from queue_engine.journal.archive import Archive
from queue_engine.journal.archive_file import write_day
from queue_engine.journal.backup_folder import BackupFolder, Manifest
from queue_engine.journal.base import Reading
from queue_engine.journal.checksum import Row
from queue_engine.journal.live_copy import copy_live, copy_private
from queue_engine.journal.ownership import Ownership
from queue_engine.journal.redis_reading import RedisReading
from queue_engine.journal.snapshots import SealedSnapshot
from queue_engine.journal.sqlite_reading import reading_meanwhile
from queue_engine.journal.vault import Vault
from queue_engine.runtime.archiving import swedish_day
from queue_engine.runtime.clock import wall_ms
from queue_engine.runtime.replay import newest_state, replay
from queue_engine.serve.journal import place_of
from queue_engine.serve.kept_callers import copy_shared
from queue_engine.serve.set_aside import copy_set_aside


def back_up(settings: EngineSettings, folder: Path, *, with_callers: bool = True) -> Manifest:
    """Copies journal, archive, what has been set aside here and, with the callers, vault and keys;
    what is in the back-up.

    Whatever the engine had acknowledged before the call is in it, but for what it then had in
    memory only.

    Args:
        folder: must not be there.

    Raises:
        JournalError, SamkoError: it cannot be done; nothing is left of it.
    """
    backup = BackupFolder(folder)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as fault:
        raise SamkoError(f"back-up {folder} cannot be made: {fault.strerror}") from fault
    try:
        _fill(backup, settings, with_callers=with_callers)
    except BaseException as fault:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(fault, OSError):
            raise SamkoError(f"back-up {folder}: {fault.strerror}: {fault.filename}") from fault
        raise
    return backup.manifest()


def _fill(backup: BackupFolder, settings: EngineSettings, *, with_callers: bool) -> None:
    with ExitStack() as opened:
        if settings.archive_dir.exists():  # nothing leaves the journal for it meanwhile
            opened.callback(Ownership(settings.archive_dir / "archive").release)
        # Before the records: what is called merged here has been told to these.
        copy_set_aside(settings.unjournaled_dir, backup.unjournaled)
        reading = opened.enter_context(_reading(settings, backup.folder))
        end = _copy_archive(settings, backup, reading)
        manifest = _copy_records(backup, reading, end)
        if with_callers:  # after the records: what these say of callers finds them there
            _copy_callers(settings, backup)
    for lock in backup.folder.rglob("*.lock"):
        lock.unlink()
    backup.seal(manifest)


def _reading(settings: EngineSettings, beside: Path) -> AbstractContextManager[Reading]:
    if settings.redis is not None:
        return RedisReading(place_of(settings.redis))
    return reading_meanwhile(settings.journal, beside)


def _copy_archive(settings: EngineSettings, backup: BackupFolder, reading: Reading) -> Row:
    """The last record that is in the archive."""
    backup.archive.mkdir(mode=0o700)
    for day in Archive(settings.archive_dir).days:
        copy_private(day.path, backup.archive / day.path.name)
    copied = Archive(backup.archive)
    end = copied.end()
    copied.require_of(reading, end)
    return end


def _copy_records(backup: BackupFolder, reading: Reading, end: Row) -> Manifest:
    last = reading.last_number()
    if last > end.number:
        (newest,) = reading.read(last - 1)
        backup.tail.mkdir(mode=0o700)
        data = (stored.data for stored in reading.read(end.number))
        write_day(backup.tail, swedish_day(newest), end, data)
    for number in reading.snapshot_numbers():
        snapshot = reading.snapshot(number)
        if snapshot is not None:
            checksum = reading.checksum_of(number)
            backup.snapshots.save(SealedSnapshot(number, checksum, snapshot.data))
            break
    state = newest_state(reading)
    replay(reading, state, lambda number: None)
    return Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        journal=reading.where,
        records=last,
        checksum=reading.checksum_of(last),
        digest=digest(state),
    )


def _copy_callers(settings: EngineSettings, backup: BackupFolder) -> None:
    if settings.redis is not None:
        place, key = place_of(settings.redis), settings.var_dir / "vault.key"
        copy_shared(place, key, backup, wall_ms())
        return
    vault, key = settings.var_dir / "vault.sqlite", settings.var_dir / "vault.key"
    if vault.exists():
        copy_private(key, backup.vault_key)
        copy_live(vault, backup.vault)
        Vault(backup.vault, backup.vault_key).close()  # which proves the key, and empties the log
    keys = settings.var_dir / "lookup-keys"
    if keys.exists():
        backup.lookup_keys.mkdir(mode=0o700)
        for path in sorted(keys.glob("day-*.key")):
            copy_private(path, backup.lookup_keys / path.name)
