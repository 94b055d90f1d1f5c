"""Commands and events in words, whatever kinds there are: for comparing, not for callers."""

from __future__ import annotations

import json
import re
from datetime import datetime
from enum import Enum
from typing import Any, Final

from queue_engine.core.plain import to_plain

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")
_SINCE_1970_MS: Final = 100_000_000_000
"""Larger numbers of milliseconds are moments (of 1973 and later), smaller ones spans."""
_TEXT_MAX: Final = 60


def moment(at_ms: int) -> str:
    """Date and time of day in Sweden."""
    from queue_engine.runtime.swedish_days import sweden

    at = datetime.fromtimestamp(at_ms / 1000, sweden())
    return f"{at:%Y-%m-%d %H:%M:%S}.{at_ms % 1000:03}"


def in_words(message: object) -> str:
    """`contact offered: contact c1, agent n2, offer 7, wait 15 s`; what is empty is left out."""
    name = _CAPITAL.sub(" ", type(message).__name__).lower()
    said = [
        text
        for field, value in to_plain(message).items()
        if (text := _field(field, value)) is not None
    ]
    return f"{name}: {', '.join(said)}" if said else name


def _field(name: str, value: Any) -> str | None:
    if value is None or value == "" or value == []:
        return None
    word = name.removesuffix("_ms").removesuffix("_id").replace("_", " ")
    if isinstance(value, bool):
        return word if value else f"not {word.removeprefix('is ')}"
    if isinstance(value, int) and name.endswith("_ms"):
        is_moment = value > _SINCE_1970_MS
        return f"{word} {moment(value)[11:] if is_moment else f'{value / 1000:g} s'}"
    if isinstance(value, str | int | Enum):
        return f"{word} {str(value)[:_TEXT_MAX]}"
    return f"{word} {json.dumps(value, ensure_ascii=False)[:_TEXT_MAX]}"
