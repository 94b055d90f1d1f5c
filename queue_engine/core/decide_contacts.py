"""Decisions on one contact: its place, its priority, its offers, its end."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from queue_engine.core import events as ev, making, overload, redial
from queue_engine.core.agent import AgentState, Presence
from queue_engine.core.codes import require_code
from queue_engine.core.commands import (
    Actor,
    EnqueueContact,
    OfferFailure,
    SetContactPriority,
)
from queue_engine.core.contact import CONNECTED, OFFERED, Contact
from queue_engine.core.decide_merge import merge_awaited
from queue_engine.core.decide_trunks import EMERGENCY_REST_MS_MAX, rest_seats, rest_trunk
from queue_engine.core.errors import Refused
from queue_engine.core.keeping import keep
from queue_engine.core.promise import promise, require_promisable
from queue_engine.core.ticket import can_carry, can_carry_region
from queue_engine.core.turn import Turn
from routing.gateways import gateway_of
from routing.order import EMERGENCY_TIER
from routing.policy import MINUTE_MS, SECOND_MS
from routing.trunks import far_phone
from routing.vocabulary import (
    NO_LINK,
    ON_SCREEN,
    SKILL_LEVEL_BEST,
    SKILL_LEVEL_MIN,
    AgentId,
    ContactChannel,
    ContactId,
    NotReadyReason,
    Outcome,
    Priority,
    Requirement,
)

RING_GRACE_MS: Final = 3 * SECOND_MS
"""The switch itself ends an offer after `ring_ms`; the engine's own deadline is the net below."""

ARRIVED_AGO_MS_MAX: Final = 24 * 60 * MINUTE_MS
"""Nobody has been on the line for longer: an earlier arrival is a clock that is wrong."""

_CALLBACK: Final = ContactChannel.CALLBACK
_NEED: Final = {priority: rank for rank, priority in enumerate(Priority)}


def enqueue_contact(turn: Turn, command: EnqueueContact) -> None:
    """Gives a caller his place, or turns him away; asked twice, he keeps the place he has."""
    state = turn.state
    known = state.contacts.get(command.contact_id)
    if known is not None and not overload.was_refused(known):
        raise Refused("known_contact", f"contact {command.contact_id} is in the queue already")
    if not (can_carry_region(command.home_region) and can_carry(command.contact_id)):
        raise Refused("bad_word", "a contact's id or region that no ticket can carry")
    needs = _good_needs(command.contact_id, command.needs)
    arrived_ms = believable_ms(turn, command.arrived_ms)
    may_continue = bool(state.returning.by_key)
    earlier = redial.continued_by(state, command, turn.now_ms) if may_continue else None
    taken = redial.taken_over(command, arrived_ms, earlier)
    is_callback = command.channel is _CALLBACK
    if is_callback:
        require_promisable(state, taken.priority)
    is_counted = earlier is None and redial.is_counted(state, command)
    is_repeat = is_counted and redial.is_repeat_caller(state, command, turn.now_ms)
    if earlier is None and not is_repeat and state.rules.guards:
        why = overload.why_refused(state, command)
        if why is not None:
            overload.refuse(turn, command, arrived_ms, why)
            return
    promised_ms = earlier.promised_until_ms if earlier is not None else None
    if earlier is not None and earlier.is_away:
        end(turn, earlier, Outcome.CONTINUED)
    turn.emit(
        making.contact_enqueued(
            contact_id=command.contact_id,
            sequence=state.next_sequence,
            link_id=NO_LINK if command.channel in ON_SCREEN else command.link_id,
            line_id=command.line_id,
            arrived_ms=taken.arrived_ms,
            priority=taken.priority,
            needs=needs,
            home_region=command.home_region,
            home_region_source=command.home_region_source,
            home_unit=command.home_unit,
            language=command.language,
            channel=command.channel,
            preferred_unit=command.preferred_unit,
            preferred_agent=taken.preferred_agent,
            caller_key="" if command.is_shared_number else command.caller_key,
            continues=earlier.contact_id if earlier is not None else None,
            is_counted=is_counted,
            is_misuse=taken.is_misuse,
        )
    )
    if is_repeat and command.priority is Priority.STANDARD:
        turn.emit(
            ev.ContactPriorityChanged(
                command.contact_id, Priority.RAISED, Actor.SYSTEM, redial.REPEAT_CALLER
            )
        )
    if promised_ms is not None or is_callback:
        promise(turn, command.contact_id, promised_ms)
    if is_callback:
        turn.emit(ev.CallbackAwaited(command.contact_id))
    contact = state.contacts[command.contact_id]
    keep(turn, contact, contact.arrived_ms)


