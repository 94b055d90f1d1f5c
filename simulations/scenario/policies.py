"""The rules that a scenario compares: a folder of configuration, or a few words.

In words: `order` (due, strict, fifo), `home_first` (always, never, or minutes of advantage),
`share` (never, at_once, `{after: 2 min}` or `{queue_longer_than: 3}`), `reserve` (nurses or a
share of them), `choose` (a named strategy), `promise`, `callbacks` and `rooms` as `national.yaml`
has them; and for single regions under `regions` their own `share` and `reserve`. What is shared is
shared with the nation.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from queue_engine.config.callback_file import read_callbacks
from queue_engine.config.load import Configuration, load_all
from queue_engine.config.problems import ConfigError
from queue_engine.config.room_file import read_rooms
from queue_engine.config.source import Item, Section
from queue_engine.runtime.windows import windows_on
from routing.lend_policy import LENDS_ALL, LendRule
from routing.policy import (
    DEFAULT_PRIORITIES,
    AgentChoice,
    Policy,
    PriorityRule,
    ServiceTimes,
)
from routing.region_policy import NATIONAL, RegionPolicy, ShareCondition, ShareRule
from routing.vocabulary import Priority, Skill
from simulations.scenario.model import DAY_MS, HOUR_MS, WEEK_MS, Profile, Scenario
from simulations.world import MIDNIGHT

RANKS_MAX: Final = 50
QUEUE_LENGTH_MAX: Final = 1_000_000
_RANK_STEP_MS: Final = 10**12
"""Between ranks, in due moments: longer than any run."""
WRAP_UP_MS_MAX: Final = 24 * HOUR_MS


class OrderWord(StrEnum):
    """How a scenario's calls are ordered."""

    DUE = "due"
    """By priority and due moment, as the product does; then by rank, where kinds have one."""
    STRICT = "strict"
    """By priority, by rank and then by arrival, however long the later one has waited."""
    FIFO = "fifo"
    """By arrival alone."""


def rank_skill(rank: int) -> Skill:
    """The service that stands for a rank."""
    return Skill(f"rank_{rank}")


def read_policies(item: Item, folder: Path, scenario: Scenario) -> Scenario:
    """The scenario with its policies; none in the file: one queue of each region alone."""
    found: list[tuple[str, Policy]] = []
    windows: dict[str, Profile] = {}
    configured: dict[str, Policy] = {}
    for name, entry in item.section().named_entries():
        section = entry.section()
        config = section.may("config")
        if config.is_given:
            loaded = _load(config, folder)
            if loaded is not None:
                configured[name] = _named(loaded.policy, name)
                found.append((name, configured[name]))
                windows |= _windows(loaded)
        else:
            found.append((name, _policy(name, section, scenario)))
    if not found:
        found.append(("alone", _alone(scenario)))
    for policy in list(configured.values())[:1]:
        found = [(name, configured.get(name) or _as_long(other, policy)) for name, other in found]
    for policy_name, policy in found:
        for problem in policy.problems():
            item.fault(f"{policy_name}: {problem}")
    return replace(scenario, policies=tuple(found), windows=windows)


def _as_long(policy: Policy, configured: Policy) -> Policy:
    """With the limit that wrap-ups have in the configuration: or calls would not be alike."""
    limit_ms = min(policy.wrap_up_ms_max, configured.wrap_up_ms_max)
    return replace(policy, wrap_up_ms_max=limit_ms)


def _named(policy: Policy, name: str) -> Policy:
    return replace(policy, version=f"{policy.version} ({name})")


def _load(item: Item, folder: Path) -> Configuration | None:
    try:
        return load_all(folder / item.text())
    except ConfigError as fault:
        item.fault(f"the configuration has faults, the first: {fault.problems[0]}")
        return None


def _windows(loaded: Configuration) -> dict[str, Profile]:
    """By the hours of an ordinary week."""
    hours = WEEK_MS // HOUR_MS
    at = [windows_on(loaded.windows, MIDNIGHT + timedelta(hours=hour)) for hour in range(hours)]
    return {window.name: tuple(float(one[window.name]) for one in at) for window in loaded.windows}


# --- in a few words -------------------------------------------------------------------------


def _alone(scenario: Scenario) -> Policy:
    regions = tuple(
        RegionPolicy(region.code, region.name, takes_part=False) for region in scenario.regions
    )
    return _built("alone", scenario, regions, OrderWord.DUE, None, AgentChoice.LONGEST_IDLE, None)


