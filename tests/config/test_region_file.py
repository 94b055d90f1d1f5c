"""A region's file: its facts, its share and lend rules, and the line of each fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.region_file import NameKind, RegionFacts, RegionFile, read_region
from queue_engine.config.source import Faults
from routing.lend_policy import PartReserve
from routing.limits import Levels
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
from routing.vocabulary import Priority, RegionCode, Skill, UnitId

FULL = """\
code: "14"
name: Västra Götalandsregionen
population: 1744859
area_codes: ["031", 08, 0500]
takes_part: true
clusters: [west, common]
share_rules:
  - name: west_after_3_min
    when: waited
    after: 3 min
    ring: {cluster: west}
    priorities: [urgent, raised]
  - name: by_night
    when: window
    window: night_22_07
    ring: {regions: ["22", "23"]}
  - name: shut
    when: line_closed
    during: night_22_07
    services: [advice, child]
    units: [hamnen]
    ring: national
  - {name: late, when: past_due, ring: national}
  - {name: empty, when: unstaffed, ring: region}
  - {name: long, when: own_wait, above: 15 min, below: 10 min, ring: national}
lend:
  reserve: 20 %
  reserves:
    - {service: child, language: ar, reserve: 1}
    - {language: ar, reserve: 10 %}
  own_wait: {above: 10 min, below: 5 min}
  balance: {above: 15 %, below: 10 %, window: 2 h}
takes_part_in: [night_22_07]
units:
  - id: hamnen
    name: Vårdcentralen Hamnen
    keeps_own: true
    share_rules:
      - {name: next_door, when: unstaffed, ring: {units: [kullen]}}
  - {id: kullen, name: Vårdcentralen Kullen}
