"""Independent books over a simulated day: from records alone, and not by the core's own words."""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from typing import Final

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.record import Record
from routing.vocabulary import AgentId, ContactId, Priority, RegionCode

Cell = tuple[RegionCode, Priority]

TRIED_MS: Final = 60_000
"""How long a nurse who did not answer a contact is passed over, as configured."""


class Conservation:
    """Everybody who entered is connected, gone or still there. Reads what was asked and seen."""

    def __init__(self) -> None:
        self.entered: Counter[Cell] = Counter()
        self.connected: Counter[Cell] = Counter()
        self.abandoned: Counter[Cell] = Counter()
        self.there: dict[ContactId, Cell] = {}

    def __call__(self, record: Record) -> None:
        match record.command:
            case cmd.EnqueueContact() as asked:
                cell = (asked.home_region, asked.priority)
                assert asked.contact_id not in self.there, "entered twice"
                self.there[asked.contact_id] = cell
                self.entered[cell] += 1
            case cmd.ReportConnected() as seen:
                self.connected[self.there.pop(seen.contact_id)] += 1
            case cmd.ReportCallerGone() as seen if seen.contact_id in self.there:
                self.abandoned[self.there.pop(seen.contact_id)] += 1


class EmergenciesFirst:
    """Notes each offer of anything else at a nurse who might have had an emergency.

    For a country in which all take part and all nurses have all skills.
    """

    def __init__(self) -> None:
        self.passed_over: list[str] = []
        self.waited = 0
        """Emergencies that no nurse was free for when they came."""
        self._emergencies: set[ContactId] = set()
        self._waiting: set[ContactId] = set()
        self._seen_in: dict[ContactId, int] = {}
        self._resting: set[ContactId] = set()
        self._tried: dict[tuple[ContactId, AgentId], int] = {}

    def __call__(self, record: Record) -> None:
        for event in record.events:
            match event:
                case ev.ContactEnqueued() if event.priority is Priority.EMERGENCY:
                    self._emergencies.add(event.contact_id)
                case ev.ContactSeenWaiting() if event.contact_id in self._emergencies:
                    self._waiting.add(event.contact_id)
                    self._seen_in[event.contact_id] = record.number
                case ev.ContactPostponed():
                    self._resting.add(event.contact_id)
                case ev.PostponementEnded():
                    self._resting.discard(event.contact_id)
                case ev.OfferRangOut() | ev.OfferRejected() | ev.OfferFailed():
                    until_ms = record.at_ms + TRIED_MS
                    self._tried[event.contact_id, event.agent_id] = until_ms
                case ev.ContactOffered():
                    self._offered(record, event)
                    self._waiting.discard(event.contact_id)
                case ev.ContactEnded():
                    self._waiting.discard(event.contact_id)

    def _offered(self, record: Record, event: ev.ContactOffered) -> None:
        if event.contact_id in self._emergencies:
            self.waited += self._seen_in[event.contact_id] < record.number
            return
        self.passed_over += [
            f"record {record.number}: {event.contact_id} before {emergency} at {event.agent_id}"
            for emergency in sorted(self._waiting - self._resting)
            if self._tried.get((emergency, event.agent_id), 0) <= record.at_ms
        ]


class Lending:
    """Who answered whom, by region."""

    def __init__(self) -> None:
        self.pairs: Counter[tuple[RegionCode, RegionCode]] = Counter()
        self._home: dict[ContactId, RegionCode] = {}
        self._works_in: dict[AgentId, RegionCode] = {}

    def __call__(self, record: Record) -> None:
        match record.command:
            case cmd.EnqueueContact() as asked:
                self._home[asked.contact_id] = asked.home_region
            case cmd.SignOnAgent() as asked:
                self._works_in[asked.agent_id] = asked.region
        for event in record.events:
            if isinstance(event, ev.ContactOffered):
                pair = (self._home[event.contact_id], self._works_in[event.agent_id])
                self.pairs[pair] += 1


class Waits:
    """The waits of all who were connected, and what they should be in the simplest of queues."""

    def __init__(self) -> None:
        self.ms: list[int] = []
        self._arrived_ms: dict[ContactId, int] = {}
        self._talk_ms: dict[ContactId, int] = {}

    def __call__(self, record: Record) -> None:
        for event in record.events:
            match event:
                case ev.ContactEnqueued():
                    self._arrived_ms[event.contact_id] = event.arrived_ms
                case ev.ContactConnected():
                    self.ms.append(event.wait_ms)
                case ev.ContactEnded():
                    self._talk_ms[event.contact_id] = event.talk_ms

    def first_come_first_served(self, nurses: int) -> list[int]:
        """The wait of each call when the first nurse to be free takes the first who came.

        Of talks that were still under way at the end, only that they outlast it is known.
        """
        free_ms = [0] * nurses
        waits_ms = []
        for contact_id, arrived_ms in list(self._arrived_ms.items())[: len(self.ms)]:
            begins_ms = max(arrived_ms, heappop(free_ms))
            heappush(free_ms, begins_ms + self._talk_ms.get(contact_id, 2**62))
            waits_ms.append(begins_ms - arrived_ms)
        return waits_ms
