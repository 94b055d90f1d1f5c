"""Decisions on what the switch reports: facts, in whatever order and however late they come.

A caller whom the switch shows waiting IS waiting; `connected` is both in one bridge; only the
channel's end is a caller gone. The whole picture (`ReportSwitch`) is settled by the table of
DESIGN 5, with the same functions as the single reports.
"""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    Actor,
    CallerPlace,
    CallTicket,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportLinkLost,
    ReportOfferFailed,
    ReportSwitch,
    ReportTalkEnded,
    SeenCaller,
)
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.decide_contacts import (
    RING_GRACE_MS,
    end,
    free_for,
    offer_failed,
    revoke,
    sign_off_if_free,
)
from queue_engine.core.turn import Turn
from routing.vocabulary import (
    UNKNOWN_REGION,
    ContactId,
    LinkId,
    Outcome,
    PhoneId,
    Priority,
)


def report_caller_waiting(turn: Turn, command: ReportCallerWaiting) -> None:
    """The caller stands in the waiting context, or in the switch's own queue."""
    _seen_waiting(turn, command.link_id, command.caller)


def report_caller_gone(turn: Turn, command: ReportCallerGone) -> None:
    """The caller's channel is gone."""
    contact = turn.state.living(command.contact_id)
    if contact is not None:
        connected = contact.state is ContactState.CONNECTED
        end(turn, contact, Outcome.HANDLED if connected else Outcome.ABANDONED)
        _sign_off_waiting(turn, contact)


def report_connected(turn: Turn, command: ReportConnected) -> None:
    """Caller and phone are in one bridge."""
    _connected(turn, command.link_id, command.contact_id, command.phone_id, command.offer)


def report_offer_failed(turn: Turn, command: ReportOfferFailed) -> None:
    """An offer ended without an answer; one that is over already is only noted."""
    contact = turn.state.contacts.get(command.contact_id)
    if contact is None:
        return
    if contact.state is ContactState.OFFERED and contact.offer == command.offer:
        offer_failed(turn, command.contact_id, command.failure)
        return
    turn.emit(
        ev.LateReport(command.contact_id, type(command).__name__, command.offer, command.failure)
    )


def report_talk_ended(turn: Turn, command: ReportTalkEnded) -> None:
    """The agent has hung up: the contact is over and her wrap-up begins."""
    contact = turn.state.living(command.contact_id)
    if contact is None or contact.state is not ContactState.CONNECTED:
        return
    if contact.phone_id == command.phone_id:
        end(turn, contact, Outcome.HANDLED)
        _sign_off_waiting(turn, contact)


def report_link_lost(turn: Turn, command: ReportLinkLost) -> None:
    """The switch is out of reach."""
    if turn.state.links.get(command.link_id) is not False:
        turn.emit(ev.LinkLost(command.link_id))


def report_switch(turn: Turn, command: ReportSwitch) -> None:
    """All that the switch shows: what is gone first, then talks, then the waiting."""
    state = turn.state
    before = len(turn.events)
    shown = {caller.contact_id for caller in command.callers}
    for contact in list(state.contacts.values()):
        if (
            contact.link_id == command.link_id
            and contact.contact_id not in shown
            and contact.state is not ContactState.ENDED
            and contact.enqueued_ms < command.asked_ms
        ):
            connected = contact.state is ContactState.CONNECTED
            end(turn, contact, Outcome.HANDLED if connected else Outcome.LOST)
            _sign_off_waiting(turn, contact)
    by_place = sorted(command.callers, key=lambda caller: (_ORDER[caller.place], _sequence(caller)))
    for caller in by_place:
        _reconcile(turn, command.link_id, caller)
    if not state.is_link_up(command.link_id):
        turn.emit(ev.LinkRestored(command.link_id, len(turn.events) - before))


_ORDER = {
    CallerPlace.TALKING: 0,
    CallerPlace.RINGING: 1,
    CallerPlace.WAITING: 2,
    CallerPlace.FALLBACK: 3,
    CallerPlace.MENU: 4,
}


def _sequence(caller: SeenCaller) -> tuple[int, int, str]:
    """The order in which unknown callers get their place back."""
    if caller.ticket is None:
        return caller.channel_started_ms, 0, caller.contact_id
    return caller.ticket.arrived_ms, caller.ticket.sequence, caller.contact_id


def _reconcile(turn: Turn, link_id: LinkId, caller: SeenCaller) -> None:
    match caller.place:
        case CallerPlace.TALKING:
            if caller.phone_id is not None:
                _connected(turn, link_id, caller.contact_id, caller.phone_id, caller.offer, caller)
        case CallerPlace.RINGING:
            _seen_ringing(turn, link_id, caller)
        case CallerPlace.WAITING | CallerPlace.FALLBACK:
            _seen_waiting(turn, link_id, caller)
        case CallerPlace.MENU:
            pass


