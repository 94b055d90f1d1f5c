"""Decisions on what the switch reports: facts, in whatever order and however late they come.

A caller whom the switch shows waiting IS waiting; `connected` is both in one bridge; only the
channel's end is a caller gone. The whole picture (`ReportSwitch`) is settled by the table of
DESIGN 5, with the same functions as the single reports.
"""

from __future__ import annotations

from typing import Final

from queue_engine.core import events as ev, making
from queue_engine.core.agent import Agent
from queue_engine.core.callback import CallbackState
from queue_engine.core.commands import (
    Actor,
    CallerPlace,
    CallTicket,
    OfferFailure,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportLinkLost,
    ReportOfferFailed,
    ReportSwitch,
    ReportTalkEnded,
    SeenCaller,
)
from queue_engine.core.contact import CONNECTED, ENDED, OFFERED, Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.decide_callback import caller_left, caller_unseen, on_line, rings_until_ms
from queue_engine.core.decide_consult import (
    agent_left,
    consult_failed,
    end_unseen,
    seen_with_colleague,
)
from queue_engine.core.decide_contacts import (
    back_in_line,
    believable_ms,
    end,
    end_consult,
    free_for,
    offer_failed,
    rest_if_failing,
    revoke,
)
from queue_engine.core.decide_screen import is_on_screen
from queue_engine.core.decide_talk import hold
from queue_engine.core.late_pictures import is_connected_since, is_known_since
from queue_engine.core.repairs import repairs
from queue_engine.core.talk import TALKS_TOO, TalkState
from queue_engine.core.turn import Turn
from routing.vocabulary import UNKNOWN_REGION, LinkId, NotReadyReason, Outcome, PhoneId, Priority


def report_caller_waiting(turn: Turn, command: ReportCallerWaiting) -> None:
    """The caller stands in the waiting context, or in the switch's own queue; no other place."""
    is_call = not is_on_screen(turn, command.caller.contact_id, command)
    if is_call and command.caller.place in _IN_QUEUE:
        _seen_waiting(turn, command.link_id, command.caller)


_IN_QUEUE: Final = (CallerPlace.WAITING, CallerPlace.FALLBACK)
_IN_WAITING, _TALKING = CallerPlace.WAITING, CallerPlace.TALKING
_ABANDONED, _HANDLED = Outcome.ABANDONED, Outcome.HANDLED


def report_caller_gone(turn: Turn, command: ReportCallerGone) -> None:
    """The caller's channel is gone; after a talk that the agent ended this is the usual echo."""
    contact = turn.state.living(command.contact_id)
    if contact is not None and contact.callback is not None:
        caller_left(turn, contact)
    elif contact is not None:
        connected = contact.state is CONNECTED
        left = Outcome.LOST if command.was_cut else _ABANDONED
        end(turn, contact, _HANDLED if connected else left, was_cut=command.was_cut)


def report_connected(turn: Turn, command: ReportConnected) -> None:
    """Caller and phone are in one bridge. One of whom nothing is known is left to the picture."""
    is_call = not is_on_screen(turn, command.contact_id, command)
    if is_call and command.contact_id in turn.state.contacts:
        contact_id, phone, offer = command.contact_id, command.phone_id, command.offer
        caller = making.seen_caller(contact_id, _TALKING, turn.now_ms, phone_id=phone, offer=offer)
        _seen_talking(turn, command.link_id, caller, turn.now_ms)


def report_offer_failed(turn: Turn, command: ReportOfferFailed) -> None:
    """An offer ended without an answer; one that is over already is only noted."""
    contact = turn.state.contacts.get(command.contact_id)
    if contact is None or is_on_screen(turn, command.contact_id, command):
        return
    if contact.offer == command.offer:
        offer_failed(turn, command.contact_id, command.failure)
        return
    if contact.talk is TalkState.ASKING and contact.consult == command.offer:
        consult_failed(turn, command.contact_id, command.failure)
        return
    turn.emit(
        ev.LateReport(command.contact_id, type(command).__name__, command.offer, command.failure)
    )


