"""Sentences that begin with `given` and set limits on what is measured; see `given`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from routing.lend_policy import PartReserve
from routing.limits import Levels
from routing.policy import Policy
from routing.region_policy import NATIONAL, Ring, RingKind, ShareCondition, ShareRule
from routing.vocabulary import Skill
from tests.transcripts.given import changed
from tests.transcripts.words import LENGTH, Words, duration_ms


def _share_by_own_wait(policy: Policy, words: Words) -> Policy:
    levels = Levels(duration_ms(words["above"]), duration_ms(words["below"]))
    rule = ShareRule("own_wait", ShareCondition.EXPECTED_WAIT, NATIONAL, own_wait=levels)
    return changed(policy, words["region"], lambda region: replace(region, share_rules=(rule,)))


def _share_by_length(policy: Policy, words: Words) -> Policy:
    long = NATIONAL._replace(waiting_min=int(words["count"]) + 1)
    rules: tuple[ShareRule, ...] = (ShareRule("long", ShareCondition.QUEUE_LENGTH, long),)
    if "after" in words:
        ring = Ring(RingKind.CLUSTER, (words["cluster"],))
        after_ms = duration_ms(words["after"])
        rules = (ShareRule("after", ShareCondition.WAITED, ring, after_ms), *rules)
    return changed(policy, words["region"], lambda region: replace(region, share_rules=rules))


def _lend_by_own_wait(policy: Policy, words: Words) -> Policy:
    levels = Levels(duration_ms(words["above"]), duration_ms(words["below"]))
    return _lending(policy, words, own_wait=levels)


def _lend_by_balance(policy: Policy, words: Words) -> Policy:
    levels = Levels(int(words["above"]) * 10, int(words["below"]) * 10)
    window_ms = duration_ms(words["window"])
    return _lending(policy, words, balance=levels, balance_window_ms=window_ms)


def _reserve(policy: Policy, words: Words) -> Policy:
    skills = (Skill(words.get("service", "")), Skill(words.get("language", "")))
    part = PartReserve(*skills, agents=int(words["nurses"]))
    services = policy.services + tuple({skills[0]} - {"", *policy.services})
    languages = policy.languages + tuple({skills[1]} - {"", *policy.languages})
    policy = replace(policy, services=services, languages=languages)
    return _lending(policy, words, reserves=(part,))


def _lending(policy: Policy, words: Words, **more: Any) -> Policy:
    return changed(
        policy,
        words["region"],
        lambda region: replace(region, lend=replace(region.lend, **more)),
    )


GIVEN_LIMITS: Final[tuple[tuple[str, Callable[[Policy, Words], Policy]], ...]] = (
    (
        rf"given that region (?P<region>\w+) shares when its own wait is over (?P<above>{LENGTH})"
        rf" until it is under (?P<below>{LENGTH})",
        _share_by_own_wait,
    ),
    (
        r"given that region (?P<region>\w+) shares"
        rf"(?: after (?P<after>{LENGTH}) with cluster (?P<cluster>\w+), and)?"
        r" while more than (?P<count>[0-9]+) wait with the nation",
        _share_by_length,
    ),
    (
        r"given that region (?P<region>\w+) lends nobody when its own have waited over"
        rf" (?P<above>{LENGTH}) until it is under (?P<below>{LENGTH})",
        _lend_by_own_wait,
    ),
    (
        r"given that region (?P<region>\w+) lends nobody when it has given over (?P<above>[0-9]+) %"
        rf" until it is under (?P<below>[0-9]+) %, in (?P<window>{LENGTH})",
        _lend_by_balance,
    ),
    (
        r"given that region (?P<region>\w+) keeps (?P<nurses>[0-9]+) nurses?"
        r" for (?P<service>\w+)(?: in (?P<language>\w+))?",
        _reserve,
    ),
)