sells: [{service: child, to: ["22"], during: [night_22_07], units: [kullen]}]
buys: [{service: physio, from: "22", units: [hamnen]}]
"""


LENT = LendRule(
    reserve_permille=200,
    reserves=(
        PartReserve(Skill("child"), Skill("ar"), agents=1),
        PartReserve(language=Skill("ar"), permille=100),
    ),
    own_wait=Levels(600_000, 300_000),
    balance=Levels(150, 100),
    balance_window_ms=7_200_000,
)


def read(country: Path, text: str) -> tuple[list[str], RegionFile]:
    path = country / "regions" / "14.yaml"
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    file = read_region(faults, path)
    return [str(problem) for problem in faults.problems()], file


def test_every_value_is_read(country: Path) -> None:
    problems, file = read(country, FULL)
    assert problems == []
    code = RegionCode("14")
    assert file.facts == RegionFacts(
        code, "Västra Götalandsregionen", 1_744_859, ("031", "08", "0500")
    )
    assert file.policy == RegionPolicy(
        code=code,
        name="Västra Götalandsregionen",
        takes_part_in=("night_22_07",),
        clusters=("west", "common"),
        share_rules=(
            ShareRule(
                "west_after_3_min",
                ShareCondition.WAITED,
                Ring(RingKind.CLUSTER, ("west",)),
                after_ms=180_000,
                priorities=(Priority.URGENT, Priority.RAISED),
            ),
            ShareRule(
                "by_night",
                ShareCondition.WINDOW,
                Ring(RingKind.REGIONS, ("22", "23")),
                window="night_22_07",
            ),
            ShareRule(
                "shut",
                ShareCondition.LINE_CLOSED,
                NATIONAL,
                services=(Skill("advice"), Skill("child")),
                units=(UnitId("hamnen"),),
                during="night_22_07",
            ),
            ShareRule("late", ShareCondition.PAST_DUE, NATIONAL),
            ShareRule("empty", ShareCondition.UNSTAFFED, Ring(RingKind.REGION)),
            ShareRule(
                "long",
                ShareCondition.EXPECTED_WAIT,
                NATIONAL,
                own_wait=Levels(900_000, 600_000),
            ),
        ),
        lend=LENT,
        units=(
            UnitPolicy(
                UnitId("hamnen"),
                "Vårdcentralen Hamnen",
                keeps_own=True,
                share_rules=(
                    ShareRule(
                        "next_door",
                        ShareCondition.UNSTAFFED,
                        Ring(RingKind.UNITS, ("kullen",)),
                    ),
                ),
            ),
            UnitPolicy(UnitId("kullen"), "Vårdcentralen Kullen"),
        ),
        sells=(
            Sale(
                Skill("child"),
                (RegionCode("22"),),
                during=("night_22_07",),
                units=(UnitId("kullen"),),
            ),
        ),
        buys=(Purchase(Skill("physio"), RegionCode("22"), units=(UnitId("hamnen"),)),),
    )
    assert [(used.kind, used.name, used.item.line) for used in file.used_names] == [
        (NameKind.WINDOW, "night_22_07", 33),
        (NameKind.CLUSTER, "west", 11),
        (NameKind.WINDOW, "night_22_07", 15),
        (NameKind.REGION, "22", 16),
        (NameKind.REGION, "23", 16),
        (NameKind.WINDOW, "night_22_07", 19),
        (NameKind.SERVICE, "advice", 20),
        (NameKind.SERVICE, "child", 20),
        (NameKind.SERVICE, "child", 41),
        (NameKind.REGION, "22", 41),
        (NameKind.WINDOW, "night_22_07", 41),
        (NameKind.SERVICE, "physio", 42),
        (NameKind.REGION, "22", 42),
    ]


@pytest.mark.parametrize(
    ("reserve", "kept"),
    [
        ("2", (2, 0)),
        ("1", (1, 0)),
        ("0.1", (0, 100)),
        ("100 %", (0, 1000)),
    ],
)
def test_a_reserve_is_a_number_or_a_share(
    country: Path, reserve: str, kept: tuple[int, int]
) -> None:
    problems, file = read(country, FULL.replace("20 %", reserve, 1))
    lend = file.policy.lend
    assert (problems, (lend.reserve_agents, lend.reserve_permille)) == ([], kept)


def test_a_region_may_share_at_once(country: Path) -> None:
    problems, file = read(country, FULL.replace("after: 3 min", "after: 0 s", 1))
    assert (problems, file.policy.share_rules[0].after_ms) == ([], 0)
    assert not file.policy.share_rules[0].is_timed


def test_others_may_help_with_a_long_queue(country: Path) -> None:
    crowd = "{name: crowd, when: queue_length, more_than: 3, ring: {cluster: west}}"
    text = FULL.replace("{name: empty, when: unstaffed, ring: region}", crowd)
    problems, file = read(country, text)
    ring = Ring(RingKind.CLUSTER, ("west",), waiting_min=4)
    assert problems == []
    assert file.policy.share_rules[4] == ShareRule("crowd", ShareCondition.QUEUE_LENGTH, ring)
    (missing,), _ = read(country, text.replace("more_than: 3, ", ""))
    assert 'share_rules[4]: the key "more_than" is missing' in missing
    (unknown,), _ = read(country, text.replace("late, when", "late, more_than: 3, when"))
    assert 'share_rules[3]: unknown key "more_than"' in unknown


def test_what_may_be_left_out(country: Path) -> None:
    problems, file = read(country, 'code: "14"\nname: V\npopulation: 1\n')
    assert problems == []
    assert file.policy == RegionPolicy(RegionCode("14"), "V")


WRONG = [
    ('code: "14"', "code: 114", 1, 'code: expected a region code of two digits such as "14", fou'),
    ('code: "14"', 'code: "15"', 1, 'code: region "15" belongs in a file named 15.yaml'),
    ("population: 1744859", "population: many", 3, "population: expected a whole number from 1"),
    ("08", "8", 4, 'area_codes[1]: expected an area code such as "08" or "0500", found "8"'),
    ("true", "no", 5, 'takes_part: expected true or false, found "no"'),
    ("west,", "West,", 6, "clusters[0]: expected a name of lower-case letters"),
    ("name: by_night", "name: west_after_3_min", 13, "share_rules[1].name: a rule on line 8 has"),
    ("when: waited", "when: wated", 9, "share_rules[0].when: expected one of waited, past_due"),
    ("after: 3 min", "after: soon", 10, "share_rules[0].after: expected a time such as"),
    ("    after: 3 min\n", "", 8, 'share_rules[0]: the key "after" is missing'),
    ("    window: night_22_07\n", "", 13, 'share_rules[1]: the key "window" is missing'),
    ("ring: {cluster: west}", "ring: everybody", 11, "share_rules[0].ring: expected national, re"),
    ("ring: {cluster: west}", "ring: []", 11, "share_rules[0].ring: expected national, region"),
    ("{cluster: west}", "{}", 11, "share_rules[0].ring: expected either units, cluster or regions"),
    ("[urgent,", "[urgnt,", 12, "share_rules[0].priorities[0]: expected one of emergency, urg"),
    ('["22",', '["2",', 16, "share_rules[1].ring.regions[0]: expected a region code of two"),
    (" above: 15 min,", "", 25, 'share_rules[5]: the key "above" is missing'),
    (
        "below: 10 min",
        "below: 15 min",
        25,
        'share_rules[5].below: expected a time less than "above", found "15 min"',
    ),
    ("    window: night_22_07\n", "    window: n\n    during: n\n", 16, "share_rules[1]: unknown"),
    ("    during: night_22_07", "    during: Night", 19, "share_rules[2].during: expected a name"),
    ("[advice, child]", "[Advice]", 20, "share_rules[2].services[0]: expected a name of lower"),
    ("[hamnen]", "hamnen", 21, "share_rules[2].units: expected a list"),
    (", ring: national", "", 23, 'share_rules[3]: the key "ring" is missing'),
    ("late, when", "late, after: 1 s, when", 23, 'share_rules[3]: unknown key "after"'),
    ("20 %", "some", 27, 'lend.reserve: expected a number of agents, or a share such as "20 %", f'),
    ("20 %", "1200", 27, "lend.reserve: expected a whole number from 0 to 1000"),
    ("  reserve:", "  resreve:", 27, 'lend: unknown key "resreve"; did you mean "reserve"?'),
    ("service: child, language: ar, ", "", 29, "lend.reserves[0]: expected a service, a lan"),
    ("language: ar, reserve: 10 %", "language: ar", 30, 'lend.reserves[1]: the key "reserve"'),
    ("below: 5 min", "below: 1 h", 31, 'lend.own_wait.below: expected a time less than "ab'),
    ("below: 5 min", "below: 0 s", 31, "lend.own_wait.below: expected a time from 1 s to"),
    ("below: 10 %", "below: 20 %", 32, 'lend.balance.below: expected a share less than "a'),
    ("2 h", "20 min", 32, "lend.balance.window: expected a time of whole quarters of an hour"),
    (", window: 2 h", "", 32, 'lend.balance: the key "window" is missing'),
    ('from: "22"', 'from: "2"', 42, "buys[0].from: expected a region code of two digits"),
    ('to: ["22"], ', "", 41, 'sells[0]: the key "to" is missing'),
    ("id: kullen, ", "", 40, 'units[1]: the key "id" is missing'),
    ("keeps_own: true", "keeps_own: yes", 37, "units[0].keeps_own: expected true or false"),
    ("{units: [kullen]}", "{units: kullen}", 39, "units[0].share_rules[0].ring.units: expected a"),
]


@pytest.mark.parametrize(("good", "bad", "line", "message"), WRONG)
def test_each_fault_is_told_once_at_its_line(
    country: Path, good: str, bad: str, line: int, message: str
) -> None:
    problems, _ = read(country, FULL.replace(good, bad, 1))
    (only,) = problems
    assert only.startswith(f"config/regions/14.yaml:{line}: {message}")
