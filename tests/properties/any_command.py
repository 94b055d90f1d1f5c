"""Any command of the whole set, built from its own type hints over a handful of names.

House rules: nothing here names a command, so that a new one is drawn as soon as it stands in the
union. A type or number that is not known here is said by name: give it its values below.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from queue_engine.core.commands import Command
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.policy_codec import write_policy
from routing import vocabulary as words
from routing.gateways import Gateway
from routing.vocabulary import SKILL_LEVEL_BEST, SKILL_LEVEL_MIN
from tests.core.world import LINK, POLICY, START_MS

COMMANDS: Final[tuple[type[Any], ...]] = get_args(Command)
CONTACTS: Final = ("c0", "c1", "c2", "c3", "c4", "nobody")
AGENTS: Final = ("a0", "a1", "a2")
HOUR_MS: Final = 3_600_000

_NAMES: Final[dict[object, tuple[str, ...]]] = {
    words.ContactId: CONTACTS,
    words.AgentId: AGENTS,
    words.PhoneId: ("phone-a0", "phone-a1", "phone-a2"),
    words.LinkId: (LINK, LINK, LINK, "ast2"),
    words.RegionCode: ("22", "22", "23", "24", "01", "unknown", "99"),
    words.UnitId: ("u1", "u2"),
    words.LineId: ("1177", "direkt"),
    words.Skill: ("advice", "sv", "ar"),
    words.TextId: ("9-c0", "12-c1", "0-nobody"),
    words.IslandId: ("n1-3", "n2-3"),
    words.GatewayId: ("west", "nobody"),
}
_WEST: Final = Gateway(
    words.GatewayId("west"),
    LINK,
    words.RegionCode("22"),
    (words.SkillLevel(words.Skill("advice")),),
    2,
)
_OTHER_POLICY: Final = dataclasses.replace(POLICY, ring_ms=5_000)
_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "policy": (
        write_policy(POLICY),
        write_policy(dataclasses.replace(POLICY, ring_ms=5_000)),
        write_policy(dataclasses.replace(POLICY, gateways=(_WEST,))),
        "{}",
    ),
    "window": ("night_22_07", "another"),
}
"""Of fields by name; every other text is a code that means nothing to the rules."""
_CODES: Final = ("", "a_code")
_DEADLINE: Final = tuple[str, str, str]


def commands_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any command (or part of one) of this class."""
    hints = get_type_hints(kind)
    return st.builds(
        kind,
        **{
            field.name: _values(f"{kind.__name__}.{field.name}", hints[field.name])
            for field in dataclasses.fields(kind)
        },
    )


def any_command() -> st.SearchStrategy[Command]:
    """Any command at all."""
    return st.one_of([commands_of(kind) for kind in COMMANDS])


def _values(where: str, hint: Any) -> st.SearchStrategy[Any]:
    if hint in _NAMES:
        return st.sampled_from([hint(name) for name in _NAMES[hint]])
    if hint == _DEADLINE:
        return st.tuples(
            st.sampled_from([str(kind) for kind in DeadlineKind]),
            st.sampled_from((*CONTACTS, *AGENTS)),
            st.sampled_from(("", *AGENTS)),
        )
    if get_origin(hint) in (Union, UnionType):
        return st.one_of([_values(where, one) for one in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(_values(where, get_args(hint)[0]), max_size=2, unique=True).map(tuple)
    return _plain(where, hint)


def _plain(where: str, hint: Any) -> st.SearchStrategy[Any]:
    if hint is NoneType:
        return st.none()
    if hint is bool:
        return st.booleans()
    if hint is str:
        return st.sampled_from(_TEXTS.get(where.rpartition(".")[2], _CODES))
    if hint is int:
        return _whole(where)
    assert isinstance(hint, type), f"{where}: no values are known for {hint}"
    if dataclasses.is_dataclass(hint):
        return commands_of(hint)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if issubclass(hint, tuple):  # a NamedTuple
        parts = get_type_hints(hint)
        return st.builds(hint, **{name: _values(f"{where}.{name}", parts[name]) for name in parts})
    raise AssertionError(f"{where}: no values are known for {hint}")


def _whole(where: str) -> st.SearchStrategy[int]:
    name = where.rpartition(".")[2]
    if name.endswith("_ms"):
        return st.integers(START_MS - HOUR_MS, START_MS + HOUR_MS)
    if name.startswith("level"):
        return st.integers(SKILL_LEVEL_BEST, SKILL_LEVEL_MIN)
    return st.integers(0, 6)  # an offer, a sequence, a record: low ones are somebody's
