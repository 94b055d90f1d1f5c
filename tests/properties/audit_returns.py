"""The auditor's rules on callers who come back."""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.commands import Actor
from routing.vocabulary import Priority
from tests.properties.books import Caller


def mark_misuse(caller: Caller, event: ev.MisuseMarked) -> None:
    """Only an emergency, and only by her who talks with it."""
    assert (caller.place, caller.agent) == ("talking", event.agent_id), event
    assert caller.priority is Priority.EMERGENCY, event
    caller.is_misuse, caller.told_112 = True, False


def press_again(caller: Caller) -> None:
    """Once, by one who misused the key."""
    assert caller.is_misuse, caller
    assert not caller.told_112, caller
    caller.told_112 = True


def check_key(caller: Caller, event: ev.ContactPriorityChanged) -> None:
    """No emergency by the key of one who has misused it."""
    is_key = event.actor is Actor.CALLER and event.priority is Priority.EMERGENCY
    assert not (caller.is_misuse and is_key), f"{caller} misused it before"
