"""The whole configuration at once, with the faults of all its files.

House rules: this is the only way in for the rest of the project; it either gives a configuration
that may be used as it is, or every reason why not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ivr.line import Line
from ivr.menu import Menu, options
from ivr.prompts import DEFAULT_LANGUAGE, PromptTexts
from queue_engine.config.engine_file import EngineSettings, read_settings
from queue_engine.config.gateway_file import read_gateways
from queue_engine.config.lines_file import LinesFile, read_lines
from queue_engine.config.menu_file import MenuFile, check_services, read_menus
from queue_engine.config.policy_file import read_agreement
from queue_engine.config.problems import Problem
from queue_engine.config.prompt_file import check_prompts, read_prompts
from queue_engine.config.region_file import RegionFacts
from queue_engine.config.source import Faults, Item
from queue_engine.config.staff_file import StaffDirectory, read_staff
from queue_engine.config.wording import did_you_mean
from queue_engine.runtime.windows import TimeWindow
from routing.policy import Policy
from routing.vocabulary import INTERPRETER, LineId, RegionCode, Skill, UnitId


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that the files under `config/` say."""

    policy: Policy
    """For `LoadPolicy`."""
    regions: tuple[RegionFacts, ...]
    """By code."""
    area_codes: dict[str, RegionCode]
    """From area code with its leading 0 (`08`, `0500`) to region."""
    windows: tuple[TimeWindow, ...]
    """All that share rules name, and maybe more."""
    lines: tuple[Line, ...]
    """At least one; the first answers numbers that no line has."""
    shared_numbers: frozenset[str]
    """E.164; of relay services and switchboards, which tell nothing of who calls."""
    hours: dict[LineId, tuple[TimeWindow, ...]]
    """When a line is open; one that is not here is always."""
    menus: dict[str, Menu]
    """By name; has every line's."""
    prompts: dict[str, PromptTexts]
    """By language."""
    staff: StaffDirectory
    settings: EngineSettings
    warnings: tuple[Problem, ...]
    """What may be used but should be thought over."""


_NO_SERVICE: Final = "national.yaml has no such service"
_NO_LANGUAGE: Final = "national.yaml has no such language"
_NO_SKILL: Final = f"national.yaml has no such service or language, nor is it {INTERPRETER}"


def load_all(config_dir: Path) -> Configuration:
    """Reads everything under `config_dir`.

    Raises:
        ConfigError: with all faults of all files, by file and line.
    """
    faults = Faults()
    configuration = _read(faults, config_dir)
    faults.raise_if_any()
    return configuration


def check(config_dir: Path) -> list[Problem]:
    """All faults of all files, by file and line; none: it may be loaded."""
    faults = Faults()
    _read(faults, config_dir)
    return faults.problems()


def _read(faults: Faults, config_dir: Path) -> Configuration:
    agreement = read_agreement(faults, config_dir)
    menus = read_menus(faults, config_dir)
    prompts = read_prompts(faults, config_dir)
    lines = read_lines(faults, config_dir)
    staff = read_staff(faults, config_dir)
    settings = read_settings(faults, config_dir)
    gateways = read_gateways(faults, config_dir, [link.link_id for link in settings.links])
    codes = [region.code for region in agreement.regions]
    _check_named(lines.region_items, codes, "no region has this code")
    _check_named(staff.region_items, codes, "no region has this code")
    _check_named(gateways.region_items, codes, "no region has this code")
    units = (*lines.unit_items, *staff.unit_items, *gateways.unit_items)
    _check_units(units, agreement.policy)
    _check_named(lines.menu_items, menus, "there is no such menu")
    check_services(menus, lines.lines)
    _check_skills(
        agreement.policy, lines, menus.values(), (*staff.skill_items, *gateways.skill_items)
    )
    _check_menu_regions(menus.values(), codes)
    if DEFAULT_LANGUAGE in prompts:  # else its absence has been told, and all prompts are missing
        check_prompts(faults, prompts, menus.values())
    return Configuration(
        policy=replace(agreement.policy, trunks=settings.trunks, gateways=gateways.gateways),
        regions=agreement.regions,
        area_codes=agreement.area_codes,
        windows=agreement.windows,
        lines=lines.lines,
        shared_numbers=lines.shared_numbers,
        hours=lines.hours,
        menus={name: file.menu for name, file in menus.items()},
        prompts={language: file.texts for language, file in prompts.items()},
        staff=staff.staff,
        settings=settings,
        warnings=faults.warnings,
    )


def _check_named(used: Iterable[tuple[str, Item]], known: Collection[str], message: str) -> None:
    for name, item in used:
        if name and name not in known:
            item.fault(f"{message}{did_you_mean(name, known)}")


def _check_units(used: Iterable[tuple[RegionCode | None, UnitId, Item]], policy: Policy) -> None:
    """A unit is one of its region's; of a region that there is not, that has been told."""
    units = {region.code: [unit.unit for unit in region.units] for region in policy.regions}
    for code, unit, item in used:
        if code is None:
            named = [name for names in units.values() for name in names]
            _check_named([(unit, item)], named, "no region has a unit of this name")
        elif code in units:
            message = f"region {code} has no unit of this name"
            _check_named([(unit, item)], units[code], message)


def _check_skills(
    policy: Policy,
    lines: LinesFile,
    menus: Iterable[MenuFile],
    agents: Iterable[tuple[Skill, Item]],
) -> None:
    """Whatever callers need and agents can is a service or a language, once these are named."""
    if policy.services:
        _check_named(lines.service_items, policy.services, _NO_SERVICE)
    if policy.languages:
        for file in menus:
            for step, key, option in options(file.menu):
                if option.language is not None and option.language not in policy.languages:
                    hint = did_you_mean(option.language, policy.languages)
                    file.fault(f"steps.{step}.keys.{key}.language", f"{_NO_LANGUAGE}{hint}")
    if policy.services and policy.languages:
        known = (*policy.services, *policy.languages, INTERPRETER)
        _check_named(agents, known, _NO_SKILL)


def _check_menu_regions(menus: Iterable[MenuFile], codes: Collection[RegionCode]) -> None:
    for file in menus:
        for step, key, option in options(file.menu):
            if option.region is not None and option.region not in codes:
                file.fault(f"steps.{step}.keys.{key}.region", "no region has this code")
