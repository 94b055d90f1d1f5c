"""Virtual time around the core, driven exactly as `runtime.driver` drives it.

The contract: what is due is done first (`PassTime`, at its very moment), then the command, at one
moment each. Records are published after that. Whoever follows them schedules what he does, and
never does it at once: so commands never nest, and everybody sees records in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any, Final, Protocol

from queue_engine.core.apply import fold
from queue_engine.core.codec import decode_record, encode_record
from queue_engine.core.commands import Command, LoadPolicy, ReportSwitch, SeenCaller
from queue_engine.core.engine import Engine
from queue_engine.core.events import Event
from queue_engine.core.invariants import check, check_promise
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.core.snapshot import digest, read_snapshot, write_snapshot
from queue_engine.core.state import State
from queue_engine.core.turn import Watch
from routing.policy import MINUTE_MS, Policy
from routing.vocabulary import LinkId

LINK: Final = LinkId("sim1")
"""The one switch."""
HOUR_MS: Final = 60 * MINUTE_MS
MIDNIGHT: Final = datetime(2026, 11, 15, 23, tzinfo=UTC)
"""Monday 16 November 2026, 00:00 in Sweden. Days here have 24 hours."""
MIDNIGHT_MS: Final = round(MIDNIGHT.timestamp() * 1000)

RECORDS_MAX: Final = 5_000
"""So many are kept for the next crash; then the state is written instead."""

PLANS_MAX: Final = 4_096
"""For so many kinds of records it is remembered who hears of them."""

Follower = Callable[[Record], None]
Reader = Callable[[Any, int], None]
"""Told of an event of one kind, and of its moment."""
Happening = Callable[[], object]


class Between(Protocol):
    """What is done about one moment's ends of talks and what is due at it, if that is one."""

    @property
    def is_on(self) -> bool:
        """Whether `bring_back` is needed."""

    def set_aside(self) -> None:
        """Before what is due."""

    def bring_back(self) -> None:
        """After the last that comes before `First.ORDINARY`."""


class First(IntEnum):
    """Of what happens at one moment: what comes first."""

    STAFF = 0
    TALKS_END = 1
    ORDINARY = 2
    ARRIVALS = 3


def hour_of(at_ms: int) -> int:
    """The hour of the day, 0 to 23."""
    return (at_ms - MIDNIGHT_MS) // HOUR_MS % 24


