"""After each command: who is shared now, who is offered to whom, what is withdrawn.

When `settle` returns, no ready agent may answer any waiting contact (work-conserving).
"""

from __future__ import annotations

from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent, Presence
from queue_engine.core.contact import Contact
from queue_engine.core.decide_contacts import RING_GRACE_MS, revoke
from queue_engine.core.turn import Turn
from routing.matching import Match, Pair
from routing.may_answer import EMERGENCY_TIER, class_obstacle, has_own_ready
from routing.order import HOME_TIER_MIN
from routing.policy import NATIONAL, ShareCondition, ShareRule
from routing.vocabulary import ContactId

URGENT_TIER: Final = 1
"""Shared with all as soon as no own agent who may answer is ready."""
URGENT_RULE: Final = "tier_1"


def settle(turn: Turn) -> None:
    """Emits all sharing, offers and withdrawals that the turn has made possible."""
    state = turn.state
    _share_unstaffed(turn)
    while state.touched:
        for emergency in _match(turn):
            _withdraw_for(turn, emergency)


def _match(turn: Turn) -> list[Contact]:
    """Offers all pairs that what is touched allows; gives the emergencies that remain."""
    state = turn.state
    match = Match(state.floor, state.waiting)
    seen: dict[ContactId, Contact] = {}
    while True:
        for contact in [*state.touched.contacts.values(), *state.tried_waiting()]:
            seen[contact.contact_id] = contact
            _share_by_facts(turn, contact)
            match.touch_contact(contact)
        for kind in state.touched.classes:
            match.touch_class(kind)
        for contact in seen.values():
            if _share_urgent(turn, contact):
                match.touch_contact(contact)
        state.touched.clear()
        pair = match.next_pair()
        if pair is None:
            return [contact for contact in seen.values() if _is_waiting_emergency(turn, contact)]
        _offer(turn, pair)


def _offer(turn: Turn, pair: Pair) -> None:
    state = turn.state
    agent = state.agents[pair.agent.agent_id]
    contact = state.contacts[pair.contact.contact_id]
    turn.emit(
        ev.ContactOffered(
            contact_id=contact.contact_id,
            agent_id=agent.agent_id,
            link_id=agent.link_id,
            phone_id=agent.phone_id,
            offer=state.next_offer,
            ring_until_ms=turn.now_ms + state.rules.policy.ring_ms + RING_GRACE_MS,
            is_home=contact.home_region == agent.region,
            wait_ms=max(0, turn.now_ms - contact.arrived_ms),
        )
    )


# --- sharing --------------------------------------------------------------------------------


def _share_unstaffed(turn: Turn) -> None:
    """A region that lost an agent may have none left for some of its callers."""
    state = turn.state
    for region in sorted(state.touched.signed_off):
        for contact in state.living_of(region):
            _share_by_facts(turn, contact)


def _share_by_facts(turn: Turn, contact: Contact) -> None:
    """Applies the share rules that hang on facts rather than on moments."""
    region = turn.state.rules.regions.get(contact.home_region)
    for rule in region.share_rules if region else ():
        if any(shared.rule == rule.name for shared in contact.shared):
            continue
        if rule.priorities and contact.priority not in rule.priorities:
            continue
        if _holds(turn, contact, rule):
            turn.emit(ev.ContactShared(contact.contact_id, rule.ring, rule.name))


def _holds(turn: Turn, contact: Contact, rule: ShareRule) -> bool:
    state = turn.state
    if rule.condition is ShareCondition.WINDOW:
        return state.windows.get(rule.window, False)
    if rule.condition is ShareCondition.UNSTAFFED:
        return not state.ready.signed_on_count(contact.home_region, contact.needs)
    return False


def _share_urgent(turn: Turn, contact: Contact) -> bool:
    """Tier 1: everybody's as soon as no own agent who may answer is ready."""
    state = turn.state
    if (
        contact.contact_class.tier != URGENT_TIER
        or contact.contact_id not in state.waiting
        or any(shared.rule == URGENT_RULE for shared in contact.shared)
        or has_own_ready(state.floor, contact)
    ):
        return False
    turn.emit(ev.ContactShared(contact.contact_id, NATIONAL, URGENT_RULE))
    return True


# --- withdrawing ----------------------------------------------------------------------------


def _is_waiting_emergency(turn: Turn, contact: Contact) -> bool:
    return contact.contact_class.tier == EMERGENCY_TIER and contact.contact_id in turn.state.waiting


def _withdraw_for(turn: Turn, emergency: Contact) -> None:
    """Takes back the least pressing unanswered offer for an emergency that nobody else may take."""
    state = turn.state
    if emergency.contact_id not in state.waiting:
        return
    candidates = [
        contact
        for contact, agent in state.offers()
        if contact.contact_class.tier >= HOME_TIER_MIN and _could_take(turn, agent, emergency)
    ]
    if candidates:
        revoke(turn, max(candidates, key=lambda contact: contact.place), ev.RevokeReason.WITHDRAWN)


def _could_take(turn: Turn, agent: Agent, emergency: Contact) -> bool:
    state = turn.state
    return (
        state.is_link_up(agent.link_id)
        and not agent.is_signing_off
        and agent.presence is Presence.READY
        and class_obstacle(state.floor, agent.agent_class, emergency.contact_class) is None
    )
