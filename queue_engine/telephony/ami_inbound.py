"""Asterisk's messages as commands: pure, one message at a time, over a `Switchboard`.

House rules: a caller is connected when he and a phone are in one bridge; he waits when the
dialplan says so; he is gone only when his channel hangs up. A message that is odd is counted,
gives nothing and never raises.

*Who left first* decides what the end of a talk was. The phone first: the agent hung up, and
`ReportTalkEnded` follows from her channel's Hangup. The caller first: he was taken out of the
talk (a withdraw that crossed the answer) or is hanging up; then nothing is said of the phone,
whichever Hangup comes first, because the caller's next message says it all: `ReportCallerWaiting`
or `ReportCallerGone`. Had the phone's end been reported, the engine would have ended a contact
whose caller is back in line. A caller who enters a bridge while the dialplan has him in the
waiting context already is on his way out of it again, and is not connected at all.

Where a trunk leads to her, at a gateway's seat or a phone of another switch, the phone's end is
never reported: whether it was a hang-up, or the trunk has dropped, or the switch behind it has
died, is for the dialplan to say, and the caller's next message says it too.

A talk that only a picture has shown, without saying so for certain (`reconciler`), is told before
what ends it: whoever talked has not given up waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from queue_engine.core.commands import (
    CallerPlace,
    Command,
    OfferFailure,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportGateway,
    ReportOfferFailed,
    ReportTalkEnded,
    SeenCaller,
)
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.caller_facts import leg_id_of, own_ticket, started_ms, ticket_among
from queue_engine.telephony.dialplan import (
    FALLBACK_EVENT,
    OFFER,
    OFFER_END_EVENT,
    OFFER_VARIABLE,
    WAITING,
    WAITING_EVENT,
    endpoint_of,
    gateway_at,
    read_offer_exten,
)
from queue_engine.telephony.switchboard import Leg, Switchboard, phone_of_device
from routing.gateways import gateway_of
from routing.trunks import far_phone
from routing.vocabulary import ContactId, LinkId, PhoneId

Commands = tuple[Command, ...]
NOTHING: Final[Commands] = ()

_STATE_RINGING: Final = "5"
_CAUSE_CALL_REJECTED: Final = "21"
_FAILURES: Final = {
    "NOANSWER": OfferFailure.NO_ANSWER,
    "BUSY": OfferFailure.REJECTED,
    "DONTCALL": OfferFailure.REJECTED,
    "CHANUNAVAIL": OfferFailure.UNREACHABLE,
    "CONGESTION": OfferFailure.UNREACHABLE,
    "INVALIDARGS": OfferFailure.UNREACHABLE,
    "CANCEL": OfferFailure.CANCELLED,
}
"""Dial's DIALSTATUS to what it says of the agent."""
_REACHABLE: Final = {
    "Reachable": True,
    "NonQualified": True,
    "Created": True,
    "Updated": True,
    "Registered": True,
    "Unreachable": False,
    "Removed": False,
    "Unregistered": False,
}


_CAUSES_OF_A_FAR_PHONE: Final = {
    "17": OfferFailure.REJECTED,
    "22": OfferFailure.UNREACHABLE,
}
"""What the other switch says of the phone that it was asked to ring (our dialplan, `sibling`)."""


_REFUSED_BY_A_GATEWAY: Final = ("17", "21")
"""486, 600, 603: all that is not certainly an answer of its own is the trunk's."""


def _gateway_failure(message: AmiMessage, has_rung: bool) -> OfferFailure:
    """What became of an offer at a seat; a gateway that is full says so in many ways."""
    if message.get("status") == "NOANSWER" and has_rung:
        return OfferFailure.NO_ANSWER
    is_refusal = message.get("cause") in _REFUSED_BY_A_GATEWAY
    return OfferFailure.REJECTED if is_refusal else OfferFailure.UNREACHABLE


