"""Decisions on callers who come back: emergencies that were none."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from queue_engine.core import decide_contacts, events as ev
from queue_engine.core.codes import require_code
from queue_engine.core.commands import Actor, MarkMisuse, SetContactPriority
from queue_engine.core.decide_talk import give_back, talk_of
from queue_engine.core.errors import Refused
from queue_engine.core.turn import Turn
from routing.vocabulary import Priority

PRESSED_AGAIN: Final = "pressed_again"
"""Why a misused emergency is urgent."""


def mark_misuse(turn: Turn, command: MarkMisuse) -> None:
    """The nurse who talks with an emergency found none: it goes back, in the place it has."""
    contact = talk_of(turn, command.agent_id, command.contact_id)
    require_code(command.reason, "MarkMisuse.reason")
    if contact.priority is not Priority.EMERGENCY:
        raise Refused("no_emergency", f"contact {command.contact_id} is no emergency")
    if command.priority is Priority.EMERGENCY:
        raise Refused("bad_priority", "what is no emergency needs another priority")
    contact_id, agent_id, reason = contact.contact_id, command.agent_id, command.reason
    priority = command.priority or turn.state.rules.policy.returns.misuse_priority
    turn.emit(ev.MisuseMarked(contact_id, agent_id, reason))
    turn.emit(ev.ContactPriorityChanged(contact_id, priority, Actor.AGENT, reason))
    give_back(turn, contact, agent_id, reason)


def set_contact_priority(turn: Turn, command: SetContactPriority) -> None:
    """As ever, but for the emergency key of one who has misused it: he becomes urgent, no more.

    He is told 112 once more, at the first press.
    """
    contact = turn.state.living(command.contact_id)
    if contact is None or not contact.is_misuse or not _is_emergency_key(command):
        decide_contacts.set_contact_priority(turn, command)
        return
    urgent = replace(command, priority=Priority.URGENT, reason=PRESSED_AGAIN)
    decide_contacts.set_contact_priority(turn, urgent)
    if not contact.told_112:
        turn.emit(ev.EmergencyPressedAgain(contact.contact_id))


def _is_emergency_key(command: SetContactPriority) -> bool:
    return command.actor is Actor.CALLER and command.priority is Priority.EMERGENCY
