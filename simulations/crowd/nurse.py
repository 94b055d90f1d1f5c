"""One nurse at work: what she does when her phone rings, and what she does when she looks up.

House rules: she looks at her screen now and then, and does what it shows to be next; so whatever
was refused, missed or cut off by a restart is put right at the next look. Her phone only tells
her when to pick up and when a talk is over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, assert_never

from queue_engine.core.agent import Agent, AgentState, Presence
from queue_engine.telephony.embedded.phone import PhoneState
from queue_engine.telephony.embedded.phone_news import (
    Dialling,
    Idle,
    PhoneNews,
    Ringing,
    Talking,
)
from routing.policy import MINUTE_MS, SECOND_MS
from routing.vocabulary import ContactId, NotReadyReason
from simulations.crowd.happenings import Happening, Happenings
from simulations.crowd.people import CONTENT
from simulations.crowd.ports import Console, Phone
from simulations.crowd.rota import Shift
from simulations.draws import Draws, Shape, Spread

LOOK_MS: Final = 2 * MINUTE_MS
"""Between two looks at her screen, and so about how long it takes her to see that she was made
not ready."""
LATENESS: Final = Spread(Shape.EXPONENTIAL, MINUTE_MS)
STRANGER_S: Final = 45
"""So many real seconds at least she talks with somebody who is not of the crowd."""
SHORT_SHIFT_MS: Final = 5 * 60 * MINUTE_MS
_ANSWER: Final = Spread(Shape.LOGNORMAL, 5 * SECOND_MS, 0.5)
_WRAP_UP: Final = Spread(Shape.LOGNORMAL, 2 * MINUTE_MS, 0.5)
_REASONS_TO_MEND: Final = (
    NotReadyReason.SIGNED_ON,
    NotReadyReason.NO_ANSWER,
    NotReadyReason.REJECTED,
    NotReadyReason.UNREACHABLE,
)


@dataclass(frozen=True, slots=True)
class NurseHabits:
    """How nurses are; assumptions all."""

    answer: Spread = _ANSWER
    misses: float = 0.01
    """The share of rings that nobody hears."""
    content: Spread = CONTENT
    wrap_up: Spread = _WRAP_UP
    break_ms: int = 30 * MINUTE_MS
    """In the middle half of a shift; half of it in a short one. 0: none."""


Doing = Coroutine[Any, Any, None]


class Nurse:
    """Somebody at work, from when she comes until she goes home.

    Args:
        shift: where and how long she works.
        comes_ms: when she is there, a little late perhaps.
        phone: hers.
        console: hers.
        happenings: what she is going to do.
        draws: her chance of that day.
        begin: carries out what she does at the console.
        is_of_crowd: whether a caller is.
        on_left: told when she has gone home.
    """

    def __init__(
        self,
        shift: Shift,
        comes_ms: int,
        phone: Phone,
        console: Console,
        happenings: Happenings,
        draws: Draws,
        habits: NurseHabits,
        *,
        begin: Callable[[Doing], None],
        is_of_crowd: Callable[[ContactId], bool],
        on_left: Callable[[Nurse], None],
    ) -> None:
        self.seat: Final = shift.seat
        self._to_ms = shift.to_ms
        self._comes_ms = comes_ms
        self._phone = phone
        self._console = console
        self._happenings = happenings
        self._draws = draws
        self._habits = habits
        self._begin = begin
        self._is_of_crowd = is_of_crowd
        self._on_left = on_left
        length_ms = shift.to_ms - shift.from_ms
        self._rests_ms = shift.from_ms + round(length_ms * (1 + 2 * draws.unit()) / 4)
        is_short = length_ms <= SHORT_SHIFT_MS
        self._rested_ms = self._rests_ms + (habits.break_ms // 2 if is_short else habits.break_ms)
        self._has_rested = comes_ms >= self._rested_ms or not habits.break_ms
        self._acts = False
        """Something she does at the console is under way."""
        self._writes: Happening | None = None
        self._talks: Happening | None = None
        self._answers: Happening | None = None

    # --- now and then ---------------------------------------------------------------------------

    def take_seat(self) -> None:
        """Sits down, at work already or about to be; begins to look at her screen."""
        self._phone.listener = self.hear
        self._phone.plug_in()
        if self._phone.state is PhoneState.TALKING and self._talks is None:
            self._talk_for(self._draws.duration_ms(self._habits.content))
        self._happenings.after(0, self._look)

    def _look(self) -> None:
        if self._phone.listener != self.hear:
            self._on_left(self)  # somebody else has sat down here
            return
        if not self._acts and not self._goes_on(self._happenings.clock.now_ms()):
            self._on_left(self)
            return
        self._happenings.after(LOOK_MS, self._look)

    def _goes_on(self, now_ms: int) -> bool:
        """Does what is next; False if she is at home already: nothing is."""
        row = self._console.agents.get(self.seat.agent_id)
        goes_home = now_ms >= self._to_ms
        if row is None:
            if goes_home:
                self._phone.unplug()
                self._phone.listener = None
                return False
            self._do(self._sign_on)
        elif row.assignments:
            # Only a wrap-up that she does not know of needs her; the rest is her phone's.
            if row.assignment_in(AgentState.WRAP_UP) is not None and self._writes is None:
                self._write()
        elif goes_home:
            self._do(partial(self._console.sign_off, self.seat.agent_id))
        elif self._wants_break(now_ms):
            self._do(self._rest)
        elif row.presence is Presence.NOT_READY and self._may_be_ready(row, now_ms):
            self._do(partial(self._console.ready, self.seat.agent_id))
        return True

    def _wants_break(self, now_ms: int) -> bool:
        return self._rests_ms <= now_ms and not self._has_rested

    def _may_be_ready(self, row: Agent, now_ms: int) -> bool:
        is_back = row.not_ready_reason is NotReadyReason.BREAK and now_ms >= self._rested_ms
        return is_back or row.not_ready_reason in _REASONS_TO_MEND

    # --- at the console -------------------------------------------------------------------------

    def _do(self, doing: Callable[[], Awaitable[None]]) -> None:
        self._acts = True
        self._begin(self._done(doing))

    async def _done(self, doing: Callable[[], Awaitable[None]]) -> None:
        try:
            await doing()
        finally:
            self._acts = False

    async def _sign_on(self) -> None:
        await self._console.sign_on(self.seat)
        await self._console.ready(self.seat.agent_id)

    async def _rest(self) -> None:
        length_ms = self._rested_ms - self._rests_ms
        await self._console.not_ready(self.seat.agent_id, NotReadyReason.BREAK)
        self._has_rested = True
        self._rested_ms = max(self._rested_ms, self._happenings.clock.now_ms() + length_ms)

    async def _end_wrap_up(self) -> None:
        now_ms = self._happenings.clock.now_ms()
        if now_ms >= self._to_ms:
            await self._console.sign_off(self.seat.agent_id)
            return
        if self._wants_break(now_ms):
            await self._rest()
        await self._console.end_wrap_up(self.seat.agent_id)

    # --- her phone ------------------------------------------------------------------------------

    def hear(self, news: PhoneNews) -> None:
        """The phone's listener."""
        match news:
            case Ringing():
                if not self._draws.chance(self._habits.misses):
                    answer_ms = self._draws.duration_ms(self._habits.answer)
                    self._answers = self._happenings.after(answer_ms, self._phone.answer)
            case Dialling():
                pass  # she waits for him to accept
            case Talking():
                content_ms = self._draws.duration_ms(self._habits.content)
                if not self._is_of_crowd(news.contact_id):
                    speed = self._happenings.clock.speed
                    content_ms = max(content_ms, round(STRANGER_S * SECOND_MS * speed))
                self._talk_for(content_ms)
            case Idle():
                if self._answers is not None:
                    self._answers.cancel()
                if self._talks is not None:
                    self._talks.cancel()
                    self._talks = None
                    self._write()
            case _:
                assert_never(news)

    def _talk_for(self, content_ms: int) -> None:
        self._talks = self._happenings.after(content_ms, self._phone.hang_up)

    def _write(self) -> None:
        if self._writes is not None:
            self._writes.cancel()  # the engine has ended that one for her
        writes_ms = self._draws.duration_ms(self._habits.wrap_up)
        self._writes = self._happenings.after(writes_ms, self._written)

    def _written(self) -> None:
        """She is done with it, unless the limit of its time has ended it before."""
        self._writes = None
        row = self._console.agents.get(self.seat.agent_id)
        if row is not None and row.assignment_in(AgentState.WRAP_UP) is not None:
            self._do(self._end_wrap_up)
