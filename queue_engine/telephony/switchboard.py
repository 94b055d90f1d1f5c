"""What one Asterisk shows: its channels, who is in which bridge, which phones are there.

House rules: facts only, no commands and no I/O. `ami_inbound` and `reconcile` write, everybody
of the link may read. A channel is a *leg*; a leg is a *caller* once we know that it belongs to
a contact, else it may be an agent's phone. All tables are bounded by the channels that live, but
for the memory of recent hang-ups, which has a bound of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from queue_engine.core.commands import CallerPlace
from routing.vocabulary import ContactId, PhoneId

HANG_UPS_MAX: Final = 4_096
PHONES_MAX: Final = 20_000

_PHONE_CHANNEL: Final = re.compile(r"PJSIP/(?P<phone>.{1,80})-[0-9a-f]{8}")
_SEAT_CHANNEL: Final = re.compile(r"Local/(?P<phone>[^@]{1,80})@fallback-seat-[0-9a-f]{8};1")
"""By which the switch's own queue rings a gateway's seat; its other half is the gateway's leg."""
_DEVICE: Final = re.compile(r"PJSIP/(?P<phone>[^/]{1,80})")


def phone_of_channel(name: str) -> PhoneId | None:
    """The endpoint that a channel name such as `PJSIP/nurse17-0000002b` belongs to."""
    match = _PHONE_CHANNEL.fullmatch(name) or _SEAT_CHANNEL.fullmatch(name)
    return PhoneId(match["phone"]) if match else None


def phone_of_device(name: str) -> PhoneId | None:
    """The endpoint that a device or interface name such as `PJSIP/nurse17` stands for."""
    match = _DEVICE.fullmatch(name)
    return PhoneId(match["phone"]) if match else None


@dataclass(slots=True, eq=False)
class Talk:
    """A caller and an agent's phone who were seen in one bridge."""

    phone_id: PhoneId
    leg_id: str
    has_caller_left_first: bool = False
    """The caller was taken out of the talk while the phone was still in it."""
    has_phone_hung_up: bool = False
    """So has the phone since; what becomes of the caller tells what it was."""
    is_told: bool = True
    """The engine has heard of it; not yet, if a picture showed it and the stream went on."""


@dataclass(slots=True, eq=False)
class Leg:
    """One channel."""

    leg_id: str
    """Its Uniqueid: the contact id, if it is a caller's."""
    name: str
    phone_id: PhoneId | None
    """Its endpoint; of a leg by which another switch rings a phone, that phone."""
    context: str = ""
    """Of the dialplan, as last said."""
    bridge_id: str | None = None
    is_caller: bool = False
    place: CallerPlace = CallerPlace.MENU
    """Of a caller: where the dialplan last said he is. Who talks has a `talk` as well."""
    offer: int | None = None
    """The offer in whose context he is."""
    has_rung: bool = False
    """A phone has rung for his present offer."""
    ended_offer: int | None = None
    """The last offer that the dialplan reported as over."""
    sent_offer: int | None = None
    """The offer that we last sent him to, until he was seen there."""
    moves: int = 0
    """Counts his moves between the dialplan's places."""
    talk: Talk | None = None
    was_cut: bool | None = None
    """Its end has begun: by Asterisk itself, or by whoever is at the other end of it."""
    has_heard_goodbye: bool = False
    """The phone that he talks with has hung up: whatever ends his call follows from that."""
    has_talked_out: bool = False
    """The end of his talk has been reported: he only hangs up now."""


@dataclass(slots=True)
class PhoneFacts:
    """What Asterisk says of one phone; None: has not said."""

    is_reachable: bool | None = None
    device_state: str | None = None
    """Asterisk's word: NOT_INUSE, INUSE, BUSY, RINGING, UNAVAILABLE, ..."""


