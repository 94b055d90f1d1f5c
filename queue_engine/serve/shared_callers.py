"""The vault and the keys of the days that the configuration names: this machine's files, or Redis.

What is in Redis may be out of reach, or sealed with another key than this node's, at the start or
later. That is told, and tried again; meanwhile each call of it fails at once and costs nobody his
place. Calls are synchronous, in a thread of their user's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

from queue_engine.config.engine_file import EngineSettings
from queue_engine.journal.caller_seal import CallerSecrets
from queue_engine.journal.key_file import KeyFileError
from queue_engine.journal.lookup_keys import LookupHash, LookupKeys
from queue_engine.journal.redis_lookup_keys import RedisLookupKeys
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.redis_vault import AnotherKey, RedisVault, VaultUnreachable
from queue_engine.journal.vault import Vault
from queue_engine.journal.vault_file import VaultError
from queue_engine.serve.journal import place_of
from routing.vocabulary import ContactId

_log = logging.getLogger(__name__)

PAUSE_S: Final = 1.0
"""So long nothing is asked of what has just been out of reach: callers need not wait for it."""


class CallerStore(Protocol):
    """What keeps who the callers are."""

    def put(self, contact_id: ContactId, caller: CallerSecrets, at_ms: int) -> None:
        """See `Vault.put`."""

    def read(
        self, contact_id: ContactId, reader: str, reason: str, at_ms: int
    ) -> CallerSecrets | None:
        """See `Vault.read`."""

    def mark_ended(self, contact_id: ContactId, at_ms: int) -> None:
        """See `Vault.mark_ended`."""

    def mark_alive(self, contact_id: ContactId, at_ms: int) -> None:
        """See `Vault.mark_alive`."""

    def erase_due(self, now_ms: int) -> int:
        """See `Vault.erase_due`."""

    def close(self) -> None:
        """Lets it go."""


class DailyKeys(Protocol):
    """The keys of the last days."""

    def hash_today(self, kind: str, value: str, now_ms: int) -> LookupHash:
        """See `LookupKeys.hash_today`."""

    def hashes(self, kind: str, value: str, now_ms: int) -> tuple[LookupHash, ...]:
        """See `LookupKeys.hashes`."""

    def destroy_due(self, now_ms: int) -> int:
        """See `LookupKeys.destroy_due`."""

    def close(self) -> None:
        """Lets them go."""


def open_vault(settings: EngineSettings) -> CallerStore:
    """The vault; one in Redis is opened when it is first used.

    Raises:
        SamkoError: the file cannot be opened.
        ConfigError: the password for Redis is not to be had.
    """
    key = settings.var_dir / "vault.key"
    if settings.redis is None:
        return Vault(settings.var_dir / "vault.sqlite", key)
    for former in (settings.var_dir / "vault.sqlite", settings.var_dir / "lookup-keys"):
        if former.exists():
            _log.critical(
                "%s is of before the vault was in Redis, and never erased: remove it", former
            )
    return _SharedVault(partial(RedisVault, place_of(settings.redis), key))


def open_keys(settings: EngineSettings, now_ms: int) -> DailyKeys:
    """The keys of the days; those in Redis are opened when they are first used.

    Raises:
        SamkoError: the files cannot be opened.
        ConfigError: the password for Redis is not to be had.
    """
    if settings.redis is None:
        return LookupKeys(settings.var_dir / "lookup-keys", now_ms)
    place = place_of(settings.redis)
    return _SharedKeys(partial(shared_keys, place, settings.var_dir / "vault.key"))


def shared_keys(place: RedisPlace, key_path: Path) -> RedisLookupKeys:
    """The keys of the days in Redis, if this is the vault's key.

    Raises:
        VaultError, KeyFileError: as `RedisVault`.
    """
    with closing(RedisVault(place, key_path)) as vault:
        return RedisLookupKeys(place, vault.seal)


class _Closed(Protocol):
    def close(self) -> None: ...


_T = TypeVar("_T", bound=_Closed)


class _Late(Generic[_T]):
    """Opens when it is first used, and again until it succeeds; used by one thread at a time."""

    what: str
    """What it keeps, for the log."""

    def __init__(self, opener: Callable[[], _T]) -> None:
        self._open = opener
        self._opened: _T | None = None
        self._fault = ""
        self._again_s = float("-inf")

    def close(self) -> None:
        """Lets it go."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _use(self, call: Callable[[_T], Any]) -> Any:
        if time.monotonic() < self._again_s:
            raise VaultUnreachable(self._fault)
        try:
            if self._opened is None:
                self._opened = self._open()
            found = call(self._opened)
        except VaultUnreachable as fault:
            self._rest(str(fault))
            raise
        except (AnotherKey, KeyFileError) as fault:
            self.close()
            if str(fault) != self._fault:
                _log.critical(
                    "this node keeps nothing of callers, nor knows them again: %s; copy vault.key"
                    " from a node that has it, with mode 0600",
                    fault,
                )
            self._rest(str(fault))
            raise VaultError(str(fault)) from fault
        if self._fault:
            _log.warning("%s: in use again", self.what)
        self._fault = ""
        return found

    def _rest(self, fault: str) -> None:
        self._fault = fault
        self._again_s = time.monotonic() + PAUSE_S


class _SharedVault(_Late[RedisVault]):
    what = "the vault"

    def put(self, contact_id: ContactId, caller: CallerSecrets, at_ms: int) -> None:
        self._use(lambda vault: vault.put(contact_id, caller, at_ms))

    def read(
        self, contact_id: ContactId, reader: str, reason: str, at_ms: int
    ) -> CallerSecrets | None:
        found: CallerSecrets | None = self._use(
            lambda vault: vault.read(contact_id, reader, reason, at_ms)
        )
        return found

    def mark_ended(self, contact_id: ContactId, at_ms: int) -> None:
        self._use(lambda vault: vault.mark_ended(contact_id, at_ms))

    def mark_alive(self, contact_id: ContactId, at_ms: int) -> None:
        self._use(lambda vault: vault.mark_alive(contact_id, at_ms))

    def erase_due(self, now_ms: int) -> int:
        return int(self._use(lambda vault: vault.erase_due(now_ms)))


class _SharedKeys(_Late[RedisLookupKeys]):
    what = "the keys of the days"

    def hash_today(self, kind: str, value: str, now_ms: int) -> LookupHash:
        found: LookupHash = self._use(lambda keys: keys.hash_today(kind, value, now_ms))
        return found

    def hashes(self, kind: str, value: str, now_ms: int) -> tuple[LookupHash, ...]:
        return tuple(self._use(lambda keys: keys.hashes(kind, value, now_ms)))

    def destroy_due(self, now_ms: int) -> int:
        return int(self._use(lambda keys: keys.destroy_due(now_ms)))
