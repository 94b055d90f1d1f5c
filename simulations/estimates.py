"""How right what callers are told of their waits is: `python -m simulations.estimates`.

Whoever enters the queue and is not answered at once is told two waits: by his place alone, and as
those say who were connected lately. When he is connected both are compared with what he has really
waited. The hours are also run with an assumed handling time that is wrong, as it always is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf
from typing import Any, Final

from ivr.prompts import wait_prompt
from queue_engine.core import events as ev
from queue_engine.core.expected import told_ms
from queue_engine.core.state import State
from routing.estimate import expected_wait_ms
from routing.order import EMERGENCY_TIER
from routing.policy import MINUTE_MS, Policy
from routing.vocabulary import ContactId
from simulations.overload import STAFF, overloaded
from simulations.tables import print_table, row

LOADS: Final = (0.9, 1.2, 1.5)
ASSUMED: Final = (1.0, 0.6, 1.6)
"""The handling time that is assumed, in proportion to the configured one."""

BEGINS_MIN: Final = (0, 1, 3, 5, 10, 20, 40)
"""Of waits that are told of apart."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one who was connected had been told, and how it was."""

    told_ms: int
    waited_ms: int

    @property
    def is_right(self) -> bool:
        """Whether the band that he heard was that of his wait."""
        return wait_prompt(self.told_ms) == wait_prompt(self.waited_ms)


@dataclass(slots=True)
class Estimates:
    """What everybody was told, by both forms; `watch` sees each event before it is applied."""

    by_place: list[Told] = field(default_factory=list)
    by_history: list[Told] = field(default_factory=list)
    _told: dict[ContactId, tuple[int, int]] = field(default_factory=dict)

    def watch(self, state: State, event: ev.Event) -> None:
        """One more event, the state being as it was before it."""
        match event:
            case ev.ContactSeenWaiting():
                self._tell(state, event.contact_id)
            case ev.ContactEnded():
                self._told.pop(event.contact_id, None)
            case ev.ContactConnected() if event.contact_id in self._told:
                place_ms, history_ms = self._told.pop(event.contact_id)
                contact = state.contacts[event.contact_id]
                waited_ms = contact.arrived_ms + event.wait_ms - contact.enqueued_ms
                self.by_place.append(Told(place_ms, waited_ms))
                self.by_history.append(Told(history_ms, waited_ms))

    def forget(self) -> None:
        """Another run begins, in which ids mean others."""
        self._told.clear()

    def _tell(self, state: State, contact_id: ContactId) -> None:
        contact = state.contacts[contact_id]
        place_ms = expected_wait_ms(state.floor, state.waiting, contact)
        if place_ms and contact.offer is None and contact.contact_class.tier != EMERGENCY_TIER:
            history_ms = told_ms(state, contact, contact.enqueued_ms)
            assert history_ms is not None, contact_id
            self._told.setdefault(contact_id, (place_ms, history_ms))


def accuracy(found: Sequence[Told]) -> dict[str, Any]:
    """How near the truth they were told.

    Returns:
        `told`; and if it is not 0, `right_band` as a share, `bias_ms` (told beyond waited, on the
        mean) and `mean_error_ms` (of its absolute value).
    """
    count = len(found)
    if not count:
        return {"told": 0}
    off_ms = [each.told_ms - each.waited_ms for each in found]
    return {
        "told": count,
        "right_band": round(sum(each.is_right for each in found) / count, 4),
        "bias_ms": round(sum(off_ms) / count),
        "mean_error_ms": round(sum(map(abs, off_ms)) / count),
    }


def accuracy_by_wait(found: Sequence[Told]) -> list[dict[str, Any]]:
    """The same by how long they waited: from so many minutes on, until the next row begins."""
    return [
        {
            "from_minutes": begins,
            **accuracy(
                [each for each in found if begins * MINUTE_MS <= each.waited_ms < ends * MINUTE_MS]
            ),
        }
        for begins, ends in pairwise((*BEGINS_MIN, inf))
    ]


def table(policy: Policy, seed: int, hours: int) -> Iterator[str]:
    """A line for each load and assumption, both forms beside each other."""
    yield row("", ("told", "by place", "by history"))
    for scale in ASSUMED:
        assumed = replace(policy, handle_ms_assumed=round(policy.handle_ms_assumed * scale))
        for load in LOADS:
            found = Estimates()
            overloaded(assumed, dict.fromkeys(STAFF, load), seed, hours, watch=found.watch)
            name = f"load {load:.0%}, assumed {assumed.handle_ms_assumed / MINUTE_MS:.0f} min"
            cells = (_shown(found.by_place), _shown(found.by_history))
            yield row(name, (str(len(found.by_place)), *cells))


def _shown(found: Sequence[Told]) -> str:
    if not found:
        return "-"
    figures = accuracy(found)
    return f"{figures['right_band']:.0%}, {figures['mean_error_ms'] / MINUTE_MS:.1f} min"


def main(arguments: list[str] | None = None) -> int:
    """Prints in how many cases the band was right, and the mean error, of both forms."""
    return print_table("simulations.estimates", main.__doc__, table, 6, arguments)


if __name__ == "__main__":
    sys.exit(main())
