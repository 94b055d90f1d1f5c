"""How events on trunks are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State


def _trunk_failed(state: State, event: ev.TrunkFailed, now_ms: int, number: int) -> None:
    trunk = event.link_id, event.phone_link
    state.resting_trunks[trunk] = False
    state.deadlines.set(event.rests_until_ms, DeadlineKind.TRUNK, *trunk)
    state.deadlines.clear(DeadlineKind.TRUNK_EMERGENCY, *trunk)
    if event.emergencies_until_ms is not None:
        at_ms = event.emergencies_until_ms
        state.deadlines.set(at_ms, DeadlineKind.TRUNK_EMERGENCY, *trunk)


def _trunk_rest_ended(state: State, event: ev.TrunkRestEnded, now_ms: int, number: int) -> None:
    trunk = event.link_id, event.phone_link
    state.deadlines.clear(DeadlineKind.TRUNK_EMERGENCY, *trunk)
    if event.for_emergencies:
        state.resting_trunks[trunk] = True
    else:
        del state.resting_trunks[trunk]
        state.deadlines.clear(DeadlineKind.TRUNK, *trunk)
    state.touch_agents_at(event.phone_link)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.TrunkFailed: _trunk_failed,
    ev.TrunkRestEnded: _trunk_rest_ended,
}
