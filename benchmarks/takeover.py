"""How long nobody decides when the decider dies, and when it hands over.

Two `samko serve` on one journal in a Redis of their own, and a stand-in for an Asterisk's manager
without any calls. Whoever begins to decide has something to write at once: that the link to the
switch is to be taken for lost until it has been looked at. Measured is from outside, by a client
that waits for the next record in the stream.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import SPREAD_HEAD, Goal, Section, spread, table
from benchmarks.journal_sqlite import BusyQueue, append_to_journal
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import LEASE_MS
from queue_engine.journal.redis_nodes import RedisNodes
from tests.patience import until
from tests.redis.nodes import AMI_SECRET, NodeProcess
from tests.redis_server import RedisServer
from tests.telephony.fake_ami import FakeAmi

ROUNDS: Final = 10
RECORDS: Final = 20_000
KILLED_MS_MAX: Final = LEASE_MS + 1_000
HANDED_MS_MAX: Final = 100
_BATCH: Final = 1_000
_BLOCK_MS: Final = 20_000
_MANAGER_S: Final = 10.0


def measure(rounds: int = ROUNDS) -> Section:
    """Rounds of killing, then rounds of handing over."""
    with (
        tempfile.TemporaryDirectory() as name,
        _server(Path(name)) as server,
        _manager() as ami_port,
    ):
        _fill(server)
        pair = _Pair(server, Path(name), ami_port)
        try:
            killed = [pair.kill() for _ in range(rounds)]
            handed = [pair.hand_over() for _ in range(rounds)]
        finally:
            pair.close()
    rows = [
        ["kill -9 of the decider to the other's first append", *spread(killed)],
        ["hand-over: from the lease given to the other's first append", *spread(handed)],
    ]
    text = (
        f"Two processes and a Redis with `appendfsync everysec` on one machine, {RECORDS:,} records"
        " in the journal before. The first append is that the link to the switch is looked at anew."
        f" Milliseconds; load of the machine at the end: {os.getloadavg()[0]:.1f}.\n\n"
        + table(("", *SPREAD_HEAD), rows)
    )
    goals = (
        _goal(
            f"killed: at most {KILLED_MS_MAX:,} ms, the lease and a second", killed, KILLED_MS_MAX
        ),
        _goal(f"handed over: under {HANDED_MS_MAX} ms", handed, HANDED_MS_MAX),
    )
    return Section("Taking over", text, goals)


class _Pair:
    """Two nodes; after each round both are there again, and level."""

    def __init__(self, server: RedisServer, folder: Path, ami_port: int) -> None:
        self._place = server.place()
        self._client = server.client()
        self._nodes = RedisNodes(self._place)
        folders = (folder / "n1", folder / "n2")
        self._two = [NodeProcess(one, self._place, ami_port=ami_port) for one in folders]
        for node in self._two:
            node.start()
            until(lambda: bool(self._nodes.picture().holder), "somebody decides")
        self._decider, self._standby = self._two
        self._settle()

    def kill(self) -> float:
        """Kills the decider; milliseconds until the other one's first append."""
        last = self._settle()
        began_s = time.monotonic()
        self._decider.kill()
        self._await_append(last)
        took_ms = 1_000 * (time.monotonic() - began_s)
        self._decider.start()
        self._decider, self._standby = self._standby, self._decider
        return took_ms

    def hand_over(self) -> float:
        """Has the decider hand over; milliseconds from then until the other one's first append."""
        self._settle()
        found = self._nodes.picture()
        to = next(node.note.start for node in found.nodes if node.note.start != found.holder)
        lease = self._place.key("lease")
        self._nodes.wish(to)
        until(lambda: self._client.get(lease) == to.encode(), "handed over", every_s=0.001)
        began_s = time.monotonic()
        self._await_append(self._nodes.picture().last_number)
        took_ms = 1_000 * (time.monotonic() - began_s)
        self._decider, self._standby = self._standby, self._decider
        return took_ms

    def close(self) -> None:
        for node in self._two:
            node.kill()
        self._nodes.close()
        self._client.close()

    def _await_append(self, last: int) -> None:
        key = self._place.key("journal")
        found: Any = self._client.xread({key: f"{last}-0"}, count=1, block=_BLOCK_MS)
        assert found, f"nothing was appended after record {last} in {_BLOCK_MS} ms"

    def _settle(self) -> int:
        """Until the two who run are there, alone, level, and serve; the last number."""
        until(lambda: self._decider.get("/readyz")[0] == 200, "it serves, its link is live")
        until(lambda: '"follows ' in self._standby.get("/readyz")[1], "the other stands by")

        def are_level() -> bool:
            found = self._nodes.picture()
            numbers = [node.note.number for node in found.nodes]
            return numbers == [found.last_number] * 2

        until(are_level, "both have all records")
        return self._nodes.picture().last_number


def _server(folder: Path) -> RedisServer:
    inside = folder / "redis"
    inside.mkdir()
    return RedisServer(inside)


@contextmanager
def _manager() -> Iterator[int]:
    """A stand-in for an Asterisk's manager, in a thread of its own; its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    manager = FakeAmi(secret=AMI_SECRET)
    asyncio.run_coroutine_threadsafe(manager.listen(), loop).result(_MANAGER_S)
    try:
        yield manager.port
    finally:
        asyncio.run_coroutine_threadsafe(manager.stop(), loop).result(_MANAGER_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _fill(server: RedisServer) -> None:
    journal = RedisJournal(server.place())
    append = append_to_journal(journal)
    records = BusyQueue().records()
    for _ in range(RECORDS // _BATCH):
        append(list(islice(records, _BATCH)))
    journal.close()


def _goal(promise: str, found_ms: list[float], bound_ms: int) -> Goal:
    return Goal(promise, f"{max(found_ms):,.0f} ms at worst", max(found_ms) <= bound_ms)
