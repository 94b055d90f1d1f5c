"""How long the texts of a request may be, so that every record can be journaled.

A record that no journal takes would stop everybody: what is too long is refused before.
"""

from __future__ import annotations

from enum import EnumType
from functools import lru_cache
from typing import Final, get_args, get_origin, get_type_hints

from queue_engine.core.commands import Request
from queue_engine.core.errors import Refused
from routing.vocabulary import Requirement, SkillLevel

TEXT_MAX: Final = 200
"""Characters of an id, a code or a word."""
POLICY_TEXT_MAX: Final = 4 * 1024 * 1024
ITEMS_MAX: Final = 100
"""Needs of a contact, skills of an agent."""


def _bounds(kind: type) -> list[tuple[str, int]]:
    """The fields of a request that could be too long, each with how long it may be."""
    found = []
    for name, hint in get_type_hints(kind).items():
        if any(get_origin(each) is tuple for each in (hint, *get_args(hint))):
            found.append((name, ITEMS_MAX))
        elif hint not in (int, bool) and not isinstance(hint, EnumType):
            found.append((name, POLICY_TEXT_MAX if name == "policy" else TEXT_MAX))
    return found


_BOUNDS: Final = {kind: _bounds(kind) for kind in get_args(Request)}


def require_bounded(request: Request) -> None:
    """Every text and list of the request is short enough to be kept.

    Raises:
        Refused: one is not; says which.
    """
    kind = type(request)
    for name, longest in _BOUNDS[kind]:
        value = getattr(request, name)
        if value and (len(value) > longest or (longest == ITEMS_MAX and not _are_short(value))):
            raise Refused("too_long", f"{kind.__name__}.{name} is too long")


@lru_cache(maxsize=4096)
def _are_short(items: tuple[str | Requirement | SkillLevel, ...]) -> bool:
    """Whether each is: needs and skills, a few that come again and again."""
    return all(len(item if isinstance(item, str) else item.skill) <= TEXT_MAX for item in items)
