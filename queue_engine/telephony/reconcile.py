"""The whole picture of one Asterisk, from the answer to `Status`: pure.

House rules: where a caller is gets said only when it is certain; `CallerPlace.MENU` claims no more
than that his channel lives. Rows that cannot be read are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import Final

from queue_engine.core.commands import CallerPlace, CallTicket, SeenCaller
from queue_engine.telephony.ami_message import Action, AmiMessage
from queue_engine.telephony.caller_facts import call_order, leg_id_of, started_ms, ticket_among
from queue_engine.telephony.dialplan import (
    AFTER_MENU,
    ARRIVED,
    FALLBACK,
    INBOUND,
    OFFER,
    TICKET,
    WAITING,
    endpoint_of,
    read_offer_exten,
)
from queue_engine.telephony.switchboard import Switchboard, phone_of_channel
from routing.vocabulary import ContactId, PhoneId

STATUS: Final[Action] = {"Action": "Status", "Variables": f"{TICKET},{ARRIVED}"}
"""Asks for all channels with what our dialplan has noted on them."""

_STATE_RINGING: Final = "5"
_STATE_UP: Final = "6"
_OUR_CONTEXTS: Final = (INBOUND, AFTER_MENU, WAITING, OFFER, FALLBACK)


@dataclass(frozen=True, slots=True)
class Channel:
    """One row of the answer to `STATUS`."""

    leg_id: str
    name: str
    context: str
    exten: str
    linked_id: str
    """The channel that this one was made for; its own id if a call began with it."""
    is_up: bool
    is_ringing: bool
    bridge_id: str
    ticket: CallTicket | None
    started_ms: int

    @property
    def offer(self) -> tuple[int, PhoneId] | None:
        """The offer whose context it is in, and the phone that this is for."""
        return read_offer_exten(self.exten) if self.context == OFFER else None


Picture = tuple[Channel, ...]
"""All channels that one `Status` showed, in the order of their beginning."""


def read_picture(messages: Iterable[AmiMessage], now_ms: int) -> Picture:
    """The picture in the messages that answer `STATUS`."""
    channels = [_read_channel(row, now_ms) for row in messages if row.event == "Status"]
    known = [channel for channel in channels if channel is not None]
    return tuple(sorted(known, key=lambda channel: call_order(channel.leg_id)))


def _read_channel(row: AmiMessage, now_ms: int) -> Channel | None:
    leg_id = leg_id_of(row)
    name = row.get("channel")
    if leg_id is None or not name:
        return None
    variables = row.variables()
    return Channel(
        leg_id=leg_id,
        name=name,
        context=row.get("context"),
        exten=row.get("exten"),
        linked_id=row.get("linkedid"),
        is_up=row.get("channelstate") == _STATE_UP,
        is_ringing=row.get("channelstate") == _STATE_RINGING,
        bridge_id=row.get("bridgeid"),
        ticket=ticket_among(leg_id, variables),
        started_ms=started_ms(leg_id, variables, now_ms),
    )


def seen_callers(
    picture: Picture, is_contact: Callable[[ContactId], bool]
) -> tuple[SeenCaller, ...]:
    """The callers in the picture and where each of them is, in the order of their calls.

    One who is still in the menu is among them: his channel lives, whatever the engine may have
    enqueued meanwhile.
    """
    callers = {
        channel.leg_id: channel
        for channel in picture
        if _is_caller(channel) or is_contact(ContactId(channel.leg_id))
    }
    in_bridge: dict[str, PhoneId] = {}
    ringing: set[tuple[str, PhoneId]] = set()
    for channel in picture:
        phone_id = _phone_of(channel, callers.get(channel.linked_id))
        if phone_id is None or channel.leg_id in callers:
            continue
        if channel.bridge_id:
            in_bridge.setdefault(channel.bridge_id, phone_id)
        elif not channel.is_up:
            ringing.add((channel.linked_id, phone_id))
    return tuple(
        _seen(channel, in_bridge.get(channel.bridge_id), ringing) for channel in callers.values()
    )


def _phone_of(channel: Channel, caller: Channel | None) -> PhoneId | None:
    """The phone whose leg it is; of a leg to another switch the phone that it rings there.

    Args:
        caller: for whom the leg was made, if that is known.
    """
    endpoint = phone_of_channel(channel.name)
    offered = caller.offer if caller is not None else None
    if offered is not None and endpoint == endpoint_of(offered[1]):
        return offered[1]
    return endpoint


def _is_caller(channel: Channel) -> bool:
    return channel.ticket is not None or channel.context in _OUR_CONTEXTS


def _seen(
    channel: Channel, talks_with: PhoneId | None, ringing: Set[tuple[str, PhoneId]]
) -> SeenCaller:
    offer, rings = channel.offer or (None, None)
    place = CallerPlace.MENU
    phone_id: PhoneId | None = None
    if channel.context == WAITING:
        place = CallerPlace.WAITING  # in a bridge too, for a moment, on his way out of it
    elif talks_with is not None:
        place, phone_id = CallerPlace.TALKING, talks_with
    elif channel.context == FALLBACK:
        place = CallerPlace.FALLBACK
    elif rings is not None and (channel.leg_id, rings) in ringing:
        place, phone_id = CallerPlace.RINGING, rings
    return SeenCaller(
        contact_id=ContactId(channel.leg_id),
        place=place,
        channel_started_ms=channel.started_ms,
        ticket=channel.ticket,
        phone_id=phone_id,
        offer=offer,
    )


def renew(board: Switchboard, picture: Picture, callers: Iterable[SeenCaller]) -> None:
    """Makes the board show the picture, and nothing that was believed before."""
    board.begin_anew([channel.leg_id for channel in picture])
    for channel in picture:
        leg = board.add(channel.leg_id, channel.name)
        leg.context = channel.context
        if channel.bridge_id:
            board.enter_bridge(leg, channel.bridge_id)
    by_id = {channel.leg_id: channel for channel in picture}
    for channel in picture:
        phone_id = _phone_of(channel, by_id.get(channel.linked_id))
        leg = board.legs[channel.leg_id]
        if phone_id is not None and phone_id != leg.phone_id:
            board.rings_far(leg, phone_id)
        if channel.is_ringing and channel.linked_id in by_id:
            board.legs[channel.linked_id].has_rung = True
    for caller in callers:
        leg = board.legs[caller.contact_id]
        leg.is_caller = caller.place is not CallerPlace.MENU or caller.ticket is not None
        leg.offer = caller.offer
        if caller.place is not CallerPlace.TALKING:
            leg.place = caller.place
    for caller in callers:
        _renew_talk(board, caller)


def _renew_talk(board: Switchboard, caller: SeenCaller) -> None:
    leg = board.legs[caller.contact_id]
    if caller.place is not CallerPlace.TALKING or leg.bridge_id is None:
        return
    for phone in board.in_bridge(leg.bridge_id):
        if not phone.is_caller and phone.phone_id == caller.phone_id:
            board.begin_talk(leg, phone)
            return
