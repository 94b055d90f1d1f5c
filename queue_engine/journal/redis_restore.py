"""A journal written anew into a Redis that has none, from a back-up.

It gets its name last: until then nobody can open it, so that half a restore is never gone on with.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Any, Final
from zlib import crc32

from queue_engine.core.codec import newest_version
from queue_engine.core.errors import JournalError
from queue_engine.journal.base import Snapshot
from queue_engine.journal.checksum import Row
from queue_engine.journal.redis_functions import call
from queue_engine.journal.redis_place import RedisPlace, open_redis, translated
from queue_engine.journal.redis_version import raise_version

_BATCH_BYTES: Final = 1024 * 1024
_BATCH_ROWS: Final = 500


def require_no_journal(place: RedisPlace) -> None:
    """That nothing of a journal of this name is there, and nobody who would begin one.

    Raises:
        JournalError: something is; says what to do.
    """
    keys = _keys(place)
    with translated(place, "be looked for"), open_redis(place) as client:
        is_held = client.exists(place.key("lease"))
        found = [key for key in keys if client.exists(key)]
    if is_held:
        raise JournalError(f"an engine decides on journal {place}: stop all engines first")
    if found:
        raise JournalError(
            f"there is a journal {place} already ({', '.join(found)}): give `redis` another name in"
            " samko.yaml, or delete those keys if they are half a restore"
        )


def put_back(
    place: RedisPlace, rows: Iterable[Row], kept_after: int, snapshot: Snapshot | None
) -> None:
    """Writes a journal under a new incarnation.

    Args:
        rows: the first is record `kept_after`, if that is not 0.
        snapshot: of a record that is not before it.

    Raises:
        JournalError: one is there, or Redis cannot be reached.
    """
    require_no_journal(place)
    keys = _keys(place)
    number, data = (snapshot.number, snapshot.data) if snapshot is not None else (0, b"")
    with translated(place, "be put back"), open_redis(place) as client:
        for batch in _batches(rows):
            call(client, "put_back", keys, *batch)
        raise_version(client, place, newest_version())  # the back-up may hold what is newest here
        name = secrets.token_hex(8)
        call(client, "name", keys, name, kept_after, number, crc32(data), data)


def _keys(place: RedisPlace) -> list[str]:
    return [place.key(what) for what in ("journal", "incarnation", "snapshot", "kept_after")]


def _batches(rows: Iterable[Row]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    size = 0
    for row in rows:
        batch += row
        size += len(row.data)
        if size >= _BATCH_BYTES or len(batch) >= 3 * _BATCH_ROWS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
