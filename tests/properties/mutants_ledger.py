"""Wrong versions of the ledger, and of the balances that hang on the same work; see `mutants`."""

from __future__ import annotations

from typing import Any, Final

import pytest

from queue_engine.core import apply_consult, events as ev, ledger
from queue_engine.core.agent import Agent, Assignment
from queue_engine.core.ledger import Ledger
from queue_engine.core.state import State
from routing.vocabulary import AgentId, ContactId, RegionCode

Patch = pytest.MonkeyPatch


def consultation_booked_as_a_talk(patch: Patch) -> None:
    patch.setitem(ledger._NOTES, ev.ConsultAnswered, Ledger._connect)


def talk_after_a_hand_over_not_booked(patch: Patch) -> None:
    patch.delitem(ledger._NOTES, ev.ContactHandedOver)


def sold_stands_with_the_rest(patch: Patch) -> None:
    patch.delitem(ledger._NOTES, ev.ContactOffered)


def home_corrected_and_account_not(patch: Patch) -> None:
    patch.delitem(ledger._NOTES, ev.HomeRegionCorrected)


def transfer_taken_for_a_correction(patch: Patch) -> None:
    def wrong(self: Ledger, event: Any) -> None:
        contact = self._rows.contacts[event.contact_id]
        contact.home = event.to_region or contact.home
        Ledger._go_back(self, event)

    patch.setitem(ledger._NOTES, ev.ContactTransferred, wrong)


def talk_forgotten_that_was_given_back(patch: Patch) -> None:
    def wrong(self: Ledger, event: Any) -> None:
        self._rows.contacts[event.contact_id].busy.clear()

    patch.setitem(ledger._NOTES, ev.ContactSentBack, wrong)


def consultation_in_no_balance(patch: Patch) -> None:
    def wrong(
        state: State, agent_id: AgentId, contact_id: ContactId, event: type, now_ms: int
    ) -> None:
        agent = state.agents[agent_id]
        agent.step_assignment(contact_id, event, now_ms)
        agent.ready_since_ms = now_ms
        state.reindex_agent(agent)

    patch.setattr(apply_consult, "free", wrong)


def transferred_minutes_in_the_balance_of_the_new_region(patch: Patch) -> None:
    step = Agent.step_assignment

    def wrong(self: Agent, contact_id: ContactId, event: type, now_ms: int) -> None:
        step(self, contact_id, event, now_ms)
        held = self.assignments.get(contact_id)
        if held is not None:
            self.assignments[contact_id] = Assignment(held.state, held.since_ms)

    patch.setattr(Agent, "step_assignment", wrong)


def sold_minutes_in_the_balance(patch: Patch) -> None:
    def wrong(self: State, agent: Agent, contact_id: ContactId) -> RegionCode | None:
        self.sold.clear()
        return lent_to(self, agent, contact_id)

    lent_to = State.lent_to
    patch.setattr(State, "lent_to", wrong)


MUTANTS: Final = {
    sold_minutes_in_the_balance: "sales",
    consultation_booked_as_a_talk: "story ledger",
    talk_after_a_hand_over_not_booked: "story ledger",
    sold_stands_with_the_rest: "story ledger",
    home_corrected_and_account_not: "story ledger",
    transfer_taken_for_a_correction: "story ledger",
    talk_forgotten_that_was_given_back: "auditor",
    consultation_in_no_balance: "story lend_limits",
    transferred_minutes_in_the_balance_of_the_new_region: "story lend_limits",
}