def _far_failure(message: AmiMessage, has_rung: bool) -> OfferFailure:
    """What is not certainly the phone's deed is the trunk's, and costs nobody anything."""
    if message.get("status") == "NOANSWER" and has_rung:
        return OfferFailure.NO_ANSWER
    return _CAUSES_OF_A_FAR_PHONE.get(message.get("cause"), OfferFailure.TRUNK)


def _is_by_trunk(phone_id: PhoneId) -> bool:
    """Whether the end of its leg need not be a hang-up there."""
    return gateway_of(phone_id) is not None or far_phone(phone_id) is not None


class Inbound:
    """Translates the messages of one link.

    Args:
        link_id: the link that they come from.
        board: what is known of its channels; kept true by this translator.
        is_contact: whether the engine has a living contact of this id.
    """

    def __init__(
        self, link_id: LinkId, board: Switchboard, is_contact: Callable[[ContactId], bool]
    ) -> None:
        self.odd = 0
        """Messages that lacked what they should have."""
        self._link_id = link_id
        self._board = board
        self._is_contact = is_contact
        self._translators: Final[dict[str, Callable[[AmiMessage, int], Commands]]] = {
            "Newchannel": self._channel,
            "Newstate": self._channel,
            "Rename": self._rename,
            "DialBegin": self._dial_begin,
            "BridgeEnter": self._bridge_enter,
            "BridgeLeave": self._bridge_leave,
            "HangupRequest": self._end_begins,
            "SoftHangupRequest": self._end_begins,
            "Hangup": self._hangup,
            "UserEvent": self._user_event,
            "ContactStatus": self._contact_status,
            "PeerStatus": self._peer_status,
            "DeviceStateChange": self._device_state,
        }

    def translate(self, message: AmiMessage, now_ms: int) -> Commands:
        """What `message` means to the engine; the board knows of it afterwards.

        Args:
            message: an event off the wire.
            now_ms: used only for a caller whose channel does not say when it began.
        """
        translator = self._translators.get(message.event)
        return NOTHING if translator is None else translator(message, now_ms)

    # --- legs -----------------------------------------------------------------------------

    def _leg(self, message: AmiMessage, prefix: str = "") -> Leg | None:
        """The leg that the message is about; None if it is odd or of one that has hung up."""
        leg_id = leg_id_of(message, prefix)
        name = message.get(f"{prefix}channel")
        if leg_id is None or not name:
            self.odd += 1
            return None
        if self._board.has_hung_up(leg_id):
            return None
        leg = self._board.add(leg_id, name)
        if not prefix:
            self._learn(leg, message)
        return leg

    def _learn(self, leg: Leg, message: AmiMessage) -> None:
        """Whose leg it is, and which offer he is in, as each message of a channel tells."""
        variables = message.variables()
        if not leg.is_caller:
            leg.is_caller = ticket_among(leg.leg_id, variables) is not None or self._is_contact(
                ContactId(leg.leg_id)
            )
        leg.context = message.get("context")
        if leg.context == OFFER:
            offered = read_offer_exten(message.get("exten"))
            said = variables.get(OFFER_VARIABLE, "")
            if offered is not None:
                leg.offer = offered[0]
            elif said.isdecimal() and len(said) < 16:
                leg.offer = int(said)

    def _channel(self, message: AmiMessage, now_ms: int) -> Commands:
        leg = self._leg(message)
        caller = self._board.legs.get(message.get("linkedid"))
        if caller is not None and caller is not leg:
            caller.has_rung |= message.get("channelstate") == _STATE_RINGING
        return NOTHING

    def _rename(self, message: AmiMessage, now_ms: int) -> Commands:
        leg = self._board.legs.get(message.get("uniqueid"))
        if leg is not None and message.get("newname"):
            self._board.add(leg.leg_id, message.get("newname"))
        return NOTHING

    def _dial_begin(self, message: AmiMessage, now_ms: int) -> Commands:
        dialled = self._leg(message, "dest")
        if not message.get("uniqueid"):
            return NOTHING
        leg = self._leg(message)
        if leg is not None and dialled is not None and message.get("context") == OFFER:
            leg.is_caller = True
            leg.place = CallerPlace.RINGING
            leg.has_rung = False
            leg.moves += 1
            offered = read_offer_exten(message.get("exten"))
            if offered is not None and dialled.phone_id == endpoint_of(offered[1]):
                self._board.rings_far(dialled, offered[1])
        return NOTHING

    # --- talks ----------------------------------------------------------------------------

    def _bridge_enter(self, message: AmiMessage, now_ms: int) -> Commands:
        leg = self._leg(message)
        bridge_id = message.get("bridgeuniqueid")
        if leg is None or not bridge_id:
            self.odd += leg is not None
            return NOTHING
        self._board.enter_bridge(leg, bridge_id)
        together = list(self._board.in_bridge(bridge_id))
        phone = next((one for one in together if not one.is_caller and one.phone_id), None)
        if phone is None:
            return NOTHING
        commands: list[Command] = []
        for caller in together:
            if caller.is_caller and caller.context != WAITING:
                commands += self._met(caller, phone, together)
        return tuple(commands)

    def _met(self, caller: Leg, phone: Leg, together: list[Leg]) -> list[Command]:
        """A caller and a phone are in one bridge: a new talk, or one that goes on."""
        contact_id = ContactId(caller.leg_id)
        commands: list[Command] = []
        if caller.talk is not None and any(leg.leg_id == caller.talk.leg_id for leg in together):
            caller.talk.has_caller_left_first = False
            return self._untold(caller)
        if caller.talk is not None:
            if not caller.talk.has_phone_hung_up:
                return commands
            commands += self._untold(caller)
            commands.append(ReportTalkEnded(contact_id, caller.talk.phone_id))
        self._board.begin_talk(caller, phone).is_told = False
        caller.has_talked_out = False
        caller.moves += 1
        return commands + self._untold(caller)

    def _untold(self, caller: Leg) -> list[Command]:
        """The caller's talk, if the engine has not heard of it."""
        if caller.talk is None or caller.talk.is_told:
            return []
        caller.talk.is_told = True
        phone_id = caller.talk.phone_id
        contact_id = ContactId(caller.leg_id)
        return [ReportConnected(contact_id, self._link_id, phone_id, caller.offer)]

    def _bridge_leave(self, message: AmiMessage, now_ms: int) -> Commands:
        leg = self._board.legs.get(message.get("uniqueid"))
        if leg is None:
            return NOTHING
        if leg.talk is not None and leg.bridge_id is not None:
            phone = self._board.legs.get(leg.talk.leg_id)
            if phone is not None and phone.bridge_id == leg.bridge_id:
                leg.talk.has_caller_left_first = True
        self._board.leave_bridge(leg)
        return NOTHING

    def _end_begins(self, message: AmiMessage, now_ms: int) -> Commands:
        """Whoever hangs up is heard first; what Asterisk asks of itself follows from that. Unless
        it comes without: it is shutting down, or somebody told it to end the call."""
        leg = self._board.legs.get(message.get("uniqueid"))
        if leg is not None and leg.was_cut is None:
            leg.was_cut = message.event == "SoftHangupRequest"
            caller = self._board.caller_talking_with(leg.leg_id)
            if caller is not None and not leg.was_cut:
                caller.has_heard_goodbye = True
        return NOTHING

    def _hangup(self, message: AmiMessage, now_ms: int) -> Commands:
        leg_id = leg_id_of(message)
        if leg_id is None:
            self.odd += 1
            return NOTHING
        contact_id = ContactId(leg_id)
        is_contact = self._is_contact(contact_id)
        caller = self._board.caller_talking_with(leg_id)
        leg = self._board.remove(leg_id)
        if is_contact or (leg is not None and leg.is_caller and not leg.has_talked_out):
            was_cut = leg is not None and leg.was_cut is True and not leg.has_heard_goodbye
            talk = [] if leg is None else self._untold(leg)
            return (*talk, ReportCallerGone(contact_id, was_cut))
        if caller is None or caller.talk is None:
            return NOTHING
        if caller.talk.has_caller_left_first or _is_by_trunk(caller.talk.phone_id):
            caller.talk.has_phone_hung_up = True
            return NOTHING
        untold = self._untold(caller)
        phone_id = caller.talk.phone_id
        self._board.end_talk(caller)
        caller.has_talked_out = True
        return (*untold, ReportTalkEnded(ContactId(caller.leg_id), phone_id))

    # --- the dialplan's own events --------------------------------------------------------

    def _user_event(self, message: AmiMessage, now_ms: int) -> Commands:
        name = message.get("userevent")
        if name == WAITING_EVENT:
            return self._waiting(message, CallerPlace.WAITING, now_ms)
        if name == FALLBACK_EVENT:
            return self._waiting(message, CallerPlace.FALLBACK, now_ms)
        if name == OFFER_END_EVENT:
            return self._offer_end(message)
        return NOTHING

    def _waiting(self, message: AmiMessage, place: CallerPlace, now_ms: int) -> Commands:
        leg = self._leg(message)
        if leg is None:
            return NOTHING
        leg.is_caller = True
        leg.place = place
        leg.offer = None
        leg.moves += 1
        leg.has_talked_out = leg.has_heard_goodbye = False
        self._board.end_talk(leg)
        variables = message.variables()
        ticket = own_ticket(leg.leg_id, message.get("ticket"))
        caller = SeenCaller(
            contact_id=ContactId(leg.leg_id),
            place=place,
            channel_started_ms=started_ms(leg.leg_id, variables, now_ms),
            ticket=ticket or ticket_among(leg.leg_id, variables),
        )
        return (ReportCallerWaiting(self._link_id, caller),)

    def _offer_end(self, message: AmiMessage) -> Commands:
        leg = self._leg(message)
        offer = message.get("offer")
        if leg is None or not offer.isdecimal() or len(offer) > 15:
            self.odd += leg is not None
            return NOTHING
        leg.ended_offer = int(offer)
        leg.offer = None
        leg.moves += 1
        state = message.get("status")
        if state == "ANSWER":
            return NOTHING
        leg.place = CallerPlace.MENU  # on his way back to the waiting context, not there yet
        failure = _FAILURES.get(state)
        if failure is None:
            self.odd += 1
            failure = OfferFailure.CANCELLED
        elif far_phone(phone_id := PhoneId(message.get("phone"))) is not None:
            failure = _far_failure(message, leg.has_rung)
        elif failure is not OfferFailure.CANCELLED and gateway_of(phone_id) is not None:
            failure = _gateway_failure(message, leg.has_rung)
        elif message.get("cause") == _CAUSE_CALL_REJECTED:
            failure = OfferFailure.REJECTED
        return (ReportOfferFailed(ContactId(leg.leg_id), leg.ended_offer, failure),)

    # --- phones: facts for later ----------------------------------------------------------

    def _contact_status(self, message: AmiMessage, now_ms: int) -> Commands:
        name = message.get("endpointname") or message.get("aor")
        self._reachable(PhoneId(name), message.get("contactstatus"))
        return NOTHING

    def _peer_status(self, message: AmiMessage, now_ms: int) -> Commands:
        phone_id = phone_of_device(message.get("peer"))
        gateway_id = gateway_at(phone_id or "")
        is_reached = _REACHABLE.get(message.get("peerstatus"))
        if gateway_id is not None and is_reached is not None:
            return (ReportGateway(self._link_id, gateway_id, is_reached),)
        if phone_id is not None:
            self._reachable(phone_id, message.get("peerstatus"))
        return NOTHING

    def _reachable(self, phone_id: PhoneId, said: str) -> None:
        if said in _REACHABLE and phone_id:
            facts = self._board.facts_of(phone_id)
            if facts is not None:
                facts.is_reachable = _REACHABLE[said]

    def _device_state(self, message: AmiMessage, now_ms: int) -> Commands:
        phone_id = phone_of_device(message.get("device"))
        facts = self._board.facts_of(phone_id) if phone_id is not None else None
        if facts is not None:
            facts.device_state = message.get("state")
        return NOTHING
