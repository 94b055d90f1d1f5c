"""Frozen data as plain values and back, by type hints."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

import pytest

from queue_engine.core.errors import BadInput
from queue_engine.core.plain import from_plain, to_plain


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


Name = NewType("Name", str)


@dataclass(frozen=True, slots=True)
class Leaf:
    name: Name
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Tree:
    number: int
    is_green: bool
    leaves: tuple[Leaf, ...]
    pair: tuple[str, int]
    by_name: dict[Name, Leaf]
    words: list[str] = field(default_factory=list)
    maybe: Leaf | None = None
    derived: int = field(init=False, default=7)


TREE = Tree(
    1,
    True,
    (Leaf(Name("å")), Leaf(Name("b"), Colour.BLUE)),
    ("x", 2),
    {Name("c"): Leaf(Name("c"))},
    ["w"],
    Leaf(Name("m")),
)
PLAIN: dict[str, Any] = {
    "number": 1,
    "is_green": True,
    "leaves": [{"name": "å", "colour": "red"}, {"name": "b", "colour": "blue"}],
    "pair": ["x", 2],
    "by_name": {"c": {"name": "c", "colour": "red"}},
    "words": ["w"],
    "maybe": {"name": "m", "colour": "red"},
}


def test_there_and_back_without_what_is_derived() -> None:
    assert to_plain(TREE) == PLAIN
    assert from_plain(Tree, PLAIN) == TREE


def test_what_is_missing_takes_its_default() -> None:
    short = {key: value for key, value in PLAIN.items() if key not in ("words", "maybe")}
    tree = from_plain(Tree, short)
    assert (tree.words, tree.maybe) == ([], None)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"number": True}, "Tree.number: expected int, found True"),
        ({"number": 1.0}, "Tree.number: expected int"),
        ({"is_green": 1}, "Tree.is_green: expected bool"),
        ({"leaves": {}}, "Tree.leaves: expected a list"),
        ({"leaves": [7]}, "Tree.leaves: Leaf: expected a mapping"),
        ({"leaves": [{"name": "a", "colour": "grey"}]}, "Leaf.colour: expected one of"),
        ({"leaves": [{"name": "a", "colour": []}]}, "Leaf.colour: expected one of"),
        ({"leaves": [{}]}, "Leaf: .*name"),
        ({"pair": ["x"]}, "Tree.pair: expected a list of 2"),
        ({"pair": 7}, "Tree.pair: expected a list of 2"),
        ({"pair": ["x", "y"]}, "Tree.pair: expected int"),
        ({"by_name": []}, "Tree.by_name: expected a mapping"),
        ({"maybe": "m"}, "Tree.maybe: Leaf: expected a mapping"),
        ({"derived": 8}, "Tree: has no field 'derived'"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        from_plain(Tree, {**PLAIN, **change})


def test_what_cannot_be_plain_is_our_own_mistake() -> None:
    @dataclass(frozen=True)
    class Odd:
        either: int | str

    with pytest.raises(TypeError):
        from_plain(Odd, {"either": 1})
    with pytest.raises(TypeError):
        from_plain(complex, 1)
    with pytest.raises(TypeError):
        to_plain(1.5)
