"""Differences on the same callers, and result.json as tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.tables import HEADS, rows, write_tables
from simulations.scenario.whole import whole as told_of
from tests.simulations.scenario_files import SMALL, scenario_of
from tests.simulations.small_scenario import small_whole


def test_differences_are_taken_seed_by_seed() -> None:
    whole = small_whole(3)
    alone, together = (policy["total"]["mean_wait_ms"] for policy in whole["policies"])
    (found,) = whole["differences"]
    assert (found["policy"], found["against"]) == ("together", "alone")
    change = found["total"]["mean_wait_ms"]
    assert change["difference"] == pytest.approx(together - alone, abs=0.01)
    apart = [policy["interval95"]["total"]["mean_wait_ms"] for policy in whole["policies"]]
    assert 0 < change["interval95"] < sum(apart)
    assert list(found["regions"]) == ["north", "south"]


def test_one_replication_has_no_intervals() -> None:
    whole = small_whole(1)
    assert "interval95" not in whole["policies"][0]
    assert whole["differences"][0]["total"]["gave_up"]["interval95"] is None


def test_the_mean_wait_of_an_interval_is_that_of_all_calls_in_it() -> None:
    for policy in small_whole(3)["policies"]:
        waited = sum(
            (row["mean_wait_ms"] or 0) * (row["answered"] + row["abandoned"])
            for row in policy["course"]
        )
        total = policy["total"]
        # The total is the mean of the replications' means; each has about as many calls.
        assert waited / total["offered"] == pytest.approx(total["mean_wait_ms"], rel=0.05)


def test_the_course_has_as_many_calls_as_all_when_runs_are_not_equally_long(
    tmp_path: Path,
) -> None:
    scenario = scenario_of(SMALL, tmp_path)
    runs = run_all(scenario, jobs_of(["alone"], 1, 4))
    assert len({one["course"][-1]["at_minute"] for one in runs}) > 1
    (policy,) = told_of(scenario, ["alone"], runs)["policies"]
    course, total = policy["course"], policy["total"]
    for name in ("offered", "answered", "abandoned"):
        assert sum(row[name] for row in course) == pytest.approx(total[name], abs=0.001)
    # Of who was there then: not fewer because others were done.
    assert {row["nurses"] for row in course if row["region"] == "north"} == {3}
    places = [(row["at_minute"], row["region"]) for row in course]
    assert places == sorted(places)


def test_each_table_has_its_columns_and_a_policy_in_every_row(tmp_path: Path) -> None:
    whole = small_whole(3)
    (tmp_path / "channels.csv").write_text("of a scenario that was written there before")
    write_tables(tmp_path, whole)
    assert not (tmp_path / "channels.csv").exists()
    for name, head in HEADS.items():
        if name == "channels":
            continue
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
        assert found, name
        assert tuple(found[0]) == head
        assert {row["policy"] for row in found} <= {"alone", "together"}
    for policy in whole["policies"]:
        long = {row[1]: row[2:] for row in rows("total", whole) if row[0] == policy["policy"]}
        assert long["answered_within 3 min"] == (
            policy["total"]["answered_within"]["3 min"],
            policy["interval95"]["total"]["answered_within"]["3 min"],
        )
    names = {row[2] for row in rows("regions", whole)}
    assert names == {"Norr & Öst", "Syd"}