def report_talk_ended(turn: Turn, command: ReportTalkEnded) -> None:
    """The agent has hung up, or the colleague whom she asked."""
    contact = turn.state.living(command.contact_id)
    if contact is None or is_on_screen(turn, command.contact_id, command):
        return
    if contact.state is CONNECTED and contact.phone_id == command.phone_id:
        agent_left(turn, contact)
        return
    if contact.callback is CallbackState.DIALLED and contact.phone_id == command.phone_id:
        offer_failed(turn, contact.contact_id, OfferFailure.REJECTED)
        return
    if contact.talk in TALKS_TOO and contact.consulted_phone == command.phone_id:
        end_consult(turn, contact, ev.ConsultEnd.ENDED)
        return
    turn.emit(ev.LateReport(command.contact_id, type(command).__name__))


def report_link_lost(turn: Turn, command: ReportLinkLost) -> None:
    """The switch is out of reach."""
    if turn.state.links.get(command.link_id) is False:
        return
    seen_ms = command.seen_ms
    if seen_ms is not None and seen_ms >= turn.now_ms:
        seen_ms = None
    turn.emit(ev.LinkLost(command.link_id, seen_ms))


def report_switch(turn: Turn, command: ReportSwitch) -> None:
    """All that the switch shows: what is gone first, then talks, then the waiting."""
    state = turn.state
    before = len(turn.events)
    shown = {caller.contact_id for caller in command.callers}
    for contact in state.living_contacts():
        if (
            contact.link_id == command.link_id
            and contact.contact_id not in shown
            and contact.enqueued_ms < command.asked_ms
            and not is_connected_since(contact, command.asked_ms)
        ):
            if contact.callback is not None:
                caller_unseen(turn, contact, command.asked_ms)
                continue
            connected = contact.state is CONNECTED
            outcome = Outcome.HANDLED if connected else Outcome.LOST
            seen_ms = state.links_seen_ms.get(command.link_id)
            end(turn, contact, outcome, seen_ms, was_cut=True)
    callers = [each for each in command.callers if not is_on_screen(turn, each.contact_id, command)]
    by_place = sorted(callers, key=lambda caller: (_ORDER[caller.place], _sequence(caller)))
    for caller in by_place:
        if not is_known_since(state, command, caller):
            _reconcile(turn, command.link_id, caller, command.asked_ms)
    is_restored = not state.is_link_up(command.link_id)
    if is_restored:
        _ring_on(turn, command.link_id)
        end_unseen(turn, command.link_id, command.callers)
    repaired = len(repairs(turn.events[before:]))
    if is_restored:
        turn.emit(ev.LinkRestored(command.link_id, repaired))
    elif repaired:
        turn.emit(ev.LinkReconciled(command.link_id, repaired))


_ORDER: Final = {
    CallerPlace.TALKING: 0,
    CallerPlace.HELD: 1,
    CallerPlace.RINGING: 2,
    CallerPlace.WAITING: 3,
    CallerPlace.FALLBACK: 4,
    CallerPlace.MENU: 5,
}


def _ring_on(turn: Turn, link_id: LinkId) -> None:
    """Offers of which the picture says nothing certain: they do not ring for ever either."""
    for contact in turn.state.living_contacts():
        is_offered = contact.link_id == link_id and contact.state is OFFERED
        rings_until = turn.state.deadlines.at_ms(DeadlineKind.RING, contact.contact_id)
        if is_offered and rings_until is None:
            _see_ringing(turn, contact)


def _sequence(caller: SeenCaller) -> tuple[int, int, str]:
    """The order in which unknown callers get their place back."""
    if caller.ticket is None:
        return caller.channel_started_ms, 0, caller.contact_id
    return caller.ticket.arrived_ms, caller.ticket.sequence, caller.contact_id