def _policy(name: str, section: Section, scenario: Scenario) -> Policy:
    order = section.may("order").choice(OrderWord, OrderWord.DUE)
    choose = section.may("choose").choice(AgentChoice, AgentChoice.LONGEST_IDLE)
    home_first = section.may("home_first")
    advantage_ms: int | None = None
    if home_first.is_word("never"):
        advantage_ms = 0
    elif home_first.is_given and not home_first.is_word("always"):
        advantage_ms = home_first.duration_ms(
            most_ms=DAY_MS, what='always, never, or a time such as "3 min"'
        )
    callbacks = read_callbacks(section.may("callbacks").section())
    rooms = read_rooms(section.may("rooms").section())
    promise = section.may("promise")
    promise_ms = promise.duration_ms(least_ms=1) if promise.is_given else None
    own = dict(section.may("regions").section().entries())
    codes = [region.code for region in scenario.regions]
    for code, item in own.items():
        if code not in codes:
            item.fault("the scenario has no such region")
    all_share, all_reserve = section.may("share"), section.may("reserve")
    regions = []
    for region in scenario.regions:
        its = own[region.code].section() if region.code in own else section
        share, reserve = its.may("share"), its.may("reserve")
        share = share if share.is_given else all_share
        reserve = reserve if reserve.is_given else all_reserve
        rules = _share_rules(share)
        regions.append(
            RegionPolicy(
                code=region.code,
                name=region.name,
                takes_part=rules is not None,
                share_rules=rules or (),
                lend=_reserve(reserve),
            )
        )
    policy = _built(name, scenario, tuple(regions), order, advantage_ms, choose, promise_ms)
    return replace(policy, callbacks=callbacks, rooms=rooms)


def _share_rules(item: Item) -> tuple[ShareRule, ...] | None:
    """None: the region does not take part; no rule: it lends, and shares nothing of its own."""
    if not item.is_given or item.is_word("never"):
        return None
    if item.is_word("nothing"):
        return ()
    if item.is_word("at_once"):
        return (ShareRule("share", ShareCondition.WAITED, NATIONAL, after_ms=0),)
    if not item.is_mapping:
        item.expected("never, nothing, at_once, {after: 2 min} or {queue_longer_than: 3}")
        return None
    section = item.section()
    after, longer = section.may("after"), section.may("queue_longer_than")
    if after.is_given == longer.is_given:
        section.fault("expected either after or queue_longer_than")
        return None
    if after.is_given:
        after_ms = after.duration_ms()
        return (ShareRule("share", ShareCondition.WAITED, NATIONAL, after_ms=after_ms),)
    ring = NATIONAL._replace(waiting_min=longer.whole(most=QUEUE_LENGTH_MAX) + 1)
    return (ShareRule("share", ShareCondition.QUEUE_LENGTH, ring),)


def _reserve(item: Item) -> LendRule:
    if not item.is_given:
        return LENDS_ALL
    if item.is_whole:
        return LendRule(reserve_agents=item.whole(most=1_000))
    permille = item.share_permille(what='a number of nurses, or a share such as "20 %"')
    return LendRule(reserve_permille=permille)


def _built(
    name: str,
    scenario: Scenario,
    regions: tuple[RegionPolicy, ...],
    order: OrderWord,
    advantage_ms: int | None,
    choose: AgentChoice,
    promise_ms: int | None,
) -> Policy:
    kinds = [kind for region in scenario.regions for kind in scenario.kinds_of(region)]
    ranks = sorted({kind.rank for kind in kinds})
    services = tuple(rank_skill(rank) for rank in ranks) if ranks not in ([], [0]) else ()
    handling = [kind.handling.mean_ms for kind in kinds]
    return Policy(
        version=name,
        priorities=tuple(
            (priority, _priority_rule(priority, order, ranks if services else [], promise_ms))
            for priority, _ in DEFAULT_PRIORITIES
        ),
        regions=regions,
        services=services,
        home_advantage_ms=advantage_ms,
        agent_choice=choose,
        wrap_up_ms_max=WRAP_UP_MS_MAX if scenario.staff.wrap_up.mean_ms else 0,
        handle_ms_assumed=max(1, round(sum(handling) / max(1, len(handling)))),
    )


def _priority_rule(
    priority: Priority, order: OrderWord, ranks: list[int], promise_ms: int | None
) -> PriorityRule:
    rule = dict(DEFAULT_PRIORITIES)[priority]
    is_fifo = order is OrderWord.FIFO
    due_after_ms = rule.due_after_ms if order is OrderWord.DUE else 0
    if order is OrderWord.STRICT:
        due_after_ms = _more_pressing(priority, rule.tier) * (RANKS_MAX + 1) * _RANK_STEP_MS
    within_ms = promise_ms or rule.answer_within_ms
    return PriorityRule(
        tier=2 if is_fifo else rule.tier,
        due_after_ms=due_after_ms,
        answer_within_ms=within_ms,
        services=tuple(
            ServiceTimes(
                rank_skill(rank), due_after_ms + (0 if is_fifo else rank * _RANK_STEP_MS), within_ms
            )
            for rank in ranks
        ),
    )


def _more_pressing(priority: Priority, tier: int) -> int:
    """How many priorities of its tier go before it; tiers are kept apart by the core."""
    same_tier = [each for each, rule in DEFAULT_PRIORITIES if rule.tier == tier]
    return same_tier.index(priority)
