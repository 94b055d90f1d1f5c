"""One engine alone with its own Asterisks: cut off from Redis, and so from whoever decides.

It decides for the callers and nurses of the switches that it holds, from what it had folded, and
keeps the records in memory; when Redis is back they are set aside, it follows again, and whoever
decides finds its callers as the switch shows them, by their tickets.

That no two engines act at one switch is not left to times: the beat there names one holder, and
whoever takes a switch ends the former one's manager sessions (`telephony.beat`). Before it begins,
an island asks each of its switches whether it is still named there, and is shown there anew. The
times only see to it that whoever reaches more comes first.

`CUT_OFF_S`: by then what is no lasting cut is over (a restart of Redis, most failovers); the
decider has taken its switches for lost (`link_watch`, 5 s), and offers nothing there; and any
engine that reaches one of them has taken it, for the beat of one that is cut off stands still
(7 s). What was asked meanwhile waits still (`asking.ANSWER_S`, 15 s), and no caller has gone to
Asterisk's own queue yet (two rounds of music, 20 s).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Never, Protocol

from queue_engine.core.codec import encode_record
from queue_engine.core.commands import ReportCutOff
from queue_engine.core.engine import Engine
from queue_engine.core.snapshot import read_snapshot, write_snapshot
from queue_engine.core.state import State
from queue_engine.journal.base import Snapshot
from queue_engine.serve.hand_over import DecidesNoMore
from queue_engine.serve.journal import OpenedJournal
from routing.vocabulary import LinkId

CUT_OFF_S: Final = 10.0
"""So long cut off an engine goes on alone."""
TAKES_S: Final = 2 * CUT_OFF_S
"""So long cut off it takes switches that it does not hold: their holders have gone on by then, or
are dead."""
DECIDER_LATER_S: Final = 2.0
"""So much later a decider that is cut off takes a switch: another may decide for all by now."""
ISLAND_LATER_S: Final = 5.0
"""So much later an engine takes one that is cut off from whoever decides."""
STEADY_S: Final = 1.0
"""So long Redis must answer before an island ends: what comes and goes is not back."""
UNHELD_S: Final = 5.0
"""An island that has held no switch for so long ends: another engine has it, or it is gone."""
LOOK_S: Final = 0.25

OpenOutOfReach = Callable[[Snapshot], OpenedJournal]


class IslandOver(DecidesNoMore):
    """Redis answers again, or there is no switch any more to be alone with."""


class Switches(Protocol):
    """Those of this engine."""

    def held(self) -> Sequence[LinkId]:
        """Where it acts, as far as it knows."""

    async def ours(self) -> Sequence[LinkId]:
        """Where it acts: each was asked just now, and shows so."""


class NoSwitches:
    """`Switches` of an engine that has none."""

    def held(self) -> Sequence[LinkId]:
        """See `Switches`."""
        return ()

    async def ours(self) -> Sequence[LinkId]:
        """See `Switches`."""
        return ()


def begin(
    open_journal: OpenOutOfReach, state: State, links: Sequence[LinkId], now_ms: int
) -> OpenedJournal:
    """The journal of an island: it goes on from this state, with a first record that says so.

    Takes its time with a large state, so it is called in a thread.

    Args:
        state: what was folded; it stays as it is.
        links: the switches with which it is alone.
        now_ms: by the engine's clock.
    """
    held = Snapshot(state.record_number, write_snapshot(state))
    record = Engine(read_snapshot(held.data)).handle(ReportCutOff(tuple(links)), now_ms)
    assert record is not None, "it was an island already"
    kept = open_journal(held)
    kept.journal.append(held.number, [encode_record(record)])
    return kept


class IslandWatch:
    """Told now and then how it is; says when an island is over. No clock, no Redis."""

    def __init__(self, now_s: float) -> None:
        self._reached_since_s: float | None = None
        self._held_s = now_s

    def over(self, now_s: float, *, reaches_redis: bool, holds: bool) -> str:
        """Why it is over; empty: it is not.

        Args:
            now_s: monotonic.
            reaches_redis: whether Redis has just answered.
            holds: whether any switch is held.
        """
        if not reaches_redis:
            self._reached_since_s = None
        elif self._reached_since_s is None:
            self._reached_since_s = now_s
        elif now_s - self._reached_since_s >= STEADY_S:
            return "Redis is in reach again"
        if holds:
            self._held_s = now_s
        return "it holds no switch any more" if now_s - self._held_s >= UNHELD_S else ""


class Reach(Protocol):
    """`serve.node.Node` is one."""

    async def reaches_redis(self) -> bool:
        """Whether Redis answers now, and takes what is written: where it lets itself be read and
        no more (too few replicas, a full disk), nobody decides for all by it."""


async def watch(node: Reach, switches: Switches) -> Never:
    """Raises `IslandOver` when it is over."""
    now_s = asyncio.get_running_loop().time
    rule = IslandWatch(now_s())
    while True:
        await asyncio.sleep(LOOK_S)
        reaches = await node.reaches_redis()
        if why := rule.over(now_s(), reaches_redis=reaches, holds=bool(switches.held())):
            raise IslandOver(f"the island is over: {why}")
