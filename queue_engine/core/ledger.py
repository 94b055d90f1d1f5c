"""What each region has done for each other: calls, talk, consultations and wrap-up, by service.

A pure fold over records. What agents do with a contact is booked when the contact ends, on the home
region that it then has: whoever corrects a home region corrects the account of all that was done
before. A transfer to another region is no correction: what was done until then, and the wrap-up of
it, is for the region whose contact it was. Other wrap-ups are booked when they end. What no region
is home to stands on the nation's own account; what an agent answered as sold, on one of its own.
What islands did is booked when it is told (`ledger_islands`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.island_reports import StintKind
from queue_engine.core.ledger_islands import merge
from queue_engine.core.ledger_rows import (
    NATION as NATION,
    UNSEEN_MAX,
    Account as Account,
    Booked,
    Busy,
    ContactWork as ContactWork,
    LedgerRows as LedgerRows,
    Stint,
    Sums as Sums,
    sums_of,
)
from queue_engine.core.policy_codec import read_policy
from queue_engine.core.record import Record
from routing.skills import first_needed
from routing.vocabulary import AgentId, ContactId, RegionCode


class Ledger:
    """The accounts, of what is booked from one moment to before another.

    Args:
        from_ms: what would be booked earlier is not.
        to_ms: nor what would be then or later; None: there is no end.
        rows: where another left off.
    """

    def __init__(
        self, from_ms: int = 0, to_ms: int | None = None, rows: LedgerRows | None = None
    ) -> None:
        self._from_ms = from_ms
        self._to_ms = to_ms
        self._now_ms = 0
        self._rows = rows or LedgerRows()
        self._accounts = dict(self._rows.accounts)

    def follow(self, record: Record) -> None:
        """One more record, from the journal's first on."""
        self._now_ms = record.at_ms
        for event in record.events:
            note = _NOTES.get(type(event))
            if note is not None:
                note(self, event)

    def accounts(self) -> Iterator[tuple[Account, Sums]]:
        """Every account, in order."""
        yield from sorted(self._accounts.items())

    def close(self) -> list[tuple[Account, Sums]]:
        """Every account, in order; all begin from nothing again."""
        closed = list(self.accounts())
        self._accounts = {}
        return closed

    def rows(self) -> LedgerRows:
        """What another needs to go on from here."""
        self._rows.accounts = list(self.accounts())
        return self._rows

    # --- what events say ------------------------------------------------------------------

    def _load_policy(self, event: ev.PolicyLoaded) -> None:
        policy = read_policy(event.policy)
        self._rows.regions = tuple(region.code for region in policy.regions)
        self._rows.services = policy.services

    def _sign_on(self, event: ev.AgentSignedOn) -> None:
        self._rows.agents[event.agent_id] = event.region

    def _sign_off(self, event: ev.AgentSignedOff) -> None:
        del self._rows.agents[event.agent_id]

    def _enter(
        self, event: ev.ContactEnqueued | ev.ContactRestored | ev.IslandContactTaken
    ) -> None:
        known = self._rows.contacts.get(event.contact_id)
        told = event.fact if isinstance(event, ev.IslandContactTaken) else event
        contact = ContactWork(told.home_region, told.needs)
        if known is not None:  # its last agent may be wrapping it up
            contact.sold_to, contact.sent_on = known.sold_to, known.sent_on
            contact.booked, contact.ended_elsewhere = known.booked, known.ended_elsewhere
        self._rows.contacts[event.contact_id] = contact

    def _forget(self, event: ev.ContactForgotten) -> None:
        work, unseen = self._rows.contacts.pop(event.contact_id, None), self._rows.unseen
        if work is not None and work.is_unseen:
            unseen[event.contact_id] = work
            if len(unseen) > UNSEEN_MAX:
                del unseen[next(iter(unseen))]

    def _correct_home(self, event: ev.HomeRegionCorrected) -> None:
        self._rows.contacts[event.contact_id].home = event.home_region

    def _change_needs(self, event: ev.ContactPriorityChanged) -> None:
        if event.needs is not None:
            self._rows.contacts[event.contact_id].needs = event.needs

    def _offer(self, event: ev.ContactOffered | ev.ConsultOffered) -> None:
        contact = self._rows.contacts[event.contact_id]
        if event.is_sold:
            contact.sold_to[event.agent_id] = contact.home
        elif contact.sold_to:
            contact.sold_to.pop(event.agent_id, None)

    def _connect(self, event: ev.ContactConnected) -> None:
        contact = self._rows.contacts[event.contact_id]
        contact.sent_on.pop(event.agent_id, None)
        if event.agent_id in contact.ended_elsewhere:
            contact.ended_elsewhere.remove(event.agent_id)
        contact.busy[event.agent_id] = Busy(self._now_ms, False)

    def _consult(self, event: ev.ConsultAnswered) -> None:
        contact = self._rows.contacts[event.contact_id]
        contact.busy[event.agent_id] = Busy(self._now_ms, True)

    def _end_consult(self, event: ev.ConsultEnded) -> None:
        self._stop(event.contact_id, self._now_ms, event.agent_id)

    def _hand_over(self, event: ev.ContactHandedOver) -> None:
        self._stop(event.contact_id, self._now_ms)
        contact = self._rows.contacts[event.contact_id]
        contact.busy[event.agent_id] = Busy(self._now_ms, False)

    def _go_back(self, event: ev.ContactReturned | ev.ContactSentBack) -> None:
        self._stop(event.contact_id, self._now_ms)

    def _transfer(self, event: ev.ContactTransferred) -> None:
        self._stop(event.contact_id, self._now_ms)
        contact = self._rows.contacts[event.contact_id]
        if event.to_region is not None:
            self._settle(event.contact_id)
            contact.sent_on[event.agent_id] = contact.home
            contact.home = event.to_region
        contact.needs = event.needs

    def _end(self, event: ev.ContactEnded) -> None:
        self._stop(event.contact_id, self._now_ms if event.ended_ms is None else event.ended_ms)
        self._rows.contacts[event.contact_id].is_unseen = event.ended_ms is not None
        self._settle(event.contact_id)

    def _end_wrap_up(self, event: ev.WrapUpEnded) -> None:
        contact = self._rows.contacts.get(event.contact_id)
        if contact is None:
            return
        agent_id = event.agent_id
        if agent_id in contact.ended_elsewhere:
            contact.ended_elsewhere.remove(agent_id)
            return
        giver, from_ms = self._rows.agents[agent_id], self._now_ms - event.wrap_up_ms
        home = contact.sent_on.get(agent_id, contact.home)
        stint = Stint(agent_id, giver, StintKind.WRAP_UP, from_ms, self._now_ms)
        self._book(event.contact_id, home, stint)

    def _merge(self, event: ev.IslandContactMerged) -> None:
        merge(self._rows, event, self._enter_sums)

    # --- booking --------------------------------------------------------------------------

    def _stop(self, contact_id: ContactId, until_ms: int, only: AgentId | None = None) -> None:
        """Whoever is busy with the contact is no longer; one of them, or all."""
        contact = self._rows.contacts[contact_id]
        for agent_id in [each for each in contact.busy if only in (None, each)]:
            since_ms, is_consult = contact.busy.pop(agent_id)
            giver = self._rows.agents[agent_id]
            kind = StintKind.CONSULT if is_consult else StintKind.TALK
            ended_ms = max(since_ms, until_ms)
            contact.done.append(Stint(agent_id, giver, kind, since_ms, ended_ms))

    def _settle(self, contact_id: ContactId) -> None:
        contact = self._rows.contacts[contact_id]
        for stint in contact.done:
            self._book(contact_id, contact.home, stint)
        contact.done = []

    def _book(self, contact_id: ContactId, home: RegionCode, stint: Stint) -> None:
        """The work is over, and for this region."""
        contact = self._rows.contacts[contact_id]
        taker = home if home in self._rows.regions else NATION
        account = None
        if taker != stint.giver:
            service = first_needed(contact.needs, self._rows.services)
            is_sold = contact.sold_to.get(stint.agent_id) == home
            account = Account(stint.giver, taker, service, is_sold)
        contact.booked.append(Booked(stint, account))
        self._enter_sums(account, sums_of(stint.kind, stint.length_ms))

    def _enter_sums(self, account: Account | None, sums: Sums) -> None:
        if account is not None and self._is_within():
            self._accounts[account] = self._accounts.get(account, Sums()) + sums

    def _is_within(self) -> bool:
        return self._from_ms <= self._now_ms and (self._to_ms is None or self._now_ms < self._to_ms)


