"""The functions that write the journal in Redis (`redis_journal.lua`), called by their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.exceptions import ResponseError

_LIBRARY: Final = Path(__file__).with_name("redis_journal.lua")
_NOT_LOADED: Final = "Function not found"


def call(client: Redis, name: str, keys: Sequence[str], *args: int | str | bytes) -> Any:
    """Calls one of the functions; loads them first where they are not known yet.

    Raises:
        RedisError: it refuses, with a word of ours that begins with SAMKO_, or Redis does.
    """
    try:
        return client.fcall(f"samko1_{name}", len(keys), *keys, *args)
    except ResponseError as fault:
        if _NOT_LOADED not in str(fault):
            raise
    client.function_load(_LIBRARY.read_text(encoding="utf-8"), replace=True)
    return client.fcall(f"samko1_{name}", len(keys), *keys, *args)
