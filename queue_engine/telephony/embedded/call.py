"""One caller's call: what the caller may do, and what the network keeps of it.

    MENU -> WAITING -> RINGING -> TALKING -> (ended)
      |        ^---------+           |
      +-> FALLBACK      not answered, or the talk was none: back to waiting

House rules: every method of a caller may be called at any time; one that comes too late does
nothing. The places are the engine's own (`CallerPlace`), so that the picture of a call needs no
translation; people see `CallState`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Final, Protocol

from queue_engine.core.commands import CallerPlace, SeenCaller
from queue_engine.core.errors import BadInput
from queue_engine.core.ticket import TICKET_VARIABLE, read_ticket
from queue_engine.telephony.embedded.alarms import Alarm, Alarms
from queue_engine.telephony.embedded.call_news import CallListener
from queue_engine.telephony.embedded.phone import EmbeddedPhone
from queue_engine.telephony.embedded.visit import KEYS, KEYS_AHEAD_MAX, CallVisit
from routing.vocabulary import ContactId, PhoneId


class CallState(StrEnum):
    """Where a call is, as people see it."""

    MENU = "menu"
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


class Pace(Enum):
    """By which clock a call's prompts, pauses and announcements go."""

    ENGINE = "engine"
    """The engine's, which may go many times as fast as the wall."""
    REAL = "real"
    """The wall's: a person listens."""


_STATES: Final = {
    CallerPlace.MENU: CallState.MENU,
    CallerPlace.WAITING: CallState.WAITING,
    CallerPlace.FALLBACK: CallState.WAITING,
    CallerPlace.RINGING: CallState.RINGING,
    CallerPlace.TALKING: CallState.TALKING,
}


class CallOwner(Protocol):
    """The network, as its calls know it."""

    def key_pressed(self, call: EmbeddedCall, key: str) -> None:
        """The caller has pressed a key; the call is not over."""
        ...

    def call_accepted(self, call: EmbeddedCall) -> None:
        """The caller, whose phone may be ringing, accepts."""
        ...

    def caller_hung_up(self, call: EmbeddedCall) -> None:
        """The caller has hung up; the call is not over."""
        ...


class EmbeddedCall:
    """A call, made by `EmbeddedNetwork.dial` or found again by `EmbeddedNetwork.restore`.

    Args:
        owner: the network.
        contact_id: its id, that of the contact if it becomes one.
        called_number: as dialled; empty for a call found again.
        caller_number: as shown; None if withheld or not known any more.
        pace: by which clock it goes.
        person: who calls, where many have one number; empty: not known.
        alarms: those of that clock.
        arrived_ms: when it was answered, by the engine's clock.
        variables: what the public network tells of it, by the name of the channel variable.
    """

    def __init__(
        self,
        owner: CallOwner,
        contact_id: ContactId,
        *,
        called_number: str,
        caller_number: str | None,
        pace: Pace,
        person: str = "",
        alarms: Alarms,
        arrived_ms: int,
        variables: Mapping[str, str],
    ) -> None:
        self.contact_id: Final = contact_id
        self.called_number: Final = called_number
        self.caller_number: Final = caller_number
        self.pace: Final = pace
        self.person: Final = person
        self.arrived_ms: Final = arrived_ms
        self.listener: CallListener | None = None
        """Whom its news are told to; may be set at any time, by whoever takes the call over."""
        self._owner = owner
        # What follows is the network's alone.
        self.alarms: Final = alarms
        self.variables: Final = dict(variables)
        self.place = CallerPlace.MENU
        self.is_over = False
        self.is_rung_back = False
        """He has not called: the network rings him, and he has not accepted yet."""
        self.visit: CallVisit | None = None
        self.keys_ahead: Final[deque[str]] = deque(maxlen=KEYS_AHEAD_MAX)
        self.alarm: Alarm | None = None
        self.rounds = 0
        """Rounds of music heard to their end since the last announcement."""
        self.listens_since_ms: int | None = None
        """Since when the music plays without a visit, by the call's own clock."""
        self.offer: int | None = None
        self.unrung_offer: int | None = None
        """An offer that was over before it rang."""
        self.phone: EmbeddedPhone | None = None
        """That rings for him, or that he talks with."""
        self.talks_since_ms = 0

    def __repr__(self) -> str:
        return f"<EmbeddedCall {self.contact_id} {self.state}>"

    @property
    def state(self) -> CallState:
        """Where it is."""
        return CallState.ENDED if self.is_over else _STATES[self.place]

    @property
    def phone_id(self) -> PhoneId | None:
        """The phone that rings for it or that it talks with, if there is one."""
        return self.phone.phone_id if self.phone is not None else None

    def press(self, key: str) -> None:
        """The caller presses one key. Heard in the menu and while waiting, lost elsewhere.

        Raises:
            BadInput: no such key.
        """
        if len(key) != 1 or key not in KEYS:
            raise BadInput(f"expected one of the keys {KEYS}")
        if not self.is_over:
            self._owner.key_pressed(self, key)

    def accept(self) -> None:
        """One who is rung back answers and presses the key."""
        if not self.is_over:
            self._owner.call_accepted(self)

    def hang_up(self) -> None:
        """The caller hangs up, wherever the call is; one who is rung back declines."""
        if not self.is_over:
            self._owner.caller_hung_up(self)


def seen(call: EmbeddedCall) -> SeenCaller:
    """The caller as the exchange shows him."""
    text = call.variables.get(TICKET_VARIABLE)
    ticket = read_ticket(text) if text is not None else None
    rings_or_talks = call.place in (CallerPlace.RINGING, CallerPlace.TALKING)
    return SeenCaller(
        contact_id=call.contact_id,
        place=call.place,
        channel_started_ms=call.arrived_ms,
        ticket=ticket if ticket is not None and ticket.contact_id == call.contact_id else None,
        phone_id=call.phone_id if rings_or_talks else None,
        offer=call.offer if rings_or_talks else None,
    )
