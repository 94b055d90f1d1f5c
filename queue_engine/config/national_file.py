"""`config/national.yaml`: what all regions share.

House rules: what a region may not decide for itself stands here; a default is the one of
`routing.policy.Policy`, so that a key left out and its default decide equally.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.prompts import DEFAULT_LANGUAGE
from queue_engine.config.callback_file import read_callbacks
from queue_engine.config.guard_file import NationalGuard, read_guard
from queue_engine.config.return_file import read_returns
from queue_engine.config.room_file import read_rooms
from queue_engine.config.source import Faults, Item, Section
from queue_engine.config.strain_file import read_strain
from queue_engine.config.talk_file import read_talks
from queue_engine.config.window_file import read_window
from queue_engine.config.wording import quoted
from queue_engine.runtime.windows import TimeWindow
from routing.policy import AgentChoice, LossTolerance, Order, Policy, PriorityRule, ServiceTimes
from routing.relaxing import RelaxRule
from routing.vocabulary import SKILL_LEVEL_BEST, SKILL_LEVEL_MIN, Priority, Skill

TIER_MAX: Final = 9
SKILLS_MAX: Final = 100
_DEFAULTS: Final = Policy(version="", priorities=())
_SECOND_MS: Final = 1_000
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class National:
    """All of the file: a policy without regions, and the time windows that rules may name."""

    policy: Policy
    guard: NationalGuard
    windows: tuple[TimeWindow, ...]


def read_national(faults: Faults, path: Path) -> National:
    """Reads the file; what is wrong with it goes to `faults`."""
    top = faults.read(path)
    offers = top.may("offers").section()
    policy = Policy(
        version=top.need("version").text(length_max=64),
        priorities=_priorities(top.need("priorities").section()),
        services=_skills(top.may("services")),
        languages=_languages(top.may("languages")),
        relax_rules=tuple(map(_relax_rule, top.may("relax").sections())),
        interpreter_languages=_skills(top.may("interpreter_languages")),
        order=top.may("order").choice(Order, Order.DUE),
        agent_choice=top.may("agent_choice").choice(AgentChoice, _DEFAULTS.agent_choice),
        home_advantage_ms=_home_advantage_ms(top.may("home_advantage")),
        ring_ms=_time(offers, "ring", _DEFAULTS.ring_ms),
        tried_ms=_time(offers, "tried", _DEFAULTS.tried_ms),
        no_answer_heals_ms=_time(offers, "no_answer_heals", _DEFAULTS.no_answer_heals_ms),
        failures_max=offers.may("failures_max").whole(_DEFAULTS.failures_max, least=1, most=100),
        failures_window_ms=_time(offers, "failures_window", _DEFAULTS.failures_window_ms),
        not_before_ms=_time(offers, "not_before", _DEFAULTS.not_before_ms),
        emergency_alarm_ms=_time(top, "emergency_alarm", _DEFAULTS.emergency_alarm_ms),
        loss_tolerance=_loss_tolerance(top.may("loss_tolerance").section()),
        returns=read_returns(top.may("coming_back").section()),
        callbacks=read_callbacks(top.may("callbacks").section()),
        talks=read_talks(top.may("talks").section()),
        strain=read_strain(top.may("strain").section()),
        rooms=read_rooms(top.may("rooms").section()),
        preferred_wait_ms=_time(top, "preferred_wait", _DEFAULTS.preferred_wait_ms, least_ms=0),
        wrap_up_ms_max=_time(top, "wrap_up_max", _DEFAULTS.wrap_up_ms_max, least_ms=0),
    )
    guard = read_guard(top.may("overload").section())
    return National(policy, guard, _windows(top.may("windows").section()))


def _time(section: Section, key: str, default_ms: int, least_ms: int = _SECOND_MS) -> int:
    return section.may(key).duration_ms(default_ms, least_ms=least_ms, most_ms=_HOUR_MS)


def _loss_tolerance(section: Section) -> LossTolerance:
    known = _DEFAULTS.loss_tolerance
    return LossTolerance(
        wait_ms=_time(section, "wait", known.wait_ms, least_ms=0),
        promise_permille=section.may("within_promise").share_permille(known.promise_permille),
    )


def _priorities(section: Section) -> tuple[tuple[Priority, PriorityRule], ...]:
    return tuple((priority, _priority_rule(section, priority)) for priority in Priority)


def _priority_rule(section: Section, priority: Priority) -> PriorityRule:
    rule = section.need(priority).section()
    return PriorityRule(
        tier=rule.need("tier").whole(least=0, most=TIER_MAX),
        due_after_ms=rule.need("due_after").duration_ms(),
        answer_within_ms=rule.need("answer_within").duration_ms(least_ms=_SECOND_MS),
        services=tuple(
            _service_times(name, item.section())
            for name, item in rule.may("services").section().named_entries()
        ),
    )


def _service_times(service: str, times: Section) -> ServiceTimes:
    return ServiceTimes(
        service=Skill(service),
        due_after_ms=times.need("due_after").duration_ms(),
        answer_within_ms=times.need("answer_within").duration_ms(least_ms=_SECOND_MS),
    )


def _relax_rule(rule: Section) -> RelaxRule:
    level, instead = rule.may("level"), rule.may("instead")
    if level.is_given == instead.is_given:
        rule.fault('a relax rule has either "level" or "instead"')
    return RelaxRule(
        name=rule.need("name").identifier(),
        skill=Skill(rule.need("skill").identifier()),
        after_ms=rule.need("after").duration_ms(least_ms=_SECOND_MS),
        level_max=level.whole(SKILL_LEVEL_MIN, least=SKILL_LEVEL_BEST, most=SKILL_LEVEL_MIN),
        instead=_skills(instead),
    )


def _skills(item: Item) -> tuple[Skill, ...]:
    named = item.items()
    if len(named) > SKILLS_MAX:
        item.fault(f"expected at most {SKILLS_MAX} skills, found {len(named)}")
    return tuple(Skill(one.identifier()) for one in named[:SKILLS_MAX])


def _languages(item: Item) -> tuple[Skill, ...]:
    languages = _skills(item)
    if languages and DEFAULT_LANGUAGE not in languages:
        item.fault(f"{quoted(DEFAULT_LANGUAGE)} is missing: whoever presses nothing needs it")
    return languages


def _home_advantage_ms(item: Item) -> int | None:
    """None for `always`, which is also the default."""
    if not item.is_given or item.is_word("always"):
        return None
    advantage_ms = item.duration_ms(most_ms=_HOUR_MS, what='"always" or a time such as "5 min"')
    item.warn(
        "minutes instead of always: a neighbour's backlog will make a region's own callers wait"
    )
    return advantage_ms


def _windows(section: Section) -> tuple[TimeWindow, ...]:
    return tuple(read_window(name, item) for name, item in section.named_entries())
