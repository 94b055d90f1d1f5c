"""The auditor's books on who did what for whom, from every stint of work; see `auditor`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from queue_engine.core import events as ev
from queue_engine.core.island_reports import IslandStint
from queue_engine.core.ledger import Account, Ledger, Sums
from queue_engine.core.record import Record
from routing.policy import Policy
from routing.vocabulary import RegionCode, Requirement, Skill

Row = tuple[str, str, str, bool]


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
    row: Row | None = None
    """Where it stands; None: she did it for her own region."""
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
        self._unseen: set[str] = set()
        """Contacts whose end nobody has seen: their stints are remembered for longer."""
        self._not_here: set[tuple[str, str]] = set()
        """Nurse and contact: their talk ended on an island, and no wrap-up follows here."""

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
            case ev.ContactOffered() | ev.ConsultOffered():
                buyer = self._homes[contact] if event.is_sold else None
                self._offers[event.agent_id, contact] = buyer
            case ev.IslandContactTaken():
                self._homes[contact], self._needs[contact] = (
                    event.fact.home_region,
                    event.fact.needs,
                )
            case ev.IslandContactMerged():
                self._merge(event, rules)
            case ev.ContactConnected():
                self._not_here.discard((event.agent_id, contact))
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
                if event.ended_ms is None:
                    self._unseen.discard(contact)
                else:
                    self._unseen.add(contact)
                self._end(contact, now_ms if event.ended_ms is None else event.ended_ms)
                self._settle(contact, rules)
            case ev.WrapUpEnded() if (event.agent_id, contact) in self._not_here:
                self._not_here.discard((event.agent_id, contact))
            case ev.WrapUpEnded() if contact in self._homes:
                home = self._latest(event.agent_id, contact).sent_on_by or self._homes[contact]
                giver = self._nurses[event.agent_id]
                from_ms = now_ms - event.wrap_up_ms
                stint = Stint(event.agent_id, giver, contact, "wrap_up", from_ms, now_ms)
                self._stints.append(stint)
                self._book(stint, home, rules)

    def _merge(self, event: ev.IslandContactMerged, rules: Policy) -> None:
        """What was done on an island: new, or longer or shorter than it seemed here."""
        contact, island = event.contact_id, event.island
        is_known = contact in self._homes or contact in self._unseen
        known = [each for each in self._stints if each.contact == contact and each.is_booked]
        for told in event.fact.stints:
            same = [each for each in known if (each.nurse, each.kind) == (told.agent_id, told.kind)]
            later = [each for each in same if each.from_ms >= island.until_ms]
            begun = [each for each in same if each.from_ms == told.from_ms]
            if told.from_ms < island.parted_ms:
                begun = [each for each in same if each.from_ms <= island.parted_ms]
            is_wrap_up = told.kind == "wrap_up"
            row = self._row(told, contact, rules)
            if is_known and begun:
                stint = max(begun, key=lambda each: each.until_ms or 0)
                assert stint.until_ms is not None, stint
                self._enter(stint.row, told.kind, stint.from_ms - stint.until_ms, -1)
                is_longer = told.until_ms > stint.until_ms or not told.is_open
                until_ms = told.until_ms if is_longer else stint.until_ms
                stint.until_ms = max(stint.from_ms, until_ms)
                if event.ended_ms == event.fact.until_ms:
                    stint.row = row
                self._enter(stint.row, told.kind, stint.until_ms - stint.from_ms, 1)
            elif told.from_ms >= island.parted_ms or (is_known and is_wrap_up):
                length_ms = max(0, told.until_ms - told.from_ms)
                went_on = told.is_open and is_known and later
                self._enter(row, told.kind, length_ms, 0 if went_on else 1)
                if is_known and is_wrap_up and not told.is_open:
                    self._not_here.add((told.agent_id, contact))
            elif not is_known and told.kind == "talk":
                self._enter(row, told.kind, max(0, told.until_ms - island.parted_ms), 0)
        if is_known:
            self._void(event, known)

    def _void(self, event: ev.IslandContactMerged, known: list[Stint]) -> None:
        island = event.island
        for told in event.fact.stints:
            own = [each for each in known if each.nurse == told.agent_id]
            later = [e for e in own if e.kind == "talk" and e.from_ms >= island.until_ms]
            if told.kind != "talk" or told.is_open or later:
                continue
            for stint in own:
                is_false = stint.kind == "wrap_up" and stint.from_ms >= island.parted_ms
                if is_false and stint in self._stints:
                    self._stints.remove(stint)
                    assert stint.until_ms is not None, stint
                    self._enter(stint.row, "wrap_up", stint.from_ms - stint.until_ms, -1)
            self._not_here.add((told.agent_id, event.contact_id))

    def _row(self, told: IslandStint, contact: str, rules: Policy) -> Row | None:
        is_sold = told.is_sold
        if is_sold is None:
            remembers = contact in self._homes or contact in self._unseen
            buyer = self._offers.get((told.agent_id, contact)) if remembers else None
            is_sold = buyer == told.taker
        giver = told.giver or self._nurses.get(told.agent_id, told.taker)
        known = told.taker in [region.code for region in rules.regions]
        row = (giver, told.taker if known else "unknown", told.service, is_sold)
        return None if row[0] == row[1] else row

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
            stint.row = row
        self._enter(stint.row, stint.kind, stint.until_ms - stint.from_ms, 1)

    def _enter(self, row: Row | None, kind: str, length_ms: int, times: int) -> None:
        if row is not None:
            self._sums[*row, f"{kind}_ms"] += length_ms
            count = {"talk": "calls", "consult": "consults"}.get(kind)
            self._sums[*row, count or "wrap_ups"] += times

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
        differ = {
            row: (found.get(row), wanted.get(row))
            for row in {*found, *wanted}
            if found.get(row) != wanted.get(row)
        }
        assert not differ, f"the ledger and the auditor say: {differ}"
