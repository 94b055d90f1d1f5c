"""Who is to decide next, and why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core.errors import Refused
from queue_engine.journal.redis_nodes import ClusterPicture, NodeNote, SeenNode
from queue_engine.serve.hand_over import LAG_RECORDS_MAX, successor


def node(start: str, host: str = "n", lag: int = 0, fault: str = "") -> SeenNode:
    return SeenNode(NodeNote(start, host, "1.0", 2, 100 - lag, fault=fault), lag, 10)


def there(*nodes: SeenNode, holder: str = "a1") -> ClusterPicture:
    return ClusterPicture("i", 100, holder, 3_000, "", nodes)


DECIDER = node("a1", "first")


def test_whoever_is_furthest_along() -> None:
    picture = there(DECIDER, node("b1", lag=3), node("c1", lag=1), node("d1", fault="v99"))
    assert successor(picture).note.start == "c1"


@pytest.mark.parametrize("wanted", ["second", "b1", "b"])
def test_the_one_who_is_named(wanted: str) -> None:
    picture = there(DECIDER, node("b1", "second", lag=3), node("c1", "third"))
    assert successor(picture, wanted).note.start == "b1"


@pytest.mark.parametrize(
    ("picture", "wanted", "said"),
    [
        (there(DECIDER), "", "no other node stands by"),
        (there(DECIDER, node("b1"), holder=""), "", "nobody decides"),
        (there(DECIDER, node("b1", "second")), "third", "not there, but second .b1.$"),
        (there(DECIDER, node("b1", "second")), "first", "first decides already"),
        (there(DECIDER, node("b1", "twin"), node("b2", "twin")), "twin", "start, twin .b1., "),
        (there(DECIDER, node("b1", fault="record 7: v99")), "", "record 7: v99"),
        (there(DECIDER, node("b1", lag=LAG_RECORDS_MAX + 1)), "", "1001 records behind"),
    ],
)
def test_nobody_fits(picture: ClusterPicture, wanted: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        successor(replace(picture), wanted)