def believable_ms(turn: Turn, arrived_ms: int) -> int:
    """The arrival that somebody's clock says, if it can be.

    The clock may be wrong: whoever seems to arrive later arrives now, and nobody gets ahead of all
    others because he seems to have arrived long ago.
    """
    now_ms = turn.now_ms
    if arrived_ms >= 0 and 0 <= now_ms - arrived_ms <= ARRIVED_AGO_MS_MAX:  # as nearly always
        return arrived_ms
    return max(now_ms - ARRIVED_AGO_MS_MAX, min(arrived_ms, now_ms), 0)


def _good_needs(contact_id: ContactId, needs: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    """The needs in order, if they are such as can be."""
    code, ordered = _look_at_needs(needs)
    if code == "bad_need_level":
        raise Refused(code, f"contact {contact_id}: levels go from 1 to 9")
    if code:
        raise Refused(code, f"contact {contact_id}: a need that no ticket can carry")
    return ordered


@lru_cache(maxsize=4096)
def _look_at_needs(needs: tuple[Requirement, ...]) -> tuple[str, tuple[Requirement, ...]]:
    """What is wrong with them, and they in order: a few that come again with every caller."""
    if any(not SKILL_LEVEL_BEST <= need.level_max <= SKILL_LEVEL_MIN for need in needs):
        return "bad_need_level", needs
    if not can_carry(*(need.skill for need in needs)):
        return "bad_word", needs
    return "", tuple(sorted(needs))


def set_contact_priority(turn: Turn, command: SetContactPriority) -> None:
    """Changes the priority, or what is needed; a caller can only raise it, until he is connected.

    Whoever decides for a caller says why, by a code. Said again, nothing changes.
    """
    contact = turn.state.living(command.contact_id)
    if contact is None:
        raise Refused("unknown_contact", f"no contact {command.contact_id} in the queue")
    if command.actor is not Actor.CALLER:
        require_code(command.reason, "SetContactPriority.reason")
    elif contact.state is CONNECTED:
        raise Refused("connected", f"contact {command.contact_id} is with an agent already")
    needs = None if command.needs is None else _good_needs(command.contact_id, command.needs)
    lowers = _NEED[command.priority] > _NEED[contact.priority]
    known = (None, contact.needs, contact.asked or None)  # waiting may have relaxed what it asked
    is_as_before = command.priority is contact.priority and needs in known
    if is_as_before or (command.actor is Actor.CALLER and lowers):
        return
    turn.emit(
        ev.ContactPriorityChanged(
            contact.contact_id,
            command.priority,
            command.actor,
            command.reason,
            needs=needs,
        )
    )
    if contact.is_postponed and contact.contact_class.tier == EMERGENCY_TIER:
        turn.emit(ev.PostponementEnded(contact.contact_id))


def offer_failed(turn: Turn, contact_id: ContactId, failure: OfferFailure) -> None:
    """An offer was not answered: the contact keeps its place, her phone's deed costs her."""
    contact = turn.state.contacts[contact_id]
    agent_id, offer = contact.agent_id, contact.offer
    assert agent_id is not None, contact_id
    assert offer is not None, contact_id
    match failure:
        case OfferFailure.NO_ANSWER:
            turn.emit(ev.OfferRangOut(contact_id, agent_id, offer))
            _pay(turn, contact, agent_id, NotReadyReason.NO_ANSWER)
        case OfferFailure.REJECTED:
            turn.emit(ev.OfferRejected(contact_id, agent_id, offer))
            _pay(turn, contact, agent_id, NotReadyReason.REJECTED)
        case OfferFailure.UNREACHABLE if gateway_of(agent_id) is None:
            turn.emit(ev.OfferFailed(contact_id, agent_id, offer))
            not_ready(turn, agent_id, NotReadyReason.UNREACHABLE)
        case OfferFailure.UNREACHABLE:
            turn.emit(ev.OfferRevoked(contact_id, agent_id, offer, ev.RevokeReason.TRUNK))
            _pay(turn, contact, agent_id, NotReadyReason.UNREACHABLE)
        case OfferFailure.TRUNK if (far := far_phone(contact.phone_id)) is not None:
            rest_trunk(turn, (contact.link_id, far[0]), rest_ms_of(turn, contact))
            turn.emit(ev.OfferRevoked(contact_id, agent_id, offer, ev.RevokeReason.TRUNK))
        case OfferFailure.CANCELLED | OfferFailure.TRUNK:
            turn.emit(ev.OfferRevoked(contact_id, agent_id, offer, ev.RevokeReason.SEEN_WAITING))
    rest_if_failing(turn, contact)
    sign_off_if_free(turn, agent_id)


def _pay(turn: Turn, contact: Contact, agent_id: AgentId, reason: NotReadyReason) -> None:
    """The offer has failed at her phone; or at a gateway's seat, and so at the gateway."""
    gateway_id = gateway_of(agent_id)
    if gateway_id is None:
        not_ready(turn, agent_id, reason)
    else:
        rest_seats(turn, gateway_id, reason, rest_ms_of(turn, contact))


def rest_if_failing(turn: Turn, contact: Contact) -> None:
    """Postpones a contact whose offers keep coming to nothing, whoever's fault that is."""
    policy = turn.state.rules.policy
    recent = [at for at in contact.failures_ms if at > turn.now_ms - policy.failures_window_ms]
    if len(recent) < policy.failures_max:
        return
    rest_ms = rest_ms_of(turn, contact)
    turn.emit(ev.ContactPostponed(contact.contact_id, turn.now_ms + rest_ms))


def rest_ms_of(turn: Turn, contact: Contact) -> int:
    """How long what came to nothing for this contact is not tried again."""
    rest_ms = turn.state.rules.policy.not_before_ms
    is_emergency = contact.contact_class.tier == EMERGENCY_TIER
    return min(rest_ms, EMERGENCY_REST_MS_MAX) if is_emergency else rest_ms


def not_ready(turn: Turn, agent_id: AgentId, reason: NotReadyReason) -> None:
    """What her phone did costs her: she is not ready, for a while if it was the first time."""
    agent = turn.state.agents[agent_id]
    if agent.presence is Presence.NOT_READY:
        return
    heals = reason is NotReadyReason.NO_ANSWER and agent.no_answers == 1
    heals_at_ms = turn.now_ms + turn.state.rules.policy.no_answer_heals_ms if heals else None
    turn.emit(ev.AgentBecameNotReady(agent_id, reason, heals_at_ms))


def revoke(turn: Turn, contact: Contact, reason: ev.RevokeReason) -> None:
    """An offer ends for a reason that is not the agent's."""
    agent_id, offer = contact.agent_id, contact.offer
    assert agent_id is not None, contact.contact_id
    assert offer is not None, contact.contact_id
    turn.emit(ev.OfferRevoked(contact.contact_id, agent_id, offer, reason))
    sign_off_if_free(turn, agent_id)


def back_in_line(turn: Turn, contact: Contact) -> None:
    """The talk is over and the caller is not gone.

    A gateway has not taken him then: it rests, or it would be given him over and over.
    """
    agent_id = contact.agent_id
    end_consult(turn, contact, ev.ConsultEnd.ENDED)
    turn.emit(ev.ContactReturned(contact.contact_id, agent_id))
    if agent_id is not None:
        if gateway_of(agent_id) is not None:
            _pay(turn, contact, agent_id, NotReadyReason.UNREACHABLE)
        sign_off_if_free(turn, agent_id)


def end(
    turn: Turn,
    contact: Contact,
    outcome: Outcome,
    seen_ms: int | None = None,
    was_cut: bool = False,
) -> None:
    """The contact is over; her wrap-up begins if there was a talk, and ends if none is allowed.

    Args:
        seen_ms: when the caller was last there, if that is not now: the times end then.
        was_cut: nobody has hung up; tells of a talk only.
    """
    if contact.state is OFFERED:
        revoke(turn, contact, ev.RevokeReason.CALLER_GONE)
    if contact.consulted_agent is not None:
        end_consult(turn, contact, ev.ConsultEnd.ENDED)
    ended_ms = turn.now_ms
    if seen_ms is not None:
        ended_ms = min(max(seen_ms, contact.enqueued_ms), turn.now_ms)
    talk_ms = contact.talk_ms
    if contact.connected_ms is not None:
        talk_ms += max(0, ended_ms - contact.connected_ms)
    hold_ms = contact.hold_ms
    if contact.held_since_ms is not None:
        hold_ms += max(0, ended_ms - contact.held_since_ms)
    agent_id = contact.agent_id
    was_connected = contact.state is CONNECTED
    earlier_ms = ended_ms if ended_ms < turn.now_ms else None
    turn.emit(
        making.contact_ended(
            contact_id=contact.contact_id,
            outcome=outcome,
            wait_ms=contact.waited_ms(ended_ms),
            talk_ms=talk_ms,
            ended_ms=earlier_ms,
            hold_ms=hold_ms,
            was_cut=was_cut and was_connected,
        )
    )
    if contact.contact_id in turn.state.told_islands.awaited:
        merge_awaited(turn, contact.contact_id)
    if agent_id is not None:
        start_wrap_up(turn, agent_id, contact.contact_id)


def start_wrap_up(turn: Turn, agent_id: AgentId, contact_id: ContactId) -> None:
    """Her talk with the contact is over; her work after it begins, and ends if none is allowed."""
    state = turn.state
    is_seat = state.agents[agent_id].gateway is not None
    wrap_up_ms_max = 0 if is_seat else state.rules.policy.wrap_up_ms_max
    until_ms = turn.now_ms + wrap_up_ms_max
    turn.emit(making.wrap_up_started(agent_id, contact_id, until_ms))
    if not wrap_up_ms_max:
        turn.emit(making.wrap_up_ended(agent_id, contact_id, "", 0))
        sign_off_if_free(turn, agent_id)


def end_consult(turn: Turn, contact: Contact, reason: ev.ConsultEnd) -> None:
    """A colleague who is asked about the contact, if one is, has no more to do with it."""
    colleague = contact.consulted_agent
    if colleague is not None:
        turn.emit(ev.ConsultEnded(contact.contact_id, colleague, reason))
        sign_off_if_free(turn, colleague)


def sign_off_if_free(turn: Turn, agent_id: AgentId) -> None:
    """Carries out a sign-off that waited for her last contact."""
    agent = turn.state.agents[agent_id]
    if agent.is_signing_off and not agent.assignments:
        turn.emit(ev.AgentSignedOff(agent_id))


def free_for(turn: Turn, agent_id: AgentId, contact_id: ContactId) -> None:
    """She turns out to talk with this contact: what else she had goes back or ends.

    A caller whom she talked with is not taken for gone: the switch will show what he is. Her chats
    go on, for the switch says nothing of them; only one that she has not accepted goes back.
    """
    agent = turn.state.agents[agent_id]
    if len(agent.assignments) == 1 and contact_id in agent.assignments:
        return
    for other_id, held in list(agent.assignments.items()):
        if other_id == contact_id:
            continue
        if held.channel is ContactChannel.CHAT and held.state is not AgentState.RESERVED:
            continue
        other = turn.state.contacts.get(other_id)
        if other is not None and other.consulted_agent == agent_id:
            turn.emit(ev.ConsultEnded(other_id, agent_id, ev.ConsultEnd.BUSY))
        elif held.state is AgentState.RESERVED:
            assert other is not None, other_id
            assert other.offer is not None, other_id
            reason = ev.RevokeReason.AGENT_BUSY
            turn.emit(ev.OfferRevoked(other_id, agent_id, other.offer, reason))
        elif held.state is AgentState.TALKING:
            assert other is not None, other_id
            end_consult(turn, other, ev.ConsultEnd.ENDED)
            turn.emit(ev.ContactReturned(other_id, agent_id))
        else:
            wrap_up_ms = turn.now_ms - held.since_ms
            turn.emit(making.wrap_up_ended(agent_id, other_id, "", wrap_up_ms))
