"""People who call: when, from where, how pressing, how patient, and for how long they talk.

All of a caller is drawn on arrival from streams of the home region, so that the same people call
whatever the policy. Nobody has published patience or the mix of priorities; what is assumed says
so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from routing.policy import MINUTE_MS, SECOND_MS
from routing.vocabulary import ContactId, Priority, RegionCode
from simulations.draws import Draws, Shape, Spread
from simulations.switch import Caller, Switch
from simulations.volumes import CallsPerHour
from simulations.world import HOUR_MS, LINK, World, hour_of

_MENU: Final = Spread(Shape.LOGNORMAL, 20 * SECOND_MS, 0.4)
_PATIENCE: Final = Spread(Shape.EXPONENTIAL, 25 * MINUTE_MS)
_TALK: Final = Spread(Shape.LOGNORMAL, 390 * SECOND_MS, 0.6)


@dataclass(frozen=True, slots=True)
class CallerHabits:
    """How callers are; assumptions all."""

    priorities: tuple[tuple[Priority, float], ...] = (
        (Priority.EMERGENCY, 0.03),
        (Priority.URGENT, 0.02),
        (Priority.RAISED, 0.10),
        (Priority.STANDARD, 0.75),
        (Priority.NON_MEDICAL, 0.10),
    )
    menu: Spread = _MENU
    """From the IVR's answer to a place in the queue; the wait counts from the answer."""
    patience: Spread | None = _PATIENCE
    """From the IVR's answer; None: nobody ever gives up."""
    talk: Spread = _TALK
    hang_up_first: float = 0.5
    """The share of talks that the caller ends."""


class Callers:
    """Sends calls to the switch, from now on, region by region."""

    def __init__(
        self,
        world: World,
        switch: Switch,
        habits: CallerHabits,
        demand: Mapping[RegionCode, CallsPerHour],
        seed: int,
    ) -> None:
        self._world = world
        self._switch = switch
        self._habits = habits
        for region, rates in demand.items():
            _Region(self, world, region, rates, seed).schedule_next()

    def arrive(self, region: RegionCode, number: int, draws: Draws) -> None:
        """One more call is answered by the IVR."""
        habits = self._habits
        caller = Caller(
            contact_id=ContactId(f"{LINK}-{region}.{number}"),
            region=region,
            priority=draws.choice(habits.priorities),
            arrived_ms=self._world.now_ms,
            talk_ms=draws.duration_ms(habits.talk),
            hangs_up_first=draws.chance(habits.hang_up_first),
        )
        menu_ms = draws.duration_ms(habits.menu)
        patience_ms = draws.duration_ms(habits.patience) if habits.patience else None
        if patience_ms is not None and patience_ms <= menu_ms:
            return  # hung up in the menu: never had a place
        self._world.after(menu_ms, partial(self._switch.enter, caller))
        if patience_ms is not None:
            self._world.after(patience_ms, partial(self._switch.hang_up, caller.contact_id))


class _Region:
    """Independent calls (Poisson) at a rate that each hour of the day has for itself."""

    def __init__(
        self, callers: Callers, world: World, region: RegionCode, rates: CallsPerHour, seed: int
    ) -> None:
        self._callers = callers
        self._world = world
        self._region = region
        self._rates = rates
        self._gaps = Draws(seed, f"arrivals/{region}")
        self._people = Draws(seed, f"callers/{region}")
        self._number = 0
        self._at = float(world.now_ms)

    def schedule_next(self) -> None:
        """The next call, if this region ever calls."""
        if not any(self._rates):
            return
        self._at = self._after(self._at, self._gaps.exponential(1.0))
        self._world.at(max(self._world.now_ms, round(self._at)), self._arrive)

    def _after(self, at: float, calls: float) -> float:
        """The moment until which so many calls are expected from `at` on."""
        while True:
            hour = int(at) // HOUR_MS
            rate = self._rates[hour_of(hour * HOUR_MS)]
            expected = rate * ((hour + 1) * HOUR_MS - at) / HOUR_MS
            if calls <= expected and rate:
                return at + calls / rate * HOUR_MS
            calls -= expected
            at = float((hour + 1) * HOUR_MS)

    def _arrive(self) -> None:
        self._number += 1
        self._callers.arrive(self._region, self._number, self._people)
        self.schedule_next()
