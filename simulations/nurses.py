"""Nurses who come to work by shift, answer after some seconds, and sometimes do not.

Each has a stream of her own. She acts on what her screen shows: the state, and the records as
they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Final

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.agent import Agent, AgentState
from queue_engine.core.record import Record
from routing.policy import MINUTE_MS, SECOND_MS
from routing.vocabulary import (
    AgentId,
    ContactId,
    NotReadyReason,
    PhoneId,
    RegionCode,
    Skill,
    SkillLevel,
)
from simulations.draws import Draws, Shape, Spread
from simulations.volumes import CallsPerHour
from simulations.world import HOUR_MS, LINK, MIDNIGHT_MS, World

SKILLS: Final = (SkillLevel(Skill("advice")),)
OCCUPANCY: Final = 0.85
"""Assumption: what a rota aims at, on the mean of a shift."""
SHIFT_HOURS: Final = ((6, 14), (14, 22), (22, 30))
"""Assumption: three shifts a day, by hours from midnight."""
_ANSWER: Final = Spread(Shape.LOGNORMAL, 5 * SECOND_MS, 0.5)
_NOTICES: Final = Spread(Shape.LOGNORMAL, 2 * MINUTE_MS, 0.5)
_WRAP_UP: Final = Spread(Shape.LOGNORMAL, 210 * SECOND_MS, 0.5)
_LATENESS: Final = Spread(Shape.EXPONENTIAL, 1 * MINUTE_MS)
_HER_OWN_DOING: Final = (
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
    notices: Spread = _NOTICES
    """Until she sees that she was made not ready and would stay so."""
    wrap_up: Spread = _WRAP_UP
    lateness: Spread = _LATENESS
    break_ms: int = 30 * MINUTE_MS
    """One a shift, in its middle half, when no call or wrap-up is under way; 0: none."""


@dataclass(frozen=True, slots=True)
class Shift:
    """So many nurses of a region, at work between these hours (from the first midnight)."""

    region: RegionCode
    from_hour: int
    to_hour: int
    nurses: int


def rota(
    demand: Mapping[RegionCode, CallsPerHour], hours: range, handle_ms: int, break_ms: int
) -> tuple[Shift, ...]:
    """Nurses enough to be occupied as `OCCUPANCY` says over each shift, one at least.

    Args:
        demand: the calls that the rota is made for.
        hours: from the first midnight; all shifts that fall into them are manned.
        handle_ms: mean talk and wrap-up.
        break_ms: of each nurse and shift.
    """
    days = range(-1, hours.stop // 24 + 1)  # the first night's shift began the evening before
    shifts = [(24 * day + begin, 24 * day + end) for day in days for begin, end in SHIFT_HOURS]
    return tuple(
        Shift(region, begin, end, max(1, ceil(_busy(rates, begin, end, handle_ms, break_ms))))
        for region, rates in demand.items()
        for begin, end in shifts
        if end > hours.start and begin < hours.stop
    )


def _busy(rates: CallsPerHour, begin: int, end: int, handle_ms: int, break_ms: int) -> float:
    worked_ms = (end - begin) * HOUR_MS - break_ms
    calls = sum(rates[hour % 24] for hour in range(begin, end))
    return calls * handle_ms / worked_ms / OCCUPANCY


@dataclass(slots=True, eq=False)
class _Nurse:
    agent_id: AgentId
    phone_id: PhoneId
    region: RegionCode
    draws: Draws
    wants_break: bool = False
    wants_home: bool = False


class Nurses:
    """Everybody on the rota; who should be at work already comes at once."""

    def __init__(
        self, world: World, habits: NurseHabits, shifts: Iterable[Shift], seed: int
    ) -> None:
        self._world = world
        self._habits = habits
        self._nurses: dict[AgentId, _Nurse] = {}
        self._phones: dict[PhoneId, _Nurse] = {}
        for shift in shifts:
            self._expect(shift, seed)
        world.follow(self._read)

    def picks_up(self, phone_id: PhoneId) -> int | None:
        """After how many milliseconds she answers this ring; None: she does not."""
        nurse = self._phones[phone_id]
        if nurse.draws.chance(self._habits.misses):
            return None
        return nurse.draws.duration_ms(self._habits.answer)

    # --- a shift ----------------------------------------------------------------------------

    def _expect(self, shift: Shift, seed: int) -> None:
        begins_ms = MIDNIGHT_MS + shift.from_hour * HOUR_MS
        ends_ms = MIDNIGHT_MS + shift.to_hour * HOUR_MS
        for number in range(shift.nurses):
            name = f"n{shift.region}_{shift.from_hour}_{number}"
            nurse = _Nurse(
                AgentId(name), PhoneId(f"phone-{name}"), shift.region, Draws(seed, f"nurses/{name}")
            )
            self._nurses[nurse.agent_id] = self._phones[nurse.phone_id] = nurse
            comes_ms = begins_ms + nurse.draws.duration_ms(self._habits.lateness)
            comes_ms = max(comes_ms, self._world.now_ms)
            rests_ms = begins_ms + round((ends_ms - begins_ms) * (1 + 2 * nurse.draws.unit()) / 4)
            self._world.at(comes_ms, partial(self._come, nurse))
            if self._habits.break_ms and rests_ms > self._world.now_ms:
                self._world.at(rests_ms, partial(self._want_break, nurse))
            self._world.at(max(ends_ms, comes_ms), partial(self._want_home, nurse))

    def _come(self, nurse: _Nurse) -> None:
        self._world.do(cmd.SignOnAgent(nurse.agent_id, LINK, nurse.phone_id, nurse.region, SKILLS))
        self._world.do(cmd.SetAgentReady(nurse.agent_id))

    def _want_break(self, nurse: _Nurse) -> None:
        row = self._row(nurse)
        if row is not None and row.assignments:
            nurse.wants_break = True
        else:
            self._rest(nurse)

    def _rest(self, nurse: _Nurse) -> None:
        nurse.wants_break = False
        if self._row(nurse) is not None:
            self._world.do(cmd.SetAgentNotReady(nurse.agent_id, NotReadyReason.BREAK))
            self._world.after(
                self._habits.break_ms, partial(self._ready_again, nurse, (NotReadyReason.BREAK,))
            )

    def _ready_again(self, nurse: _Nurse, reasons: tuple[NotReadyReason, ...]) -> None:
        row = self._row(nurse)
        if row is not None and row.not_ready_reason in reasons:
            self._world.do(cmd.SetAgentReady(nurse.agent_id))

    def _want_home(self, nurse: _Nurse) -> None:
        """She goes at once, or after the talk under way, or when what she writes is done."""
        nurse.wants_home = True
        row = self._row(nurse)
        if row is not None and row.assignment_in(AgentState.WRAP_UP) is None:
            self._world.do(cmd.SignOffAgent(nurse.agent_id))

    # --- what her screen shows --------------------------------------------------------------

    def _read(self, record: Record) -> None:
        for event in record.events:
            if isinstance(event, ev.WrapUpStarted):
                nurse = self._nurses[event.agent_id]
                writes_ms = nurse.draws.duration_ms(self._habits.wrap_up)
                self._world.after(writes_ms, partial(self._written, nurse, event.contact_id))
            elif (
                isinstance(event, ev.AgentBecameNotReady)
                and event.reason in _HER_OWN_DOING
                and event.heals_at_ms is None
            ):
                nurse = self._nurses[event.agent_id]
                notices_ms = nurse.draws.duration_ms(self._habits.notices)
                self._world.after(notices_ms, partial(self._ready_again, nurse, _HER_OWN_DOING))

    def _written(self, nurse: _Nurse, contact_id: ContactId) -> None:
        """She is done with it, unless the limit of its time has ended it before."""
        row = self._row(nurse)
        if row is None:
            return
        if nurse.wants_home:
            self._world.do(cmd.SignOffAgent(nurse.agent_id))
        elif row.assignment_in(AgentState.WRAP_UP) == contact_id:
            if nurse.wants_break:
                self._rest(nurse)
            self._world.do(cmd.EndWrapUp(nurse.agent_id))

    def _row(self, nurse: _Nurse) -> Agent | None:
        return self._world.state.agents.get(nurse.agent_id)
