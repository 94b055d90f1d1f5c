"""What is measured now and then, and the limits that turn with it.

The driver of the runtime asks for it every ten seconds (`TakeMeasures`). Only what turns a limit
becomes an event, so most of the time nothing is journaled. What is measured hangs on the state
and the moment alone: deciding again measures the same.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.agent import Presence
from queue_engine.core.commands import TakeMeasures
from queue_engine.core.sharing import share_in_region
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.estimate import own_wait_ms
from routing.limits import Limit, LimitKind
from routing.vocabulary import RegionCode

MEASURE_MS: Final = 10_000
"""How often the runtime has measures taken."""


class Measures:
    """What is true of the regions at this moment; each is worked out when first asked for."""

    def __init__(self, state: State) -> None:
        self._state = state

    def own_wait_ms(self, region: RegionCode) -> int | None:
        """The region's expected wait if its own agents alone served its contacts.

        None: none of them takes calls, so that it has no end.
        """
        state = self._state
        return own_wait_ms(
            waiting=state.waiting.count_in_region(region),
            ready=state.ready.ready_count(region, ()),
            staff=self._staff.get(region, 0),
            handle_ms=state.rules.policy.handle_ms_assumed,
        )

    @cached_property
    def _staff(self) -> dict[RegionCode, int]:
        """How many agents take calls, or will when they are done with what they have."""
        staff: dict[RegionCode, int] = {}
        for agent in self._state.agents.values():
            if agent.presence is Presence.READY and not agent.is_signing_off:
                staff[agent.region] = staff.get(agent.region, 0) + 1
        return staff


def take_measures(turn: Turn, command: TakeMeasures) -> None:
    """Turns the limits that are crossed, and shares what is to be shared by that."""
    state = turn.state
    measures = Measures(state)
    for limit, levels in state.rules.limits.items():
        value = measures.own_wait_ms(limit.region)
        if levels.turns(limit in state.limits, value):
            _turn_limit(turn, limit, value)


def _turn_limit(turn: Turn, limit: Limit, value: int | None) -> None:
    is_on = limit not in turn.state.limits
    turn.emit(ev.LimitTurned(limit.region, limit.kind, limit.part, is_on, value))
    if is_on and limit.kind is LimitKind.OWN_WAIT:
        share_in_region(turn, limit.region)


def drop_limits(turn: Turn) -> None:
    """Turns off what the rules in force no longer name."""
    for limit in list(turn.state.limits):
        if limit not in turn.state.rules.limits:
            turn.emit(ev.LimitTurned(limit.region, limit.kind, limit.part, False, None))
