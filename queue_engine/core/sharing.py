"""By which share rules contacts may be answered in wider rings.

A rule holds from a moment on (waited, past due: a deadline row) or by a fact (it waits at all, a
window, a closed line, nobody at work). Once shared stays shared, until the contact ends or the
window with which the rule's sharing ends goes off. A ring may hang on how many wait: then it is the
ring that lets others answer or not, at each moment anew, and not the sharing that ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from queue_engine.core import events as ev, making
from queue_engine.core.contact import Contact
from queue_engine.core.placing import share_moments
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.limits import Limit, LimitKind
from routing.may_answer import has_own_ready
from routing.region_policy import NATIONAL, ShareCondition, ShareRule
from routing.vocabulary import ContactId, LineId, RegionCode

URGENT_TIER: Final = 1
"""Shared with all as soon as no own agent who may answer is ready."""
URGENT_RULE: Final = "tier_1"


def share_by_rule(turn: Turn, contact_id: ContactId, rule_name: str) -> None:
    """The moment of a timed share rule has come."""
    contact = turn.state.contacts[contact_id]
    rules = turn.state.rules
    _share(turn, contact, rules.share_rule(contact.home_region, contact.home_unit, rule_name))


def share_by_facts(turn: Turn, contact: Contact) -> None:
    """Shares the contact by the rules whose facts hold."""
    state = turn.state
    home, unit = contact.home_region, contact.home_unit
    for rule in state.rules.factual(home, unit, contact.priority):
        if (
            _FACTS[rule.condition](state, contact, rule)
            and state.is_concerned(contact, rule)
            and not contact.is_shared_by(rule)
        ):
            _share(turn, contact, rule)


def share_unstaffed(turn: Turn) -> None:
    """A region that lost an agent may have none left for some of its callers."""
    rules = turn.state.rules
    for seller in sorted(turn.state.touched.signed_off):
        for region in (seller, *rules.buyers(seller)):
            share_in_region(turn, region)


def share_in_window(turn: Turn, window: str) -> None:
    """The window has gone on: rules that hang on it hold, or may hold from now on."""
    state = turn.state
    for region in state.rules.regions_hanging_on(window):
        for contact in state.unanswered_of(region):
            share_by_facts(turn, contact)
            _share_by_moments(turn, contact)


def unshare_in_window(turn: Turn, window: str) -> None:
    """The window has gone off, and with it what was shared by its rules."""
    for contact in turn.state.living_contacts():
        for entry in contact.shared:
            if entry.window == window:
                turn.emit(ev.ContactUnshared(contact.contact_id, entry.ring, entry.rule))


def share_of_line(turn: Turn, line_id: LineId) -> None:
    """The line has been closed: some regions share who still waits in it."""
    state = turn.state
    for region in state.rules.regions_sharing_when(ShareCondition.LINE_CLOSED):
        for contact in state.unanswered_of(region):
            if contact.line_id == line_id:
                share_by_facts(turn, contact)


def share_in_region(turn: Turn, region: RegionCode) -> None:
    """A fact about the region has turned: rules that hang on it may hold from now on."""
    for contact in turn.state.unanswered_of(region):
        share_by_facts(turn, contact)


def _share(turn: Turn, contact: Contact, rule: ShareRule) -> None:
    """The rule's condition holds."""
    shared = making.contact_shared(contact.contact_id, rule.ring, rule.name, rule.ends_with)
    turn.emit(shared)


def _share_by_moments(turn: Turn, contact: Contact) -> None:
    """Shares the contact by the timed rules whose moment has come while they were not in force."""
    state = turn.state
    for rule, at_ms in share_moments(state.rules, contact):
        if (
            at_ms <= turn.now_ms
            and state.is_concerned(contact, rule)
            and not contact.is_shared_by(rule)
        ):
            _share(turn, contact, rule)


def _is_window_on(state: State, contact: Contact, rule: ShareRule) -> bool:
    return state.windows.get(rule.window, False)


