"""Sentences that begin with `given` and set limits on what is measured; see `given`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from routing.limits import Levels
from routing.policy import Policy
from routing.region_policy import NATIONAL, ShareCondition, ShareRule
from tests.transcripts.given import changed
from tests.transcripts.words import LENGTH, Words, duration_ms


def _share_by_own_wait(policy: Policy, words: Words) -> Policy:
    levels = Levels(duration_ms(words["above"]), duration_ms(words["below"]))
    rule = ShareRule("own_wait", ShareCondition.EXPECTED_WAIT, NATIONAL, own_wait=levels)
    return changed(policy, words["region"], lambda region: replace(region, share_rules=(rule,)))


GIVEN_LIMITS: Final[tuple[tuple[str, Callable[[Policy, Words], Policy]], ...]] = (
    (
        rf"given that region (?P<region>\w+) shares when its own wait is over (?P<above>{LENGTH})"
        rf" until it is under (?P<below>{LENGTH})",
        _share_by_own_wait,
    ),
)