def _reconcile(turn: Turn, link_id: LinkId, caller: SeenCaller, seen_ms: int) -> None:
    match caller.place:
        case CallerPlace.TALKING:
            _seen_talking(turn, link_id, caller, seen_ms)
        case CallerPlace.HELD:
            _seen_held(turn, link_id, caller, seen_ms)
        case CallerPlace.RINGING:
            _seen_ringing(turn, link_id, caller)
        case CallerPlace.WAITING | CallerPlace.FALLBACK:
            _seen_waiting(turn, link_id, caller)
        case CallerPlace.MENU:
            pass


# --- where a caller is ----------------------------------------------------------------------


def _seen_ringing(turn: Turn, link_id: LinkId, caller: SeenCaller) -> None:
    """A phone rings: ours goes on with a new deadline, any other is taken back."""
    contact = _known_or_restored(turn, link_id, caller)
    if contact.state is OFFERED and _is_offer_of(contact, caller):
        _see_ringing(turn, contact)
    elif not contact.is_away:
        _seen_waiting(turn, link_id, caller)


def _is_offer_of(contact: Contact, caller: SeenCaller) -> bool:
    if caller.offer is None:
        return contact.phone_id == caller.phone_id
    return contact.offer == caller.offer


def _see_ringing(turn: Turn, contact: Contact) -> None:
    assert contact.offer is not None, contact.contact_id
    turn.emit(ev.OfferSeen(contact.contact_id, contact.offer, rings_until_ms(turn, contact)))


def _seen_waiting(turn: Turn, link_id: LinkId, caller: SeenCaller) -> None:
    contact = _known_or_restored(turn, link_id, caller)
    if contact.state is OFFERED:
        revoke(turn, contact, ev.RevokeReason.SEEN_WAITING)
        rest_if_failing(turn, contact)
    elif contact.state is CONNECTED:
        back_in_line(turn, contact)
    if contact.is_away:
        on_line(turn, contact, link_id)
    _trust_newer_ticket(turn, contact, caller.ticket)
    if caller.place is not _IN_WAITING:
        turn.emit(ev.ContactSeenInFallback(contact.contact_id))
    elif not contact.seen_waiting:
        turn.emit(making.contact_seen_waiting(contact.contact_id))


def _seen_held(turn: Turn, link_id: LinkId, caller: SeenCaller, seen_ms: int) -> None:
    """The caller is on hold: with whoever is signed on at the phone, if anybody is.

    Of one who talks with her the hold may be newer than the picture, or over: we know better.
    """
    agent = turn.state.agent_at(link_id, caller.phone_id)
    if agent is None:
        _seen_waiting(turn, link_id, caller)
        return
    contact = _known_or_restored(turn, link_id, caller)
    if contact.agent_id != agent.agent_id or contact.state is not CONNECTED:
        _seen_talking(turn, link_id, caller, seen_ms)
        if contact.agent_id == agent.agent_id:
            hold(turn, contact, agent.agent_id)


def _seen_talking(turn: Turn, link_id: LinkId, caller: SeenCaller, seen_ms: int) -> None:
    """The caller talks at a phone: with whoever is signed on there, whatever we thought.

    Args:
        seen_ms: when the switch showed it, or began to look.
    """
    if caller.phone_id is None:
        return
    contact = _known_or_restored(turn, link_id, caller)
    if contact.state is CONNECTED:
        if contact.phone_id == caller.phone_id:
            _hold_is_over(turn, contact, seen_ms)
            return
        if contact.consulted_phone == caller.phone_id:
            seen_with_colleague(turn, contact)
            return
        back_in_line(turn, contact)
    agent = turn.state.agent_at(link_id, caller.phone_id)
    is_answer = agent is not None and agent.agent_id == contact.agent_id
    if contact.state is OFFERED and not is_answer:
        revoke(turn, contact, ev.RevokeReason.SEEN_CONNECTED)
    if contact.is_away and not is_answer:
        on_line(turn, contact, link_id)
    if agent is None:
        turn.emit(ev.ConnectedUnknownPhone(contact.contact_id, caller.phone_id))
        return
    if caller.offer is not None and not is_answer:
        turn.emit(ev.LateAnswer(contact.contact_id, agent.agent_id, caller.offer))
    _connect(turn, contact, agent, caller.phone_id)


