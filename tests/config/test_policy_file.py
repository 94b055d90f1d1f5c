"""National rules and regions together: what one file says of another is checked at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.policy_file import Agreement, read_agreement
from queue_engine.config.source import Faults
from routing.policy import Policy


def read(config_dir: Path) -> tuple[list[str], Agreement]:
    faults = Faults()
    agreement = read_agreement(faults, config_dir)
    return [str(problem) for problem in faults.problems()], agreement


def replace_in(path: Path, good: str, bad: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert good in text
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")


def test_rules_and_facts_come_together(country: Path) -> None:
    problems, agreement = read(country)
    assert problems == []
    assert [region.code for region in agreement.policy.regions] == ["14", "22"]
    assert [region.code for region in agreement.regions] == ["14", "22"]
    assert agreement.area_codes == {"031": "14", "033": "14", "060": "22"}
    assert [window.name for window in agreement.windows] == ["night_22_07"]
    assert list(agreement.policy.problems()) == []


def test_names_that_nobody_has_are_told_where_they_are_used(country: Path) -> None:
    path = country / "regions/14.yaml"
    replace_in(path, "{cluster: west}", "{cluster: wets}")
    replace_in(
        path,
        "lend:",
        "  - name: by_night\n    when: window\n    window: night_22_06\n"
        '    ring: {regions: ["22", "23"]}\n    services: [advise]\nlend:',
    )
    problems, _ = read(country)
    assert problems == [
        "config/regions/14.yaml:10: share_rules[0].ring.cluster: no region belongs to a cluster"
        ' of this name; did you mean "west"?',
        "config/regions/14.yaml:16: share_rules[2].window: national.yaml has no window of this"
        ' name; did you mean "night_22_07"?',
        "config/regions/14.yaml:17: share_rules[2].ring.regions[1]: no region has this code",
        "config/regions/14.yaml:18: share_rules[2].services[0]: national.yaml has no such service",
    ]


def test_an_area_code_has_one_region(country: Path) -> None:
    replace_in(country / "regions/22.yaml", '["060"]', '["060", "033", "060"]')
    problems, agreement = read(country)
    assert problems == [
        'config/regions/22.yaml:4: area_codes[1]: area code "033" is given at'
        " config/regions/14.yaml:4 already",
        'config/regions/22.yaml:4: area_codes[2]: area code "060" is given at'
        " config/regions/22.yaml:4 already",
    ]
    assert agreement.area_codes["033"] == "14"


def test_a_region_has_one_file(country: Path) -> None:
    replace_in(country / "regions/22.yaml", '"22"', '"14"')
    problems, _ = read(country)
    assert problems == [
        'config/regions/22.yaml:1: code: region "14" belongs in a file named 14.yaml',
        'config/regions/22.yaml:1: code: region "14" has a file already: config/regions/14.yaml',
    ]


def test_a_country_has_regions(country: Path) -> None:
    for path in (country / "regions").iterdir():
        path.unlink()
    problems, _ = read(country)
    assert problems == ["config/regions:1: expected 1 to 100 files named like 14.yaml, found 0"]


def test_the_policy_has_the_last_word(country: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "problems", lambda _: iter(["this will not do"]))
    problems, _ = read(country)
    assert problems == ["config/national.yaml:1: this will not do"]
