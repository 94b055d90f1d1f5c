"""Callers' data and keys of Redis in a back-up, where they have the form that files have."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from queue_engine.core.errors import SamkoError
from queue_engine.journal.backup_folder import BackupFolder
from queue_engine.journal.key_file import read_key
from queue_engine.journal.live_copy import copy_private
from queue_engine.journal.lookup_keys import LookupKeys
from queue_engine.journal.private_files import replace_private
from queue_engine.journal.redis_lookup_keys import RedisLookupKeys
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.redis_vault import RedisVault, has_vault
from queue_engine.journal.vault import Vault


def copy_shared(place: RedisPlace, key: Path, backup: BackupFolder, now_ms: int) -> None:
    """Copies vault and keys, if there are any, and the vault's key.

    Raises:
        SamkoError: this node has not got the vault's key, or Redis cannot be asked.
    """
    if not has_vault(place):
        return
    if not key.exists():
        raise SamkoError(f"{key} is missing: back up where it is, or use --without-callers")
    with closing(RedisVault(place, key)) as vault:
        copy_private(key, backup.vault_key)
        with closing(Vault(backup.vault, backup.vault_key)) as copy:
            copy.take_in(vault.sealed_callers(), vault.access_log())
        with closing(RedisLookupKeys(place, vault.seal)) as keys:
            opened = keys.opened_keys(now_ms)
    backup.lookup_keys.mkdir(mode=0o700)
    for day, secret in opened.items():
        replace_private(backup.lookup_keys / f"day-{day}.key", secret)


def require_no_vault(place: RedisPlace) -> None:
    """That nobody's data is there.

    Raises:
        SamkoError: some is, or Redis cannot be asked.
    """
    if has_vault(place):
        raise SamkoError(
            f"there is a vault of {place} already: give `redis` another name in samko.yaml, or"
            f" delete the keys {place.key('vault:*')} and {place.key('lookup:*')}"
        )


def put_back_shared(place: RedisPlace, folder: Path, now_ms: int) -> None:
    """Puts vault and keys into Redis.

    Args:
        folder: where they are, as files, with the vault's key.

    Raises:
        SamkoError: Redis cannot be asked.
    """
    vault_file, key, keys = folder / "vault.sqlite", folder / "vault.key", folder / "lookup-keys"
    if not vault_file.exists():
        return
    with closing(Vault(vault_file, key)) as copy, closing(RedisVault(place, key)) as vault:
        vault.take_in(copy.sealed_callers(), copy.access_log())
        if keys.exists():
            LookupKeys(keys, now_ms).close()  # which destroys those that are due
            days = {int(path.stem.removeprefix("day-")): path for path in keys.glob("day-*.key")}
            with closing(RedisLookupKeys(place, vault.seal)) as shared:
                shared.take_in({day: read_key(path) for day, path in days.items()}, now_ms)
