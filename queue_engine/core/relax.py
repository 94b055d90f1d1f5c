"""Decisions on what a waiting contact needs: when it becomes content with less.

By the rules' set waits, and when nobody at work speaks its language while somebody could help it
with an interpreter between. Never back: who has been promised an interpreter gets one.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.contact import Contact
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.relaxing import needed_instead
from routing.vocabulary import INTERPRETER, ContactId, RegionCode, Requirement

_SEQUENCE: Final = attrgetter("sequence")


def relax_by_rule(turn: Turn, contact_id: ContactId, rule_name: str) -> None:
    """The moment of a relax rule has come."""
    contact = turn.state.contacts[contact_id]
    needs = turn.state.rules.relax_rule(rule_name).relaxed(contact.needs)
    turn.emit(ev.NeedsRelaxed(contact_id, needs, ev.RelaxReason.WAITED, rule=rule_name))


def relax_unspoken(turn: Turn) -> None:
    """Relaxes the language of those who are new to the queue, or all when staff has changed."""
    state = turn.state
    if not state.rules.policy.interpreter_languages:
        return
    touched: Iterable[Contact] = state.touched.contacts.values()
    if state.touched.staff:
        waiting = (c.contact_id for c in state.waiting.needing(state.rules.interpretable))
        touched = {
            **state.touched.contacts,
            **{each: state.contacts[each] for each in waiting},
        }.values()
    interpretable = state.rules.interpretable
    needing = [contact for contact in touched if interpretable(contact.needs)]
    if not needing:  # as nearly always
        return
    for contact in sorted(needing, key=_SEQUENCE):
        needs = spoken_needs(state, contact)
        if needs is not None:
            language = state.rules.interpretable(contact.needs)
            reason = ev.RelaxReason.NOBODY_SPEAKS
            turn.emit(ev.NeedsRelaxed(contact.contact_id, needs, reason, language=language))


def spoken_needs(state: State, contact: Contact) -> tuple[Requirement, ...] | None:
    """What it needs with an interpreter, if only so somebody at work can help; else None."""
    language = state.rules.interpretable(contact.needs)
    if not language or is_staffed(state, contact.home_region, contact.needs):
        return None
    for spoken in state.rules.policy.interpreter_languages:
        needs = needed_instead(contact.needs, language, (spoken, INTERPRETER))
        if is_staffed(state, contact.home_region, needs):
            return needs
    return None


def is_staffed(state: State, home: RegionCode, needs: tuple[Requirement, ...]) -> bool:
    """Whether anybody is at work who has these skills and could be shared with, now or later."""
    rules = state.rules
    is_alone = not rules.is_nobodys(home) and not rules.takes_part(home)
    codes = (home,) if is_alone else rules.regions
    return any(state.ready.signed_on_count(code, needs) for code in codes)
