"""Whether the same person rang before, without keeping who it was.

A phone number is hashed under a key of the day. While that key lives, the same number gives the
same hash and earlier calls are found; when it is destroyed, all that was hashed under it becomes
noise, wherever a copy lies.

House rules: time is an argument; keys that are due are destroyed by whichever call comes next.
"""

from __future__ import annotations

import hmac
import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queue_engine.journal.key_file import KeyFileError, create_key, destroy_key, read_key
from queue_engine.journal.ownership import Ownership

DAY_MS: Final = 24 * 60 * 60 * 1000
LOOKUP_MS: Final = 96 * 60 * 60 * 1000
"""How far back an earlier call is found; as long after its day a key is destroyed."""

_HASH_BYTES: Final = 16
_NAME: Final = re.compile(r"day-([0-9]{1,8})\.key")


@dataclass(frozen=True, slots=True)
class LookupHash:
    """A hash that means something only while the key of its day lives."""

    day: int
    """Days since 1970, UTC."""
    digest: str
    """32 hexadecimal digits."""


class LookupKeys:
    """The keys of the last days, one file each in a folder of their own.

    Args:
        folder: made with mode 0700 if it is missing; its parent must exist.
        now_ms: keys that are due by then are destroyed at once.

    Raises:
        KeyFileError: a key cannot be read, made or destroyed.
        InUse: another process uses the folder.
    """

    def __init__(self, folder: Path, now_ms: int) -> None:
        self._folder = folder.resolve()
        self._keys: dict[int, bytes] = {}
        self._closed = False
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as exc:
            raise KeyFileError(f"key folder {folder} cannot be made: {exc.strerror}") from exc
        with ExitStack() as opened:
            ownership = Ownership(self._folder)
            opened.callback(ownership.release)
            self._load(now_ms)
            self._opened = opened.pop_all()

    def hash_today(self, kind: str, value: str, now_ms: int) -> LookupHash:
        """The hash of a value under the key of the day of `now_ms`, to be kept with a call.

        Args:
            kind: what the value is, e.g. `phone`: equal values of two kinds have unlike hashes.
            value: in one spelling, which is the caller's business.
        """
        self.destroy_due(now_ms)
        today = now_ms // DAY_MS
        if today not in self._keys:
            self._keys[today] = create_key(self._path(today))
        return self._hash(today, kind, value)

    def hashes(self, kind: str, value: str, now_ms: int) -> tuple[LookupHash, ...]:
        """The hashes of a value under all keys that live, newest first, to find earlier calls."""
        self.destroy_due(now_ms)
        return tuple(self._hash(day, kind, value) for day in sorted(self._keys, reverse=True))

    def destroy_due(self, now_ms: int) -> int:
        """Destroy the keys whose day ended `LOOKUP_MS` ago or longer; how many."""
        self._require_open()
        due = sorted(day for day in self._keys if is_due(day, now_ms))
        for day in due:
            destroy_key(self._path(day))
            del self._keys[day]
        return len(due)

    def close(self) -> None:
        """Forget the keys, which stay in their files, and let the next one have the folder."""
        if not self._closed:
            self._closed = True
            self._keys.clear()
            self._opened.close()

    def _load(self, now_ms: int) -> None:
        try:
            names = sorted(entry.name for entry in self._folder.iterdir())
        except OSError as exc:
            raise KeyFileError(f"key folder {self._folder}: {exc.strerror}") from exc
        for match in filter(None, map(_NAME.fullmatch, names)):
            day = int(match[1])
            if is_due(day, now_ms):
                destroy_key(self._path(day))  # unread: a damaged key must go as well
            else:
                self._keys[day] = read_key(self._path(day))

    def _hash(self, day: int, kind: str, value: str) -> LookupHash:
        return LookupHash(day, digest_of(self._keys[day], kind, value))

    def _path(self, day: int) -> Path:
        return self._folder / f"day-{day}.key"

    def _require_open(self) -> None:
        if self._closed:
            raise KeyFileError(f"key folder {self._folder} is closed")


def digest_of(key: bytes, kind: str, value: str) -> str:
    """A value's hash under the key of a day."""
    text = f"{kind}|{value}".encode()
    return hmac.digest(key, text, "sha256")[:_HASH_BYTES].hex()


def is_due(day: int, now_ms: int) -> bool:
    """Whether the key of that day is to be destroyed by now."""
    return (day + 1) * DAY_MS + LOOKUP_MS <= now_ms
