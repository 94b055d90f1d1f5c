"""A scenario from its YAML file, with every fault of the file told at once.

`docs/SCENARIOS.md` tells what may stand in one; `simulations/scenarios/` has examples.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import Final, NamedTuple

from queue_engine.config.source import DURATION, Faults, Item, Section
from queue_engine.config.wording import UNITS_MS
from routing.vocabulary import Priority, RegionCode, Requirement, Skill, SkillLevel, UnitId
from simulations.scenario.calendar import NO_CALENDAR, read_calendar
from simulations.scenario.demand import calls_by_hour
from simulations.scenario.model import (
    HOUR_MS,
    NO_CALLBACK,
    NOTHING,
    PROFILE_LENGTHS,
    TARGETS_MS,
    CallbackHabits,
    CallerKind,
    Channel,
    End,
    EngineFaults,
    Length,
    Profile,
    RegionPlan,
    Scenario,
    Shock,
    StaffGroup,
    StaffHabits,
)
from simulations.scenario.policies import RANKS_MAX, rank_skill, read_policies
from simulations.scenario.spreads import SPREAD_MS_MAX, read_patience, read_spread

CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
CODE_SHOWN: Final = 'a code of letters, digits, "-" and "_" such as "14" or north'
CALLS: Final = re.compile(r"(\d{1,12}) calls", re.ASCII)
DAYS: Final = re.compile(r"(\d{1,5}) days?", re.ASCII)
SHARE: Final = re.compile(r"(\d{1,2}) ?%", re.ASCII)
NURSES_MAX: Final = 100_000
REGIONS_MAX: Final = 200


def load_scenario(path: Path) -> Scenario:
    """Reads a scenario's file.

    Raises:
        ConfigError: with all faults of the file, by line.
    """
    faults = Faults()
    scenario = _read(faults, path)
    faults.raise_if_any()
    return scenario


def _read(faults: Faults, path: Path) -> Scenario:
    top = faults.read(path)
    staff = _habits(top.may("staff").section())
    callers = top.may("callers").section()
    base = _kind(callers, CallerKind("call"))
    kinds = tuple(
        _kind(section, base, is_named=True) for section in callers.may("kinds").sections()
    )
    kinds = kinds or (base,)
    regions_item = top.need("regions")
    demand = _Demand(_profile(top.may("calls_per_hour")))
    regions = tuple(
        _region(code, item, base, kinds, demand, staff)
        for code, item in regions_item.section().entries()[:REGIONS_MAX]
    )
    if regions_item.is_given and not regions:
        regions_item.expected("a region at least")
    contacts, calendar = top.may("contacts"), top.may("calendar")
    length = _length(top.need("length"), top.may("warm_up"))
    targets = [item.duration_ms(most_ms=SPREAD_MS_MAX) for item in top.may("targets").items()]
    scenario = Scenario(
        name=top.may("name").text(path.stem, length_max=80),
        length=length,
        regions=regions,
        kinds=kinds,
        policies=(),
        staff=staff,
        shocks=tuple(_shock(section) for section in top.may("shocks").sections()),
        faults=_faults(top.may("faults").section()),
        targets_ms=tuple(sorted({*TARGETS_MS, *targets})),
        main_target_ms=targets[0] if targets else TARGETS_MS[1],
        interval_ms=top.may("interval").duration_ms(HOUR_MS // 2, least_ms=60_000),
        contacts=path.parent / contacts.text() if contacts.is_given else None,
        calendar=read_calendar(calendar.section()) if calendar.is_given else NO_CALENDAR,
    )
    return read_policies(top.may("policies"), path.parent, ranked(scenario))


def ranked(scenario: Scenario) -> Scenario:
    """Ranks as services that callers need and all nurses have: so the core orders by them."""
    ranks = sorted({kind.rank for region in scenario.regions for kind in scenario.kinds_of(region)})
    if ranks in ([], [0]):
        return scenario
    skills = tuple(SkillLevel(rank_skill(rank)) for rank in ranks)

    def need(kind: CallerKind) -> CallerKind:
        return replace(kind, needs=(*kind.needs, Requirement(rank_skill(kind.rank))))

    def group(each: StaffGroup) -> StaffGroup:
        return replace(each, skills=(*each.skills, *skills))

    regions = tuple(
        replace(
            region,
            kinds=tuple(need(kind) for kind in region.kinds),
            staff=tuple(group(each) for each in region.staff),
        )
        for region in scenario.regions
    )
    return replace(scenario, regions=regions, kinds=tuple(need(kind) for kind in scenario.kinds))


class Day(StrEnum):
    """The days of a week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class _Demand(NamedTuple):
    """The calls of all regions together, which they share by `share` or `population`."""

    calls_per_hour: Profile | None