def _seen_ringing(turn: Turn, link_id: LinkId, caller: SeenCaller) -> None:
    """A phone rings: ours goes on with a new deadline, any other is taken back."""
    contact = _known_or_restored(turn, link_id, caller)
    if contact.state is ContactState.OFFERED and contact.offer == caller.offer:
        assert contact.offer is not None, contact.contact_id
        until_ms = turn.now_ms + turn.state.rules.policy.ring_ms + RING_GRACE_MS
        turn.emit(ev.OfferSeen(contact.contact_id, contact.offer, until_ms))
    else:
        _seen_waiting(turn, link_id, caller)


def _seen_waiting(turn: Turn, link_id: LinkId, caller: SeenCaller) -> None:
    contact = _known_or_restored(turn, link_id, caller)
    if contact.state is ContactState.OFFERED:
        revoke(turn, contact, ev.RevokeReason.SEEN_WAITING)
    elif contact.state is ContactState.CONNECTED:
        _return(turn, contact)
    _trust_newer_ticket(turn, contact, caller.ticket)
    if caller.place is not CallerPlace.WAITING:
        turn.emit(ev.ContactSeenInFallback(contact.contact_id))
    elif not contact.seen_waiting:
        turn.emit(ev.ContactSeenWaiting(contact.contact_id))


def _return(turn: Turn, contact: Contact) -> None:
    """The talk is over and the caller is not gone."""
    agent_id = contact.agent_id
    turn.emit(ev.ContactReturned(contact.contact_id, agent_id))
    if agent_id is not None:
        sign_off_if_free(turn, agent_id)


def _trust_newer_ticket(turn: Turn, contact: Contact, ticket: CallTicket | None) -> None:
    """Ticket and journal disagree: the higher record number wins."""
    if ticket is None or ticket.record <= contact.record:
        return
    if ticket.priority is not contact.priority:
        turn.emit(
            ev.ContactPriorityChanged(
                contact.contact_id, ticket.priority, Actor.SYSTEM, "newer_ticket"
            )
        )


def _known_or_restored(turn: Turn, link_id: LinkId, caller: SeenCaller) -> Contact:
    """The contact; one that has ended or is not known comes back by its ticket.

    Without a ticket it is a standard one of unknown home that arrived when its channel began.
    """
    state = turn.state
    contact = state.living(caller.contact_id)
    if contact is not None:
        return contact
    ticket = caller.ticket
    if ticket is not None and ticket.contact_id != caller.contact_id:
        ticket = None
    sequence = state.next_sequence
    if ticket is not None and not _is_taken(turn, ticket):
        sequence = ticket.sequence
    arrived_ms = ticket.arrived_ms if ticket else caller.channel_started_ms
    turn.emit(
        ev.ContactRestored(
            contact_id=caller.contact_id,
            sequence=sequence,
            link_id=link_id,
            arrived_ms=min(arrived_ms, turn.now_ms),
            priority=ticket.priority if ticket else Priority.STANDARD,
            needs=ticket.needs if ticket else (),
            home_region=ticket.home_region if ticket else UNKNOWN_REGION,
            place=caller.place,
            has_ticket=ticket is not None,
        )
    )
    return state.contacts[caller.contact_id]


def _is_taken(turn: Turn, ticket: CallTicket) -> bool:
    contacts = turn.state.contacts.values()
    return any(
        other.sequence == ticket.sequence and other.contact_id != ticket.contact_id
        for other in contacts
    )


def _connected(
    turn: Turn,
    link_id: LinkId,
    contact_id: ContactId,
    phone_id: PhoneId,
    offer: int | None,
    seen: SeenCaller | None = None,
) -> None:
    state = turn.state
    contact = state.living(contact_id)
    if contact is None:
        if seen is None and contact_id not in state.contacts:
            return
        shown = seen or SeenCaller(contact_id, CallerPlace.TALKING, turn.now_ms)
        ended = state.contacts.get(contact_id)
        if ended is not None and shown.ticket is None:
            shown = SeenCaller(
                contact_id, CallerPlace.TALKING, ended.arrived_ms, ticket=ended.ticket()
            )
        contact = _known_or_restored(turn, link_id, shown)
    agent = state.agent_at(link_id, phone_id)
    if contact.state is ContactState.CONNECTED:
        if contact.phone_id == phone_id:
            return
        _return(turn, contact)
    expected = contact.state is ContactState.OFFERED and contact.phone_id == phone_id
    if contact.state is ContactState.OFFERED and not expected:
        revoke(turn, contact, ev.RevokeReason.SEEN_CONNECTED)
    if agent is None:
        turn.emit(ev.ConnectedUnknownPhone(contact_id, phone_id))
        return
    if not expected and offer is not None:
        turn.emit(ev.LateAnswer(contact_id, agent.agent_id, offer))
    free_for(turn, agent.agent_id, contact_id)
    wait_ms = contact.wait_ms
    if wait_ms is None:
        wait_ms = max(0, turn.now_ms - contact.arrived_ms)
    turn.emit(ev.ContactConnected(contact_id, agent.agent_id, phone_id, wait_ms))


def _sign_off_waiting(turn: Turn, contact: Contact) -> None:
    """An ended contact may free an agent whose sign-off waits (there was no wrap-up)."""
    if contact.agent_id is not None and contact.agent_id in turn.state.agents:
        sign_off_if_free(turn, contact.agent_id)
