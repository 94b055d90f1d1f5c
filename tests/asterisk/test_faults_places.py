"""The Redis that has the journal changes under two engines with callers: nobody notices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from queue_engine.journal.redis_place import RedisPlace
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk import fault_lab as lab
from tests.asterisk.phones import Callers
from tests.asterisk.two_engines import all_are_answered, hand_over, two_at_work
from tests.redis_places import Cluster, Watched

pytestmark = [pytest.mark.asterisk, pytest.mark.redis]


class Changing(NamedTuple):
    """A Redis, and what happens to it while it is asked; blocks."""

    place: RedisPlace
    change: Callable[[], None]


@contextmanager
def slot_moved(folder: Path) -> Iterator[Changing]:
    with Cluster(folder) as cluster:
        key = cluster.place().key("journal")
        yield Changing(cluster.place(), partial(cluster.move, key, pause_s=0.2))


@contextmanager
def cluster_failed_over(folder: Path) -> Iterator[Changing]:
    with Cluster(folder, has_replicas=True) as cluster:
        yield Changing(cluster.place(), partial(cluster.kill_owner, cluster.place().key("journal")))


@contextmanager
def sentinels_failed_over(folder: Path) -> Iterator[Changing]:
    with Watched(folder) as watched:
        yield Changing(watched.place(), watched.kill_primary)


Way = Callable[[Path], AbstractContextManager[Changing]]


@pytest.mark.parametrize(
    "way",
    [
        cluster_failed_over,
        pytest.param(slot_moved, marks=pytest.mark.soak),
        pytest.param(sentinels_failed_over, marks=pytest.mark.soak),
    ],
)
async def test_redis_changes(patient_asterisk: LocalAsterisk, tmp_path: Path, way: Way) -> None:
    switch, folder = patient_asterisk, tmp_path / "redis"
    folder.mkdir()
    with way(folder) as redis:
        async with two_at_work(switch, tmp_path, redis.place, callers=4) as on:
            await hand_over(redis.place, on.both)
            since = on.ami.mark()
            changing = asyncio.create_task(asyncio.to_thread(redis.change))
            async with Callers(switch) as late:
                await lab.are_waiting(on.ami, 1, since)
                await changing
                await lab.beating(switch)
                assert not late.was_dropped()
                assert not any(on.callers.was_dropped(number) for number in range(1, 5))
                for one, turns in ((on.first, 0), (on.second, 1)):
                    assert await one.stop() == 0
                    assert one.log.count("this engine decides") == turns, "by the hand-over alone"
                await all_are_answered(on.both.files, switch, on.nurse, callers=5)
