"""How fast the journal in Redis is, beside bare `XADD` of the same bytes in the same batches.

Both take turns in one run, one server of their own with `appendfsync everysec`; each ratio is the
median of the rounds' ratios.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from itertools import count, islice
from pathlib import Path
from typing import Final

from redis import Redis

from benchmarks.figures import Goal, Section, quantile, table
from benchmarks.journal_sqlite import SAMPLE, Append, BusyQueue, append_to_journal
from queue_engine.journal.redis_journal import RedisJournal
from tests.redis_server import RedisServer

ROUNDS: Final = 7
APPENDS: Final = {1: 1_000, 10: 300, 100: 60}
"""Batch size -> appends in one round."""
RATIO_MIN: Final = 0.5


def measure(rounds: int = ROUNDS) -> Section:
    """All batch sizes, round by round."""
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:
        journal, bare = RedisJournal(server.place()), server.client()
        records = list(islice(BusyQueue().records(), SAMPLE))
        rows, ratios = [], []
        for size, appends in APPENDS.items():
            found = [
                (
                    _took_s(append_to_journal(journal), records, size, appends),
                    _took_s(_bare(bare), records, size, appends),
                )
                for _ in range(rounds)
            ]
            ratio = statistics.median(sum(theirs) / sum(ours) for ours, theirs in found)
            ratios.append(ratio)
            each_ms = [1_000 * took_s for ours, _ in found for took_s in ours]
            rates = [
                size * appends / statistics.median(sum(one[side]) for one in found)
                for side in (0, 1)
            ]
            rows.append(
                [
                    str(size),
                    *(f"{rate:,.0f}" for rate in rates),
                    f"{ratio:.2f}",
                    *(f"{quantile(each_ms, share):.2f}" for share in (0.5, 0.99)),
                ]
            )
        journal.close()
        bare.close()
    head = ("batch", "journal, records/s", "bare XADD", "ratio", "append p50 ms", "p99 ms")
    text = (
        f"One client, one server on loopback, `appendfsync everysec`; {rounds} rounds in turns."
        " Bare: one pipeline of `XADD` a batch.\n\n" + table(head, rows)
    )
    measured = " / ".join(f"{ratio:.2f}" for ratio in ratios)
    promise = "at least half of bare XADD, batch for batch"
    return Section("The Redis journal", text, (Goal(promise, measured, min(ratios) >= RATIO_MIN),))


def _took_s(append: Append, records: list[bytes], size: int, appends: int) -> list[float]:
    found = []
    for number in range(appends):
        first = number * size % (len(records) - size)
        batch = records[first : first + size]
        began_s = time.perf_counter()
        append(batch)
        found.append(time.perf_counter() - began_s)
    return found


_BARE_NUMBERS: Final = count(1)


def _bare(client: Redis) -> Append:
    def append(batch: list[bytes]) -> None:
        pipeline = client.pipeline(transaction=False)
        for data in batch:
            pipeline.xadd("bare", {"d": data}, id=f"{next(_BARE_NUMBERS)}-0")
        pipeline.execute()

    return append
