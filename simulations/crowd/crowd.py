"""The crowd: callers and nurses of the whole country, on one clock.

crowd = Crowd(network, clock, console, ...)
crowd.begin()      # after the network was restored, before the link runs
await crowd.run()  # until cancelled
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Final

from ivr.menu import Menu
from queue_engine.core.errors import EngineStopped, Refused
from routing.vocabulary import RegionCode
from simulations.crowd.callers import Callers
from simulations.crowd.happenings import Clock, Happenings
from simulations.crowd.nurse import Doing, NurseHabits
from simulations.crowd.nurses import Nurses
from simulations.crowd.people import Habits, Population
from simulations.crowd.ports import Console, Network
from simulations.crowd.rota import Inhabited

_log = logging.getLogger(__name__)
CALLERS: Final = Habits()
NURSES: Final = NurseHabits()


class Crowd:
    """People who call 1177 and people who answer, in real numbers and at any speed of the clock.

    Args:
        network: the embedded telephone network.
        clock: the engine's.
        console: what nurses do at their screens.
        seed: the same seed and hour, the same people.
        regions: who calls, and who works; the rota is made for the usual number of calls.
        menu: of the line that is called.
        area_codes: from area code with its 0 to region, as configured.
        load: calls in proportion to the usual number.
        share: of the whole country, calls and nurses, for a smaller machine.
        callers, nurses: how people are.
    """

    def __init__(
        self,
        network: Network,
        clock: Clock,
        console: Console,
        *,
        seed: int,
        regions: Iterable[Inhabited],
        menu: Menu,
        area_codes: Mapping[str, RegionCode],
        load: float = 1.0,
        share: float = 1.0,
        callers: Habits = CALLERS,
        nurses: NurseHabits = NURSES,
    ) -> None:
        self._network = network
        self._regions = tuple(regions)
        self._happenings = Happenings(clock)
        self._group = asyncio.TaskGroup()
        self.callers: Final = Callers(
            network,
            self._happenings,
            Population(callers, area_codes),
            menu,
            seed=seed,
            load=load * share,
        )
        """Those in a call, by number: `len`."""
        self.nurses: Final = Nurses(
            network,
            console,
            self._happenings,
            nurses,
            seed=seed,
            load=share,
            begin=self._begin_doing,
            is_of_crowd=self.callers.__contains__,
        )
        """Those at work."""

    @property
    def late_ms(self) -> int:
        """How far people are behind what they wanted to do, as on a machine that is too slow."""
        return self._happenings.late_ms

    def begin(self) -> None:
        """Takes over the calls and agents that a restart has left, and plans what comes.

        Nothing happens before `run`.
        """
        self.callers.take_over(self._network.calls())
        self.nurses.begin(self._regions)
        self.callers.begin(self._regions)

    async def run(self) -> None:
        """Everybody calls and works, until cancelled. Once only.

        Raises:
            Exception: whatever a person failed with: a fault of ours.
        """
        async with self._group:
            await self._happenings.run()

    def _begin_doing(self, doing: Doing) -> None:
        self._group.create_task(_unless_refused(doing))


async def _unless_refused(doing: Doing) -> None:
    """What the engine does not take now, a nurse tries again when she next looks up."""
    try:
        await doing
    except (Refused, EngineStopped) as exc:
        _log.info("a nurse of the crowd: %s", exc)
