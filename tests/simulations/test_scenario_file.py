"""What may stand in a scenario's file, and what is told of what may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.source import ConfigError
from queue_engine.core.errors import BadInput
from routing.vocabulary import Priority
from simulations.draws import Shape
from simulations.scenario.calls_file import read_calls
from simulations.scenario.file import load_scenario
from simulations.scenario.library import LIBRARY, found, names
from simulations.scenario.model import HOUR_MS, End
from tests.simulations.scenario_files import SMALL, result_of, scenario_of


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_that_comes_along_can_be_read(path: Path) -> None:
    assert load_scenario(path).policies
    assert found(path.stem) == path
    assert dict(names())[path.stem]


def test_an_unknown_scenario_is_told_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"no file and no scenario 'no_such'; .*--list"):
        found("no_such")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("300 calls", "soon"), 'length: expected a time such as "12 h" or "7 days", found "soon"'),
        (("300 calls", "300 calls\nwarm_up: 300 calls"), "warm_up: expected less than the length"),
        (("exponential: 6 min", "exponent: 6 min"), "callers.handling: expected one of expo"),
        (("nurses: 3}", "nurses: 2.5}"), "regions.north.nurses: expected whole numbers of nurses"),
        (("nurses: 4", "nurse: 4"), 'regions.south: the key "nurses" is missing'),
        (
            ("calls_per_hour: 24", "calls_per_hour: [1, 2]"),
            "expected 1, 24, 48, 168 or 336 numbers, found 2",
        ),
        (("calls_per_hour: 24", "share: 0.5"), "a share of what?"),
        (
            ("share: never", "share: seldom"),
            "policies.alone.share: expected never, nothing, at_once",
        ),
        (
            ("share: never", "order: last"),
            "policies.alone.order: expected one of due, strict, fifo",
        ),
        (
            ("{share: never}", "{config: none}"),
            "policies.alone.config: the configuration has faults",
        ),
        (("callers:", "caller:"), 'unknown key "caller"; did you mean "callers"?'),
    ],
)
def test_a_fault_names_its_place(changed: tuple[str, str], told: str, tmp_path: Path) -> None:
    assert changed[0] in SMALL
    with pytest.raises(ConfigError) as fault:
        scenario_of(SMALL.replace(*changed, 1), tmp_path)
    assert any(told in str(problem) for problem in fault.value.problems), fault.value


def test_shifts_are_nurses_by_the_hour_of_the_week(tmp_path: Path) -> None:
    shifts = (
        "{shifts: [{from: 7, to: 15, nurses: 2}, {from: 22, to: 7, nurses: 1, days: [sat, sun]}]}"
    )
    scenario = scenario_of(SMALL.replace("nurses: 3}", f"nurses: {shifts}}}"), tmp_path)
    nurses = scenario.regions[0].staff[0].nurses
    assert [nurses[hour] for hour in (6, 7, 14, 15)] == [1, 2, 2, 0]  # Sunday's night in Monday
    assert [nurses[24 * 5 + hour] for hour in (6, 7, 14, 22, 23, 30, 31)] == [0, 2, 2, 1, 1, 1, 2]
    assert sum(nurses) == 7 * 8 * 2 + 2 * 9


def test_kinds_of_callers_take_over_what_they_do_not_say(tmp_path: Path) -> None:
    kinds = "  kinds:\n    - {name: quick, handling: {gamma: 1 min, cv: 0.5}, priority: urgent}\n"
    scenario = scenario_of(SMALL.replace("regions:", f"{kinds}regions:"), tmp_path)
    (kind,) = scenario.kinds
    assert kind.handling.shape is Shape.GAMMA
    assert (kind.patience, kind.priority) == (scenario.kinds[0].patience, Priority.URGENT)
    assert kind.patience is not None
    assert kind.patience.mean_ms == 600_000


def test_as_many_nurses_as_are_to_be_busy(tmp_path: Path) -> None:
    text = SMALL.replace(
        "calls_per_hour: 40, nurses: 4", "calls_per_hour: 40, nurses: {busy: 80 %}"
    )
    assert scenario_of(text, tmp_path).regions[1].staff[0].nurses == (5.0,)


def test_nurses_who_are_to_be_busy_are_counted_by_what_all_kinds_of_callers_take(
    tmp_path: Path,
) -> None:
    text = SMALL.replace(
        "calls_per_hour: 40, nurses: 4",
        "calls_per_hour: 40, nurses: {busy: 80 %}, kinds: [{name: a, weight: 3, handling: 3 min},"
        " {name: b, weight: 1, handling: 15 min}]",
    )
    assert scenario_of(text, tmp_path).regions[1].staff[0].nurses == (5.0,)


def test_calls_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "arrival_ms,region,handling_ms,patience_ms\n0,north,60000,\n5,south,1000,2000\n"
    )
    text = SMALL.replace("300 calls", "2 calls\ncontacts: calls.csv")
    calls = list(read_calls(scenario_of(text, tmp_path)))
    assert [(call.arrived_ms, call.region, call.patience_ms) for call in calls] == [
        (0, "north", None),
        (5, "south", 2000),
    ]
    assert result_of(text, tmp_path)["total"]["answered"] == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("x,north,1,", "calls.csv:2: arrival_ms: expected whole milliseconds, found 'x'"),
        ("1,east,1,", "calls.csv:2: region: the scenario has no 'east'. It has north, south."),
        ("1,north,-1,", "calls.csv:2: handling_ms: expected whole milliseconds, found '-1'"),
        (
            "31622400001,north,1,",
            "calls.csv:2: arrival_ms: 31622400001 is more than 366 days after the scenario's first"
            " midnight, from which it counts",
        ),
    ],
)
def test_a_line_that_is_no_call_is_told(line: str, told: str, tmp_path: Path) -> None:
    head = "arrival_ms,region,handling_ms,patience_ms"
    (tmp_path / "calls.csv").write_text(f"{head}\n{line}\n")
    scenario = scenario_of(SMALL.replace("300 calls", "9 calls\ncontacts: calls.csv"), tmp_path)
    with pytest.raises(BadInput) as fault:
        list(read_calls(scenario))
    assert str(fault.value) == told


def test_a_queue_without_places_turns_away(tmp_path: Path) -> None:
    text = SMALL.replace("nurses: 3}", "nurses: 1, queue_places: 0}")
    found = result_of(text, tmp_path)
    north = found["regions"]["north"]
    assert north["rejected"] > 50
    assert north["abandoned"] == 0
    assert north["p99_wait_ms"] == 0
    assert found["regions"]["south"]["rejected"] == 0


def test_a_length_in_time_ends_with_the_calls_that_came_in_it(tmp_path: Path) -> None:
    scenario = scenario_of(SMALL.replace("300 calls", "1 days\nwarm_up: 2 h"), tmp_path)
    assert (scenario.length.end, scenario.length.amount) == (End.TIME, 24 * HOUR_MS)
    assert scenario.length.warm_up == 2 * HOUR_MS
    found = result_of(SMALL.replace("300 calls", "3 h\nwarm_up: 1 h"), tmp_path)
    assert all(60 <= row["at_minute"] < 180 for row in found["course"])
    assert found["total"]["staffed_minutes"] == 2 * 60 * 7


def test_the_course_of_the_day_tells_of_every_part_who_was_at_work(tmp_path: Path) -> None:
    found = result_of(SMALL.replace("300 calls", "2 h"), tmp_path)
    rows = [(row["at_minute"], row["region"], row["nurses"]) for row in found["course"]]
    assert rows == [
        (minute, region, nurses)
        for minute in (0, 30, 60, 90)
        for region, nurses in (("north", 3), ("south", 4))
    ]


def test_wrap_ups_are_limited_alike_under_all_policies() -> None:
    policies = dict(load_scenario(LIBRARY / "nation.yaml").policies)
    assert {policy.wrap_up_ms_max for policy in policies.values()} == {
        policies["shipped"].wrap_up_ms_max
    }
    assert policies["shipped"].wrap_up_ms_max > 0
