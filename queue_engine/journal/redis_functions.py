"""The functions that write journal and vault in Redis (`redis_*.lua`), called by their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError, ResponseError

_T = TypeVar("_T")

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
    return _loaded_first(client, lambda: _call(client, name, keys, args, replicas))


def at_once(client: Redis, ask: Callable[[Pipeline], None]) -> list[Any]:
    """Asks several things at one moment and in one round trip; what each gave.

    Args:
        ask: puts them into the pipeline, functions by `put`; called again once those are loaded.

    Raises:
        RedisError: one of them was refused.
    """

    def all_of_it() -> list[Any]:
        asked = client.pipeline(transaction=True)
        ask(asked)
        return asked.execute()

    return _loaded_first(client, all_of_it)


def put(asked: Pipeline, name: str, keys: Sequence[str], *args: int | str | bytes) -> None:
    """Puts a call of one of the functions into a pipeline."""
    asked.fcall(f"samko1_{name}", len(keys), *keys, *args)


def _loaded_first(client: Redis, attempt: Callable[[], _T]) -> _T:
    try:
        return attempt()
    except ResponseError as fault:
        if _NOT_LOADED not in str(fault):
            raise
    for library in _LIBRARIES:
        client.function_load(library.read_text(encoding="utf-8"), replace=True)
    return attempt()


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
