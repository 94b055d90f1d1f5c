"""What the crowd uses of the telephone network and of the agents' screens, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from queue_engine.core.agent import Agent
from queue_engine.telephony.embedded.call import CallState, Pace
from queue_engine.telephony.embedded.call_news import CallListener
from queue_engine.telephony.embedded.phone import PhoneState
from queue_engine.telephony.embedded.phone_news import PhoneListener
from routing.vocabulary import AgentId, ContactId, NotReadyReason, PhoneId
from simulations.crowd.seats import Seat


class Call(Protocol):
    """A caller's telephone, in a call."""

    listener: CallListener | None

    @property
    def contact_id(self) -> ContactId:
        """Names the call."""
        ...

    @property
    def pace(self) -> Pace:
        """By which clock it goes: a person's in a browser by the wall's."""
        ...

    @property
    def state(self) -> CallState:
        """Where it is."""
        ...

    def press(self, key: str, /) -> None:
        """Presses a key."""
        ...

    def hang_up(self) -> None:
        """Hangs up; harmless if it is over."""
        ...


class Phone(Protocol):
    """A nurse's telephone. What comes too late is harmless."""

    listener: PhoneListener | None

    @property
    def state(self) -> PhoneState:
        """What it does now."""
        ...

    def plug_in(self) -> None:
        """It can be reached from now on."""
        ...

    def unplug(self) -> None:
        """It can be reached no more."""
        ...

    def answer(self) -> None:
        """Picks up."""
        ...

    def hang_up(self) -> None:
        """Ends the talk."""
        ...


class Network(Protocol):
    """The embedded telephone network."""

    def dial(
        self,
        called_number: str,
        caller_number: str | None,
        *,
        person: str,
        listener: CallListener,
    ) -> Call:
        """Makes a call of this person's; its news go to the listener."""
        ...

    def calls(self) -> Iterable[Call]:
        """All calls that are not over."""
        ...

    def phone(self, phone_id: PhoneId, /) -> Phone:
        """A nurse's phone, by its name."""
        ...


class Console(Protocol):
    """What a nurse's screen shows and lets her do.

    All that she does raises `Refused` when it cannot be now, and `EngineStopped`.
    """

    @property
    def agents(self) -> Mapping[AgentId, Agent]:
        """Who is signed on; to be read only."""
        ...

    async def sign_on(self, seat: Seat) -> None:
        """Begins work at that seat, not ready yet."""
        ...

    async def sign_off(self, agent_id: AgentId) -> None:
        """Ends work."""
        ...

    async def ready(self, agent_id: AgentId) -> None:
        """May be offered contacts."""
        ...

    async def not_ready(self, agent_id: AgentId, reason: NotReadyReason) -> None:
        """Is not to be offered contacts."""
        ...

    async def end_wrap_up(self, agent_id: AgentId) -> None:
        """Has done the work after a contact."""
        ...
