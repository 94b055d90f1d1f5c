"""Plain values as the bytes of JSON and back: by orjson, a dozen times quicker than the standard
library, and by that one where orjson will not: halves of characters that somebody sent, and numbers
of over 64 bits.

The bytes are the same either way. Another Python, to which the core alone is lent, has no orjson.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeVar

from queue_engine.core.errors import BadInput

try:
    from orjson import dumps as _quick_dumps, loads as _quick_loads
except ImportError:
    _quick_dumps = _quick_loads = None  # type: ignore[assignment]

_Made = TypeVar("_Made")

_as_text: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":")
).encode
"""Plain values are made of frozen ones, which cannot hold themselves."""


def to_bytes(plain: Any) -> bytes:
    """Plain values as JSON; even half a character that somebody sent is kept, and does no harm."""
    if _quick_dumps is not None:
        try:
            return _quick_dumps(plain)
        except TypeError:
            pass
    return _as_text(plain).encode("utf-8", "surrogatepass")


def from_bytes(data: bytes, what: str, make: Callable[[Any], _Made]) -> _Made:
    """What `make` makes of the plain values.

    Args:
        what: is read, for the message.
        make: must have no effect, for what orjson reads otherwise is given to it once more.

    Raises:
        BadInput: not JSON, nested deeper than anything that is kept, or `make` raised it.
    """
    if _quick_loads is not None:
        try:
            return make(_quick_loads(data))
        except (ValueError, BadInput, RecursionError):
            pass
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise BadInput(f"{what}: not JSON: {fault}") from None
    try:
        return make(plain)
    except RecursionError:
        raise BadInput(f"{what}: nested too deeply") from None
