"""How fast an embedded country goes: as fast as is wished, while nobody real is at work in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Final

from queue_engine.core.events import AgentBecameReady, AgentSignedOn, ContactOffered
from queue_engine.runtime.clock import Clock
from queue_engine.runtime.feed import Feed
from routing.vocabulary import AgentId

_log = logging.getLogger(__name__)

REAL: Final = 1.0
_CALLS_FOR_TIME: Final = (AgentSignedOn, AgentBecameReady, ContactOffered)
"""A page may have come back to a seat since the clock was last slowed down."""


class Pace:
    """The `console_api.ports.SpeedPort` of an embedded country.

    A phone that rings for twenty seconds of the engine's clock rings for a third of a real one at
    sixty times the speed. So the clock goes as the wall's does while a person sits at a seat; one
    whose page has been closed does not, though she is signed on still.

    Args:
        clock: the engine's.
        seats: the agents that are people at browsers.
        at_work: gives who is signed on and has a phone that can be rung.
    """

    def __init__(
        self,
        clock: Clock,
        seats: Collection[AgentId],
        at_work: Callable[[], Collection[AgentId]],
    ) -> None:
        self._clock = clock
        self._seats = frozenset(seats)
        self._at_work = at_work

    @property
    def speed(self) -> float:
        """How much faster than the wall it goes."""
        return self._clock.speed

    def set_speed(self, speed: float) -> None:
        """Goes so many times as fast from now on.

        Raises:
            ValueError: too slow or too fast, or a person is at work.
        """
        if speed != REAL and self._has_people():
            raise ValueError(f"speed {speed:g}: expected 1 while a person sits at a nurse's seat")
        self._clock.set_speed(speed)

    async def follow(self, feed: Feed) -> None:
        """Slows the clock down for a person who is at work, comes or is to be rung; ends with the
        feed."""
        self._hold()
        async for record in feed:
            for event in record.events:
                if isinstance(event, _CALLS_FOR_TIME) and event.agent_id in self._seats:
                    self._hold()

    def _has_people(self) -> bool:
        return not self._seats.isdisjoint(self._at_work())

    def _hold(self) -> None:
        if self._clock.speed != REAL and self._has_people():
            _log.info("a person is at work: the clock goes as the wall's does")
            self._clock.set_speed(REAL)
