"""The whole configuration: all faults of all files at once, and nothing but `ConfigError` ever."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from queue_engine.config.load import check, load_all
from queue_engine.config.problems import ConfigError
from routing.vocabulary import AgentId
from tests.forms import examples

FILES = ("national.yaml", "regions/14.yaml", "lines.yaml", "staff.yaml", "samko.yaml")


def replace_in(path: Path, good: str, bad: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert good in text
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")


def test_a_faultless_configuration_is_loaded(country: Path) -> None:
    configuration = load_all(country)
    assert check(country) == []
    assert [region.code for region in configuration.policy.regions] == ["14", "22"]
    assert configuration.area_codes["033"] == "14"
    assert [line.line_id for line in configuration.lines] == ["national"]
    assert list(configuration.menus) == ["national"]
    assert sorted(configuration.prompts) == ["en", "sv"]
    assert configuration.staff.profile(AgentId("n1401")) is not None
    assert configuration.settings.agi.host == "127.0.0.1"
    assert [window.name for window in configuration.windows] == ["night_22_07"]
    assert configuration.warnings == ()


def test_all_faults_of_all_files_are_told_at_once(country: Path) -> None:
    replace_in(country / "national.yaml", "tier: 1", "tier: one")
    replace_in(country / "regions/14.yaml", "3 min", "soon")
    (country / "regions/22.yaml").write_text("code: [\n")
    replace_in(country / "lines.yaml", "menu: national", 'menu: nationel\n    region: "33"')
    replace_in(country / "staff.yaml", 'region: "14"', 'region: "41"')
    (country / "samko.yaml").write_text("agi: {port: x}\njournal: 1\ntypo: 1\n")
    with pytest.raises(ConfigError) as caught:
        load_all(country)
    assert str(caught.value).splitlines() == [
        'config/lines.yaml:4: lines[0].menu: there is no such menu; did you mean "national"?',
        "config/lines.yaml:5: lines[0].region: no region has this code",
        "config/national.yaml:4: priorities.urgent.tier: expected a whole number from 0 to 9,"
        ' found "one"',
        'config/regions/14.yaml:9: share_rules[0].after: expected a time such as "3 min",'
        ' found "soon"',
        "config/regions/22.yaml:2: not valid YAML: the file ends before what was opened with"
        ' "[" or "{" is closed',
        'config/samko.yaml:1: agi.port: expected a whole number from 0 to 65535, found "x"',
        'config/samko.yaml:3: unknown key "typo"',
        "config/staff.yaml:5: agents[0].region: no region has this code",
    ]
    assert [str(problem) for problem in check(country)] == str(caught.value).splitlines()


def test_a_region_that_a_key_chooses_must_exist(country: Path) -> None:
    replace_in(country / "menus/national.yaml", 'region: "22"', 'region: "23"')
    assert [str(problem) for problem in check(country)] == [
        "config/menus/national.yaml:9: steps.service.keys.1.region: no region has this code"
    ]


def test_what_is_needed_or_known_must_be_a_service_or_a_language_once_these_are_named(
    country: Path,
) -> None:
    replace_in(country / "lines.yaml", "    menu:", "    services: [advice, childs]\n    menu:")
    replace_in(country / "menus/national.yaml", 'region: "22"', "language: ar, prompts: en")
    replace_in(country / "staff.yaml", "advice: 1", "advise: 1, interpreter: 1")
    assert check(country) == []
    named = 'version: "1"\nservices: [advice, child]\nlanguages: [sv, en]'
    replace_in(country / "national.yaml", 'version: "1"', named)
    assert [str(problem) for problem in check(country)] == [
        "config/lines.yaml:4: lines[0].services: national.yaml has no such service;"
        ' did you mean "child"?',
        "config/menus/national.yaml:9: steps.service.keys.1.language: national.yaml has no such"
        " language",
        "config/staff.yaml:6: agents[0].skills.advise: national.yaml has no such service or"
        ' language, nor is it interpreter; did you mean "advice"?',
    ]


def test_a_prompt_that_a_menu_says_must_have_a_text(country: Path) -> None:
    replace_in(country / "menus/national.yaml", "[choose_service]", "[choose_serivce]")
    problems = [str(problem) for problem in check(country)]
    assert problems
    assert all("choose_serivce" in problem for problem in problems)


def test_a_region_whose_file_is_broken_is_not_said_to_be_missing(country: Path) -> None:
    (country / "regions/22.yaml").write_text("code: '\n")
    (only,) = check(country)
    assert only.message == "not valid YAML: a quote is opened here and never closed"


def test_a_folder_without_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [str(problem) for problem in check(Path("nowhere"))] == [
        "nowhere/lines.yaml:1: cannot be read: No such file or directory",
        "nowhere/menus:1: expected 1 to 100 menus, found 0",
        "nowhere/national.yaml:1: cannot be read: No such file or directory",
        "nowhere/prompts:1: expected 1 to 30 languages, found 0",
        "nowhere/prompts/sv.yaml:1: the default language needs every prompt, numbers included",
        "nowhere/regions:1: expected 1 to 100 files named like 14.yaml, found 0",
        "nowhere/staff.yaml:1: cannot be read: No such file or directory",
    ]


BROKEN = {
    "empty": b"",
    "a list": b"- a\n- b\n",
    "a word": b"hello",
    "tabs": b"a:\n\tb: 1\n",
    "unclosed": b"a: 'b\n",
    "binary": bytes(range(256)) * 10,
    "10 MB": b"a: 1\n" * 2_000_000,
    "an alias bomb": b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "nulls": b"version: ~\nlines: ~\nagents: ~\ncode: ~\nlinks: ~\nagi: ~\n",
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_told_and_the_others_are_still_checked(
    country: Path, name: str, data: bytes
) -> None:
    (country / name).write_bytes(data)
    replace_in(country / "regions/22.yaml", "244193", "none")
    problems = check(country)
    assert any(problem.path == f"config/{name}" for problem in problems)
    assert any("population: expected a whole number" in problem.message for problem in problems)
    assert len(problems) <= 12


YAML_LIKE = st.text(alphabet="ab01:-?,[]{}&*!|>'\"%@#~\\ \n\t", max_size=80)


@pytest.mark.parametrize("name", FILES)
@settings(
    deadline=None,
    max_examples=examples(8),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.one_of(st.binary(max_size=80), YAML_LIKE.map(str.encode), st.text().map(str.encode)))
def test_any_text_gives_problems_and_nothing_else(country: Path, name: str, data: bytes) -> None:
    (country / name).write_bytes(data)
    problems = check(country)
    assert all(str(problem).isprintable() for problem in problems)


@pytest.mark.parametrize("name", FILES)
@settings(
    deadline=None,
    max_examples=examples(8),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(where=st.floats(0, 1), cut=st.integers(0, 12), paste=YAML_LIKE)
def test_a_file_with_anything_pasted_over_it_gives_problems_and_nothing_else(
    country: Path, shipped: Path, name: str, where: float, cut: int, paste: str
) -> None:
    text = (shipped / name).read_text(encoding="utf-8")
    at = int(where * len(text))
    (country / name).write_text(text[:at] + paste[:12] + text[at + cut :], encoding="utf-8")
    assert all(str(problem).isprintable() for problem in check(country))


def test_the_shipped_files_can_be_copied_and_loaded(tmp_path: Path, shipped: Path) -> None:
    copy = shutil.copytree(shipped, tmp_path / "config")
    assert load_all(copy).policy == load_all(shipped).policy


def test_a_unit_of_a_line_or_an_agent_is_one_of_its_region(country: Path) -> None:
    with (country / "regions/14.yaml").open("a") as file:
        file.write("units: [{id: hamnen, name: Hamnen}]\n")
    with (country / "lines.yaml").open("a") as file:
        for name, number, more in (
            ("well", "0311", 'region: "14"\n    unit: hamnen'),
            ("anywhere", "0312", "unit: hamnen"),
            ("elsewhere", "0313", 'region: "22"\n    unit: hamnen'),
            ("nowhere", "0314", "unit: kullen"),
            ("no_region", "0315", 'region: "33"\n    unit: kullen'),
        ):
            file.write(
                f'  - id: {name}\n    numbers: ["{number}"]\n    menu: national\n    {more}\n'
            )
    replace_in(country / "staff.yaml", "    skills:", "    unit: hamnem\n    skills:")
    assert [str(problem) for problem in check(country)] == [
        "config/lines.yaml:18: lines[3].unit: region 22 has no unit of this name",
        "config/lines.yaml:22: lines[4].unit: no region has a unit of this name",
        "config/lines.yaml:26: lines[5].region: no region has this code",
        "config/staff.yaml:6: agents[0].unit: region 14 has no unit of this name;"
        ' did you mean "hamnen"?',
    ]
