"""Wrong versions of what is measured and limited; see `mutants`."""

from __future__ import annotations

from typing import Final

import pytest

from queue_engine.core import measures
from queue_engine.core.measures import Measures
from routing.estimate import own_wait_ms
from routing.limits import Levels
from routing.policy import MINUTE_MS
from routing.vocabulary import RegionCode

Patch = pytest.MonkeyPatch


def own_wait_is_never_short_again(patch: Patch) -> None:
    patch.setattr(Levels, "turns", lambda self, is_on, value: not is_on and value is None)


def nurses_on_a_break_count_for_the_own_wait(patch: Patch) -> None:
    def wrong(self: Measures, region: RegionCode) -> int | None:
        state = self._state
        staff = state.ready.signed_on_count(region, ())
        return own_wait_ms(state.waiting.count_in_region(region), 0, staff, MINUTE_MS)

    patch.setattr(Measures, "own_wait_ms", wrong)


def long_own_wait_shares_newcomers_only(patch: Patch) -> None:
    patch.setattr(measures, "share_in_region", lambda turn, limit: None)


MUTANTS: Final = {
    own_wait_is_never_short_again: "stories",
    nurses_on_a_break_count_for_the_own_wait: "auditor",
    long_own_wait_shares_newcomers_only: "invariants",
}
