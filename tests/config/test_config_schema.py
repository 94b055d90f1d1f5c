"""The editors' schemas: true to the loader, and what the shipped files name."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft7Validator

from queue_engine.config.engine_file import read_settings
from queue_engine.config.gateway_file import read_gateways
from queue_engine.config.lines_file import read_lines
from queue_engine.config.menu_file import read_menus
from queue_engine.config.national_file import read_national
from queue_engine.config.prompt_file import read_prompts
from queue_engine.config.region_file import read_region
from queue_engine.config.schema import KINDS, outdated, schema_files, schema_of, write_schemas
from queue_engine.config.source import Faults
from queue_engine.config.staff_file import hash_pin, read_staff
from routing.vocabulary import LinkId, Priority

MODE_LINE: Final = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")
OPEN: Final = {"windows", "skills", "steps", "keys", "texts", "spoken"}
"""Mappings whose keys somebody chooses: no key of theirs is unknown, and none has to be there."""
Place = tuple[str | int, ...]

NATIONAL: Final[dict[str, Any]] = {
    "version": "1",
    "order": "due",
    "agent_choice": "most_idle_region",
    "home_advantage": "5 min",
    "priorities": {
        word: {"tier": 1, "due_after": "1 min", "answer_within": "1 min"} for word in Priority
    },
    "emergency_alarm": "60 s",
    "wrap_up_max": "0 s",
    "loss_tolerance": {"wait": "10 s", "within_promise": "1 %"},
    "offers": {
        "ring": "20 s",
        "tried": "60 s",
        "no_answer_heals": "5 min",
        "failures_max": 3,
        "failures_window": "60 s",
        "not_before": "30 s",
    },
    "talks": {
        "wrap_up_prolonged_max": "15 min",
        "hold_recall": "2 min",
        "care_levels": ["self_care"],
        "urgencies": ["at_once"],
        "causes": ["injury"],
    },
    "coming_back": {
        "misused_emergency": "standard",
        "redial_within": "10 min",
        "repeat_calls": 3,
        "repeat_within": "96 h",
    },
    "callbacks": {"within": "2 h", "dial": "45 s", "retry_after": ["5 min", "15 min"]},
    "overload": {"closes": "45 min", "opens": "35 min", "waiting_per_1000": 0.5},
    "windows": {"night": {"days": "every_day", "from": "22:00", "to": "07:00"}},
}
REGION: Final[dict[str, Any]] = {
    "code": "14",
    "name": "Västra Götaland",
    "population": 1_744_859,
    "takes_part": True,
    "takes_part_in": ["night"],
    "clusters": ["west"],
    "share_rules": [
        {"name": "a", "when": "waited", "after": "2 min", "ring": "national"},
        {"name": "b", "when": "window", "window": "night", "ring": {"cluster": "west"}},
        {"name": "c", "when": "past_due", "ring": {"regions": ["13"]}, "priorities": ["urgent"]},
        {"name": "d", "when": "unstaffed", "ring": "region"},
        {
            "name": "h",
            "when": "queue_length",
            "more_than": 3,
            "ring": "national",
        },
        {
            "name": "g",
            "when": "waited",
            "after": "0 s",
            "ring": "national",
        },
        {
            "name": "e",
            "when": "line_closed",
            "ring": "national",
            "during": "night",
            "services": ["advice"],
            "units": ["hamnen"],
        },
    ],
    "lend": {
        "reserve": "20 %",
        "reserves": [{"service": "child", "reserve": 1}, {"language": "ar", "reserve": 0.1}],
        "own_wait": {"above": "10 min", "below": "5 min"},
        "balance": {"above": "15 %", "below": 0.1, "window": "2 h"},
    },
    "sells": [{"service": "child", "to": ["13"], "during": ["night"], "units": ["hamnen"]}],
    "buys": [{"service": "physio", "from": "13", "units": ["hamnen"]}],
    "units": [
        {
            "id": "hamnen",
            "name": "Hamnen",
            "keeps_own": True,
            "share_rules": [{"name": "f", "when": "past_due", "ring": {"units": ["kullen"]}}],
        }
    ],
    "area_codes": ["031"],
}
LINES: Final[dict[str, Any]] = {
    "lines": [
        {
            "id": "national",
            "numbers": ["1177"],
            "menu": "national",
            "region": "14",
            "unit": "hamnen",
            "services": ["advice"],
            "region_variable": "PJSIP_HEADER(read,X-Region)",
        }
    ]
}
MENU: Final[dict[str, Any]] = {
    "opening": ["opening", "en:opening_short"],
    "emergency_key": "9",
    "waiting": {"say": ["waiting_keys"], "worse": "7", "place": "5"},
    "first": "service",
    "steps": {
        "service": {
            "ask": ["choose"],
            "keys": {
                "1": {
                    "service": "advice",
                    "language": "sv",
                    "prompts": "sv",
                    "region": "14",
                    "priority": "standard",
                    "then": "person",
                },
                "2": {"link": True, "then": "nurse"},
            },
            "unless_known_by": ["network"],
            "silence": "person",
            "listen": "4 s",
        },
        "person": {"ask": ["ask"], "personal_number_again": ["again"], "then": "nurse"},
    },
    "closed": {"say": ["closed"], "then": "service"},
}
PROMPTS: Final[dict[str, Any]] = {
    "voice": "sv",
    "words_per_minute": 145,
    "spoken": {"1177": "ett ett sju sju"},
    "numbers": {
        "place": "Nummer {place}.",
        "place_over": "Minst {place}.",
        "wait_under": "Under {to_minutes}.",
        "wait_between": "{from} till {to_minutes}.",
        "wait_over": "Över {from_minutes}.",
    },
    "texts": {"opening": "Välkommen."},
}
STAFF: Final[dict[str, Any]] = {
    "agents": [
        {
            "id": "n1401",
            "number": "1401",
            "pin_hash": hash_pin("7301"),
            "region": "14",
            "unit": "hamnen",
            "skills": {"advice": 1, "sv": 1},
            "phone": "nurse1",
        }
    ]
}
GATEWAYS: Final[dict[str, Any]] = {
    "gateways": [
        {
            "id": "west",
            "link": "ast1",
            "region": "14",
            "unit": "hamnen",
            "skills": {"advice": 1, "sv": 1},
            "seats": 12,
        }
    ]
}
ENGINE: Final[dict[str, Any]] = {
    "var_dir": "../var",
    "journal": "journal.sqlite",
    "agi": {"host": "127.0.0.1", "port": 4573, "peers": ["127.0.0.1"]},
    "http": {"host": "127.0.0.1", "port": 1177, "hosts": ["samko.example"]},
    "text_messages": {
        "url": "https://texts.example/v1/messages",
        "secret_env": "TOKEN",
        "timeout": "5 s",
    },
    "links": [
        {"id": "a", "host": "127.0.0.1", "port": 5038, "user": "samko", "secret_env": "SECRET"},
        {"id": "b", "secret_file": "secret.conf"},
    ],
}
Reader = Callable[[Faults, Path], object]


def _read_english(faults: Faults, folder: Path) -> object:
    """Beside whole Swedish ones, without which nothing can be said."""
    (folder / "prompts" / "sv.yaml").write_text(json.dumps(PROMPTS))
    return read_prompts(faults, folder)


CASES: Final[dict[str, tuple[dict[str, Any], str, Reader]]] = {
    "national": (
        NATIONAL,
        "national.yaml",
        lambda faults, folder: read_national(faults, folder / "national.yaml"),
    ),
    "region": (REGION, "14.yaml", lambda faults, folder: read_region(faults, folder / "14.yaml")),
    "lines": (LINES, "lines.yaml", read_lines),
    "menu": (MENU, "menus/tried.yaml", read_menus),
    "prompts": (PROMPTS, "prompts/en.yaml", _read_english),
    "staff": (STAFF, "staff.yaml", read_staff),
    "gateways": (
        GATEWAYS,
        "gateways.yaml",
        lambda faults, config_dir: read_gateways(faults, config_dir, [LinkId("ast1")]),
    ),
    "samko": (ENGINE, "samko.yaml", read_settings),
}
"""Of each kind of file: one that says everything that can be said, its name, its reader."""


def test_there_is_a_case_for_each_kind() -> None:
    assert set(CASES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_loader_refuses_the_schema_refuses_and_no_more(kind: str, tmp_path: Path) -> None:
    """Unknown keys, missing keys and values of a wrong type, at every place of a whole file."""
    whole, name, read = CASES[kind]
    validator = Draft7Validator(schema_of(kind))
    (tmp_path / name).parent.mkdir(exist_ok=True)

    def loader_says(said: object) -> list[str]:
        (tmp_path / name).write_text(json.dumps(said, ensure_ascii=False))
        faults = Faults()
        read(faults, tmp_path)
        return [problem.message for problem in faults.problems()]

    assert loader_says(whole) == []
    assert list(validator.iter_errors(whole)) == []
    tried = 0
    for what, said in _spoiled(whole):
        refused, is_valid = loader_says(said), validator.is_valid(said)
        assert bool(refused) is not is_valid, f"{what}: the loader says {refused}"
        tried += 1
    assert tried > 20


def _spoiled(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, value in _places(whole):
        for wrong in _wrong(value):
            yield f"{place} = {wrong!r}", _changed(whole, place, wrong)
        if isinstance(value, dict) and (not place or place[-1] not in OPEN):
            yield f"{place}: an unknown key", _changed(whole, (*place, "unknown"), "x")
        is_required = place and isinstance(place[-1], str) and not (set(place[-2:-1]) & OPEN)
        if is_required and "steps" not in place:
            yield f"{place} is missing", _without(whole, place)


def _places(value: object, place: Place = ()) -> Iterator[tuple[Place, object]]:
    yield place, value
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, entry in inner:
        yield from _places(entry, (*place, key))


def _wrong(value: object) -> list[object]:
    """Values of a wrong type, and words that mean nothing."""
    if isinstance(value, dict):
        return ["text", ["list"], 17]
    if isinstance(value, list):
        return ["text", {"a": "mapping"}, 17]
    if isinstance(value, bool):
        return ["maybe", ["list"], {"a": "mapping"}, 17]
    if isinstance(value, int):
        return ["many", ["list"], {"a": "mapping"}, -1, 1.5]
    return [["list"], {"a": "mapping"}, "\t", ""]


def _changed(whole: dict[str, Any], place: Place, value: object) -> Any:
    if not place:
        return value
    said = copy.deepcopy(whole)
    _inside(said, place)[place[-1]] = value
    return said


def _without(whole: dict[str, Any], place: Place) -> dict[str, Any]:
    said = copy.deepcopy(whole)
    del _inside(said, place)[place[-1]]
    return said


def _inside(said: Any, place: Place) -> Any:
    for key in place[:-1]:
        said = said[key]
    return said


def test_each_shipped_file_names_its_schema_and_is_valid(shipped: Path) -> None:
    paths = [path for path in sorted(shipped.rglob("*.yaml")) if path.is_file()]
    assert len(paths) > 25
    for path in paths:
        text = path.read_text("utf-8")
        line = MODE_LINE.match(text)
        assert line is not None, f"{path} does not say which schema it has"
        schema = json.loads((path.parent / line[1]).read_text("utf-8"))
        found = Draft7Validator(schema).iter_errors(yaml.safe_load(text))
        errors = [error.message for error in found]
        assert not errors, f"{path}: {errors}"


def test_the_shipped_schemas_are_up_to_date(shipped: Path) -> None:
    assert outdated(shipped) == [], "run `samko schema`"


def test_an_outdated_schema_is_written_anew_and_the_others_are_left(tmp_path: Path) -> None:
    assert len(write_schemas(tmp_path)) == len(KINDS)
    stale = tmp_path / "schema" / "menu.schema.json"
    stale.write_text("{}")
    assert outdated(tmp_path) == [stale]
    assert write_schemas(tmp_path) == [stale]
    assert outdated(tmp_path) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_that_editors_can_read(kind: str) -> None:
    Draft7Validator.check_schema(schema_of(kind))
    patterns = re.findall(r'"pattern": "(.*)"', schema_files()[f"{kind}.schema.json"])
    assert patterns
    for pattern in patterns:
        escapes = set(re.findall(r"\\(.)", json.loads(f'"{pattern}"')))
        assert escapes <= set("+.()$x"), f"{pattern}: JavaScript reads these otherwise"
