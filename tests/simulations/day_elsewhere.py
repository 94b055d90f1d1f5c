"""Days of calls, worked out by a program of its own under the rules of `national.json`.

It knows nothing of the core: regions are numbers of idle nurses, and everything that happens is in
one heap, by its moment and then hour, end of a call, caller who may be taken anywhere, caller who
gives up, arrival.
"""

from __future__ import annotations

import csv
import heapq
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

HOUR_MS = 3_600_000
POLICIES = (
    *("separate", "national", "overflow_120", "overflow_120_oldest", "overflow_30"),
    *("separate_priority", "national_priority"),
)
_HOUR, _END, _SHARED, _GIVES_UP, _ARRIVES = range(5)
Fate = tuple[int, int]
"""Where, -1 for nowhere, and the wait."""


class Call(NamedTuple):
    """A call; `rank` is its class."""

    arrived_ms: int
    region: int
    handling_ms: int
    patience_ms: int
    rank: int


def drawn(seed: int, calls: int, regions: int, lasts_ms: int, grain_ms: int) -> list[Call]:
    """Calls whose times are all multiples of `grain_ms`."""
    draws = random.Random(seed)

    def grained(time_ms: float) -> int:
        return max(1, round(time_ms / grain_ms)) * grain_ms

    made = [
        Call(
            grained(draws.random() * lasts_ms),
            draws.randrange(regions),
            grained(draws.expovariate(1 / 240_000)),
            grained(draws.expovariate(1 / 300_000)),
            draws.randrange(3),
        )
        for _ in range(calls)
    ]
    return sorted(made, key=lambda call: call.arrived_ms)


class Day:
    """One policy of a day, from nothing; `nurses` by region and hour."""

    def __init__(self, calls: list[Call], nurses: list[list[int]], policy: str) -> None:
        self.calls = calls
        self.nurses = nurses
        self.fates: list[Fate | None] = [None] * len(calls)
        self.busy = [0] * len(nurses)
        self.hour = 0
        self.waiting: list[set[int]] = [set() for _ in nurses]
        self.is_national = policy.startswith("national")
        self.is_oldest = policy.endswith("oldest")
        parts = policy.split("_")
        self.shared_ms = int(parts[1]) * 1000 if parts[0] == "overflow" else None
        by_class = policy.endswith("priority")
        self.key: Callable[[int], tuple[int, int]] = lambda number: (
            calls[number].rank if by_class else 0,
            number,
        )
        self.heap: list[tuple[int, int, int, int]] = []
        self.pushed = 0

    def go(self) -> list[Fate]:
        for number, call in enumerate(self.calls):
            self._push(call.arrived_ms, _ARRIVES, number)
        for hour in range(1, self.calls[-1].arrived_ms // HOUR_MS + 3):
            self._push(hour * HOUR_MS, _HOUR, hour)
        while self.heap:
            now_ms, kind, _, what = heapq.heappop(self.heap)
            self._happens(now_ms, kind, what)
        return [fate for fate in self.fates if fate is not None]

    def _push(self, at_ms: int, kind: int, what: int) -> None:
        self.pushed += 1
        heapq.heappush(self.heap, (at_ms, kind, self.pushed, what))

    def _idle(self, region: int) -> int:
        by_hour = self.nurses[region]
        return max(0, by_hour[self.hour % len(by_hour)] - self.busy[region])

    def _most_idle(self) -> int | None:
        best = max(range(len(self.nurses)), key=lambda region: (self._idle(region), -region))
        return best if self._idle(best) else None

    def _happens(self, now_ms: int, kind: int, what: int) -> None:
        if kind == _HOUR:
            self.hour = what
            for region in range(len(self.nurses)):
                self._serve(region, now_ms)
        elif kind == _END:
            self.busy[what] -= 1
            self._serve(what, now_ms)
        elif kind == _ARRIVES:
            self._arrives(what, now_ms)
        elif self.fates[what] is None:
            anywhere = self._most_idle()
            if kind == _GIVES_UP:
                self.waiting[self.calls[what].region].discard(what)
                self.fates[what] = -1, self.calls[what].patience_ms
            elif anywhere is not None:
                self._start(what, anywhere, now_ms)

    def _arrives(self, number: int, now_ms: int) -> None:
        call = self.calls[number]
        region = call.region if self._idle(call.region) else None
        if region is None and self.is_national:
            region = self._most_idle()
        self.waiting[call.region].add(number)
        if region is not None:
            self._start(number, region, now_ms)
            return
        self._push(now_ms + call.patience_ms, _GIVES_UP, number)
        if self.shared_ms is not None:
            self._push(now_ms + self.shared_ms, _SHARED, number)

    def _serve(self, region: int, now_ms: int) -> None:
        while self._idle(region):
            own = self.waiting[region]
            others: set[int] = set()
            if self.is_national:
                others = set().union(*self.waiting)
            elif self.shared_ms is not None and (self.is_oldest or not own):
                others = {
                    number
                    for number in set().union(*self.waiting)
                    if now_ms - self.calls[number].arrived_ms >= self.shared_ms
                }
            number = min(own | others, key=self.key, default=None)
            if number is None:
                return
            self._start(number, region, now_ms)

    def _start(self, number: int, region: int, now_ms: int) -> None:
        call = self.calls[number]
        self.waiting[call.region].discard(number)
        self.busy[region] += 1
        self.fates[number] = region, now_ms - call.arrived_ms
        self._push(now_ms + call.handling_ms, _END, region)


def write_day(
    folder: Path, calls: list[Call], nurses: list[list[int]], policies: tuple[str, ...] = POLICIES
) -> tuple[Path, Path]:
    """The day, and its nation."""
    fates = {policy: Day(calls, nurses, policy).go() for policy in policies}
    day, nation = folder / "day.csv", folder / "nation.json"
    with day.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        heads = (f"{policy}:{part}" for policy in policies for part in ("where", "wait_ms"))
        out.writerow(("id", "arrival_ms", "region", "handling_ms", "patience_ms", "class", *heads))
        for number, call in enumerate(calls):
            ends = (part for policy in policies for part in fates[policy][number])
            out.writerow((number, *call, *ends))
    known = {
        "regions": [{"index": index, "name": f"Region {index}"} for index in range(len(nurses))],
        "classes": [{"class": rank} for rank in range(3)],
        "staffing": {"some": {"capacity": nurses}},
    }
    nation.write_text(json.dumps(known), encoding="utf-8")
    return day, nation
