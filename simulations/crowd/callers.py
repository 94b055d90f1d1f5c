"""All who call: they come by the hour, and those who gave up come again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from ivr.menu import Menu
from queue_engine.telephony.embedded.call import Pace
from queue_engine.telephony.embedded.call_news import EndReason
from routing.policy import MINUTE_MS
from routing.vocabulary import UNKNOWN_REGION, ContactId
from simulations.crowd.arrivals import Arrival, arrivals
from simulations.crowd.caller import OnTheLine, Script
from simulations.crowd.happenings import Happenings
from simulations.crowd.people import Person, Population
from simulations.crowd.ports import Call, Network
from simulations.crowd.rota import Inhabited
from simulations.draws import Draws

CALLED_NUMBER: Final = "1177"
LATE_MS_MAX: Final = 5 * MINUTE_MS
"""Who should have called so long ago does not: the machine stood still, and so did the country."""


class Callers:
    """The callers of some regions, from `begin` on.

    Args:
        network: that they call on.
        happenings: what they are going to do.
        population: makes them up.
        menu: of the line that they call.
        seed: the same seed, the same people.
        load: 1 is the country's usual number of calls.
    """

    def __init__(
        self,
        network: Network,
        happenings: Happenings,
        population: Population,
        menu: Menu,
        *,
        seed: int,
        load: float,
    ) -> None:
        self.dialled = 0
        """Calls made since the beginning."""
        self._network = network
        self._happenings = happenings
        self._population = population
        self._script = Script(menu)
        self._seed = seed
        self._load = load
        self._on_line: dict[ContactId, OnTheLine] = {}

    def __len__(self) -> int:
        """How many of them are in a call."""
        return len(self._on_line)

    def __contains__(self, contact_id: ContactId) -> bool:
        """Whether the call is one of theirs."""
        return contact_id in self._on_line

    def begin(self, regions: Iterable[Inhabited]) -> None:
        """People call from now on."""
        now_ms = self._happenings.clock.now_ms()
        for region in regions:
            self._expect(region, arrivals(region, self._seed, now_ms, self._load))

    def take_over(self, calls: Iterable[Call]) -> None:
        """Somebody of theirs holds the line in each call that is nobody's but not a person's.

        For after a restart: who that was is no longer known, and patience has no memory.
        """
        for call in calls:
            if call.listener is None and call.pace is Pace.ENGINE:
                draws = Draws(self._seed, f"found/{call.contact_id}")
                self._hold(
                    call, self._caller(self._population.person(UNKNOWN_REGION, draws), draws)
                )

    # --- who comes when -------------------------------------------------------------------------

    def _expect(self, region: Inhabited, coming: Iterator[Arrival]) -> None:
        earliest_ms = self._happenings.clock.now_ms() - LATE_MS_MAX
        arrival = next(arrival for arrival in coming if arrival.at_ms >= earliest_ms)
        self._happenings.at(arrival.at_ms, partial(self._arrive, region, arrival, coming))

    def _arrive(self, region: Inhabited, arrival: Arrival, coming: Iterator[Arrival]) -> None:
        self._expect(region, coming)
        draws = Draws(self._seed, arrival.name)
        self._dial(self._population.person(region.code, draws), draws)

    def _dial(self, person: Person, draws: Draws) -> None:
        caller = self._caller(person, draws)
        self.dialled += 1
        call = self._network.dial(
            CALLED_NUMBER, person.number, person=person.name, listener=caller.hear
        )
        self._hold(call, caller)

    def _caller(self, person: Person, draws: Draws) -> OnTheLine:
        return OnTheLine(person, self._script, self._happenings, partial(self._ended, draws=draws))

    def _hold(self, call: Call, caller: OnTheLine) -> None:
        call.listener = caller.hear
        self._on_line[call.contact_id] = caller
        caller.holds(call)

    # --- who comes again ------------------------------------------------------------------------

    def _ended(self, caller: OnTheLine, reason: EndReason, draws: Draws) -> None:
        self._on_line.pop(caller.call.contact_id, None)
        redials_ms = caller.person.redials_ms
        if reason is EndReason.CALLER_HUNG_UP and not caller.has_talked and redials_ms is not None:
            self._happenings.after(redials_ms, partial(self._call_again, caller.person, draws))

    def _call_again(self, person: Person, draws: Draws) -> None:
        self._dial(self._population.again(person, draws), draws)
