"""Menus and prompts as YAML: shipped ones load, broken ones are told with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ivr.line import Line
from ivr.menu import Choice, NumberStep, Spoken
from queue_engine.config.menu_file import MenuFile, check_services, read_menus
from queue_engine.config.prompt_file import PromptFile, check_prompts, read_prompts
from queue_engine.config.source import Faults
from routing.vocabulary import HomeRegionSource, LineId, Priority, Skill
from tests.ivr.fakes import CONFIG_DIR

MENU = """\
opening: [opening]
emergency_key: "9"
waiting: {say: [waiting_keys], worse: "7", place: "5"}
first: service
steps:
  service:
    ask: [choose_service]
    keys:
      "1": {service: child, then: person}
      "2": {language: en, then: nurse}
    silence: nurse
    listen: 3 s
    unless_known_by: [network]
  person:
    ask: [ask_personal_number]
    personal_number_again: [ask_personal_number_again]
    then: nurse
"""


@pytest.fixture
def config_dir(tmp_path: Path) -> Path:
    """A configuration with the shipped prompts and one small menu, to be broken."""
    shutil.copytree(CONFIG_DIR / "prompts", tmp_path / "prompts")
    (tmp_path / "menus").mkdir()
    (tmp_path / "menus/small.yaml").write_text(MENU)
    return tmp_path


def loaded(config_dir: Path, *lines: Line) -> tuple[dict[str, MenuFile], dict[str, PromptFile]]:
    """What the files say; with faults: ConfigError."""
    faults = Faults()
    menus, prompts = read_menus(faults, config_dir), read_prompts(faults, config_dir)
    check_prompts(faults, prompts, menus.values())
    check_services(menus, lines)
    faults.raise_if_any()
    return menus, prompts


def told(config_dir: Path, *lines: Line) -> str:
    """All faults, one a line, without the directory."""
    faults = Faults()
    menus, prompts = read_menus(faults, config_dir), read_prompts(faults, config_dir)
    check_prompts(faults, prompts, menus.values())
    check_services(menus, lines)
    problems = "\n".join(str(problem) for problem in faults.problems())
    return problems.replace(f"{config_dir.as_posix()}/", "")


def broken(config_dir: Path, file: str, old: str, new: str) -> str:
    """The faults after `old` became `new` in a file."""
    path = config_dir / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return told(config_dir)


def test_the_shipped_files_have_no_fault() -> None:
    assert told(CONFIG_DIR) == ""


def test_a_menu_is_what_its_file_says(config_dir: Path) -> None:
    menu = loaded(config_dir)[0]["small"].menu
    service, person = menu.steps["service"], menu.steps["person"]
    assert isinstance(service, Choice)
    assert isinstance(person, NumberStep)
    assert (menu.name, menu.emergency_key, menu.first) == ("small", "9", "service")
    assert service.ask == (Spoken("choose_service"),)
    assert service.listen_ms == 3_000
    assert service.unless_known_by == (HomeRegionSource.NETWORK,)
    option = service.option("1")
    assert option is not None
    assert (option.service, option.priority, option.then) == ("child", None, "person")
    assert menu.waiting.place == "5"
    assert menu.closed is None


def test_the_shipped_menus_ask_what_they_should() -> None:
    menu = loaded(CONFIG_DIR)[0]["national"].menu
    service = menu.steps["service"]
    assert isinstance(service, Choice)
    admin, link = service.option("3"), service.option("4")
    assert admin is not None
    assert link is not None
    assert admin.priority is Priority.NON_MEDICAL
    assert link.link
    regions = [
        option.region
        for step in menu.steps.values()
        if isinstance(step, Choice)
        for _, option in step.keys
        if option.region is not None
    ]
    assert len(regions) == len(set(regions)) == 21


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('emergency_key: "9"\n', "", "menus/small.yaml:1: the key \"emergency_key\" is missing"),
        ("opening: [opening]\n", "", 'menus/small.yaml:1: the key "opening" is missing'),
        ("opening: [opening]", "opening: []", ":1: opening: expected 1 to 10 prompts, found 0"),
        ('key: "9"', 'key: "99"', ":2: emergency_key: expected a key in quotes"),
        ('"1": {service', '"9": {service', "is the emergency key, in every step"),
        ('"1": {service', '"x": {service', ":9: steps.service.keys.x: expected a key in quotes"),
        ("then: person}", "then: persn}", ':9: steps.service.keys.1: there is no step'),
        ("silence: nurse", "silence: service", ":6: steps.service: silence goes round in circles"),
        ("    silence: nurse\n", "", ':6: steps.service: the key "silence" is missing'),
        ("listen: 3 s", "listen: 3 h", ":12: steps.service.listen: expected a time from 1 s"),
        ("[network]", "[rumour]", ":13: steps.service.unless_known_by[0]: expected one of"),
        ("first: service", "first: servce", ":4: first: there is no step 'servce'"),
        ("{service: child,", "{servce: child,", 'unknown key "servce"; did you mean "service"?'),
        ('worse: "7"', 'worse: "9"', ":3: waiting.worse: '9' is the key for emergency already"),
        ("[choose_service]", "[chose_service]", "there is no text for the prompt chose_service"),
        ("[choose_service]", '["fi:choose"]', "no file for fi, with a text for choose"),
        ("[choose_service]", '["a b"]', ":7: steps.service.ask[0]: expected a prompt's name"),
        ("language: en,", "language: fi,", "not everything can be said in fi"),
        ("steps:\n", "steps: 7\nx:\n", "steps: expected a mapping"),
        ("opening:", "opening: [", "menus/small.yaml:"),
    ],
)  # fmt: skip
def test_a_broken_menu_is_told_with_its_line(
    config_dir: Path, old: str, new: str, fault: str
) -> None:
    assert fault in broken(config_dir, "menus/small.yaml", old, new)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("voice: sv", "voice: -w x", "prompts/sv.yaml:6: voice: expected a voice of espeak-ng"),
        ("minute: 145", "minute: 9000", "words_per_minute: expected a whole number from 80 to 250"),
        ("place: Du är nummer {place}", "place: Du är {number}", "numbers.place: expected only {p"),
        ("  wait_over: Väntetiden är mer än {from_minutes}.\n", "", '"wait_over" is missing'),
        ("opening: >-", "opening_: >-", "there is no text for the prompt opening"),
        ("Vid fara för liv, ring 112.", "Hej.", "the text in 'sv' must mention 112"),
        ("omedelbart, tryck 9.", "omedelbart?", "opening: the text in 'sv' must mention 9"),
        ("no_such_choice: Det valet finns inte.", "no_such_choice: ''", "no_such_choice: expected"),
        ("  no_such_choice:", "  No such:", "expected a prompt's name of lower-case letters"),
    ],
)
def test_broken_prompts_are_told_with_their_line(
    config_dir: Path, old: str, new: str, fault: str
) -> None:
    assert fault in broken(config_dir, "prompts/sv.yaml", old, new)


def test_the_default_language_must_be_there(config_dir: Path) -> None:
    (config_dir / "prompts/sv.yaml").unlink()
    assert "prompts/sv.yaml:1: the default language needs every prompt" in told(config_dir)


def test_no_menus_and_no_prompts_are_told(tmp_path: Path) -> None:
    problems = told(tmp_path)
    assert "expected 1 to 100 menus, found 0" in problems
    assert "expected 1 to 30 languages, found 0" in problems


def test_a_language_of_single_sentences_needs_only_those(config_dir: Path) -> None:
    menu = MENU.replace("[choose_service]", '[choose_service, "fi:choose"]')
    (config_dir / "menus/small.yaml").write_text(menu)
    (config_dir / "prompts/fi.yaml").write_text(
        "voice: fi\nwords_per_minute: 140\ntexts: {choose: Suomeksi paina 3.}\n"
    )
    assert told(config_dir) == ""


def test_a_file_that_is_not_named_by_a_language_is_told(config_dir: Path) -> None:
    (config_dir / "prompts/Svenska.yaml").write_text("voice: sv\nwords_per_minute: 140\ntexts: {}")
    assert "Svenska.yaml:1: expected a file named by its language" in told(config_dir)


def test_a_service_that_a_line_does_not_have_is_told(config_dir: Path) -> None:
    line = Line(LineId("national"), ("1177",), "small", services=(Skill("advice"),))
    assert told(config_dir, line) == (
        "menus/small.yaml:9: steps.service.keys.1: the line national has no service child;"
        " it has advice"
    )
