"""`config/regions/NN.yaml`: one region's facts, and its part of the agreement.

House rules: names of other regions, clusters and windows are only collected here, each with its
place; whether they exist can be said when all files are read (`policy_file`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from queue_engine.config.lend_file import read_lend_rule, wait_levels
from queue_engine.config.source import Faults, Item, Section
from routing.region_policy import (
    NATIONAL,
    Purchase,
    RegionPolicy,
    Ring,
    RingKind,
    Sale,
    ShareCondition,
    ShareRule,
    UnitPolicy,
)
from routing.vocabulary import Priority, RegionCode, Skill, UnitId

REGION_CODE: Final = re.compile(r"\d{2}", re.ASCII)
REGION_CODE_SHOWN: Final = 'a region code of two digits such as "14"'
QUEUE_LENGTH_MAX: Final = 10_000
AREA_CODE: Final = re.compile(r"0[1-9]\d{0,2}", re.ASCII)


class NameKind(StrEnum):
    """What a name in a share rule must be the name of."""

    REGION = "region"
    CLUSTER = "cluster"
    WINDOW = "window"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class UsedName:
    """A name that must be defined somewhere, and where it is used."""

    kind: NameKind
    name: str
    item: Item


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What is known of a region apart from its rules."""

    code: RegionCode
    name: str
    population: int
    area_codes: tuple[str, ...]
    """With the leading 0 (`08`, `0500`): a hint only, they seldom follow borders."""


@dataclass(frozen=True, slots=True)
class RegionFile:
    """All of one file, with the places that checks across files need."""

    policy: RegionPolicy
    facts: RegionFacts
    code_item: Item
    area_code_items: tuple[tuple[str, Item], ...]
    used_names: tuple[UsedName, ...]


def read_region(faults: Faults, path: Path) -> RegionFile:
    """Reads one region's file; what is wrong with it goes to `faults`."""
    top = faults.read(path)
    code_item = top.need("code")
    # The file's name stands in for a code that cannot be read, so that others who name the region
    # are not told that it does not exist.
    stand_in = path.stem if REGION_CODE.fullmatch(path.stem) else ""
    code = RegionCode(code_item.matching(REGION_CODE, REGION_CODE_SHOWN) or stand_in)
    if code and path.stem != code:
        code_item.fault(f'region "{code}" belongs in a file named {code}.yaml')
    name = top.need("name").text(length_max=60)
    area_code_items = tuple(
        (item.matching(AREA_CODE, 'an area code such as "08" or "0500"'), item)
        for item in top.may("area_codes").items()
    )
    used_names: list[UsedName] = []
    policy = RegionPolicy(
        code=code,
        name=name,
        takes_part=top.may("takes_part").flag(default=True),
        takes_part_in=tuple(_window(item, used_names) for item in top.may("takes_part_in").items()),
        clusters=tuple(item.identifier() for item in top.may("clusters").items()),
        share_rules=_share_rules(top.may("share_rules"), used_names),
        lend=read_lend_rule(top.may("lend").section()),
        units=tuple(_unit(section, used_names) for section in top.may("units").sections()),
        sells=tuple(_sale(section, used_names) for section in top.may("sells").sections()),
        buys=tuple(_purchase(section, used_names) for section in top.may("buys").sections()),
    )
    facts = RegionFacts(
        code=code,
        name=name,
        population=top.need("population").whole(least=1, most=100_000_000),
        area_codes=tuple(area_code for area_code, _ in area_code_items if area_code),
    )
    return RegionFile(policy, facts, code_item, area_code_items, tuple(used_names))


def _unit(section: Section, used_names: list[UsedName]) -> UnitPolicy:
    """A health centre, say; that its name is its own is checked with the whole policy."""
    return UnitPolicy(
        unit=UnitId(section.need("id").identifier()),
        name=section.need("name").text(length_max=60),
        keeps_own=section.may("keeps_own").flag(default=False),
        share_rules=_share_rules(section.may("share_rules"), used_names),
    )


def _sale(section: Section, used_names: list[UsedName]) -> Sale:
    """The deal's hours, and which units of the seller answer, stand at the seller."""
    return Sale(
        service=_service(section.need("service"), used_names),
        buyers=tuple(_code(item, used_names) for item in section.need("to").items()),
        during=tuple(_window(item, used_names) for item in section.may("during").items()),
        units=tuple(UnitId(item.identifier()) for item in section.may("units").items()),
    )


