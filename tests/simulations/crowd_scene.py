"""A telephone network and a console in a test's hands, for one caller or one nurse at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from queue_engine.core.agent import Agent, AgentState as Doing, Assignment, Presence
from queue_engine.core.errors import Refused
from queue_engine.runtime.clock import Clock
from queue_engine.telephony.embedded.call import CallState, Pace
from queue_engine.telephony.embedded.call_news import CallListener, CallNews, Ended, EndReason
from queue_engine.telephony.embedded.phone import PhoneState
from queue_engine.telephony.embedded.phone_news import (
    Idle,
    IdleReason,
    PhoneListener,
    Ringing,
    Talking,
)
from routing.vocabulary import AgentId, ContactId, LinkId, NotReadyReason, PhoneId
from simulations.crowd.seats import Seat
from tests.simulations.crowd_world import TUESDAY_10


def made_up_clock(start_ms: int = TUESDAY_10, speed: float = 1.0) -> Clock:
    """A clock on the running loop's time."""
    loop = asyncio.get_running_loop()

    def now_ns() -> int:
        return start_ms * 1_000_000 + round(loop.time() * 1e9)

    return Clock(start_ms, now_ns, now_ns, speed=speed)


class FakeCall:
    """A call that does what the test says; keys are kept."""

    def __init__(
        self, contact_id: str, listener: CallListener | None, pace: Pace = Pace.ENGINE
    ) -> None:
        self.contact_id: Final = ContactId(contact_id)
        self.listener = listener
        self.pace: Final = pace
        self.state = CallState.MENU
        self.keys = ""

    @property
    def is_over(self) -> bool:
        return self.state is CallState.ENDED

    def press(self, key: str, /) -> None:
        self.keys += key

    def hang_up(self) -> None:
        self.end(EndReason.CALLER_HUNG_UP)

    def tell(self, news: CallNews, state: CallState | None = None) -> None:
        """It goes there, and the caller hears of it."""
        self.state = state or self.state
        assert self.listener is not None
        self.listener(news)

    def end(self, reason: EndReason) -> None:
        """It is over."""
        if not self.is_over:
            self.tell(Ended(reason), CallState.ENDED)


class FakePhone:
    """A phone that rings when the test says so."""

    def __init__(self) -> None:
        self.listener: PhoneListener | None = None
        self.state = PhoneState.UNPLUGGED
        self.contact_id = ContactId("")

    @property
    def is_in_talk(self) -> bool:
        return self.state is PhoneState.TALKING

    def plug_in(self) -> None:
        if self.state is PhoneState.UNPLUGGED:
            self.state = PhoneState.IDLE

    def unplug(self) -> None:
        self.state = PhoneState.UNPLUGGED

    def ring(self, contact_id: str) -> None:
        assert self.listener is not None
        self.state, self.contact_id = PhoneState.RINGING, ContactId(contact_id)
        self.listener(Ringing(1, self.contact_id))

    def ring_out(self) -> None:
        self._idle(IdleReason.RANG_OUT)

    def answer(self) -> None:
        if self.state is PhoneState.RINGING:
            assert self.listener is not None
            self.state = PhoneState.TALKING
            self.listener(Talking(self.contact_id))

    def hang_up(self) -> None:
        if self.is_in_talk:
            self._idle(IdleReason.HUNG_UP)

    def _idle(self, reason: IdleReason) -> None:
        assert self.listener is not None
        self.state = PhoneState.IDLE
        self.listener(Idle(reason))


@dataclass
class FakeNetwork:
    """Keeps what was dialled."""

    dialled: list[FakeCall] = field(default_factory=list)
    found: list[FakeCall] = field(default_factory=list)
    numbers: list[str | None] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    phones: dict[PhoneId, FakePhone] = field(default_factory=dict)

    def dial(
        self,
        called_number: str,
        caller_number: str | None,
        *,
        person: str,
        listener: CallListener,
    ) -> FakeCall:
        assert called_number == "1177"
        self.dialled.append(FakeCall(f"emb1-1.{len(self.dialled)}", listener))
        self.numbers.append(caller_number)
        self.people.append(person)
        return self.dialled[-1]

    def calls(self) -> tuple[FakeCall, ...]:
        return tuple(self.found)

    def phone(self, phone_id: PhoneId, /) -> FakePhone:
        return self.phones.setdefault(phone_id, FakePhone())


class FakeConsole:
    """Keeps rows of agents, and what was done; refuses as often as asked."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.agents: dict[AgentId, Agent] = {}
        self.done: list[tuple[int, str]] = []
        self.refusals = 0
        self._now_ms = now_ms

    async def sign_on(self, seat: Seat) -> None:
        self._note("sign_on")
        link_id = LinkId("emb1")
        self.agents[seat.agent_id] = Agent(
            seat.agent_id, 1, link_id, seat.phone_id, seat.region, seat.skills
        )

    async def sign_off(self, agent_id: AgentId) -> None:
        self._note("sign_off")
        del self.agents[agent_id]

    async def ready(self, agent_id: AgentId) -> None:
        self._note("ready")
        row = self.agents[agent_id]
        row.presence, row.not_ready_reason = Presence.READY, None

    async def not_ready(self, agent_id: AgentId, reason: NotReadyReason) -> None:
        self._note(f"not_ready {reason}")
        self.not_ready_now(agent_id, reason)

    async def end_wrap_up(self, agent_id: AgentId) -> None:
        self._note("end_wrap_up")
        self.agents[agent_id].assignments.clear()

    def not_ready_now(self, agent_id: AgentId, reason: NotReadyReason) -> None:
        """She is made not ready, by herself or by the engine."""
        row = self.agents[agent_id]
        row.presence, row.not_ready_reason = Presence.NOT_READY, reason

    def has(self, agent_id: AgentId, doing: Doing) -> None:
        """The engine gives her this to do."""
        assignments = self.agents[agent_id].assignments
        assignments.clear()
        assignments[ContactId("emb1-1.0")] = Assignment(doing, self._now_ms())

    def what(self) -> list[str]:
        """What was done, without its time."""
        return [name for _, name in self.done]

    def _note(self, what: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Refused("overloaded", "not now")
        self.done.append((self._now_ms(), what))