def _hold_is_over(turn: Turn, contact: Contact, seen_ms: int) -> None:
    """The switch shows both in one bridge: unless he was put on hold since, he no longer is."""
    if contact.talk is not TalkState.HELD:
        return
    held_ms, agent_id = contact.held_since_ms, contact.agent_id
    assert held_ms is not None, contact.contact_id
    assert agent_id is not None, contact.contact_id
    if held_ms < seen_ms:
        turn.emit(ev.ContactRetrieved(contact.contact_id, agent_id))


def _connect(turn: Turn, contact: Contact, agent: Agent, phone_id: PhoneId) -> None:
    """She talks with the caller; if that is an answer after all, the missed ring is forgiven.

    Args:
        phone_id: hers, as his switch knows it.
    """
    is_forgiven = (
        agent.agent_id in contact.tried and agent.not_ready_reason is NotReadyReason.NO_ANSWER
    )
    free_for(turn, agent.agent_id, contact.contact_id)
    wait_ms = contact.waited_ms(turn.now_ms)
    turn.emit(making.contact_connected(contact.contact_id, agent.agent_id, phone_id, wait_ms))
    if is_forgiven:
        turn.emit(ev.AgentBecameReady(agent.agent_id))


# --- what the call itself carries -----------------------------------------------------------


def _trust_newer_ticket(turn: Turn, contact: Contact, ticket: CallTicket | None) -> None:
    """Ticket and journal disagree: the higher record number wins, and is gone on from."""
    if ticket is None or ticket.contact_id != contact.contact_id:
        return
    if ticket.record > contact.record:
        if ticket.home_region != contact.home_region:
            former, region = contact.home_region, ticket.home_region
            turn.emit(
                ev.HomeRegionCorrected(contact.contact_id, region, None, former, ticket.record)
            )
        turn.emit(
            ev.ContactPriorityChanged(
                contact_id=contact.contact_id,
                priority=ticket.priority,
                actor=Actor.SYSTEM,
                reason="newer_ticket",
                record=ticket.record,
                needs=ticket.needs if ticket.needs != contact.needs else None,
            )
        )


def _known_or_restored(turn: Turn, link_id: LinkId, caller: SeenCaller) -> Contact:
    """The contact; one that has ended or is not known comes back by its ticket.

    Of the ticket and an ended row the higher record number wins. With neither it is a standard
    one of unknown home that arrived when its channel began.
    """
    state = turn.state
    known = state.contacts.get(caller.contact_id)
    if known is not None and known.state is not ENDED:
        return known
    ticket = caller.ticket
    if ticket is not None and ticket.contact_id != caller.contact_id:
        ticket = None
    if known is not None and (ticket is None or ticket.record <= known.record):
        ticket = known.ticket()
    sequence = state.next_sequence
    if ticket is not None and state.sequences.get(ticket.sequence) in (None, caller.contact_id):
        sequence = ticket.sequence
    arrived_ms = ticket.arrived_ms if ticket else caller.channel_started_ms
    turn.emit(
        ev.ContactRestored(
            contact_id=caller.contact_id,
            sequence=sequence,
            link_id=link_id,
            arrived_ms=believable_ms(turn, arrived_ms),
            priority=ticket.priority if ticket else Priority.STANDARD,
            needs=ticket.needs if ticket else (),
            home_region=ticket.home_region if ticket else UNKNOWN_REGION,
            place=caller.place,
            has_ticket=ticket is not None,
            record=ticket.record if ticket else 0,
        )
    )
    return state.contacts[caller.contact_id]
