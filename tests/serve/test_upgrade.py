"""Whether a newer version may be written, and who is in the way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from queue_engine.core import codec
from queue_engine.core.commands import Island, ReportIsland
from queue_engine.core.errors import Refused
from queue_engine.journal.redis_nodes import ClusterPicture, NodeNote, RedisNodes, SeenNode
from queue_engine.runtime.driver import Driver
from queue_engine.serve.upgrade import WrittenVersion, newer_version
from routing.vocabulary import IslandId
from tests.core.world import World


def there(*reads: tuple[int, ...], written: int = 1) -> ClusterPicture:
    nodes = tuple(
        SeenNode(NodeNote(f"start{n}", f"host{n}", f"1.{n}", 3, 9, reads=known), 0, 10)
        for n, known in enumerate(reads)
    )
    return ClusterPicture("i", 9, "start0", 3_000, "", nodes, written)


def test_what_all_read_may_be_written() -> None:
    assert newer_version(there((1, 2), (1, 2))) == 2
    assert newer_version(there((1, 2, 3), (2, 3), written=2)) == 3


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (there(), "no engine is there"),
        (there((1,), (1,)), "version 1 is written, and nobody reads a newer"),
        (there((1, 2), (1, 2), written=2), "version 2 is written, and nobody reads a newer"),
        (there((1, 2), (1,)), r"version 2 is not read by host1 \(start1, 1.1\)$"),
        (there((1, 2), (1,), (1,)), r"host1 \(start1, 1.1\), host2 \(start2, 1.2\)$"),
        (there((1, 2, 3), (1, 2)), "version 3 is not read by host1"),
    ],
)
def test_else_it_is_refused_and_the_nodes_named(picture: ClusterPicture, why: str) -> None:
    with pytest.raises(Refused, match=why):
        newer_version(picture)


class NoNodes:
    """Redis, which is not asked here."""


def test_what_the_state_has_come_of_already_is_written_whatever_redis_says() -> None:
    """It has lost its word, and the rows would be of nothing that may be written."""
    world, written = World(), WrittenVersion(cast(RedisNodes, NoNodes()))
    driver = cast(Driver, SimpleNamespace(state=world.state, writes=0))
    written.obey(driver)
    assert driver.writes == codec.FIRST_VERSION
    island = Island(IslandId("n1-2"), "n1", 2, world.now_ms, world.now_ms)
    world.do(ReportIsland(island, 2, 3, ()))
    written.obey(driver)
    assert driver.writes == 2
