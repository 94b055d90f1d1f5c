"""How long the texts of a request may be, so that every record can be journaled.

A record that no journal takes would stop everybody: what is too long is refused before.
"""

from __future__ import annotations

from typing import Any, Final

from queue_engine.core.commands import Request
from queue_engine.core.errors import Refused
from queue_engine.core.plain import to_plain

TEXT_MAX: Final = 200
"""Characters of an id, a code or a word."""
POLICY_TEXT_MAX: Final = 4 * 1024 * 1024
ITEMS_MAX: Final = 100
"""Needs of a contact, skills of an agent."""


def require_bounded(request: Request) -> None:
    """Every text and list of the request is short enough to be kept.

    Raises:
        Refused: one is not; says which.
    """
    for name, value in to_plain(request).items():
        longest = POLICY_TEXT_MAX if name == "policy" else TEXT_MAX
        if not _fits(value, longest):
            raise Refused("too_long", f"{type(request).__name__}.{name} is too long")


def _fits(value: Any, longest: int) -> bool:
    if isinstance(value, str):
        return len(value) <= longest
    if isinstance(value, list):
        return len(value) <= ITEMS_MAX and all(_fits(item, longest) for item in value)
    if isinstance(value, dict):
        return all(_fits(item, longest) for item in value.values())
    return True
