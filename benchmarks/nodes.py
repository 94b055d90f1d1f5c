"""How many commands one, two and four engines on one journal take, and what another node costs.

Each engine is a process. All ask as fast as they are answered, nurses who come and go, each command
a record; the lease stays with the first. Beside it, in the same run: bare `XADD` of as many bytes
in batches of the size that the decider's appends had. Then one nurse at a time: how long one
command takes at the node that decides, and at another.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.figures import Goal, Section, quantile, table
from tests.redis_server import RedisServer

NODES: Final = (1, 2, 4)
ROUNDS: Final = 5
SECONDS: Final = 2.0
AT_A_TIME: Final = 128
"""Nurses in all, shared among the nodes that ask."""
BYTES: Final = 180
"""Of such a record."""
RATIO_MIN: Final = 0.5
HERE_MS_MAX, ELSEWHERE_MS_MAX = 2.0, 4.0


@dataclass(frozen=True, slots=True)
class _Round:
    """What so many engines did in one round."""

    rate: float
    """Commands/s of all together."""
    batch: float
    """Records an append."""
    bare: float
    """Entries/s of bare `XADD`, right after it."""
    decider_us: float
    """Processor time of the decider, a command of all."""
    other_us: float
    """The same of one of the others; 0: there is none."""


def measure(rounds: int = ROUNDS, seconds: float = SECONDS) -> Section:
    """Throughput by the number of nodes, then latency with two."""
    rows, ratios = [], []
    for count in NODES:
        with _Cluster(count) as cluster:
            found = [cluster.round(seconds) for _ in range(rounds)]
        ratios.append(statistics.median(one.rate / one.bare for one in found))
        rows.append([str(count), *_row(found), f"{ratios[-1]:.2f}"])
    with _Cluster(2) as cluster:
        here, elsewhere = cluster.latency(seconds)
    latency = [
        [name, *(f"{quantile(values, share):.2f}" for share in (0.5, 0.95, 0.99))]
        for name, values in (("at the decider", here), ("at another node", elsewhere))
    ]
    text = (
        f"{AT_A_TIME} nurses at a time in all; `appendfsync everysec`; {rounds} rounds of"
        f" {seconds:g} s in turns with bare XADD, one client, batches of the same size. Processor"
        " time is of one command of all: at the node that decides it, and at each other one, which"
        " folds it; all nodes and Redis share this machine's processors.\n\n"
        + table(_COLUMNS, rows)
        + "\n\nOne command at a time, two nodes, milliseconds:\n\n"
        + table(("asked", "p50", "p95", "p99"), latency)
    )
    medians = quantile(here, 0.5), quantile(elsewhere, 0.5)
    goals = (
        Goal(
            "commands of 1, 2, 4 nodes: at least half of bare XADD, batch for batch",
            " / ".join(f"{ratio:.2f}" for ratio in ratios),
            min(ratios) >= RATIO_MIN,
        ),
        Goal(
            f"p50 at the decider under {HERE_MS_MAX:g} ms",
            f"{medians[0]:.2f} ms",
            medians[0] < HERE_MS_MAX,
        ),
        Goal(
            f"p50 at another node under {ELSEWHERE_MS_MAX:g} ms",
            f"{medians[1]:.2f} ms",
            medians[1] < ELSEWHERE_MS_MAX,
        ),
    )
    return Section("Many nodes", text, goals)


_COLUMNS: Final = (
    "nodes",
    "commands/s",
    "batch",
    "decider µs",
    "another node µs",
    "bare XADD/s",
    "ratio",
)


def _row(found: list[_Round]) -> list[str]:
    """Medians, but for the first column and the last."""
    other_us = statistics.median(one.other_us for one in found)
    return [
        f"{statistics.median(one.rate for one in found):,.0f}",
        f"{statistics.median(one.batch for one in found):.0f}",
        f"{statistics.median(one.decider_us for one in found):.0f}",
        f"{other_us:.0f}" if other_us else "",
        f"{statistics.median(one.bare for one in found):,.0f}",
    ]


class _Cluster:
    """A Redis and so many engines on it; the first one decides."""

    def __init__(self, count: int) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._server = RedisServer(Path(self._folder.name))
        self._count = count
        self._engines: list[subprocess.Popen[str]] = []

    def round(self, seconds: float) -> _Round:
        """All ask for so long; then bare entries, half as long."""
        told = self._all(seconds, AT_A_TIME // self._count)
        commands = sum(len(one["ms"]) for one in told)
        busy_us = {
            decides: statistics.fmean(
                [1e6 * one["busy_s"] / commands for one in told if one["decides"] is decides] or [0]
            )
            for decides in (True, False)
        }
        batch = next(one["batch"] for one in told if one["decides"])
        bare = self._bare(seconds / 2, max(1, round(batch)))
        return _Round(commands / seconds, batch, bare, busy_us[True], busy_us[False])

    def latency(self, seconds: float) -> tuple[list[float], list[float]]:
        """Milliseconds at the decider, and at another node, one after the other."""
        found: dict[bool, list[float]] = {}
        for engine in self._engines:
            told = self._ask([engine], seconds, 1)[0]
            found[told["decides"]] = told["ms"]
        return found[True], found[False]

    def _all(self, seconds: float, at_a_time: int) -> list[dict[str, Any]]:
        return self._ask(self._engines, seconds, at_a_time)

    def _ask(
        self, engines: list[subprocess.Popen[str]], seconds: float, at_a_time: int
    ) -> list[dict[str, Any]]:
        for engine in engines:
            assert engine.stdin is not None
            engine.stdin.write(f"{seconds} {at_a_time}\n")
            engine.stdin.flush()
        return [json.loads(_line(engine)) for engine in engines]

    def _bare(self, seconds: float, batch: int) -> float:
        data, count = b"x" * BYTES, 0
        with self._server.client() as client:
            began_s = time.monotonic()
            while time.monotonic() - began_s < seconds:
                pipeline = client.pipeline(transaction=False)
                for _ in range(batch):
                    pipeline.xadd("bare", {"d": data})
                pipeline.execute()
                count += batch
            rate = count / (time.monotonic() - began_s)
            client.delete("bare")
        return rate

    def __enter__(self) -> Self:
        self._server.start()
        for _ in range(self._count):
            self._engines.append(
                subprocess.Popen(
                    (sys.executable, "-m", "benchmarks.node_load", str(self._server.port)),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            assert _line(self._engines[-1]) == "ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        for engine in self._engines:
            engine.communicate()  # the end of its input ends it
        self._server.kill()
        self._folder.cleanup()


def _line(engine: subprocess.Popen[str]) -> str:
    assert engine.stdout is not None
    return engine.stdout.readline()