def _purchase(section: Section, used_names: list[UsedName]) -> Purchase:
    """Which callers are meant stands at the buyer."""
    return Purchase(
        service=_service(section.need("service"), used_names),
        seller=_code(section.need("from"), used_names),
        units=tuple(UnitId(item.identifier()) for item in section.may("units").items()),
    )


def _code(item: Item, used_names: list[UsedName]) -> RegionCode:
    code = item.matching(REGION_CODE, REGION_CODE_SHOWN)
    used_names.append(UsedName(NameKind.REGION, code, item))
    return RegionCode(code)


def _service(item: Item, used_names: list[UsedName]) -> Skill:
    service = item.identifier()
    used_names.append(UsedName(NameKind.SERVICE, service, item))
    return Skill(service)


def _share_rules(item: Item, used_names: list[UsedName]) -> tuple[ShareRule, ...]:
    given: dict[str, int] = {}
    rules = []
    for section in item.sections():
        rule = _share_rule(section, used_names)
        if rule.name in given and rule.name:
            section.need("name").fault(f"a rule on line {given[rule.name]} has this name already")
        given.setdefault(rule.name, section.line)
        rules.append(rule)
    return tuple(rules)


def _share_rule(section: Section, used_names: list[UsedName]) -> ShareRule:
    when = section.need("when")
    condition = when.choice(ShareCondition, ShareCondition.PAST_DUE)
    if not when.is_word(condition):
        # Which of these belong to the rule cannot be said, so neither is missing nor too much.
        section.may("after")
        section.may("during")
        section.may("window")
        section.may("above")
        section.may("below")
        section.may("more_than")
    after_ms, window, own_wait = 0, "", None
    if condition is ShareCondition.WAITED:
        after_ms = section.need("after").duration_ms()
    if condition is ShareCondition.WINDOW:
        window = _window(section.need("window"), used_names)
    if condition is ShareCondition.EXPECTED_WAIT:
        own_wait = wait_levels(section)
    ring = _ring(section.need("ring"), used_names)
    if condition is ShareCondition.QUEUE_LENGTH:
        more_than = section.need("more_than").whole(most=QUEUE_LENGTH_MAX)
        ring = ring._replace(waiting_min=more_than + 1)
    during = "" if condition is ShareCondition.WINDOW else _during(section, used_names)
    return ShareRule(
        name=section.need("name").identifier(),
        condition=condition,
        ring=ring,
        after_ms=after_ms,
        window=window,
        priorities=tuple(item.choice(Priority) for item in section.may("priorities").items()),
        services=tuple(_service(item, used_names) for item in section.may("services").items()),
        units=tuple(UnitId(item.identifier()) for item in section.may("units").items()),
        during=during,
        own_wait=own_wait,
    )


def _during(section: Section, used_names: list[UsedName]) -> str:
    item = section.may("during")
    return _window(item, used_names) if item.is_given else ""


def _window(item: Item, used_names: list[UsedName]) -> str:
    window = item.identifier()
    used_names.append(UsedName(NameKind.WINDOW, window, item))
    return window


def _ring(item: Item, used_names: list[UsedName]) -> Ring:
    """`national`, `region`, `{units: [hamnen]}`, `{cluster: north}` or `{regions: ["22"]}`."""
    if item.is_word(RingKind.NATIONAL) or not item.is_given:
        return NATIONAL
    if item.is_word(RingKind.REGION):
        return Ring(RingKind.REGION)
    if not item.is_mapping:
        item.expected("national, region, {units: [IDS]}, {cluster: NAME} or {regions: [CODES]}")
        return NATIONAL
    section = item.section()
    units, cluster, regions = (section.may(key) for key in ("units", "cluster", "regions"))
    if units.is_given + cluster.is_given + regions.is_given != 1:
        section.fault("expected either units, cluster or regions")
        return NATIONAL
    if units.is_given:
        return Ring(RingKind.UNITS, tuple(entry.identifier() for entry in units.items()))
    if cluster.is_given:
        name = cluster.identifier()
        used_names.append(UsedName(NameKind.CLUSTER, name, cluster))
        return Ring(RingKind.CLUSTER, (name,))
    return Ring(RingKind.REGIONS, tuple(_code(entry, used_names) for entry in regions.items()))
