"""Where a Redis is, how it is reached, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError, RedisError
from redis.retry import Retry

from queue_engine.core.errors import JournalError

CONNECT_S: Final = 2.0
REPLY_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class RedisPlace:
    """One Redis, or a Valkey, and the journal's name there."""

    host: str
    port: int
    database: int = 0
    name: str = "samko"
    """Begins each key, in braces: a cluster keeps keys of one name on one node."""
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    """By which the server's certificate is checked; None: no TLS."""

    def key(self, what: str) -> str:
        """A key of the journal's own."""
        return f"{{{self.name}}}:{what}"

    def __str__(self) -> str:
        return f"{self.name} in Redis {self.host}:{self.port}"


def open_redis(place: RedisPlace) -> Redis:
    """A client, not connected yet. What it sends it sends once: nothing is tried again unasked."""
    tls: dict[str, Any] = {}
    if place.ca_file is not None:
        tls = {"ssl": True, "ssl_ca_certs": str(place.ca_file)}
    return Redis(
        host=place.host,
        port=place.port,
        db=place.database,
        username=place.user or None,
        password=place.password or None,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=REPLY_S,
        retry=Retry(NoBackoff(), 0),
        **tls,
    )


@contextmanager
def translated(place: RedisPlace, doing: str) -> Iterator[None]:
    """Turns what Redis and the network raise into the journal's errors.

    Args:
        doing: what is being tried, for the message: `journal P cannot {doing}: ...`.
    """
    try:
        yield
    except (RedisError, OSError) as exc:
        raise JournalError(f"journal {place} cannot {doing}: {exc}") from exc


def kept_on_disk(place: RedisPlace) -> str:
    """When it has what it was told on disk: `always` (before it answers), `everysec`, `no` (when
    its system thinks fit), `not at all` (it keeps no append-only file), or `not told`.

    Raises:
        JournalError: it cannot be reached.
    """
    with translated(place, "say what it keeps on disk"), open_redis(place) as client:
        try:
            said: Any = client.config_get("appendonly", "appendfsync")
        except NoPermissionError:
            return "not told"  # its own business: the engine's user need not know
        return str(said["appendfsync"]) if said["appendonly"] == "yes" else "not at all"
