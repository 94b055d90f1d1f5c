"""Decisions on what a waiting contact needs: when it becomes content with less.

By the rules' set waits, and when nobody at work who could ever answer it speaks its language while
somebody could help it with an interpreter between. Never back: who has been promised an interpreter
gets one.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.contact import Contact
from queue_engine.core.sharing import URGENT_TIER
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.agreed import could_answer
from routing.region_policy import NATIONAL, ShareCondition
from routing.relaxing import needed_instead
from routing.vocabulary import INTERPRETER, ContactId, Requirement
from routing.waiting import ContactClass, contact_class

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
    found: dict[tuple[object, ...], tuple[Requirement, ...] | None] = {}
    for contact in sorted(needing, key=_SEQUENCE):
        alike = (contact.contact_class, contact.home_unit, contact.priority)
        if alike not in found:
            found[alike] = spoken_needs(state, contact)
        needs = found[alike]
        if needs is not None:
            language = state.rules.interpretable(contact.needs)
            reason = ev.RelaxReason.NOBODY_SPEAKS
            turn.emit(ev.NeedsRelaxed(contact.contact_id, needs, reason, language=language))


def spoken_needs(state: State, contact: Contact) -> tuple[Requirement, ...] | None:
    """What it needs with an interpreter, if only so somebody at work can help; else None."""
    language = state.rules.interpretable(contact.needs)
    if not language or is_staffed(state, contact, contact.needs):
        return None
    for spoken in state.rules.policy.interpreter_languages:
        needs = needed_instead(contact.needs, language, (spoken, INTERPRETER))
        if is_staffed(state, contact, needs):
            return needs
    return None


def is_staffed(state: State, contact: Contact, needs: tuple[Requirement, ...]) -> bool:
    """Whether anybody is at work who has these skills and could answer it, now or later."""
    rules, ready, floor = state.rules, state.ready, state.floor
    widest: ContactClass | None = None
    for region in dict.fromkeys((contact.home_region, *rules.regions)):
        if ready.signed_on_count(region, needs):
            widest = widest or _widest_class(state, contact, needs)
            if any(could_answer(floor, kind, widest) for kind in ready.signed_on_in(region)):
                return True
    return False


def _widest_class(state: State, contact: Contact, needs: tuple[Requirement, ...]) -> ContactClass:
    """The contact as it is when it needs this and all its home's rules have shared it.

    All that speak of it now: windows count as they stand, as membership does.
    """
    rules, kind = state.rules, contact.contact_class
    home, unit = contact.home_region, contact.home_unit
    about = (home, unit, contact.priority)
    rings = {
        rule.ring
        for rule in (*rules.timed(*about), *rules.factual(*about))
        if state.is_concerned(contact, rule)
        and (rule.condition is not ShareCondition.WINDOW or state.is_window_on(rule.window))
    }
    rings.update(kind.rings)
    if kind.tier == URGENT_TIER and rules.takes_part(home):
        rings.add(NATIONAL)
    ordered = tuple(sorted(rings))
    within = rules.keepers(home, unit, kind.tier, ordered)
    sellers = () if within else rules.sellers(home, unit, needs)
    return contact_class(
        kind.tier, home, needs, ordered, kind.link_id, within, sellers, kind.channel
    )
