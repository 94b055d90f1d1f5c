"""Sentences that begin with `given`: each changes the rules in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from routing.guard_policy import GuardRule
from routing.limits import Levels
from routing.policy import AgentChoice, Order, Policy, ServiceTimes
from routing.region_policy import (
    NATIONAL,
    LendRule,
    Purchase,
    RegionPolicy,
    Ring,
    RingKind,
    Sale,
    ShareCondition,
    ShareRule,
    UnitPolicy,
)
from routing.relaxing import RelaxRule
from routing.room_policy import RoomPolicy
from routing.vocabulary import SKILL_LEVEL_MIN, LinkId, RegionCode, Skill, UnitId
from tests.transcripts.words import LENGTH, Words, duration_ms


def _home_advantage(policy: Policy, words: Words) -> Policy:
    return replace(policy, home_advantage_ms=duration_ms(words["length"]))


def _no_more_wrap_up(policy: Policy, words: Words) -> Policy:
    return replace(policy, talks=replace(policy.talks, wrap_up_prolonged_ms_max=0))


def _order(policy: Policy, words: Words) -> Policy:
    return replace(policy, order=Order(words["order"]))


def _agent_choice(policy: Policy, words: Words) -> Policy:
    return replace(policy, agent_choice=AgentChoice(words["choice"]))


def _service_times(policy: Policy, words: Words) -> Policy:
    times = ServiceTimes(
        Skill(words["service"]), duration_ms(words["due"]), duration_ms(words["within"])
    )
    return replace(
        policy,
        priorities=tuple(
            (priority, replace(rule, services=(times,)) if priority == words["priority"] else rule)
            for priority, rule in policy.priorities
        ),
    )


def _trunk(policy: Policy, words: Words) -> Policy:
    trunk = (LinkId(words["one"]), LinkId(words["other"]))
    return replace(policy, trunks=(*policy.trunks, trunk))


def _relax(policy: Policy, words: Words) -> Policy:
    rule = RelaxRule(
        name=f"{words['skill']}_after_{words['after'].replace(' ', '_')}",
        skill=Skill(words["skill"]),
        after_ms=duration_ms(words["after"]),
        level_max=int(words.get("level", SKILL_LEVEL_MIN)),
        instead=tuple(map(Skill, words["instead"].split(", "))) if "instead" in words else (),
    )
    return replace(policy, relax_rules=(*policy.relax_rules, rule))


def _strain(policy: Policy, words: Words) -> Policy:
    strain = replace(
        policy.strain,
        unbroken_work_ms_max=duration_ms(words.get("work", "0 s")),
        emergencies_max=int(words.get("emergencies", 0)),
        rest_ms=duration_ms(words.get("rest", "5 min")),
        others_permille_max=int(words.get("percent", 0)) * 10,
        others_of=int(words.get("count", 10)),
    )
    return replace(policy, strain=strain)


def _rooms(policy: Policy, words: Words) -> Policy:
    chats = int(words.get("chats", 1))
    return replace(policy, rooms=RoomPolicy(chats, "call" in words))


def _preferred_wait(policy: Policy, words: Words) -> Policy:
    return replace(policy, preferred_wait_ms=duration_ms(words["length"]))


def _interpreters(policy: Policy, words: Words) -> Policy:
    return replace(policy, interpreter_languages=tuple(map(Skill, words["languages"].split(", "))))


def _callbacks(policy: Policy, words: Words) -> Policy:
    within_ms = duration_ms(words["length"]) if "length" in words else 0
    return replace(policy, callbacks=replace(policy.callbacks, within_ms=within_ms))


def _lend(policy: Policy, words: Words) -> Policy:
    share = int(words["percent"]) * 10 if "percent" in words else 0
    rule = LendRule(int(words.get("nurses", 0)), share)
    return changed(policy, words["region"], lambda region: replace(region, lend=rule))


def _share(policy: Policy, words: Words) -> Policy:
    ring = NATIONAL
    if "cluster" in words:
        ring = Ring(RingKind.CLUSTER, (words["cluster"],))
    elif "units" in words:
        ring = Ring(RingKind.UNITS, tuple(words["units"].split(", ")))
    elif "own" in words:
        ring = Ring(RingKind.REGION)
    rules: tuple[ShareRule, ...] = ()
    if "after" in words:
        after_ms = duration_ms(words["after"])
        rules = (ShareRule("after", ShareCondition.WAITED, ring, after_ms),)
    elif "window" in words:
        rules = (ShareRule("window", ShareCondition.WINDOW, ring, window=words["window"]),)
    elif "fact" in words:
        rules = (ShareRule(words["fact"], _FACTS[words["fact"]], ring),)
    services = (Skill(words["service"]),) if "service" in words else ()
    units = (UnitId(words["unit"]),) if "unit" in words else ()
    rules = tuple(
        replace(rule, services=services, units=units, during=words.get("during", ""))
        for rule in rules
    )
    if "of_unit" in words:
        return _changed_unit(policy, words, lambda unit: replace(unit, share_rules=rules))
    return changed(policy, words["region"], lambda region: replace(region, share_rules=rules))


def _sells(policy: Policy, words: Words) -> Policy:
    sale = Sale(
        Skill(words["service"]),
        (RegionCode(words["buyer"]),),
        during=(words["window"],) if "window" in words else (),
        units=tuple(map(UnitId, words["units"].split(", "))) if "units" in words else (),
    )
    return changed(
        policy, words["region"], lambda region: replace(region, sells=(*region.sells, sale))
    )


def _buys(policy: Policy, words: Words) -> Policy:
    units = (UnitId(words["unit"]),) if "unit" in words else ()
    purchase = Purchase(Skill(words["service"]), RegionCode(words["seller"]), units)
    return changed(
        policy, words["region"], lambda region: replace(region, buys=(*region.buys, purchase))
    )


def _keeps(policy: Policy, words: Words) -> Policy:
    keeps_own = words["whom"] != "nobody"
    return _changed_unit(policy, words, lambda unit: replace(unit, keeps_own=keeps_own))


def _has_units(policy: Policy, words: Words) -> Policy:
    names = map(UnitId, words["units"].split(", "))
    units = tuple(UnitPolicy(name, name) for name in names)
    return changed(policy, words["region"], lambda region: replace(region, units=units))


def _changed_unit(
    policy: Policy, words: Words, change: Callable[[UnitPolicy], UnitPolicy]
) -> Policy:
    """The unit is there, if it was not before, and is changed."""
    name = UnitId(words["of_unit"])

    def change_region(region: RegionPolicy) -> RegionPolicy:
        known = next((unit for unit in region.units if unit.unit == name), UnitPolicy(name, name))
        others = tuple(unit for unit in region.units if unit.unit != name)
        return replace(region, units=(*others, change(known)))

    return changed(policy, words["region"], change_region)


_FACTS: Final = {
    "past due": ShareCondition.PAST_DUE,
    "unstaffed": ShareCondition.UNSTAFFED,
    "the line is closed": ShareCondition.LINE_CLOSED,
}


def _takes_part(policy: Policy, words: Words) -> Policy:
    windows = (words["window"],) if "window" in words else ()
    return changed(policy, words["region"], lambda region: replace(region, takes_part_in=windows))


def _guard(policy: Policy, words: Words) -> Policy:
    if "waiting" in words:
        return changed(
            policy,
            words["region"],
            lambda region: replace(region, guard=GuardRule(None, int(words["waiting"]))),
        )
    levels = Levels(duration_ms(words["above"]), duration_ms(words["below"]))
    guard = GuardRule(levels)
    return changed(policy, words["region"], lambda region: replace(region, guard=guard))


def _drop_region(policy: Policy, words: Words) -> Policy:
    regions = tuple(region for region in policy.regions if region.code != words["region"])
    return replace(policy, regions=regions)


def changed(policy: Policy, code: str, change: Callable[[RegionPolicy], RegionPolicy]) -> Policy:
    """The rules with another part of this region."""
    regions = tuple(change(region) if region.code == code else region for region in policy.regions)
    return replace(policy, regions=regions)


GIVEN: Final[tuple[tuple[str, Callable[[Policy, Words], Policy]], ...]] = (
    (rf"given a home advantage of (?P<length>{LENGTH})", _home_advantage),
    (r"given that a wrap-up cannot be prolonged", _no_more_wrap_up),
    (
        rf"given that (?P<priority>\w+) (?P<service>\w+) is due after (?P<due>{LENGTH})"
        rf" and promised within (?P<within>{LENGTH})",
        _service_times,
    ),
    (
        rf"given that after (?P<after>{LENGTH}) who needs (?P<skill>\w+) is content with"
        r" (?:level (?P<level>[1-9])|(?P<instead>[\w, ]+))",
        _relax,
    ),
    (
        rf"given that after (?:(?P<work>{LENGTH}) of unbroken work|(?P<emergencies>[0-9]+)"
        rf" emergencies in a row) nurses rest for (?P<rest>{LENGTH})",
        _strain,
    ),
    (r"given that nothing is too much for a nurse", _strain),
    (
        r"given that at most (?P<percent>[0-9]+) % of a nurse's last (?P<count>[0-9]+) callers"
        r" are others'",
        _strain,
    ),
    (
        r"given that a nurse may have (?:one contact|(?P<chats>[0-9]+) chats?"
        r"(?P<call> and a pressing call on top)?)",
        _rooms,
    ),
    (rf"given that preferred nurses are waited for (?P<length>{LENGTH})", _preferred_wait),
    (r"given that interpreters work in (?P<languages>[\w, ]+)", _interpreters),
    (
        rf"given that (?:nobody is rung back|who is rung back is so within (?P<length>{LENGTH}))",
        _callbacks,
    ),
    (r"given the order (?P<order>\w+)", _order),
    (r"given that the nurse is chosen by (?P<choice>\w+)", _agent_choice),
    (
        r"given that region (?P<region>\w+) keeps"
        r" (?:(?P<percent>[0-9]+) %|(?P<nurses>[0-9]+) nurses?) for its own",
        _lend,
    ),
    (
        r"given that (?:region|unit (?P<of_unit>\w+) of) (?P<region>\w+) shares"
        r"(?: calls for (?P<service>\w+))?(?: calls of unit (?P<unit>\w+))?"
        rf" (?:nothing|(?:after (?P<after>{LENGTH})|in window (?P<window>\w+)"
        rf"|when (?P<fact>{'|'.join(_FACTS)}))(?: during (?P<during>\w+))?"
        r" with (?:cluster (?P<cluster>\w+)|units (?P<units>[\w, ]+)|(?P<own>its region)"
        r"|the nation))",
        _share,
    ),
    (
        r"given that region (?P<region>\w+) sells (?P<service>\w+) to (?P<buyer>\w+)"
        r"(?: in window (?P<window>\w+))?(?:, answered in units? (?P<units>[\w, ]+))?",
        _sells,
    ),
    (
        r"given that region (?P<region>\w+) buys (?P<service>\w+) from (?P<seller>\w+)"
        r"(?: for unit (?P<unit>\w+))?",
        _buys,
    ),
    (r"given that region (?P<region>\w+) has units? (?P<units>[\w, ]+)", _has_units),
    (
        r"given that unit (?P<of_unit>\w+) of (?P<region>\w+)"
        r" keeps (?P<whom>its own callers|nobody)",
        _keeps,
    ),
    (
        r"given that region (?P<region>\w+) takes part (?:in window (?P<window>\w+) only|always)",
        _takes_part,
    ),
    (r"given that region (?P<region>\w+) is no longer in the files", _drop_region),
    (r"given a trunk between (?P<one>\w+) and (?P<other>\w+)", _trunk),
    (
        r"given that region (?P<region>\w+) refuses"
        r" (?:with (?P<waiting>[0-9]+) waiting"
        rf"|above (?P<above>{LENGTH}) until (?P<below>{LENGTH}))",
        _guard,
    ),
)
"""Each sentence, and what it makes of the rules."""
