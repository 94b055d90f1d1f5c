"""Wrong versions of what is learnt from waits; see `mutants`."""

from __future__ import annotations

from typing import Any, Final

import pytest

from queue_engine.core import apply_contacts, events as ev, service_level
from queue_engine.core.service_level import ServiceLevel
from routing import delays
from routing.delays import Delays

Patch = pytest.MonkeyPatch


def told_by_place_alone(patch: Patch) -> None:
    patch.setattr(Delays, "told_ms", lambda self, region, tier, foretold_ms, now_ms: foretold_ms)


def all_tiers_learn_together(patch: Patch) -> None:
    note, told_ms = Delays.note, Delays.told_ms

    def noted(self: Delays, region: Any, tier: int, *rest: Any) -> None:
        note(self, region, 2, *rest)

    def told(self: Delays, region: Any, tier: int, *rest: Any) -> int | None:
        return told_ms(self, region, 2, *rest)

    patch.setattr(Delays, "note", noted)
    patch.setattr(Delays, "told_ms", told)


def last_evening_told_in_the_morning(patch: Patch) -> None:
    patch.setattr(delays, "FRESH_MS", 10**12)


def nothing_foretold_and_nothing_learnt(patch: Patch) -> None:
    patch.setattr(apply_contacts, "foretell", lambda state, contact: None)


def redial_counted_beside_the_call_before(patch: Patch) -> None:
    def wrong(self: ServiceLevel, event: Any) -> None:
        self._enter(event)

    patch.setitem(service_level._NOTES, ev.ContactEnqueued, wrong)


def redial_waits_from_its_own_arrival(patch: Patch) -> None:
    enter = ServiceLevel._enter

    def wrong(self: ServiceLevel, event: Any) -> Any:
        caller = enter(self, event)
        caller.arrived_ms = self._now_ms
        return caller

    patch.setattr(ServiceLevel, "_enter", wrong)


def refused_and_not_counted(patch: Patch) -> None:
    patch.delitem(service_level._NOTES, ev.ContactRefused)


MUTANTS: Final = {
    redial_counted_beside_the_call_before: "stories",
    redial_waits_from_its_own_arrival: "stories",
    refused_and_not_counted: "stories",
    told_by_place_alone: "stories",
    all_tiers_learn_together: "stories",
    last_evening_told_in_the_morning: "stories",
    nothing_foretold_and_nothing_learnt: "stories",
}
