"""The keys of the days, one set for all nodes on one journal in Redis.

    {samko}:lookup:DAY    a key, sealed under the vault's; Redis lets go of it when it is due

House rules: those of `lookup_keys`. A day's key is whichever came first there, and no node trusts
its own copy before it has asked: Redis may have been emptied, and another node have been quicker.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from redis.exceptions import RedisError

from queue_engine.journal.caller_seal import Seal
from queue_engine.journal.key_file import KEY_BYTES
from queue_engine.journal.lookup_keys import DAY_MS, LOOKUP_MS, LookupHash, digest_of, is_due
from queue_engine.journal.redis_place import RedisPlace, open_redis
from queue_engine.journal.redis_vault import AnotherKey, VaultUnreachable
from queue_engine.journal.vault_file import VaultError

_DAYS: Final = LOOKUP_MS // DAY_MS + 1
"""Before today, of which keys may live."""


class RedisLookupKeys:
    """`LookupKeys` for all nodes that have the vault's key.

    Args:
        place: of the journal.
        seal: of the vault there.
    """

    def __init__(self, place: RedisPlace, seal: Seal) -> None:
        self.place = place
        self._seal = seal
        self._redis = open_redis(place)
        self._own: dict[int, bytes] = {}
        """Of the days whose key this node has seen."""
        self._closed = False

    def hash_today(self, kind: str, value: str, now_ms: int) -> LookupHash:
        """See `LookupKeys.hash_today`.

        Raises:
            VaultError: the key is not to be had.
        """
        self.destroy_due(now_ms)
        today = now_ms // DAY_MS
        return _hash(self._key_of(today, now_ms), today, kind, value)

    def hashes(self, kind: str, value: str, now_ms: int) -> tuple[LookupHash, ...]:
        """See `LookupKeys.hashes`.

        Raises:
            VaultError: the keys are not to be had.
        """
        self.destroy_due(now_ms)
        today = now_ms // DAY_MS
        days = [day for day in range(today, today - _DAYS - 1, -1) if not is_due(day, now_ms)]
        sealed: Any = self._asked(lambda: self._redis.mget([self._name(day) for day in days]))
        found = {day: self._opened(day, one) for day, one in zip(days, sealed, strict=True) if one}
        self._own |= found
        return tuple(_hash(key, day, kind, value) for day, key in found.items())

    def destroy_due(self, now_ms: int) -> int:
        """Destroy the keys whose day ended `LOOKUP_MS` ago or longer; how many this node had."""
        self._require_open()
        due = [day for day in self._own if is_due(day, now_ms)]
        for day in due:
            self._asked(lambda day=day: self._redis.delete(self._name(day)))
            del self._own[day]
        return len(due)

    def opened_keys(self, now_ms: int) -> dict[int, bytes]:
        """The keys of all days as they are before they are sealed, for a copy."""
        self.hashes("copy", "", now_ms)
        return dict(self._own)

    def take_in(self, keys: dict[int, bytes], now_ms: int) -> None:
        """Fills in the keys of days that have none."""
        for day, key in keys.items():
            if not is_due(day, now_ms):
                self._own[day] = key
                self._key_of(day, now_ms)

    def close(self) -> None:
        """Forget the keys, which stay in Redis."""
        if not self._closed:
            self._closed = True
            self._own.clear()
            self._redis.close()

    def _key_of(self, day: int, now_ms: int) -> bytes:
        own = self._own.get(day) or secrets.token_bytes(KEY_BYTES)
        sealed = self._seal.seal(_bound_to(day), own)
        left_ms = (day + 1) * DAY_MS + LOOKUP_MS - now_ms
        first: Any = self._asked(
            lambda: self._redis.set(self._name(day), sealed, nx=True, get=True, px=left_ms)
        )
        self._own[day] = own if first is None else self._opened(day, first)
        return self._own[day]

    def _opened(self, day: int, sealed: bytes) -> bytes:
        try:
            return self._seal.open(_bound_to(day), sealed)
        except InvalidTag as exc:
            raise AnotherKey(
                f"the key of day {day} in {self.place} is damaged, or sealed with another key"
            ) from exc

    def _asked(self, ask: Any) -> Any:
        self._require_open()
        try:
            return ask()
        except (RedisError, OSError) as exc:
            raise VaultUnreachable(f"the keys of {self.place} are not to be had: {exc}") from exc

    def _name(self, day: int) -> str:
        return self.place.key(f"lookup:{day}")

    def _require_open(self) -> None:
        if self._closed:
            raise VaultError(f"the keys of {self.place} are closed")


def _hash(key: bytes, day: int, kind: str, value: str) -> LookupHash:
    return LookupHash(day, digest_of(key, kind, value))


def _bound_to(day: int) -> bytes:
    return b"lookup|%d" % day
