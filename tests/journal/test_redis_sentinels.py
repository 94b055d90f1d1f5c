"""Whom the sentinels of a service are believed; with real ones: tests/redis/test_redis_failover."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self, cast

import pytest
from redis import Redis
from redis.exceptions import ConnectionError

from queue_engine.journal.redis_finding import Address, by_sentinels

HERE, FORMER = ("127.0.0.1", 7001), ("127.0.0.1", 7002)


class _Sentinel:
    """What one says when it is asked; None: it does not answer."""

    def __init__(self, epoch: int, primary: Address, *, is_down: bool = False) -> None:
        self._said: dict[str, Any] = {
            "config-epoch": str(epoch),
            "ip": primary[0],
            "port": primary[1],
            "is_master": True,
            "is_sdown": is_down,
            "is_odown": False,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def sentinel_masters(self) -> dict[str, dict[str, Any]]:
        return {"national": self._said}


def found(*sentinels: _Sentinel | None) -> Address:
    def asking(address: Address) -> Redis:
        sentinel = sentinels[address[1]]
        if sentinel is None:
            raise ConnectionError("no answer")
        return cast(Redis, sentinel)

    return by_sentinels([("s", at) for at in range(len(sentinels))], "national", asking)()


def test_the_latest_failover_is_believed_however_many_do_not_know_of_it() -> None:
    assert found(_Sentinel(1, FORMER), _Sentinel(2, HERE), _Sentinel(1, FORMER)) == HERE
    assert found(None, None, _Sentinel(2, HERE)) == HERE


@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_of_three_who_does_not_reach_it_keeps_nobody_from_it(at: int) -> None:
    assert found(*(_Sentinel(2, HERE, is_down=each == at) for each in range(3))) == HERE


@pytest.mark.parametrize("at", [0, 1, 2])
def test_two_of_three_are_believed_that_it_is_down(at: int) -> None:
    with pytest.raises(ConnectionError, match="the primary of national is down, say its sentinels"):
        found(*(_Sentinel(2, HERE, is_down=each != at) for each in range(3)))


def test_what_those_say_who_know_only_the_former_one_does_not_count() -> None:
    with pytest.raises(ConnectionError, match="is down"):
        found(_Sentinel(1, FORMER), _Sentinel(2, HERE, is_down=True), _Sentinel(1, FORMER))