class World:
    """The core, a clock, and what is going to happen.

    Args:
        invariants: check them all, and the promise, after every command (slow).
        watch: sees each event before it is applied.
        follow: each sees every record, the first ones too.
        may_crash: keep what `crash` needs.
    """

    def __init__(
        self,
        policy: Policy,
        start_ms: int,
        *,
        invariants: bool = False,
        watch: Watch | None = None,
        follow: Iterable[Follower] = (),
        may_crash: bool = False,
    ) -> None:
        self.now_ms = start_ms
        self.records = 0
        self._invariants = invariants
        self._watch = _watching(invariants, watch)
        self._engine = Engine(watch=self._watch)
        self._journal: list[bytes] | None = [] if may_crash else None
        """Records since `_snapshot`."""
        self._snapshot = write_snapshot(self._engine.state)
        self._happenings: list[tuple[int, int, int, Happening]] = []
        self._soon: deque[Happening] = deque()
        self._scheduled = 0
        self._followers = list(follow)
        self._listeners: list[Mapping[type, Reader]] = []
        self._plans: dict[object, tuple[tuple[Reader, int], ...]] = {}
        """By the kind of a record's one event, or the kinds of all: who is told, and of which."""
        self._is_publishing = False
        self._is_stopped = False
        self.between: Between | None = None
        self.do(LoadPolicy(write_policy(policy)))
        self.do(ReportSwitch(LINK, start_ms, ()))

    @property
    def state(self) -> State:
        """The engine's state, to be read only."""
        return self._engine.state

    def follow(self, follower: Follower) -> None:
        """All records from now on."""
        self._followers.append(follower)

    def hear(self, readers: Mapping[type, Reader]) -> None:
        """Of all records from now on the events of these kinds, each by its reader.

        After those who follow; who listens first hears all of a record first.
        """
        self._listeners.append(readers)
        self._plans.clear()

    def at(self, at_ms: int, happening: Happening, first: First = First.ORDINARY) -> None:
        """It happens then; of one moment's and kind's, what was scheduled first happens first."""
        assert at_ms >= self.now_ms, (at_ms, self.now_ms)
        self._scheduled += 1
        heappush(self._happenings, (at_ms, first, self._scheduled, happening))

    def after(self, delay_ms: int, happening: Happening) -> None:
        """It happens so much later; what takes no time comes before all else at this moment."""
        if delay_ms:
            self.at(self.now_ms + delay_ms, happening)
        else:
            self._soon.append(happening)

    def do(self, command: Command) -> None:
        """Has the command decided, now.

        Raises:
            Refused: the request cannot be carried out.
        """
        assert not self._is_publishing, f"{command}: followers schedule, they do not act at once"
        engine, now_ms = self._engine, self.now_ms
        if engine.state.deadlines.earliest_ms <= now_ms:
            passed = engine.pass_time(now_ms)
            if passed is not None:
                self._finish(passed)
        record = engine.handle(command, now_ms)
        if record is not None or self._invariants:
            self._finish(record)

    def do_before_due(self, command: Command) -> None:
        """As `do`, but before what is due now; nothing may have been due before."""
        record = self._engine.handle(command, self.now_ms)
        if record is not None or self._invariants:
            self._finish(record)

    def crash(self, callers: tuple[SeenCaller, ...]) -> None:
        """The engine dies, is built anew from what was kept, and sees what the switch shows.

        Args:
            callers: all that the switch has.
        """
        assert self._journal is not None, "this world may not crash"
        state = read_snapshot(self._snapshot)
        for data in self._journal:
            fold(state, decode_record(data))
        assert digest(state) == digest(self.state), f"record {state.record_number}: another state"
        self._engine = Engine(state, self._watch)
        self.do(ReportSwitch(LINK, self.now_ms, callers))

    def _keep(self, record: Record) -> None:
        assert self._journal is not None
        self._journal.append(encode_record(record))
        if len(self._journal) >= RECORDS_MAX:
            self._snapshot = write_snapshot(self.state)
            self._journal.clear()

    def run(self, until_ms: int, goes_on: Callable[[], bool] | None = None) -> None:
        """Everything happens that is to happen before `until_ms`, deadlines first.

        Args:
            goes_on: asked before each happening; the run ends, at its moment, when it is over.
        """
        happenings, soon = self._happenings, self._soon
        self._is_stopped = False
        while True:
            while soon:
                soon.popleft()()
            if self.between is not None and self.between.is_on and not self._ends_at(self.now_ms):
                self.between.bring_back()
                continue
            if self._is_stopped or (goes_on is not None and not goes_on()):
                return
            next_ms = happenings[0][0] if happenings else until_ms
            if next_ms > until_ms:
                next_ms = until_ms
            engine = self._engine
            deadlines = engine.state.deadlines
            if deadlines.earliest_ms <= next_ms:
                due_ms = deadlines.next_ms()
                if due_ms is not None and due_ms <= next_ms and due_ms < until_ms:
                    self.now_ms = max(self.now_ms, due_ms)
                    if self.between is not None and self._ends_at(self.now_ms):
                        self.between.set_aside()
                    self._finish(engine.pass_time(self.now_ms))
                    continue
            if next_ms >= until_ms:
                break
            self.now_ms, _, _, happening = heappop(happenings)
            happening()
        self.now_ms = until_ms

    def _ends_at(self, at_ms: int) -> bool:
        """Whether something happens next, at this moment, that comes before `First.ORDINARY`."""
        happenings = self._happenings
        return bool(happenings) and happenings[0][:2] < (at_ms, First.ORDINARY)

    def stop(self) -> None:
        """Ends the run, at this moment, once what happens now is over."""
        self._is_stopped = True

    def _finish(self, record: Record | None) -> None:
        if self._invariants:
            check(self.state)
        if record is None:
            return
        self.records += 1
        if self._journal is not None:
            self._keep(record)
        self._is_publishing = True
        for follower in self._followers:
            follower(record)
        # Those who listen: of the few kinds of records that there are each is worked out once.
        events, at_ms = record.events, record.at_ms
        kinds: object = type(events[0]) if len(events) == 1 else tuple(map(type, events))
        plan = self._plans.get(kinds)
        if plan is None:
            plan = self._plans[kinds] = self._plan(events)
        for reader, index in plan:
            reader(events[index], at_ms)
        self._is_publishing = False

    def _plan(self, events: tuple[Event, ...]) -> tuple[tuple[Reader, int], ...]:
        if len(self._plans) >= PLANS_MAX:
            self._plans.clear()
        return tuple(
            (readers[type(event)], index)
            for readers in self._listeners
            for index, event in enumerate(events)
            if type(event) in readers
        )


def _watching(invariants: bool, watch: Watch | None) -> Watch | None:
    if not invariants or watch is None:
        return check_promise if invariants else watch

    def both(state: State, event: Event) -> None:
        check_promise(state, event)
        watch(state, event)

    return both
