"""One agent's phone: what she may do with it, and what the network keeps of it.

House rules: as for calls: every method may be called at any time, and one that comes too late does
nothing: whoever answers a phone that has just stopped ringing hears nobody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from queue_engine.telephony.embedded.phone_news import PhoneListener
from routing.vocabulary import PhoneId

if TYPE_CHECKING:
    from queue_engine.telephony.embedded.alarms import Alarm
    from queue_engine.telephony.embedded.call import EmbeddedCall


class PhoneState(StrEnum):
    """What a phone does now."""

    UNPLUGGED = "unplugged"
    """Not to be reached; a call that it was in may still be there for a while."""
    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"


class PhoneOwner(Protocol):
    """The network, as its phones know it."""

    def phone_answered(self, phone: EmbeddedPhone) -> None:
        """Picked up while it rang."""
        ...

    def phone_rejected(self, phone: EmbeddedPhone) -> None:
        """Declined while it rang."""
        ...

    def phone_hung_up(self, phone: EmbeddedPhone) -> None:
        """Put down in a talk."""
        ...

    def phone_moved(self, phone: EmbeddedPhone) -> None:
        """Plugged in or unplugged."""
        ...


class EmbeddedPhone:
    """A phone, made by `EmbeddedNetwork.phone` and unplugged at first.

    Args:
        owner: the network.
        phone_id: its name, as agents sign on at it.
    """

    def __init__(self, owner: PhoneOwner, phone_id: PhoneId) -> None:
        self.phone_id: Final = phone_id
        self.listener: PhoneListener | None = None
        """Whom its news are told to; may be set at any time."""
        self._owner = owner
        # What follows is the network's alone.
        self.is_plugged_in = False
        self.call: EmbeddedCall | None = None
        """That it rings for, or that it talks with."""
        self.is_answered = False
        self.silence: Alarm | None = None
        """Set while it is unplugged in a talk."""

    def __repr__(self) -> str:
        return f"<EmbeddedPhone {self.phone_id} {self.state}>"

    @property
    def state(self) -> PhoneState:
        """What it does now."""
        if not self.is_plugged_in:
            return PhoneState.UNPLUGGED
        if self.call is None:
            return PhoneState.IDLE
        return PhoneState.TALKING if self.is_answered else PhoneState.RINGING

    def plug_in(self) -> None:
        """It can be reached from now on; a talk that it was in goes on if it still is there."""
        if not self.is_plugged_in:
            self.is_plugged_in = True
            self._owner.phone_moved(self)

    def unplug(self) -> None:
        """It cannot be reached any more.

        Nobody tells the network, as when a cable is pulled: a ring goes on to its end, a talk
        until it has been silent for a minute.
        """
        if self.is_plugged_in:
            self.is_plugged_in = False
            self._owner.phone_moved(self)

    def answer(self) -> None:
        """The agent picks up; the talk begins if the phone rings."""
        if self.state is PhoneState.RINGING:
            self._owner.phone_answered(self)

    def reject(self) -> None:
        """The agent declines, if the phone rings."""
        if self.state is PhoneState.RINGING:
            self._owner.phone_rejected(self)

    def hang_up(self) -> None:
        """The agent ends the talk; a phone that rings is declined."""
        if self.state is PhoneState.RINGING:
            self._owner.phone_rejected(self)
        elif self.state is PhoneState.TALKING:
            self._owner.phone_hung_up(self)
