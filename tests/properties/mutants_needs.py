"""Wrong versions of what callers need, whom they wait for, and what supervisors force."""

from __future__ import annotations

from typing import Any, Final

import pytest

from queue_engine.core import (
    decide as deciding,
    decide_agents,
    decide_contacts,
    decide_return,
    events as ev,
    keeping,
    relax,
    settle,
)
from queue_engine.core.agent import AgentState
from queue_engine.core.apply import WRITERS
from queue_engine.core.commands import CallTicket, ForceAgent, SetContactPriority
from queue_engine.core.contact import Contact
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing import may_answer
from routing.rules import Rules
from routing.vocabulary import Outcome

Patch = pytest.MonkeyPatch


def service_times_forgotten(patch: Patch) -> None:
    patch.setattr(Rules, "priority_rule", lambda self, priority, needs: self.priorities[priority])


def kept_from_nobody(patch: Patch) -> None:
    patch.setattr(may_answer, "is_preferred", lambda agent, contact: True)


def kept_for_one_who_has_gone(patch: Patch) -> None:
    patch.setattr(settle, "end_keeping", lambda turn: None)


def kept_beyond_the_promise(patch: Patch) -> None:
    patch.setattr(keeping, "min", lambda until_ms, promised_ms: until_ms, raising=False)


def place_moved_by_what_is_less(patch: Patch) -> None:
    write = WRITERS[ev.NeedsRelaxed]

    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        write(state, event, now_ms, number)
        row = state.contacts[event.contact_id]
        row.asked = ()
        state.reindex_contact(row)

    patch.setitem(WRITERS, ev.NeedsRelaxed, wrong)


def relaxed_only_on_arrival(patch: Patch) -> None:
    def wrong(turn: Turn) -> None:
        turn.state.touched.staff = False
        relax.relax_unspoken(turn)

    patch.setattr(settle, "relax_unspoken", wrong)


def spoken_by_those_out_of_reach(patch: Patch) -> None:
    patch.setattr(relax, "could_answer", lambda floor, agent, contact: True)


def ticket_keeps_what_was_asked(patch: Patch) -> None:
    patch.setattr(Contact, "ticket", _ticket_of_what_was_asked)


def _ticket_of_what_was_asked(self: Contact) -> CallTicket:
    needs = self.asked or self.needs
    where = (self.priority, self.home_region, needs)
    return CallTicket(self.record, self.contact_id, self.arrived_ms, self.sequence, *where)


def a_forced_sign_off_cuts_the_talk(patch: Patch) -> None:
    def wrong(turn: Turn, command: ForceAgent) -> None:
        agent = turn.state.agents.get(command.agent_id)
        talks = agent.assignment_in(AgentState.TALKING) if agent is not None else None
        if talks is not None:
            decide_contacts.end(turn, turn.state.contacts[talks], Outcome.HANDLED)
        decide_agents.force_agent(turn, command)

    patch.setitem(deciding._DECIDERS, ForceAgent, wrong)


def needs_dropped_with_the_same_priority(patch: Patch) -> None:
    def wrong(turn: Turn, command: SetContactPriority) -> None:
        contact = turn.state.living(command.contact_id)
        if contact is None or contact.priority is not command.priority:
            decide_return.set_contact_priority(turn, command)

    patch.setitem(deciding._DECIDERS, SetContactPriority, wrong)


def emergencies_ask_her_for_rest(patch: Patch) -> None:
    patch.setattr(may_answer, "is_spared", lambda floor, agent, contact: True)


def nobody_is_given_the_rest_that_is_due(patch: Patch) -> None:
    patch.setattr(settle, "judge_strain", lambda turn: None)


MUTANTS: Final = {
    nobody_is_given_the_rest_that_is_due: "gateways",
    emergencies_ask_her_for_rest: "story strain",
    service_times_forgotten: "story service_times",
    needs_dropped_with_the_same_priority: "story skills",
    kept_from_nobody: "story preferred_wait",
    kept_for_one_who_has_gone: "story preferred_wait",
    kept_beyond_the_promise: "story preferred_wait",
    place_moved_by_what_is_less: "story relaxing",
    relaxed_only_on_arrival: "story interpreter",
    spoken_by_those_out_of_reach: "story interpreter",
    ticket_keeps_what_was_asked: "story relaxing",
    a_forced_sign_off_cuts_the_talk: "story forced",
}
"""Each with the net that must catch it; see `mutants.MUTANTS`."""
