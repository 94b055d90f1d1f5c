"""Books that begin in the middle, where the records of before are nowhere any more."""

from __future__ import annotations

from queue_engine.core.contact import ContactState
from queue_engine.core.ledger_rows import Busy, ContactWork, LedgerRows
from queue_engine.core.state import State


def rows_of(state: State) -> LedgerRows:
    """What a ledger has to know to go on after that state, with nothing on any account yet.

    A talk that goes on counts from its beginning; a colleague's part in it does not. The work after
    one that she sent on to another region is for the region that had the contact before.
    """
    policy = state.rules.policy
    rows = LedgerRows(tuple(region.code for region in policy.regions), policy.services)
    rows.agents = {agent.agent_id: agent.region for agent in state.agents.values()}
    for contact in state.contacts.values():
        work = ContactWork(contact.home_region, contact.asked or contact.needs)
        work.sold_to = dict(state.sold.get(contact.contact_id, {}))
        if contact.state is ContactState.CONNECTED and contact.agent_id is not None:
            assert contact.connected_ms is not None, contact.contact_id
            work.busy[contact.agent_id] = Busy(contact.connected_ms, False)
        rows.contacts[contact.contact_id] = work
    for agent in state.agents.values():
        for contact_id, held in agent.assignments.items():
            if held.sent_on_from is not None and contact_id in rows.contacts:
                rows.contacts[contact_id].sent_on[agent.agent_id] = held.sent_on_from
    return rows
