"""Whatever one Redis does to the only one who writes to it: all is there in the end, and once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from queue_engine.journal import degraded, redis_journal, redis_place
from queue_engine.journal.base import Snapshot
from queue_engine.journal.degraded import FallbackJournal
from queue_engine.journal.recent import RecentRows
from queue_engine.journal.redis_functions import call
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import RedisLease
from queue_engine.serve.journal import OpenedJournal
from tests.redis_relay import Relay
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

SEEDS: Final = 25
STEPS_MAX: Final = 40
LEASE_MS: Final = 3_600_000
TRIES: Final = 25
"""By then whatever can be written is, though some of them come late."""
ANSWER_S: Final = 0.15
"""The writer waits for no answer longer than that."""
LATE_SHARE: Final = 0.25
STEPS: Final = (
    *("append",) * 6,
    *("retry",) * 4,
    *("pass",) * 2,
    *("swallow", "cut", "empty", "shorten", "keep", "bring back"),
)


class Late:
    """Some of what is to be written is given up, and carried out at any time after that, or never.

    Args:
        share: of all that is to be written.
    """

    def __init__(self, client: Redis, chance: random.Random, share: float) -> None:
        self._client = client
        self._chance = chance
        self._share = share
        self._under_way: list[Callable[[], Any]] = []

    def call(
        self, client: Redis, name: str, keys: Sequence[str], *args: Any, replicas: int = 0
    ) -> Any:
        chance = self._chance
        if name in ("append", "begin_anew"):
            if chance.random() < self._share:
                self._under_way.append(partial(call, self._client, name, keys, *args))
                raise TimeoutError("given up")
            while self._under_way and chance.random() < LATE_SHARE:
                with suppress(ResponseError):  # something else is there by now
                    self._under_way.pop(chance.randrange(len(self._under_way)))()
        return call(client, name, keys, *args, replicas=replicas)


class Writer:
    """The only one, who goes on in memory, and a Redis that somebody does things to."""

    def __init__(self, server: RedisServer, relay: Relay, lease: RedisLease) -> None:
        self.last = 0
        self._client: Any = server.client()
        self._place = server.place()
        self._relay = relay
        self._lease = lease
        self._kept: dict[str, dict[bytes, bytes]] = {}
        """What was there once, by the name that the journal had."""
        self._redis = RedisJournal(relay.place(), lease.holder)
        self._journal = FallbackJournal(self._redis, lambda _: None)
        self._journal.state_now = lambda: Snapshot(self.last, b"state")
        self._opened = OpenedJournal(self._journal, self._redis, Path("ledger"))

    def append(self, count: int) -> None:
        """So many records, which say their numbers."""
        before, self.last = self.last, self.last + count
        self._journal.append(before, [b"%d" % (before + one) for one in range(1, count + 1)])

    def retry(self) -> None:
        if self._journal.is_degraded:
            self._opened.retry()

    def step(self, what: str, chance: random.Random) -> None:
        if what == "append":
            self.append(chance.randrange(1, 4))
        elif what == "retry":
            self.retry()
        elif what == "pass":
            self._relay.pass_answers()
            self._relay.heal()
        elif what == "swallow":
            self._relay.swallow_answers()
        elif what == "cut":
            self._relay.cut()
        elif what == "empty" and self.last:
            self._empty()
        elif what == "shorten":
            self._shorten(chance.randrange(12))
        elif what == "keep":
            name = self._client.get(self._place.key("incarnation")) or b""
            keys = self._client.keys(self._place.key("*"))
            keys.remove(self._place.key("lease").encode())
            self._kept[name.decode()] = {key: self._client.dump(key) for key in keys}
        elif what == "bring back" and (found := self._kept.get(self._redis.incarnation)):
            self._empty()
            for key, value in found.items():
                self._client.restore(key, 0, value)

    def check(self) -> None:
        """Everything can be written, and all that follows the beginning is there."""
        self._relay.pass_answers()
        self._relay.heal()
        for _ in range(2):
            for _ in range(TRIES):
                self.retry()
            assert not self._journal.is_degraded
            self.append(1)
        for _ in range(TRIES):
            self.retry()
        with closing(RedisJournal(self._place)) as again:
            after, state = again.kept_after(), again.latest_snapshot()
            numbers = [int(each.data) for each in again.read(after)]
            assert numbers == list(range(after + 1, self.last + 1))
            assert not after or (state is not None and state.number >= after)

    def close(self) -> None:
        self._redis.close()
        self._client.close()

    def _empty(self) -> None:
        self._client.flushall()
        assert self._lease.take()

    def _shorten(self, count: int) -> None:
        """As a replica that lags behind; never by what is begun with, which came all at once."""
        key = self._place.key("journal")
        rows = self._client.xrange(key)
        if count >= len(rows) or self._client.exists(self._place.key("kept_after")):
            return
        self._client.delete(key)
        for entry, fields in rows[: len(rows) - count]:
            self._client.xadd(key, fields, id=entry)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as server:
        yield server


@pytest.mark.parametrize("share", [0, LATE_SHARE])
def test_nothing_is_lost_or_doubled_and_nobody_stays_in_memory(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr(redis_journal, "RecentRows", partial(RecentRows, 4))
    monkeypatch.setattr(degraded, "_RETRY_RECORDS", 2)
    for seed in range(SEEDS):
        chance, done = random.Random(seed), []
        lease = RedisLease(server.place(), "a", LEASE_MS)
        with closing(lease), Relay(server.port) as relay, server.client() as client:
            client.flushall()
            assert lease.take()
            monkeypatch.setattr(redis_journal, "call", Late(client, chance, share).call)
            with monkeypatch.context() as shortly:
                shortly.setattr(redis_place, "REPLY_S", ANSWER_S)
                opened = Writer(server, relay, lease)
            with closing(opened) as writer:
                try:
                    for _ in range(chance.randrange(10, STEPS_MAX)):
                        done.append(chance.choice(STEPS))
                        writer.step(done[-1], chance)
                    writer.check()
                except Exception as exc:
                    raise AssertionError(f"seed {seed}, {', '.join(done)}: {exc!r}") from exc
