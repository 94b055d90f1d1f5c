"""How long the texts of a request may be, so that every record can be journaled.

A record that no journal takes would stop everybody: what is too long is refused before.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final, get_args

from queue_engine.core.commands import Request
from queue_engine.core.errors import Refused

TEXT_MAX: Final = 200
"""Characters of an id, a code or a word."""
POLICY_TEXT_MAX: Final = 4 * 1024 * 1024
ITEMS_MAX: Final = 100
"""Needs of a contact, skills of an agent."""


_FIELDS: Final[dict[type, tuple[tuple[str, int], ...]]] = {
    kind: tuple(
        (field.name, POLICY_TEXT_MAX if field.name == "policy" else TEXT_MAX)
        for field in fields(kind)
    )
    for kind in get_args(Request)
}
"""Of each request its fields, and how long their texts may be."""


def require_bounded(request: Request) -> None:
    """Every text and list of the request is short enough to be kept.

    Raises:
        Refused: one is not; says which.
    """
    for name, longest in _FIELDS[type(request)]:
        if not _fits(getattr(request, name), longest):
            raise Refused("too_long", f"{type(request).__name__}.{name} is too long")


def _fits(value: Any, longest: int) -> bool:
    if isinstance(value, str):
        return len(value) <= longest
    if isinstance(value, tuple):
        return len(value) <= ITEMS_MAX and all(_fits(item, longest) for item in value)
    return True
