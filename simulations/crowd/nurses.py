"""All nurses of the crowd: each day's rota is told at its beginning, and who is on it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final

from routing.vocabulary import AgentId, ContactId
from simulations.crowd.happenings import Happenings
from simulations.crowd.nurse import LATENESS, Doing, Nurse, NurseHabits
from simulations.crowd.ports import Console, Network
from simulations.crowd.rota import Inhabited, Shift, day_begins_ms, rota_day, shifts_on
from simulations.crowd.seats import Seat, crowd_region
from simulations.draws import Draws

HANDLE_MS: Final = 600_000
"""What a rota counts for a call: eight minutes of talk and two of writing. Rings and breaks are
not counted: so nurses are as busy by day as is told of them, and regions need each other."""
_DAY: Final = timedelta(days=1)


class Nurses:
    """The nurses of some regions, from `begin` on.

    Args:
        network: where their phones are.
        console: what they work with.
        happenings: what they are going to do.
        habits: how they are.
        seed: the same seed, the same nurses.
        load: of the calls that their rota is made for.
        begin: carries out what they do at the console.
        is_of_crowd: whether a caller is.
    """

    def __init__(
        self,
        network: Network,
        console: Console,
        happenings: Happenings,
        habits: NurseHabits,
        *,
        seed: int,
        load: float,
        begin: Callable[[Doing], None],
        is_of_crowd: Callable[[ContactId], bool],
    ) -> None:
        self._network = network
        self._console = console
        self._happenings = happenings
        self._habits = habits
        self._seed = seed
        self._load = load
        self._begin = begin
        self._is_of_crowd = is_of_crowd
        self._regions: tuple[Inhabited, ...] = ()
        self._at_work: dict[AgentId, Nurse] = {}

    def __len__(self) -> int:
        """How many are at work, or on their way home."""
        return len(self._at_work)

    def begin(self, regions: Iterable[Inhabited]) -> None:
        """Who is on the rota comes from now on; who should be there already comes at once.

        Those whom the engine has signed on go on with their work; those whose shift is over
        meanwhile end it.
        """
        self._regions = tuple(regions)
        now_ms = self._happenings.clock.now_ms()
        today = rota_day(now_ms)
        known = {region.code for region in self._regions}
        working = {
            agent_id: row
            for agent_id, row in self._console.agents.items()
            if crowd_region(agent_id) in known
        }
        for shift in self._shifts(today):
            if shift.to_ms > now_ms:
                working.pop(shift.seat.agent_id, None)
                self._expect(shift)
        for agent_id, row in working.items():
            seat = Seat(agent_id, row.phone_id, row.region, row.skills)
            self._expect(Shift(seat, now_ms, now_ms))
        self._plan_after(today)

    def _shifts(self, day: date) -> Iterator[Shift]:
        for region in self._regions:
            yield from shifts_on(region, day, HANDLE_MS, self._load)

    def _plan_after(self, day: date) -> None:
        self._happenings.at(day_begins_ms(day + _DAY), partial(self._plan, day + _DAY))

    def _plan(self, day: date) -> None:
        for shift in self._shifts(day):
            self._expect(shift)
        self._plan_after(day)

    def _expect(self, shift: Shift) -> None:
        """She comes to her shift, or goes on with it: who is signed on has her phone at once."""
        draws = Draws(self._seed, f"nurses/{shift.seat.agent_id}/{shift.from_ms}")
        comes_ms = shift.from_ms + draws.duration_ms(LATENESS)
        now_ms = self._happenings.clock.now_ms()
        come = partial(self._come, shift, max(now_ms, comes_ms), draws)
        if shift.seat.agent_id in self._console.agents:
            come()
        else:
            self._happenings.at(comes_ms, come)

    def _come(self, shift: Shift, comes_ms: int, draws: Draws) -> None:
        agent_id = shift.seat.agent_id
        self._at_work[agent_id] = nurse = Nurse(
            shift,
            comes_ms,
            self._network.phone(shift.seat.phone_id),
            self._console,
            self._happenings,
            draws,
            self._habits,
            begin=self._begin,
            is_of_crowd=self._is_of_crowd,
            on_left=self._left,
        )
        nurse.take_seat()

    def _left(self, nurse: Nurse) -> None:
        if self._at_work.get(nurse.seat.agent_id) is nurse:
            del self._at_work[nurse.seat.agent_id]
