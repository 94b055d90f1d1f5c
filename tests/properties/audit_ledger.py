"""The auditor's books on who did what for whom, from every stint of work; see `auditor`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from queue_engine.core import events as ev
from queue_engine.core.ledger import Account, Ledger, Sums
from queue_engine.core.record import Record
from routing.policy import Policy
from routing.vocabulary import RegionCode, Requirement, Skill


@dataclass
class Stint:
    """What one nurse did with one contact, from a moment to another."""

    nurse: str
    giver: str
    """The region that she worked for then."""
    contact: str
    kind: str
    """`talk`, `consult` or `wrap_up`."""
    from_ms: int
    until_ms: int | None = None
    is_booked: bool = False
    sent_on_by: str | None = None
    """The home region that it was for when the nurse transferred the caller to another."""


class LedgerBooks:
    """Every stint that ever was, and whose caller each was for in the end."""

    def __init__(self) -> None:
        self._stints: list[Stint] = []
        self._nurses: dict[str, str] = {}
        self._homes: dict[str, str] = {}
        self._needs: dict[str, tuple[Requirement, ...]] = {}
        self._offers: dict[tuple[str, str], str | None] = {}
        """The home region that buys the service, of the last offer to a nurse; None: none does."""
        self._sums: Counter[tuple[str, str, str, bool, str]] = Counter()

    def see(self, event: ev.Event, rules: Policy, now_ms: int) -> None:
        """One more event."""
        contact = getattr(event, "contact_id", "")
        match event:
            case ev.AgentSignedOn():
                self._nurses[event.agent_id] = event.region
            case ev.ContactEnqueued() | ev.ContactRestored():
                self._homes[contact], self._needs[contact] = event.home_region, event.needs
            case ev.ContactForgotten():
                self._homes.pop(contact, None)
            case ev.HomeRegionCorrected():
                self._homes[contact] = event.home_region
            case ev.ContactPriorityChanged() if event.needs is not None:
                self._needs[contact] = event.needs
            case ev.ContactOffered():
                buyer = self._homes[contact] if event.is_sold else None
                self._offers[event.agent_id, contact] = buyer
            case ev.ContactConnected():
                self._begin(event.agent_id, contact, "talk", now_ms)
            case ev.ConsultAnswered():
                self._begin(event.agent_id, contact, "consult", now_ms)
            case ev.ConsultEnded():
                self._end(contact, now_ms, event.agent_id)
            case ev.ContactHandedOver():
                self._end(contact, now_ms)
                self._begin(event.agent_id, contact, "talk", now_ms)
            case ev.ContactReturned() | ev.ContactSentBack():
                self._end(contact, now_ms)
            case ev.ContactTransferred():
                self._end(contact, now_ms)
                if event.to_region is not None:
                    self._settle(contact, rules)
                    self._latest(event.agent_id, contact).sent_on_by = self._homes[contact]
                    self._homes[contact] = event.to_region
                self._needs[contact] = event.needs
            case ev.ContactEnded():
                self._end(contact, now_ms if event.ended_ms is None else event.ended_ms)
                self._settle(contact, rules)
            case ev.WrapUpEnded() if contact in self._homes:
                home = self._latest(event.agent_id, contact).sent_on_by or self._homes[contact]
                giver = self._nurses[event.agent_id]
                stint = Stint(event.agent_id, giver, contact, "wrap_up", 0, event.wrap_up_ms)
                self._book(stint, home, rules)

    def _latest(self, nurse: str, contact: str) -> Stint:
        own = (stint for stint in reversed(self._stints) if stint.nurse == nurse)
        return next(stint for stint in own if stint.contact == contact)

    def _begin(self, nurse: str, contact: str, kind: str, now_ms: int) -> None:
        self._stints.append(Stint(nurse, self._nurses[nurse], contact, kind, now_ms))

    def _end(self, contact: str, now_ms: int, nurse: str = "") -> None:
        for stint in self._stints:
            if stint.contact == contact and stint.until_ms is None and nurse in ("", stint.nurse):
                stint.until_ms = max(now_ms, stint.from_ms)

    def _settle(self, contact: str, rules: Policy) -> None:
        for stint in self._stints:
            if stint.contact == contact and not stint.is_booked:
                self._book(stint, self._homes[contact], rules)

    def _book(self, stint: Stint, home: str, rules: Policy) -> None:
        assert stint.until_ms is not None, stint
        stint.is_booked = True
        needed = [need.skill for need in self._needs[stint.contact]]
        service = next((each for each in rules.services if each in needed), "")
        is_sold = self._offers.get((stint.nurse, stint.contact)) == home
        known = home in [region.code for region in rules.regions]
        row = (stint.giver, home if known else "unknown", service, is_sold)
        if row[0] != row[1]:
            self._sums[*row, f"{stint.kind}_ms"] += stint.until_ms - stint.from_ms
            count = {"talk": "calls", "consult": "consults"}.get(stint.kind)
            self._sums[*row, count or "wrap_ups"] += 1

    def check(self, records: Iterable[Record]) -> None:
        """The ledger of these records says what the books say."""
        ledger = Ledger()
        for record in records:
            ledger.follow(record)
        wanted: dict[Account, Sums] = {}
        for giver, taker, service, is_sold, _ in self._sums:
            row = (giver, taker, service, is_sold)
            sums = Sums(**{name: self._sums[*row, name] for name in Sums._fields})
            wanted[Account(RegionCode(giver), RegionCode(taker), Skill(service), is_sold)] = sums
        found = dict(ledger.accounts())
        assert found == wanted, f"the ledger says {found}, the auditor {wanted}"
