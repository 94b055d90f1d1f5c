"""Waits and their percentiles: of whom they are, and how exact."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import pytest

from simulations.draws import Draws
from simulations.scenario.calls_file import open_text
from simulations.scenario.counts import DIFFERENT_MAX, QUANTILES, TOGETHER_MAX, Waits
from tests.simulations.scenario_files import result_of

GOLDEN_MONDAY: Final = Path(__file__).parent / "reference" / "golden_monday.csv.gz"
DAY: Final = """\
length: 6 calls
contacts: day.csv
regions:
  north: {nurses: 1, queue_places: 4}
"""
CALLS: Final = """\
arrival_ms,region,handling_ms,patience_ms
0,north,60000,
1,north,60000,59997
2,north,60000,59990
3,north,60000,
5,north,60000,61995
7,north,60000,
"""


def _of(waits_ms: list[int]) -> Waits:
    waits = Waits()
    for wait_ms in waits_ms:
        waits.add(wait_ms)
    return waits


def _exactly(waits_ms: list[int], percent: int) -> float:
    place = (len(waits_ms) - 1) * percent / 100
    below_ms, above_ms = waits_ms[int(place)], waits_ms[min(int(place) + 1, len(waits_ms) - 1)]
    return below_ms + (above_ms - below_ms) * (place - int(place))


def test_percentiles_are_of_all_who_had_a_place_and_those_of_the_answered_besides(
    tmp_path: Path,
) -> None:
    (tmp_path / "day.csv").write_text(CALLS)
    total = result_of(DAY, tmp_path)["total"]
    assert [total[name] for name in ("answered", "abandoned", "rejected")] == [2, 3, 1]
    # 0, 59,990, 59,997 twice, and 61,995 ms; who is turned away has waited for nothing.
    found = [total[f"p{percent}_wait_ms"] for percent in QUANTILES]
    assert found == [59_997, 61_195.8, 61_595.4, 61_915.08]
    answered = [total[f"p{percent}_wait_answered_ms"] for percent in QUANTILES]
    assert answered == [29_998.5, 53_997.3, 56_997.15, 59_397.03]


def test_a_few_waits_are_kept_to_the_millisecond() -> None:
    waits = _of([61_995, 59_997, 60_997, 59_998])
    assert waits.quantiles_ms([0, 50, 75, 100]) == [59_997, 60_497.5, 61_246.5, 61_995]
    assert Waits().quantiles_ms([50]) == [None]
    many = [100_003 + 7 * index for index in range(DIFFERENT_MAX)]
    assert _of(many).quantiles_ms([100]) == [many[-1]]


def test_many_waits_are_rounded_up_as_often_as_down_by_a_two_thousandth() -> None:
    draws = Draws(1, "waits")
    waits_ms = sorted(int(draws.exponential(600_000.0)) for _ in range(4 * DIFFERENT_MAX))
    found = _of(waits_ms).quantiles_ms(range(1, 101))
    exact = [_exactly(waits_ms, percent) for percent in range(1, 101)]
    errors = []
    for told_ms, really_ms in zip(found, exact, strict=True):
        assert told_ms is not None
        errors.append((told_ms - really_ms) / really_ms)
    assert max(map(abs, errors)) <= 1 / 2048
    assert 30 < sum(error > 0 for error in errors) < 70


@pytest.mark.parametrize("number", [100, 3 * DIFFERENT_MAX, 3 * TOGETHER_MAX])
def test_waits_put_together_are_those_of_one(number: int) -> None:
    first, second = [7 * each for each in range(number)], [100_003] * 10
    for parts in ((first, second), (second, first)):
        whole = Waits()
        for part in parts:
            whole.include(_of(part))
        assert (whole.count, whole.sum_ms) == (number + 10, sum(first) + sum(second))
        together = sorted(first + second)
        exact = [_exactly(together, percent) for percent in QUANTILES]
        assert whole.quantiles_ms(QUANTILES) == pytest.approx(exact, rel=1 / 2048)
    assert whole.mean_ms() == pytest.approx((sum(first) + sum(second)) / (number + 10))


def test_exact_waits_of_several_stay_exact_together() -> None:
    whole = Waits()
    for begins_ms in (10**6, 2 * 10**6, 3 * 10**6):
        whole.include(_of([begins_ms + each for each in range(DIFFERENT_MAX)]))
    assert whole.quantiles_ms([50, 100]) == [2_002_047.5, 3_004_095]


@pytest.mark.parametrize(
    ("policy", "p95_ms"),
    [("separate", 490_115.5), ("overflow_120", 120_000), ("national_priority", 128_287)],
)
def test_of_the_golden_monday_they_are_those_of_the_reference(policy: str, p95_ms: float) -> None:
    of_regions: dict[str, Waits] = {}
    with open_text(GOLDEN_MONDAY) as file:
        for row in csv.DictReader(file):
            of_regions.setdefault(row["region"], Waits()).add(int(row[f"{policy}:wait_ms"]))
    whole = Waits()
    for waits in of_regions.values():
        whole.include(waits)
    assert whole.quantiles_ms([95]) == [pytest.approx(p95_ms, abs=0.01)]
