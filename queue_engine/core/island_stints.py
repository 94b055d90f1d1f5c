"""The work of an island's agents, found by the ledger itself."""

from __future__ import annotations

from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.agent import AgentState
from queue_engine.core.contact import ENDED
from queue_engine.core.island_reports import IslandStint, StintKind
from queue_engine.core.ledger import Ledger
from queue_engine.core.ledger_rows import Busy, ContactWork, LedgerRows, Stint
from queue_engine.core.record import Record
from queue_engine.core.state import State
from routing.skills import first_needed
from routing.vocabulary import AgentId, ContactId, RegionCode

NOBODYS: Final = RegionCode("")
"""Of an agent who has gone, and of whom nothing says where she worked."""


def rows_of(state: State) -> LedgerRows:
    """What a ledger needs to go on from this state. What has been offered as sold before, and
    what is over and not booked, it does not know."""
    rows = LedgerRows(
        regions=tuple(state.rules.regions),
        services=state.rules.policy.services,
        agents={agent.agent_id: agent.region for agent in state.agents.values()},
        contacts={
            contact.contact_id: ContactWork(contact.home_region, contact.needs)
            for contact in state.contacts.values()
        },
    )
    for agent in state.agents.values():
        for contact_id, held in agent.assignments.items():
            work, contact = rows.contacts.get(contact_id), state.contacts.get(contact_id)
            if work is None or contact is None:
                continue
            if held.sent_on_from is not None:
                work.sent_on[agent.agent_id] = held.sent_on_from
            if held.state is AgentState.TALKING:
                is_consult = contact.consulted_agent == agent.agent_id
                work.busy[agent.agent_id] = Busy(held.since_ms, is_consult)
    return rows


class IslandLedger(Ledger):
    """Keeps the work itself in place of accounts.

    Args:
        rows: those of the state from which it goes on.
    """

    def __init__(self, rows: LedgerRows) -> None:
        super().__init__(rows=rows)
        self._stints: dict[ContactId, list[IslandStint]] = {}
        self._offered: set[tuple[AgentId, ContactId]] = set()

    def follow(self, record: Record) -> None:
        """One more record, from where its rows are of."""
        for event in record.events:
            if isinstance(event, ev.ContactOffered):
                self._offered.add((event.agent_id, event.contact_id))
        super().follow(record)

    def mend(self, state: State, event: ev.Event, at_ms: int) -> None:
        """Before an event is followed that is in the state already: what it has taken from there
        is put back."""
        agent_id: AgentId | None = getattr(event, "agent_id", None)
        if agent_id is not None:
            self._rows.agents.setdefault(agent_id, NOBODYS)
        if not isinstance(event, ev.ContactEnded):
            return
        row, work = state.contacts.get(event.contact_id), self._rows.contacts[event.contact_id]
        if row is not None and row.agent_id is not None and row.state is ENDED and not work.busy:
            self._rows.agents.setdefault(row.agent_id, NOBODYS)
            ended_ms = at_ms if event.ended_ms is None else event.ended_ms
            work.busy[row.agent_id] = Busy(ended_ms - event.talk_ms, is_consult=False)

    def told(self, state: State, until_ms: int) -> dict[ContactId, list[IslandStint]]:
        """All stints by contact, with those that went on at its own switches when it ended."""
        for contact_id, work in self._rows.contacts.items():
            self._settle(contact_id)
            contact = state.contacts.get(contact_id)
            if contact is None or not state.is_in_reach(contact):
                continue
            for agent_id, busy in work.busy.items():
                kind = StintKind.CONSULT if busy.is_consult else StintKind.TALK
                self._go_on(contact_id, agent_id, kind, busy.since_ms, until_ms)
        for agent in state.agents.values():
            if not state.is_link_up(agent.link_id):
                continue
            for contact_id, held in agent.assignments.items():
                if held.state is AgentState.WRAP_UP and contact_id in self._rows.contacts:
                    kind = StintKind.WRAP_UP
                    self._go_on(contact_id, agent.agent_id, kind, held.since_ms, until_ms)
        return self._stints

    def _go_on(
        self,
        contact_id: ContactId,
        agent_id: AgentId,
        kind: StintKind,
        from_ms: int,
        until_ms: int,
    ) -> None:
        work, giver = self._rows.contacts[contact_id], self._rows.agents[agent_id]
        home = work.home
        if kind is StintKind.WRAP_UP:
            home = work.sent_on.get(agent_id, home)
        stint = Stint(agent_id, giver, kind, from_ms, max(from_ms, until_ms))
        self._note(contact_id, home, stint, is_open=True)

    def _book(self, contact_id: ContactId, home: RegionCode, stint: Stint) -> None:
        self._note(contact_id, home, stint)

    def _note(
        self, contact_id: ContactId, home: RegionCode, stint: Stint, *, is_open: bool = False
    ) -> None:
        work = self._rows.contacts[contact_id]
        is_sold: bool | None = None
        if (stint.agent_id, contact_id) in self._offered:
            is_sold = work.sold_to.get(stint.agent_id) == home
        told = IslandStint(
            agent_id=stint.agent_id,
            giver=stint.giver,
            kind=stint.kind,
            from_ms=stint.from_ms,
            until_ms=stint.until_ms,
            taker=home,
            service=first_needed(work.needs, self._rows.services),
            is_sold=is_sold,
            is_open=is_open,
        )
        self._stints.setdefault(contact_id, []).append(told)