class Switchboard:
    """The legs of one Asterisk, as far as its messages have told."""

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}
        self.phones: dict[PhoneId, PhoneFacts] = {}
        self._bridges: dict[str, dict[str, None]] = {}
        self._phone_legs: dict[PhoneId, dict[str, None]] = {}
        self._callers_talking_with: dict[str, str] = {}
        self._hang_ups: dict[str, None] = {}

    # --- asking ---------------------------------------------------------------------------

    def caller(self, contact_id: ContactId) -> Leg | None:
        """The live leg of this contact."""
        leg = self.legs.get(contact_id)
        return leg if leg is not None and leg.is_caller else None

    def has_hung_up(self, leg_id: str) -> bool:
        """Whether the leg hung up lately."""
        return leg_id in self._hang_ups

    def is_phone_in_use(self, phone_id: PhoneId) -> bool:
        """Whether the phone has a leg that has not hung up."""
        return bool(self._phone_legs.get(phone_id))

    def caller_talking_with(self, leg_id: str) -> Leg | None:
        """The caller whose talk this phone's leg is."""
        caller_id = self._callers_talking_with.get(leg_id)
        return self.legs.get(caller_id) if caller_id is not None else None

    def in_bridge(self, bridge_id: str) -> Iterator[Leg]:
        """The legs in a bridge, in the order they came in."""
        for leg_id in self._bridges.get(bridge_id, {}):
            yield self.legs[leg_id]

    # --- writing --------------------------------------------------------------------------

    def add(self, leg_id: str, name: str) -> Leg:
        """The leg, made known if it was not; its name follows the switch."""
        leg = self.legs.get(leg_id)
        if leg is None:
            leg = Leg(leg_id, name, None)
            self.legs[leg_id] = leg
        if leg.name != name or leg.phone_id is None:
            self._unlist_phone(leg)
            leg.name = name
            leg.phone_id = phone_of_channel(name)
            if leg.phone_id is not None:
                self._phone_legs.setdefault(leg.phone_id, {})[leg_id] = None
        return leg

    def rings_far(self, leg: Leg, phone_id: PhoneId) -> None:
        """By this leg another switch rings `phone_id`."""
        self._unlist_phone(leg)
        leg.phone_id = phone_id
        self._phone_legs.setdefault(phone_id, {})[leg.leg_id] = None

    def remove(self, leg_id: str) -> Leg | None:
        """The leg has hung up; gives it if it was known."""
        self._hang_ups[leg_id] = None
        if len(self._hang_ups) > HANG_UPS_MAX:
            del self._hang_ups[next(iter(self._hang_ups))]
        leg = self.legs.get(leg_id)
        if leg is not None:
            self.leave_bridge(leg)
            self._unlist_phone(leg)
            if leg.talk is not None:
                self._callers_talking_with.pop(leg.talk.leg_id, None)
            del self.legs[leg_id]
        return leg

    def enter_bridge(self, leg: Leg, bridge_id: str) -> None:
        """The leg is in this bridge, and in no other."""
        if leg.bridge_id != bridge_id:
            self.leave_bridge(leg)
        leg.bridge_id = bridge_id
        self._bridges.setdefault(bridge_id, {})[leg.leg_id] = None

    def leave_bridge(self, leg: Leg) -> None:
        """The leg is in no bridge."""
        if leg.bridge_id is None:
            return
        bridge = self._bridges.get(leg.bridge_id, {})
        bridge.pop(leg.leg_id, None)
        if not bridge:
            self._bridges.pop(leg.bridge_id, None)
        leg.bridge_id = None

    def begin_talk(self, caller: Leg, phone: Leg) -> Talk:
        """The two are talking."""
        assert phone.phone_id is not None, phone.leg_id
        self.end_talk(caller)
        caller.talk = Talk(phone.phone_id, phone.leg_id)
        self._callers_talking_with[phone.leg_id] = caller.leg_id
        return caller.talk

    def end_talk(self, caller: Leg) -> None:
        """The caller talks with nobody."""
        if caller.talk is not None:
            self._callers_talking_with.pop(caller.talk.leg_id, None)
            caller.talk = None

    def facts_of(self, phone_id: PhoneId) -> PhoneFacts | None:
        """The row for a phone, made if there is room for it."""
        facts = self.phones.get(phone_id)
        if facts is None and len(self.phones) < PHONES_MAX:
            facts = self.phones[phone_id] = PhoneFacts()
        return facts

    def begin_anew(self, live: Collection[str]) -> None:
        """All legs are to be told anew; one that is not among `live` has hung up."""
        kept = frozenset(live)
        for leg_id in [leg_id for leg_id in self.legs if leg_id not in kept]:
            self.remove(leg_id)
        for leg_id in live:
            self._hang_ups.pop(leg_id, None)
        self.legs.clear()
        self._bridges.clear()
        self._phone_legs.clear()
        self._callers_talking_with.clear()

    def _unlist_phone(self, leg: Leg) -> None:
        if leg.phone_id is None:
            return
        legs = self._phone_legs.get(leg.phone_id, {})
        legs.pop(leg.leg_id, None)
        if not legs:
            self._phone_legs.pop(leg.phone_id, None)
