"""The functions that write journal and vault in Redis (`redis_*.lua`), called by their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError, ResponseError

_LIBRARIES: Final = [Path(__file__).with_name(f"redis_{name}.lua") for name in ("journal", "vault")]
_NOT_LOADED: Final = "Function not found"
REPLICAS_S: Final = 1.0


class TooFewReplicas(RedisError):
    """What was written is not where it must be as well; the same call may be made again."""


def call(
    client: Redis, name: str, keys: Sequence[str], *args: int | str | bytes, replicas: int = 0
) -> Any:
    """Calls one of the functions; loads them first where they are not known yet.

    Args:
        replicas: so many must have what it has written before it counts.

    Raises:
        RedisError: it refuses, with a word of ours that begins with SAMKO_, or Redis does; or too
            few replicas have it in `REPLICAS_S`, though the primary has.
    """
    try:
        return _call(client, name, keys, args, replicas)
    except ResponseError as fault:
        if _NOT_LOADED not in str(fault):
            raise
    for library in _LIBRARIES:
        client.function_load(library.read_text(encoding="utf-8"), replace=True)
    return _call(client, name, keys, args, replicas)


def _call(
    client: Redis, name: str, keys: Sequence[str], args: Sequence[int | str | bytes], replicas: int
) -> Any:
    function = f"samko1_{name}"
    if not replicas:
        return client.fcall(function, len(keys), *keys, *args)
    both = client.pipeline(transaction=False)  # by one connection: WAIT is for its own writes
    both.fcall(function, len(keys), *keys, *args)
    both.wait(replicas, round(REPLICAS_S * 1000))
    done, have_it = both.execute(raise_on_error=False)
    for answer in (done, have_it):
        if isinstance(answer, Exception):
            raise answer
    if have_it < replicas:
        raise TooFewReplicas(f"{have_it} of {replicas} replicas have it after {REPLICAS_S:g} s")
    return done
