"""How right what callers are told of their waits is: `python -m simulations.estimates`.

Whoever enters the queue and is not answered at once is told two waits: by his place alone, and as
those say who were connected lately. When he is connected both are compared with what he has really
waited. The hours are also run with an assumed handling time that is wrong, as it always is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ivr.prompts import wait_prompt
from queue_engine.config.load import load_all
from queue_engine.core import events as ev
from queue_engine.core.expected import told_ms
from queue_engine.core.state import State
from routing.estimate import expected_wait_ms
from routing.order import EMERGENCY_TIER
from routing.policy import MINUTE_MS, Policy
from routing.vocabulary import ContactId
from simulations.overload import STAFF, overloaded

LOADS: Final = (0.9, 1.2, 1.5)
ASSUMED: Final = (1.0, 0.6, 1.6)
"""The handling time that is assumed, in proportion to the configured one."""


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

    def _tell(self, state: State, contact_id: ContactId) -> None:
        contact = state.contacts[contact_id]
        place_ms = expected_wait_ms(state.floor, state.waiting, contact)
        if place_ms and contact.offer is None and contact.contact_class.tier != EMERGENCY_TIER:
            history_ms = told_ms(state, contact, contact.enqueued_ms)
            assert history_ms is not None, contact_id
            self._told.setdefault(contact_id, (place_ms, history_ms))


def table(policy: Policy, seed: int, hours: int) -> Iterator[str]:
    """A line for each load and assumption, both forms beside each other."""
    yield _row("", ("told", "by place", "by history"))
    for scale in ASSUMED:
        assumed = replace(policy, handle_ms_assumed=round(policy.handle_ms_assumed * scale))
        for load in LOADS:
            found = Estimates()
            overloaded(assumed, dict.fromkeys(STAFF, load), seed, hours, watch=found.watch)
            name = f"load {load:.0%}, assumed {assumed.handle_ms_assumed / MINUTE_MS:.0f} min"
            cells = (_figures(found.by_place), _figures(found.by_history))
            yield _row(name, (str(len(found.by_place)), *cells))


def _figures(found: list[Told]) -> str:
    if not found:
        return "-"
    right = sum(told.is_right for told in found) / len(found)
    error_ms = sum(abs(told.told_ms - told.waited_ms) for told in found) / len(found)
    return f"{right:.0%}, {error_ms / MINUTE_MS:.1f} min"


def _row(name: str, cells: Iterable[str]) -> str:
    return f"{name:<30}" + "".join(f"{cell:>15}" for cell in cells)


def main(arguments: list[str] | None = None) -> int:
    """Prints in how many cases the band was right, and the mean error, of both forms."""
    parser = argparse.ArgumentParser(prog="simulations.estimates", description=main.__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same hours")
    parser.add_argument("--hours", type=int, default=6, choices=range(1, 17))
    parser.add_argument("--config", type=Path, default=Path("config"))
    chosen = parser.parse_args(arguments)
    for line in table(load_all(chosen.config).policy, chosen.seed, chosen.hours):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
