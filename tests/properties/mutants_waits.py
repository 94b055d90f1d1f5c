"""Wrong versions of what is learnt from waits; see `mutants`."""

from __future__ import annotations

from typing import Any, Final

import pytest

from queue_engine.core import apply_contacts
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


MUTANTS: Final = {
    told_by_place_alone: "stories",
    all_tiers_learn_together: "stories",
    last_evening_told_in_the_morning: "stories",
    nothing_foretold_and_nothing_learnt: "stories",
}
