"""`gateways.yaml`: contact centres on other telephone systems that answer callers as a group."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.load import check, load_all
from routing.gateways import Gateway
from routing.vocabulary import GatewayId, LinkId, RegionCode, Skill, SkillLevel
from tests.config.test_config_load import replace_in

FILE = """\
gateways:
  - id: west
    region: "14"
    skills: {sv: 2, advice: 1}
    seats: 12
  - id: west-by_night
    link: ast1
    region: "22"
    skills: {advice: 1}
    seats: 0
"""
ADVICE = SkillLevel(Skill("advice"), 1)


def test_what_is_agreed_is_a_rule_of_the_queue(country: Path) -> None:
    (country / "gateways.yaml").write_text(FILE)
    link, west, night = LinkId("ast1"), GatewayId("west"), GatewayId("west-by_night")
    both = (ADVICE, SkillLevel(Skill("sv"), 2))
    assert load_all(country).policy.gateways == (
        Gateway(west, link, RegionCode("14"), both, 12),
        Gateway(night, link, RegionCode("22"), (ADVICE,), 0),
    )
    assert list(load_all(country).policy.problems()) == []


def test_without_the_file_there_are_none(country: Path) -> None:
    assert load_all(country).policy.gateways == ()


WRONG = [
    ("id: west\n", "id: West\n", 2, "gateways[0].id: expected a name of at most 24 lower-case"),
    ("id: west\n", "id: a+b\n", 2, "gateways[0].id: expected a name of at most 24 lower-case"),
    ("west-by_night", "west", 6, 'gateways[1].id: the gateway on line 2 has "west" already'),
    ("link: ast1", "link: ast9", 7, "gateways[1].link: samko.yaml has no such link"),
    ('region: "14"', 'region: "41"', 3, "gateways[0].region: no region has this code"),
    ("seats: 12", "seats: 201", 5, "gateways[0].seats: expected a whole number from 0 to 200"),
    ("    seats: 12\n", "", 2, 'gateways[0]: the key "seats" is missing'),
    ("{sv: 2, advice: 1}", "{}", 4, "gateways[0].skills: expected 1 to 30 skills, found 0"),
    ("{sv: 2,", "{sv: 10,", 4, "gateways[0].skills.sv: expected a whole number from 1 to 9"),
    ("seats: 12", "seats: 12\n    unit: hamnen", 6, "gateways[0].unit: region 14 has no unit of"),
    ("seats: 12", "places: 12", 2, 'gateways[0]: the key "seats" is missing'),
]


@pytest.mark.parametrize(("good", "bad", "line", "message"), WRONG)
def test_each_fault_is_told_at_its_line(
    country: Path, good: str, bad: str, line: int, message: str
) -> None:
    (country / "gateways.yaml").write_text(FILE.replace(good, bad, 1))
    told = [str(problem) for problem in check(country)]
    assert told[0].startswith(f"config/gateways.yaml:{line}: {message}"), told


def test_of_several_links_it_is_said_which(country: Path) -> None:
    (country / "gateways.yaml").write_text(FILE)
    (country / "samko.yaml").write_text("links: [{id: ast1}, {id: ast2}]\n")
    (only,) = check(country)
    assert str(only) == 'config/gateways.yaml:2: gateways[0]: the key "link" is missing'


def test_what_its_nurses_can_is_what_callers_can_need(country: Path) -> None:
    (country / "gateways.yaml").write_text(FILE)
    replace_in(
        country / "national.yaml",
        'version: "1"',
        'version: "1"\nservices: [advice]\nlanguages: [en]',
    )
    told = [str(problem) for problem in check(country)]
    what = "config/gateways.yaml:4: gateways[0].skills.sv: national.yaml has no such service or"
    assert any(each.startswith(what) for each in told), told