def _kind(section: Section, base: CallerKind, *, is_named: bool = False) -> CallerKind:
    handling, patience, menu = (section.may(key) for key in ("handling", "patience", "menu"))
    after, callback = section.may("redial_after"), section.may("callback")
    channel = section.may("channel").choice(Channel, base.channel)
    usual = base.callback if channel is Channel.PHONE else NO_CALLBACK
    if channel is Channel.CHAT and callback.is_given:
        callback.fault("nobody is rung back who writes")
    return CallerKind(
        name=section.need("name").identifier() if is_named else base.name,
        weight=section.may("weight").decimal(1.0) if is_named else 1.0,
        priority=section.may("priority").choice(Priority, base.priority),
        rank=section.may("rank").whole(base.rank, most=RANKS_MAX),
        needs=_needs(section.may("needs")) or base.needs,
        handling=read_spread(handling) if handling.is_given else base.handling,
        patience=read_patience(patience) if patience.is_given else base.patience,
        menu=read_spread(menu) if menu.is_given else base.menu,
        redials=section.may("redials").share_permille(round(base.redials * 1000)) / 1000,
        redial_after=read_spread(after) if after.is_given else base.redial_after,
        callback=_callback(callback.section()) if callback.is_given else usual,
        channel=channel,
    )


def _callback(section: Section) -> CallbackHabits:
    after, answer = section.may("after"), section.may("answer")
    return CallbackHabits(
        share=section.need("share").share_permille() / 1000,
        after=read_spread(after) if after.is_given else NOTHING,
        told_ms=section.may("told").duration_ms(),
        reached=section.may("reached").share_permille(1000) / 1000,
        answer=read_spread(answer) if answer.is_given else NOTHING,
    )


def _needs(item: Item) -> tuple[Requirement, ...]:
    return tuple(sorted(Requirement(Skill(need.identifier())) for need in item.items()))


