"""The auditor's books on what one nurse has at once.

House rules: those of `auditor`, whose part this is. A call or a video stands in `Nurse.contact`,
chats in `Nurse.chats`, each with when its wrap-up must be over, once it is in that.
"""

from __future__ import annotations

from queue_engine.core import events as ev
from routing.room_policy import RoomPolicy
from routing.vocabulary import ContactChannel
from tests.properties.books import Caller, Nurse

ON_SCREEN = (ContactChannel.CHAT, ContactChannel.VIDEO)


def is_chat(caller: Caller) -> bool:
    """Whether a nurse may have several such."""
    return caller.channel is ContactChannel.CHAT


def take(nurse: Nurse, caller: Caller) -> None:
    """She is offered it, or has it from now on."""
    if is_chat(caller):
        nurse.chats[caller.name] = None
    else:
        nurse.contact = caller.name


def drop(nurse: Nurse, caller: Caller) -> None:
    """She has it no longer."""
    if is_chat(caller):
        del nurse.chats[caller.name]
    else:
        nurse.contact = None


def is_asked(nurse: Nurse, callers: dict[str, Caller]) -> bool:
    """Whether an offer of a chat waits for her answer: she gets no other meanwhile."""
    offered = [callers[name] for name in nurse.chats if name in callers]
    return any((one.place, one.agent) == ("ringing", nurse.name) for one in offered)


def has_room(
    nurse: Nurse, caller: Caller, tier: int, rooms: RoomPolicy, but: str | None = None
) -> bool:
    """Whether the table lets her have it beside her chats.

    Args:
        but: one that she is thought not to have.
    """
    chats = [name for name in nurse.chats if name != but]
    if not chats:
        return True
    if is_chat(caller):
        return len(chats) < rooms.chats_max
    return caller.channel not in ON_SCREEN and tier < 2 and rooms.pressing_calls_on_chats


def wrap_up_chat(nurse: Nurse, event: ev.WrapUpStarted | ev.WrapUpProlonged) -> None:
    """The work after a chat: until when."""
    nurse.chats[event.contact_id] = event.wrap_up_until_ms


def check_offer(caller: Caller, event: ev.ContactOffered) -> None:
    """No switch is asked to ring for whom she meets on her screen."""
    is_on_screen = caller.channel in ON_SCREEN
    assert (event.link_id == "") == is_on_screen, event


def check_times(nurse: Nurse, now_ms: int) -> None:
    """No wrap-up of a chat is longer than it may be."""
    late = [name for name, until_ms in nurse.chats.items() if (until_ms or now_ms) < now_ms]
    assert not late, f"{nurse} at {now_ms}"
