"""How long the texts of a request may be, so that every record can be journaled.

A record that no journal takes would stop everybody: what is too long is refused before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import EnumType
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, get_args, get_origin, get_type_hints

from queue_engine.core.commands import Command, Request
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


class _Fields(NamedTuple):
    """What could be too long in requests of a kind."""

    texts: Callable[[Any], Iterable[str | None]]
    lists: Callable[[Any], Iterable[tuple[Any, ...] | None]] | None
    """They read all of them at once; None: there are none."""


def _fields(kind: type) -> _Fields:
    texts = [name for name, longest in _BOUNDS[kind] if longest != ITEMS_MAX]
    lists = [name for name, longest in _BOUNDS[kind] if longest == ITEMS_MAX]
    return _Fields(_reader(texts), _reader(lists) if lists else None)


def _reader(names: list[str]) -> Callable[[Any], Iterable[Any]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda request: [getattr(request, name) for name in names]


_FIELDS: Final = {kind: _fields(kind) for kind, bounds in _BOUNDS.items() if bounds}


BOUNDED: Final = frozenset(_FIELDS)
"""The requests that have texts or lists."""


def require_bounded(request: Command) -> None:
    """Every text and list of the request is short enough to be kept.

    Args:
        request: one of `BOUNDED`.

    Raises:
        Refused: one is not; says which.
    """
    fields = _FIELDS[type(request)]
    # Texts that are short all together are short each: so one look is enough for nearly all.
    if len("".join(filter(None, fields.texts(request)))) > TEXT_MAX:
        _require_each_bounded(request)
    for items in fields.lists(request) if fields.lists is not None else ():
        if items and not _are_short(items):
            _require_each_bounded(request)


def _require_each_bounded(request: Command) -> None:
    kind = type(request)
    for name, longest in _BOUNDS[kind]:
        value = getattr(request, name)
        is_list = longest == ITEMS_MAX
        if value and not (_are_short(value) if is_list else len(value) <= longest):
            raise Refused("too_long", f"{kind.__name__}.{name} is too long")


@lru_cache(maxsize=4096)
def _are_short(items: tuple[str | Requirement | SkillLevel, ...] | None) -> bool:
    """Whether they are few, and each is: needs and skills, a few that come again and again."""
    return not items or (
        len(items) <= ITEMS_MAX
        and all(len(item if isinstance(item, str) else item.skill) <= TEXT_MAX for item in items)
    )