def _habits(section: Section) -> StaffHabits:
    usual = StaffHabits()
    parts = {
        name: read_spread(item) if (item := section.may(name)).is_given else getattr(usual, name)
        for name in ("answer", "notices", "wrap_up", "lateness")
    }
    breaks = section.may("breaks")
    rests = breaks.section()
    return StaffHabits(
        misses=section.may("misses").share_permille() / 1000,
        break_ms=rests.need("length").duration_ms(least_ms=1) if breaks.is_given else 0,
        break_after_ms=rests.may("after").duration_ms(usual.break_after_ms, least_ms=HOUR_MS // 4),
        **parts,
    )


def _region(
    code: str,
    item: Item,
    base: CallerKind,
    usual: tuple[CallerKind, ...],
    demand: _Demand,
    habits: StaffHabits,
) -> RegionPlan:
    section = item.section()
    if not CODE.fullmatch(code):
        item.fault(f"the key is not {CODE_SHOWN}")
    kinds = tuple(_kind(each, base, is_named=True) for each in section.may("kinds").sections())
    calls = _calls(section, demand)
    places = section.may("queue_places")
    skills = _skills(section.may("skills"))
    handling_ms = _mean_handling_ms(kinds or usual) + habits.wrap_up.mean_ms
    groups = section.may("groups")
    staff = [_group(each, calls, handling_ms, skills) for each in groups.sections()]
    nurses = section.may("nurses") if staff else section.need("nurses")
    if nurses.is_given:
        staff.insert(0, StaffGroup(_nurses(nurses, calls, handling_ms), skills))
    return RegionPlan(
        code=RegionCode(code),
        name=section.may("name").text(code, length_max=60),
        calls_per_hour=calls,
        staff=tuple(staff),
        kinds=kinds,
        queue_places=places.whole() if places.is_given else None,
    )


def _mean_handling_ms(kinds: tuple[CallerKind, ...]) -> int:
    whole = sum(kind.weight for kind in kinds) or 1.0
    return round(sum(kind.handling.mean_ms * kind.weight for kind in kinds) / whole)


def _calls(section: Section, demand: _Demand) -> Profile:
    """`calls_per_hour`, a `share` of those of all regions, or a `population`'s usual ones."""
    own, share, population = (section.may(key) for key in ("calls_per_hour", "share", "population"))
    if own.is_given + share.is_given + population.is_given > 1:
        section.fault("expected one of calls_per_hour, share and population")
    if population.is_given:
        return calls_by_hour(population.whole(least=1))
    if share.is_given:
        if demand.calls_per_hour is None:
            share.fault("a share of what? the key calls_per_hour of all regions is missing")
        part = share.decimal(most=1.0)
        return tuple(calls * part for calls in demand.calls_per_hour or (0.0,))
    return _profile(own) or (0.0,)


def _profile(item: Item) -> Profile | None:
    """One number, 24 or 48 for the day, or 168 or 336 for the week from Monday on."""
    if not item.is_given:
        return None
    if not item.is_list:
        return (item.decimal(most=1e9),)
    figures = tuple(each.decimal(most=1e9) for each in item.items())
    if len(figures) not in PROFILE_LENGTHS:
        item.fault(f"expected 1, 24, 48, 168 or 336 numbers, found {len(figures)}")
        return (0.0,)
    return figures


def _group(
    section: Section, calls: Profile, handling_ms: int, skills: tuple[SkillLevel, ...]
) -> StaffGroup:
    unit = section.may("unit")
    return StaffGroup(
        nurses=_nurses(section.need("nurses"), calls, handling_ms),
        skills=_skills(section.may("skills")) or skills,
        unit=UnitId(unit.identifier()) if unit.is_given else None,
        speed=section.may("speed").decimal(1.0, least=0.001, most=1_000.0),
    )


def _nurses(item: Item, calls: Profile, handling_ms: int) -> Profile:
    """A number, numbers by the time, `{busy: 85 %}`, or `{shifts: [...]}`."""
    if item.is_mapping and item.section().has("shifts"):
        return _shifts(item.section().may("shifts"))
    if not item.is_mapping:
        figures = _profile(item) or (0.0,)
        if any(figure != int(figure) or figure > NURSES_MAX for figure in figures):
            item.expected(f"whole numbers of nurses, at most {NURSES_MAX}")
        return figures
    busy = item.section().need("busy").share_permille(1000) or 1000
    least = item.section().may("least").whole(1)
    return tuple(
        float(max(least, ceil(round(figure * handling_ms / HOUR_MS * 1000 / busy, 9))))
        for figure in calls
    )


def _shifts(item: Item) -> Profile:
    """`{from: 22, to: 7, nurses: 4, days: [sat, sun]}`: by the day on which a shift begins."""
    figures = [0.0] * 168
    for section in item.sections():
        begins, ends = section.need("from").whole(most=23), section.need("to").whole(most=24)
        nurses = section.need("nurses").whole(most=NURSES_MAX)
        days = [each.choice(Day) for each in section.may("days").items()] or list(Day)
        for day in days:
            first = list(Day).index(day) * 24 + begins
            for hour in range(first, first + ((ends - begins - 1) % 24 + 1)):
                figures[hour % 168] += nurses
    return tuple(figures)


def _skills(item: Item) -> tuple[SkillLevel, ...]:
    return tuple(sorted(SkillLevel(Skill(each.identifier())) for each in item.items()))


def _shock(section: Section) -> Shock:
    begins, ends = section.need("from"), section.need("to")
    from_ms, to_ms = read_moment(begins), read_moment(ends)
    if to_ms <= from_ms:
        ends.expected('a moment later than "from"')
    regions = tuple(RegionCode(each.text()) for each in section.may("regions").items())
    return Shock(from_ms, to_ms, section.need("times").decimal(most=1000.0), regions)


def _faults(section: Section) -> EngineFaults:
    every, reports = section.may("crash_every"), section.may("reports").section()
    late_by, lost = reports.may("late_by"), reports.may("lost")
    reconcile = section.may("reconcile_every")
    if lost.is_given and not reconcile.is_given:
        lost.fault("reports that are lost need reconcile_every, or their callers are kept for ever")
    return EngineFaults(
        crash_every_ms=every.duration_ms(least_ms=1_000) if every.is_given else 0,
        late=reports.may("late").share_permille() / 1000,
        late_by=read_spread(late_by) if late_by.is_given else NOTHING,
        twice=reports.may("twice").share_permille() / 1000,
        lost=lost.share_permille() / 1000,
        reconcile_every_ms=reconcile.duration_ms(least_ms=1_000) if reconcile.is_given else 0,
    )


def read_moment(item: Item) -> int:
    """`30 h`, `2 days`: milliseconds from the scenario's midnight."""
    return _time(item) or 0


def _time(item: Item) -> int | None:
    for pattern, unit_ms in ((DAYS, _days_ms), (DURATION, _duration_ms)):
        found = pattern.fullmatch(item.plain_text)
        if found:
            return unit_ms(found)
    item.expected('a time such as "12 h" or "7 days"')
    return None


def _days_ms(found: re.Match[str]) -> int:
    return int(found[1]) * 24 * HOUR_MS


def _duration_ms(found: re.Match[str]) -> int:
    return int(found[1]) * UNITS_MS[found[2]]


def _length(length: Item, warm_up: Item) -> Length:
    """`200000 calls` or `7 days`; a warm-up of the same kind, or `10 %` of it."""
    if not length.is_given:
        return Length(End.CALLS, 1)
    found = CALLS.fullmatch(length.plain_text)
    read: Callable[[Item], int | None] = _count if found else _time
    end = End.CALLS if found else End.TIME
    amount = read(length) or 1
    if not warm_up.is_given:
        return Length(end, amount)
    part = SHARE.fullmatch(warm_up.plain_text)
    before = amount * int(part[1]) // 100 if part else read(warm_up) or 0
    if before >= amount:
        warm_up.expected("less than the length")
    return Length(end, amount, before)


def _count(item: Item) -> int | None:
    found = CALLS.fullmatch(item.plain_text)
    if found is None:
        item.expected('a number of calls such as "1000 calls", or a share such as "10 %"')
        return None
    return int(found[1])
