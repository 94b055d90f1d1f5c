"""`lines.yaml`: called numbers with menu, region, unit and services."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.line import DEFAULT_SERVICE, Line
from queue_engine.config.lines_file import LinesFile, read_lines
from queue_engine.config.source import Faults
from queue_engine.runtime.windows import TimeWindow, WindowDays
from routing.vocabulary import LineId, RegionCode, Skill, UnitId

FULL = """\
lines:
  - id: national
    numbers: ["1177"]
    menu: national
  - id: hamnen
    numbers: ["031-390 06 77", "+46 31 390 06 78"]
    menu: health_centre
    region: "14"
    unit: hamnen_unit
    services: [admin, advice]
    region_variable: PJSIP_HEADER(read,X-Region)
    hours:
      - {days: non_holiday_weekday, from: "07:30", to: "17:00"}
      - {days: every_day, from: "22:00", to: "06:00"}
shared_numbers: ["020-600 650", "+46 31 390 06 99"]
"""


def read(country: Path, text: str) -> tuple[list[str], LinesFile]:
    (country / "lines.yaml").write_text(text, encoding="utf-8")
    faults = Faults()
    file = read_lines(faults, country)
    return [str(problem) for problem in faults.problems()], file


def test_every_value_is_read(country: Path) -> None:
    problems, file = read(country, FULL)
    assert problems == []
    assert file.lines == (
        Line(LineId("national"), ("1177",), "national", services=(DEFAULT_SERVICE,)),
        Line(
            LineId("hamnen"),
            ("031-390 06 77", "+46 31 390 06 78"),
            "health_centre",
            RegionCode("14"),
            UnitId("hamnen_unit"),
            (Skill("admin"), Skill("advice")),
            "PJSIP_HEADER(read,X-Region)",
        ),
    )
    assert file.shared_numbers == {"+4620600650", "+46313900699"}
    assert [(name, item.line) for name, item in file.menu_items] == [
        ("national", 4),
        ("health_centre", 7),
    ]
    assert [(service, item.line) for service, item in file.service_items] == [
        ("advice", 2),
        ("admin", 10),
        ("advice", 10),
    ]
    assert [(code, item.line) for code, item in file.region_items] == [("14", 8)]
    assert file.hours == {
        "hamnen": (
            TimeWindow("", WindowDays.NON_HOLIDAY_WEEKDAY, 450, 1020),
            TimeWindow("", WindowDays.EVERY_DAY, 1320, 360),
        )
    }


def test_hours_that_are_null_are_left_out_and_the_line_is_open(country: Path) -> None:
    before, _, _ = FULL.partition("    hours:\n")
    problems, file = read(country, before + "    hours: null\n")
    assert problems == []
    assert file.hours == {}


WRONG = [
    ("id: hamnen", "id: Hamnen", 5, "lines[1].id: expected a name of lower-case letters"),
    ("id: hamnen", "id: national", 5, "lines[1]: there is a line 'national' already"),
    ('"031-390 06 77"', "1177", 5, "lines[1]: '1177' is a number of line 'national' already"),
    ('"031-390 06 77"', "call us", 6, "lines[1].numbers[0]: expected a called number such as"),
    ('["1177"]', "[]", 2, "lines[0]: a line has at least one called number"),
    ("    menu: national\n", "", 2, 'lines[0]: the key "menu" is missing'),
    ('region: "14"', "region: 1", 8, "lines[1].region: expected a region code of two digits"),
    ("unit: hamnen_unit", "unit: Åkern", 9, "lines[1].unit: expected a name of lower-case"),
    ("[admin,", "[Admin,", 10, "lines[1].services[0]: expected a name of lower-case letters"),
    (
        "PJSIP_HEADER(read,X-Region)",
        "${SHELL(ls)}",
        11,
        "lines[1].region_variable: expected a channel variable or function such as",
    ),
    ("07:30", "7.30", 13, 'lines[1].hours[0].from: expected a time of day such as "07:00"'),
    ("every_day", "sundays", 14, "lines[1].hours[1].days: expected one of every_day"),
    ('from: "22:00", ', "", 14, 'lines[1].hours[1]: the key "from" is missing'),
    ("020-600 650", "1177", 15, "shared_numbers[0]: expected a public number: nobody calls"),
    ("020-600 650", "relay", 15, "shared_numbers[0]: expected a public number such as"),
    ("    unit:", "    unti:", 9, 'lines[1]: unknown key "unti"; did you mean "unit"?'),
]


@pytest.mark.parametrize(("good", "bad", "line", "message"), WRONG)
def test_each_fault_is_told_once_at_its_line(
    country: Path, good: str, bad: str, line: int, message: str
) -> None:
    problems, _ = read(country, FULL.replace(good, bad, 1))
    (only,) = problems
    assert only.startswith(f"config/lines.yaml:{line}: {message}")


def test_there_are_lines_and_not_too_many_of_anything(country: Path) -> None:
    assert read(country, "lines: []\n")[0] == [
        "config/lines.yaml:1: lines: expected 1 to 1000 lines, found 0"
    ]
    many = FULL.replace('["1177"]', str([str(1_000 + n) for n in range(51)]))
    many = many.replace("[admin, advice]", str([f"s{n}" for n in range(31)]))
    assert read(country, many)[0] == [
        "config/lines.yaml:3: lines[0].numbers: expected at most 50 numbers, found 51",
        "config/lines.yaml:10: lines[1].services: expected at most 30 services, found 31",
    ]
