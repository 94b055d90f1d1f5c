"""What a node sees of Redis is told when it changes, and the lease runs out while nobody looks."""

from __future__ import annotations

import logging

import pytest

from queue_engine.core.errors import JournalError
from queue_engine.journal.redis_nodes import ClusterPicture
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.serve import redis_seen
from queue_engine.serve.redis_seen import RedisSeen

PLACE = RedisPlace("redis.example", 6379)
FAULT = JournalError("journal samko cannot renew its lease: Connection refused")


class Clock:
    """Seconds that stand still until they are set."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(redis_seen, "time", found)
    return found


def picture(incarnation: str) -> ClusterPicture:
    return ClusterPicture(incarnation, 0, "me", 4_000, "", ())


def test_who_decides_while_redis_is_away_says_so_once_and_once_when_it_is_back(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    seen = RedisSeen(PLACE)
    seen.reached("deciding")
    for _ in range(60):
        clock.now_s += 1
        seen.missed("deciding", FAULT)
    assert (seen.is_cut_off, seen.cut_off_s) == (True, 60.0)
    for _ in range(2):
        seen.reached("deciding")
    assert (seen.is_cut_off, seen.cut_off_s) == (False, 0.0)
    assert [(one.levelno, one.message) for one in caplog.records] == [
        (logging.ERROR, f"deciding, and trying on: {FAULT}"),
        (logging.WARNING, f"deciding: journal {PLACE} is in reach again"),
    ]


def test_a_lease_that_was_seen_runs_out_while_nobody_looks(clock: Clock) -> None:
    seen = RedisSeen(PLACE)
    assert seen.held == ("", 0)
    seen.lease(("me", 4_000))
    assert seen.held == ("me", 4_000)
    clock.now_s += 3
    assert seen.held == ("me", 1_000)
    clock.now_s += 3
    assert seen.held == ("me", 0)
    seen.lease(None)
    assert seen.held == ("", 0)


def test_a_redis_that_was_emptied_is_told_once_by_who_decides(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = RedisSeen(PLACE)
    seen.journal(picture(""), 0)
    assert not caplog.records, "nothing has been written yet"
    for incarnation in ("a", "", "", "b", ""):
        seen.journal(picture(incarnation), 37)
    told = [one.message for one in caplog.records if one.levelno == logging.CRITICAL]
    assert (
        told == [f"{PLACE} was emptied: the journal is begun anew there with the next record"] * 2
    )
