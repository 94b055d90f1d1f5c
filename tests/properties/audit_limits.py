"""The auditor's books on limits: what was measured, worked out again from its own rows.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from queue_engine.core import events as ev
from routing.limits import LimitKind
from routing.policy import Policy


class Staff(NamedTuple):
    """What of a nurse counts for the waits of her region."""

    region: str
    takes_calls: bool
    is_free: bool


class LimitBooks:
    """Which limits are on, as the events say; each turn is held against the auditor's rows."""

    def __init__(self, waiting: Callable[[str], int], staff: Callable[[], Iterator[Staff]]) -> None:
        """Args:
        waiting: how many of a home region's contacts can be offered.
        staff: everybody who is signed on.
        """
        self.on: set[tuple[str, LimitKind, str]] = set()
        self._waiting = waiting
        self._staff = staff

    def book(self, event: ev.LimitTurned, rules: Policy) -> None:
        """A limit has turned; only if its value says so, or the rules have dropped it."""
        row = (event.region, event.limit, event.part)
        assert (row in self.on) != event.is_on, f"{event}: it is so already"
        self.on ^= {row}
        levels = _levels(rules, event)
        if levels is None:
            assert not event.is_on, f"{event}: no rule asks for it"
            return
        above, below = levels
        value = self._own_wait_ms(event.region, rules)
        assert event.value == value, f"{event}: it is {value}"
        if event.is_on:
            assert value is None or value > above, f"{event}: on above {above}"
        else:
            assert value is not None, event
            assert value < below, f"{event}: off below {below}"

    def _own_wait_ms(self, region: str, rules: Policy) -> int | None:
        own = [nurse for nurse in self._staff() if nurse.region == region]
        at_work = sum(nurse.takes_calls for nurse in own)
        ahead = self._waiting(region) + 1 - sum(nurse.is_free for nurse in own)
        return max(0, ahead) * rules.handle_ms_assumed // at_work if at_work else None


def _levels(rules: Policy, event: ev.LimitTurned) -> tuple[int, int] | None:
    for region in rules.regions:
        for rule in region.share_rules:
            named = (region.code, rule.name) == (event.region, event.part)
            if named and event.limit is LimitKind.OWN_WAIT and rule.own_wait is not None:
                return rule.own_wait.above, rule.own_wait.below
    return None
