"""How long a region's next caller may have to wait: for whoever watches the queue."""

from __future__ import annotations

from queue_engine.core.measures import Measures
from queue_engine.core.state import State
from routing.vocabulary import Priority, RegionCode


def region_wait_ms(state: State, region: RegionCode, now_ms: int) -> int | None:
    """What one who comes now with an ordinary question may have to wait; None: nobody could say.

    What the region's own agents alone would need (`Measures.own_wait_ms`), in the proportion in
    which such a forecast was right for those connected lately. Where none of them takes calls, as
    long as the last one has waited.
    """
    own_ms = Measures(state, now_ms).own_wait_ms(region)
    tier = state.rules.priorities[Priority.STANDARD].tier
    return state.delays.told_ms(region, tier, own_ms, now_ms)