def _is_unstaffed(state: State, contact: Contact, rule: ShareRule) -> bool:
    return not _has_staff(state, contact, rule)


def _is_wait_too_long(state: State, contact: Contact, rule: ShareRule) -> bool:
    limits = state.limits
    return bool(limits) and Limit(contact.home_region, LimitKind.OWN_WAIT, rule.name) in limits


def _is_line_closed(state: State, contact: Contact, rule: ShareRule) -> bool:
    return contact.line_id is not None and not state.is_line_open(contact.line_id)


def _is_so_at_once(state: State, contact: Contact, rule: ShareRule) -> bool:
    return True


_FACTS: Final[dict[ShareCondition, Callable[[State, Contact, ShareRule], bool]]] = {
    ShareCondition.WINDOW: _is_window_on,
    ShareCondition.UNSTAFFED: _is_unstaffed,
    ShareCondition.EXPECTED_WAIT: _is_wait_too_long,
    ShareCondition.LINE_CLOSED: _is_line_closed,
    ShareCondition.WAITED: _is_so_at_once,
    ShareCondition.QUEUE_LENGTH: _is_so_at_once,
}
"""The others hold from a moment on; waited with no time to wait holds from the beginning,
and so does a length of the queue: the ring knows from when on it reaches anybody."""


def _has_staff(state: State, contact: Contact, rule: ShareRule) -> bool:
    """Whether somebody who could is signed on: in the unit for its rules, else in the region.

    Or where the region buys the service.
    """
    ready, needs = state.ready, contact.needs
    home, unit = contact.home_region, contact.home_unit
    if unit is not None and state.rules.is_units_own(home, unit, rule):
        return ready.is_unit_staffed(home, unit, needs)
    return ready.count(home, needs).signed_on > 0 or any(
        any(ready.is_unit_staffed(seller.region, unit, needs) for unit in seller.units)
        if seller.units
        else ready.signed_on_count(seller.region, needs) > 0
        for seller in contact.contact_class.sellers
    )


# --- tier 1 ---------------------------------------------------------------------------------


class Urgent:
    """Tier 1 in one run of the match: shared when the last own agent who may answer is taken.

    Whether one is ready changes only as agents of the home region are taken; so those are asked
    again whose region has just lost one, and no others.
    """

    __slots__ = ("_turn", "_unshared", "asked")

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._unshared: dict[RegionCode, dict[ContactId, Contact]] = {}
        self.asked: dict[RegionCode, None] = {}
        """The regions of which `share` is to ask."""

    def add(self, contact: Contact) -> None:
        """It is of tier 1, and may have to be shared, now or later in the run."""
        self._unshared.setdefault(contact.home_region, {})[contact.contact_id] = contact
        self.asked[contact.home_region] = None

    def lost_agent_of(self, region: RegionCode) -> None:
        """An agent of the region has been offered a contact."""
        if self._unshared:
            for home in (region, *self._turn.state.rules.buyers(region)):
                if home in self._unshared:
                    self.asked[home] = None

    def share(self) -> None:
        """Shares those for whom no own agent is ready any more."""
        state = self._turn.state
        for region in self.asked:
            for contact in list(self._unshared[region].values()):
                if contact.contact_id in state.waiting and lacks_urgent_sharing(state, contact):
                    del self._unshared[region][contact.contact_id]
                    shared = making.contact_shared(contact.contact_id, NATIONAL, URGENT_RULE)
                    self._turn.emit(shared)
        self.asked.clear()


def lacks_urgent_sharing(state: State, contact: Contact) -> bool:
    """Tier 1 is everybody's as soon as no own agent who may answer is ready.

    A region that does not take part stays alone, and what is nobody's is everybody's already.
    """
    return (
        contact.contact_class.tier == URGENT_TIER
        and state.rules.takes_part(contact.home_region)
        and not any(shared.rule == URGENT_RULE for shared in contact.shared)
        and not has_own_ready(state.floor, contact)
    )
