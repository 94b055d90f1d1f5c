"""Decisions on what an agent asks for a caller whom she has, or knows something of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.codes import require_code
from queue_engine.core.commands import (
    CorrectHomeRegion,
    HoldContact,
    RetrieveContact,
    SendBack,
    TransferContact,
)
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.decide_contacts import end_consult, start_wrap_up
from queue_engine.core.errors import Refused
from queue_engine.core.keeping import keep
from queue_engine.core.names import require_region, require_unit
from queue_engine.core.talk import ON_HOLD
from queue_engine.core.talk_target import needs_with, target_of
from queue_engine.core.turn import Turn
from routing.may_answer import PASSING
from routing.vocabulary import UNKNOWN_REGION, AgentId, ContactId

LEFT_ON_HOLD: Final = "left_on_hold"
"""Why a caller waits again whose agent's phone has left while he was on hold."""


def correct_home_region(turn: Turn, command: CorrectHomeRegion) -> None:
    """The caller's home is another; one who said nothing new has changed nothing."""
    contact = turn.state.living(command.contact_id)
    if contact is None:
        raise Refused("unknown_contact", f"no contact {command.contact_id} in the queue")
    region, unit = command.home_region, command.home_unit
    if region != UNKNOWN_REGION:
        require_region(turn.state.rules, region, "CorrectHomeRegion.home_region")
    if unit is not None:
        require_unit(turn.state.rules, region, unit, "CorrectHomeRegion.home_unit")
    if (contact.home_region, contact.home_unit) != (region, unit):
        former = contact.home_region
        turn.emit(ev.HomeRegionCorrected(contact.contact_id, region, unit, former))


def send_back(turn: Turn, command: SendBack) -> None:
    """The caller waits again where he stood; she wraps up, and others are asked before her."""
    contact = talk_of(turn, command.agent_id, command.contact_id)
    require_code(command.reason, "SendBack.reason")
    give_back(turn, contact, command.agent_id, command.reason)


def give_back(turn: Turn, contact: Contact, agent_id: AgentId, reason: str) -> None:
    """The caller waits again where he stood; a colleague is let go, and his agent wraps up."""
    end_consult(turn, contact, ev.ConsultEnd.ENDED)
    turn.emit(ev.ContactSentBack(contact.contact_id, agent_id, reason))
    start_wrap_up(turn, agent_id, contact.contact_id)


def transfer_contact(turn: Turn, command: TransferContact) -> None:
    """The caller waits again where he stood, for somebody else; she wraps up.

    For the agent or the unit that she names he waits alone, as long as the rules say.
    """
    contact = talk_of(turn, command.agent_id, command.contact_id)
    target = target_of(turn.state, command)
    if target.agent is not None:
        _require_able(turn, target.agent, contact)
    end_consult(turn, contact, ev.ConsultEnd.ENDED)
    turn.emit(
        ev.ContactTransferred(
            contact_id=contact.contact_id,
            agent_id=command.agent_id,
            to_region=target.region,
            to_unit=target.unit,
            to_service=target.service,
            to_agent=target.agent,
            needs=needs_with(turn.state, contact.needs, target.service),
        )
    )
    keep(turn, contact, turn.now_ms)
    start_wrap_up(turn, command.agent_id, contact.contact_id)


def _require_able(turn: Turn, agent_id: AgentId, contact: Contact) -> None:
    """The rules let her answer it, if not now then when her region lends."""
    floor = turn.state.floor
    found = floor.standing(turn.state.agents[agent_id].agent_class, contact.contact_class)
    if found not in PASSING:
        sentence = f"agent {agent_id} may not answer contact {contact.contact_id}: {found}"
        raise Refused("may_not_answer", sentence)


def hold_contact(turn: Turn, command: HoldContact) -> None:
    """The caller is on hold, and she is reminded of him when that has lasted long enough."""
    contact = call_of(turn, command.agent_id, command.contact_id)
    if contact.talk is None:
        hold(turn, contact, command.agent_id)


def hold(turn: Turn, contact: Contact, agent_id: AgentId) -> None:
    """A caller of whom nothing is special is put on hold."""
    turn.emit(ev.ContactHeld(contact.contact_id, agent_id, _recall_at_ms(turn)))


def recall(turn: Turn, contact_id: ContactId) -> None:
    """The moment has come at which his agent is to be reminded of him."""
    agent_id = turn.state.contacts[contact_id].agent_id
    assert agent_id is not None, contact_id
    turn.emit(ev.HoldOverdue(contact_id, agent_id, _recall_at_ms(turn)))


def _recall_at_ms(turn: Turn) -> int:
    return turn.now_ms + turn.state.rules.policy.talks.hold_recall_ms


def retrieve_contact(turn: Turn, command: RetrieveContact) -> None:
    """Caller and agent talk again; a colleague whom she asks meanwhile is let go."""
    contact = talk_of(turn, command.agent_id, command.contact_id)
    if contact.talk in ON_HOLD:
        end_consult(turn, contact, ev.ConsultEnd.ENDED)
        turn.emit(ev.ContactRetrieved(contact.contact_id, command.agent_id))


def talk_of(turn: Turn, agent_id: AgentId, contact_id: ContactId) -> Contact:
    """The contact that this agent talks with.

    Raises:
        Refused: it is not in the queue, or not connected to her.
    """
    contact = turn.state.living(contact_id)
    if contact is None:
        raise Refused("unknown_contact", f"no contact {contact_id} in the queue")
    if contact.state is not ContactState.CONNECTED or contact.agent_id != agent_id:
        raise Refused("not_talking", f"agent {agent_id} does not talk with contact {contact_id}")
    return contact


def call_of(turn: Turn, agent_id: AgentId, contact_id: ContactId) -> Contact:
    """The same, of which the switch has the call.

    Raises:
        Refused: there is none, or they meet on their screens.
    """
    contact = talk_of(turn, agent_id, contact_id)
    if contact.channel.is_on_screen:
        raise Refused("no_call", f"contact {contact_id} is no call that could be held")
    return contact


DECIDERS: Final[dict[type, Callable[[Turn, Any], None]]] = {
    CorrectHomeRegion: correct_home_region,
    SendBack: send_back,
    TransferContact: transfer_contact,
    HoldContact: hold_contact,
    RetrieveContact: retrieve_contact,
}
