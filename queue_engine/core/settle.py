"""After each command: who is shared now, who is offered to whom, what is withdrawn.

When `settle` returns, no ready agent may answer any waiting contact (work-conserving), and no
emergency waits that a nurse could take whose phone only rings for something less pressing: an
offer, or a colleague's question.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Final

from queue_engine.core import events as ev, making
from queue_engine.core.agent import Agent, Presence
from queue_engine.core.callback import CallbackState
from queue_engine.core.contact import Contact
from queue_engine.core.decide_contacts import RING_GRACE_MS, end_consult, revoke
from queue_engine.core.keeping import end_keeping
from queue_engine.core.relax import relax_unspoken
from queue_engine.core.sharing import URGENT_TIER, Urgent, share_by_facts, share_unstaffed
from queue_engine.core.state import State
from queue_engine.core.strain import judge_strain
from queue_engine.core.talk import TalkState
from queue_engine.core.turn import Turn
from routing.matching import Chosen, Match
from routing.may_answer import class_obstacle, is_sold_to
from routing.order import EMERGENCY_TIER, HOME_TIER_MIN
from routing.policy import Order
from routing.ready_agents import AgentClass
from routing.trunks import seen_from
from routing.vocabulary import NO_LINK, ON_SCREEN

_ASKING: Final = TalkState.ASKING


def settle(turn: Turn) -> None:
    """Emits all sharing, offers and withdrawals that the turn has made possible."""
    state = turn.state
    touched = state.touched
    if touched.freed:
        judge_strain(turn)
    if touched.contacts or touched.staff:
        relax_unspoken(turn)
    if state.kept:
        end_keeping(turn)
    if touched.signed_off:
        share_unstaffed(turn)
    if touched.contacts or touched.classes:
        _match(turn)
    elif touched.freed or touched.absent or touched.staff or touched.signed_off:
        touched.clear()
    while state.emergencies and (rung_for := first_withdrawable(state)) is not None:
        if rung_for.talk is _ASKING:
            end_consult(turn, rung_for, ev.ConsultEnd.WITHDRAWN)
        else:
            revoke(turn, rung_for, ev.RevokeReason.WITHDRAWN)
        _match(turn)


def _match(turn: Turn) -> None:
    """Shares what is touched, and offers all pairs that it allows."""
    state = turn.state
    touched, waiting = state.touched, state.waiting.by_id
    urgent = _share(turn, None)
    if state.ready.by_id and (touched.classes or not waiting.keys().isdisjoint(touched.contacts)):
        _offer_all(turn, urgent)
    else:
        touched.clear()


def _offer_all(turn: Turn, urgent: Urgent | None) -> None:
    """Offers pairs until none is left that what is touched allows.

    Once somebody has been offered a contact, another who was passed over may be the only one left
    for a contact that she has tried.

    Args:
        urgent: those of tier 1 that have been touched, if there are any.
    """
    state = turn.state
    match = Match(state.floor, state.waiting)
    pair = _first_pair(state, match)
    while pair is not None:
        ready, contact = pair
        _offer(turn, state.agents[ready.agent_id], state.contacts[contact.contact_id])
        if urgent is not None:
            urgent.lost_agent_of(ready.agent_class.region)
        passed_over = state.tried_waiting()
        urgent = _share(turn, urgent)
        _touch(state, match)
        for other in passed_over:
            match.touch_contact(other)
        pair = match.next_pair()


def _first_pair(state: State, match: Match) -> Chosen | None:
    touched = state.touched
    if len(touched.contacts) == 1 and not touched.classes:
        (contact,) = touched.contacts.values()
        touched.clear()
        return match.pair_of(contact)
    _touch(state, match)
    return match.next_pair()


def _touch(state: State, match: Match) -> None:
    """The match looks at what has been touched."""
    touched = state.touched
    if touched.contacts and not _are_all_classes_touched(state):
        for contact in touched.contacts.values():
            match.touch_contact(contact)
    for kind in touched.classes:
        match.touch_class(kind)
    touched.clear()


def _share(turn: Turn, urgent: Urgent | None) -> Urgent | None:
    """In the order of the queue, whatever the order of touching; those of tier 1 so far."""
    touched = turn.state.touched.contacts
    if touched:
        contacts = list(touched.values())
        if len(contacts) > 1:
            contacts.sort(key=_SEQUENCE)
        for contact in contacts:
            share_by_facts(turn, contact)
            if contact.contact_class.tier == URGENT_TIER:
                if urgent is None:
                    urgent = Urgent(turn)
                urgent.add(contact)
    if urgent is not None and urgent.asked:
        urgent.share()
    return urgent


_SEQUENCE: Final = attrgetter("sequence")


def _are_all_classes_touched(state: State) -> bool:
    """Each pair needs a ready class: if all of them are looked at, no contact need be."""
    touched = state.touched.classes
    if len(touched) < state.ready.classes_count():
        return False
    return all(kind in touched for kind in state.ready.classes())


def _offer(turn: Turn, agent: Agent, contact: Contact) -> None:
    state = turn.state
    link_id = contact.contact_class.link_id or agent.link_id
    turn.emit(
        making.contact_offered(
            contact_id=contact.contact_id,
            agent_id=agent.agent_id,
            link_id=NO_LINK if contact.channel in ON_SCREEN else link_id,
            phone_id=seen_from(link_id, agent.link_id, agent.phone_id),
            offer=state.next_offer,
            ring_until_ms=turn.now_ms + state.rules.policy.ring_ms + RING_GRACE_MS,
            is_home=contact.home_region == agent.region,
            wait_ms=max(0, turn.now_ms - contact.arrived_ms),
            is_sold=is_sold_to(contact.contact_class, agent.agent_class),
            is_callback=contact.is_away,
        )
    )


# --- withdrawing ----------------------------------------------------------------------------


def first_withdrawable(state: State) -> Contact | None:
    """For what a phone rings that an emergency may have instead, when nobody else may take it.

    First colleagues' questions, which cost no caller his turn, then offers; each time the least
    pressing. Under `Order.FIFO` need does not count, and nothing is withdrawn.
    """
    emergencies = state.waiting_emergencies()
    if not emergencies or state.rules.policy.order is Order.FIFO:
        return None
    rings: dict[AgentClass, list[tuple[Contact, Agent]]] = {}
    for contact, agent in _lesser_rings(state):
        if _could_be_rung_for(state, agent):
            kind = agent.class_without(contact.contact_id, state.rules.policy.rooms)
            if kind is not None:
                rings.setdefault(kind, []).append((contact, agent))
    for emergency in emergencies:
        candidates = [
            contact
            for kind, rung in rings.items()
            if class_obstacle(state.floor, kind, emergency.contact_class) is None
            for contact, agent in rung
            if not agent.is_busy_with(emergency.contact_id)
        ]
        if candidates:
            return max(candidates, key=lambda contact: (contact.talk is _ASKING, contact.place))
    return None


def _lesser_rings(state: State) -> Iterator[tuple[Contact, Agent]]:
    """Whose phones ring for what gives way to an emergency.

    An offer of tier 2 or 3 that has not been answered, and a question about anybody but another
    emergency.
    """
    for contact, agent in state.offers():
        is_lesser = contact.contact_class.tier >= HOME_TIER_MIN
        if is_lesser and contact.callback is not CallbackState.DIALLED:
            yield contact, agent
    for contact in state.asking.values():
        assert contact.consulted_agent is not None, contact.contact_id
        if contact.contact_class.tier != EMERGENCY_TIER:
            yield contact, state.agents[contact.consulted_agent]


def _could_be_rung_for(state: State, agent: Agent) -> bool:
    """Whether an agent whose phone rings could be offered another contact instead."""
    is_there = agent.presence is Presence.READY and not agent.is_signing_off
    return is_there and state.is_link_up(agent.link_id)