_NOTES: Final[dict[type, Callable[[Ledger, Any], None]]] = {
    ev.PolicyLoaded: Ledger._load_policy,
    ev.AgentSignedOn: Ledger._sign_on,
    ev.AgentSignedOff: Ledger._sign_off,
    ev.ContactEnqueued: Ledger._enter,
    ev.ContactRestored: Ledger._enter,
    ev.IslandContactTaken: Ledger._enter,
    ev.ContactForgotten: Ledger._forget,
    ev.HomeRegionCorrected: Ledger._correct_home,
    ev.ContactPriorityChanged: Ledger._change_needs,
    ev.ContactOffered: Ledger._offer,
    ev.ConsultOffered: Ledger._offer,
    ev.ContactConnected: Ledger._connect,
    ev.ConsultAnswered: Ledger._consult,
    ev.ConsultEnded: Ledger._end_consult,
    ev.ContactHandedOver: Ledger._hand_over,
    ev.ContactReturned: Ledger._go_back,
    ev.ContactSentBack: Ledger._go_back,
    ev.ContactTransferred: Ledger._transfer,
    ev.ContactEnded: Ledger._end,
    ev.WrapUpEnded: Ledger._end_wrap_up,
    ev.IslandContactMerged: Ledger._merge,
}
"""What the other events say is nothing to the ledger."""
