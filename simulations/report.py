"""What a day came to: counts and waits, from the records alone.

House rules: a contact is booked on its home region and on the priority it entered with, wherever
it is answered. A wait is from the IVR's answer until connected; those who gave up are counted,
and their waits are not among these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from queue_engine.core import events as ev
from queue_engine.core.record import Record
from routing.vocabulary import AgentId, ContactId, Outcome, Priority, RegionCode


@dataclass(frozen=True, slots=True)
class Counts:
    """Of some contacts: `contacts_entered` is the sum of the three that follow it."""

    contacts_entered: int = 0
    connected: int = 0
    abandoned: int = 0
    still_waiting: int = 0
    """Neither connected nor gone when the day was cut off."""
    mean_wait_ms: int | None = None
    """Of the connected; None: there are none."""
    p95_wait_ms: int | None = None
    """The shortest wait that 95 of 100 connected ones did not exceed."""


@dataclass(frozen=True, slots=True)
class DayReport:
    """Equal days give equal reports."""

    seed: int
    policy_version: str
    cells: tuple[tuple[RegionCode, Priority, Counts], ...]
    """Those with at least one contact, by region and priority."""
    by_region: tuple[tuple[RegionCode, Counts], ...]
    by_priority: tuple[tuple[Priority, Counts], ...]
    total: Counts
    given: tuple[tuple[RegionCode, int], ...]
    """Contacts of other regions that a region's nurses were connected with."""
    taken: tuple[tuple[RegionCode, int], ...]
    """A region's contacts that other regions' nurses were connected with."""
    records: int
    digest: str
    """Of the core's state at the end."""


@dataclass(slots=True)
class _Tally:
    entered: int = 0
    abandoned: int = 0
    waits_ms: list[int] = field(default_factory=list)

    def counts(self) -> Counts:
        waits_ms = sorted(self.waits_ms)
        connected = len(waits_ms)
        return Counts(
            contacts_entered=self.entered,
            connected=connected,
            abandoned=self.abandoned,
            still_waiting=self.entered - connected - self.abandoned,
            mean_wait_ms=round(sum(waits_ms) / connected) if waits_ms else None,
            p95_wait_ms=waits_ms[-(-95 * connected // 100) - 1] if waits_ms else None,
        )


class Books:
    """Keeps the books of one day; give it to `World.follow`."""

    def __init__(self, regions: Sequence[RegionCode]) -> None:
        self._regions = tuple(regions)
        self._cells: dict[tuple[RegionCode, Priority], _Tally] = {}
        self._open: dict[ContactId, tuple[RegionCode, Priority]] = {}
        """Contacts that have not been connected yet."""
        self._agents: dict[AgentId, RegionCode] = {}
        self._lent: Counter[tuple[RegionCode, RegionCode]] = Counter()
        """By home region and answering region, where these differ."""

    def __call__(self, record: Record) -> None:
        """Books one record."""
        for event in record.events:
            match event:
                case ev.AgentSignedOn():
                    self._agents[event.agent_id] = event.region
                case ev.ContactEnqueued():
                    cell = self._open[event.contact_id] = (event.home_region, event.priority)
                    self._cells.setdefault(cell, _Tally()).entered += 1
                case ev.ContactConnected():
                    self._connected(event)
                case ev.ContactEnded() if event.contact_id in self._open:
                    assert event.outcome is Outcome.ABANDONED, event
                    self._cells[self._open.pop(event.contact_id)].abandoned += 1

    def _connected(self, event: ev.ContactConnected) -> None:
        cell = self._open.pop(event.contact_id)
        self._cells[cell].waits_ms.append(event.wait_ms)
        home, answering = cell[0], self._agents[event.agent_id]
        if home != answering:
            self._lent[home, answering] += 1

    def close(self, seed: int, policy_version: str, records: int, digest: str) -> DayReport:
        """The report of all that was booked."""
        cells = sorted(self._cells.items(), key=lambda item: (item[0][0], _RANK[item[0][1]]))
        regions = self._regions
        return DayReport(
            seed=seed,
            policy_version=policy_version,
            cells=tuple((region, priority, tally.counts()) for (region, priority), tally in cells),
            by_region=tuple((code, self._sum(region=code)) for code in regions),
            by_priority=tuple((priority, self._sum(priority=priority)) for priority in Priority),
            total=self._sum(),
            given=tuple((code, self._lent_where(1, code)) for code in regions),
            taken=tuple((code, self._lent_where(0, code)) for code in regions),
            records=records,
            digest=digest,
        )

    def _sum(self, region: RegionCode | None = None, priority: Priority | None = None) -> Counts:
        together = _Tally()
        for (home, given), tally in self._cells.items():
            if region in (None, home) and priority in (None, given):
                together.entered += tally.entered
                together.abandoned += tally.abandoned
                together.waits_ms += tally.waits_ms
        return together.counts()

    def _lent_where(self, side: int, region: RegionCode) -> int:
        return sum(count for pair, count in self._lent.items() if pair[side] == region)


_RANK = {priority: rank for rank, priority in enumerate(Priority)}
