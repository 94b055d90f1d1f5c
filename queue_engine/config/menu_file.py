"""`config/menus/*.yaml`: what callers can press, one file a menu, named by its file.

House rules: a menu's own faults are told with their place; whether its prompts have texts is said
by `prompt_file.check_prompts`, and whether a line has its services by `check_services`, once all
files are read. The 112 message and the emergency key are not steps: no file can leave them out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.agi_wire import KEYS
from ivr.line import Line
from ivr.menu import (
    LISTEN_MS,
    Choice,
    Closed,
    Menu,
    NumberStep,
    Option,
    Spoken,
    Step,
    WaitingKeys,
    options,
    problems,
)
from queue_engine.config.region_file import REGION_CODE, REGION_CODE_SHOWN
from queue_engine.config.source import Faults, Item, Section
from routing.vocabulary import HomeRegionSource, Priority, RegionCode, Skill

MENUS_MAX: Final = 100
STEPS_MAX: Final = 100
PROMPTS_MAX: Final = 10
LISTEN_MS_MIN: Final = 1_000
LISTEN_MS_MAX: Final = 20_000
KEY: Final = re.compile(rf"[{re.escape(KEYS)}]")
_KEY_SHOWN: Final = f'a key in quotes, one of "{KEYS}"'
SPOKEN: Final = re.compile(r"(?:([a-z]{2,3}):)?([a-z][a-z0-9_]{0,63})")
_SPOKEN_SHOWN: Final = "a prompt's name such as opening, or en:opening for one language alone"
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_LANGUAGE_SHOWN: Final = "a language such as sv"


@dataclass(frozen=True, slots=True)
class MenuFile:
    """One menu, with its file for checks across files."""

    menu: Menu
    root: Section

    def fault(self, where: str, message: str) -> None:
        """Notes a fault at a place such as `steps.service.keys`, or as near as it can be told."""
        found: Section | Item = self.root
        inside = self.root
        for name in where.split("."):
            item = inside.may(name)
            if not item.is_given:
                break
            found = item
            if not item.is_mapping:
                break
            inside = item.section()
        found.fault(message)


def read_menus(faults: Faults, config_dir: Path) -> dict[str, MenuFile]:
    """Reads all menus by name; what is wrong with them goes to `faults`."""
    paths = sorted((config_dir / "menus").glob("*.yaml"))
    if not 1 <= len(paths) <= MENUS_MAX:
        where = (config_dir / "menus").as_posix()
        faults.add(where, 1, f"expected 1 to {MENUS_MAX} menus, found {len(paths)}")
    return {path.stem: _read_menu(faults, path) for path in paths[:MENUS_MAX]}


def check_services(menus: Mapping[str, MenuFile], lines: Iterable[Line]) -> None:
    """Notes each key that asks for a service which a line with that menu does not have."""
    for line in lines:
        if line.menu not in menus:
            continue
        found = menus[line.menu]
        for step, key, option in options(found.menu):
            if option.service is not None and option.service not in line.services:
                found.fault(
                    f"steps.{step}.keys.{key}",
                    f"the line {line.line_id} has no service {option.service};"
                    f" it has {', '.join(line.services)}",
                )


def _read_menu(faults: Faults, path: Path) -> MenuFile:
    root = faults.read(path)
    steps = root.need("steps").section().named_entries()
    if len(steps) > STEPS_MAX:
        root.need("steps").fault(f"expected at most {STEPS_MAX} steps, found {len(steps)}")
    menu = Menu(
        name=path.stem,
        opening=_spoken(root.need("opening")),
        emergency_key=_key(root.need("emergency_key")),
        first=root.need("first").identifier(),
        steps={name: _step(item.section()) for name, item in steps[:STEPS_MAX]},
        waiting=_waiting(root.need("waiting").section()),
        closed=_closed(root.may("closed")),
    )
    file = MenuFile(menu, root)
    if not faults.has_any_in(path.as_posix()):
        for where, message in problems(menu):
            file.fault(where, message)
    return file


def _step(section: Section) -> Step:
    ask = _spoken(section.need("ask"))
    again = section.may("personal_number_again")
    if again.is_given:
        return NumberStep(ask, _spoken(again), section.need("then").identifier())
    keys = section.may("keys").section().entries()
    known_by = section.may("unless_known_by").items()
    return Choice(
        ask=ask,
        silence=section.need("silence").identifier(),
        keys=tuple((_pressed(key, item), _option(item.section())) for key, item in keys),
        listen_ms=_listen_ms(section.may("listen"), LISTEN_MS),
        unless_known_by=tuple(item.choice(HomeRegionSource) for item in known_by),
    )


def _option(section: Section) -> Option:
    service = section.may("service").identifier()
    language = section.may("language").matching(LANGUAGE, _LANGUAGE_SHOWN)
    prompts = section.may("prompts").matching(LANGUAGE, _LANGUAGE_SHOWN)
    region = section.may("region").matching(REGION_CODE, REGION_CODE_SHOWN)
    priority = section.may("priority")
    return Option(
        then=section.need("then").identifier(),
        service=Skill(service) if service else None,
        language=Skill(language) if language else None,
        prompts=prompts or None,
        region=RegionCode(region) if region else None,
        priority=priority.choice(Priority) if priority.is_given else None,
        link=section.may("link").flag(),
    )


def _waiting(section: Section) -> WaitingKeys:
    return WaitingKeys(
        say=_spoken(section.need("say")),
        worse=_key(section.may("worse")) or None,
        place=_key(section.may("place")) or None,
    )


def _closed(item: Item) -> Closed | None:
    if not item.is_given:
        return None
    section = item.section()
    return Closed(_spoken(section.need("say")), section.need("then").identifier())


def _listen_ms(item: Item, default_ms: int) -> int:
    return item.duration_ms(default_ms, least_ms=LISTEN_MS_MIN, most_ms=LISTEN_MS_MAX)


def _key(item: Item) -> str:
    return item.matching(KEY, _KEY_SHOWN)


def _pressed(key: str, item: Item) -> str:
    if not KEY.fullmatch(key):
        item.fault(f"expected {_KEY_SHOWN} before the colon")
    return key


def _spoken(item: Item) -> tuple[Spoken, ...]:
    items = item.items()
    if item.is_given and not 1 <= len(items) <= PROMPTS_MAX:
        item.fault(f"expected 1 to {PROMPTS_MAX} prompts, found {len(items)}")
    found = (SPOKEN.fullmatch(one.matching(SPOKEN, _SPOKEN_SHOWN)) for one in items[:PROMPTS_MAX])
    return tuple(Spoken(match[2], match[1]) for match in found if match is not None)
