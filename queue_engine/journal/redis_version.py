"""The version in which records are written to a journal in Redis: one for all nodes.

    {samko}:version     a number; not there: the first

Whoever makes the journal sets it to the newest that it knows. Later it is raised by `samko cluster
upgrade` alone, once all nodes read the newer one, and never goes back.
"""

from __future__ import annotations

from typing import Any

from redis import Redis

from queue_engine.core.codec import FIRST_VERSION
from queue_engine.journal.redis_functions import call
from queue_engine.journal.redis_place import RedisPlace


def written_version(client: Redis, place: RedisPlace) -> int:
    """The version that stands there.

    Raises:
        RedisError: it cannot be asked.
    """
    return as_version(client.get(place.key("version")))


def as_version(found: Any) -> int:
    """What stands at the key, if anything does."""
    return int(found) if found is not None and found.isdigit() else FIRST_VERSION


def raise_version(client: Redis, place: RedisPlace, version: int) -> int:
    """From now on records are written in this version, if it is newer; the one that stands then.

    Raises:
        RedisError: it cannot be asked.
    """
    return int(call(client, "raise_version", [place.key("version")], version))
