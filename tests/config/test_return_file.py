"""`coming_back` of national.yaml: every value lands where it should; faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.return_file import read_returns
from queue_engine.config.source import Faults
from routing.policy import MINUTE_MS
from routing.return_policy import ReturnPolicy, return_problems
from routing.vocabulary import Priority

FULL = """\
misused_emergency: raised
redial_within: 9 min
repeat_calls: 4
repeat_within: 24 h
"""


def read(folder: Path, text: str) -> tuple[list[str], ReturnPolicy]:
    path = folder / "coming_back.yaml"
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    returns = read_returns(faults.read(path))
    return [str(problem) for problem in faults.problems()], returns


def test_every_value_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, FULL) == (
        [],
        ReturnPolicy(
            misuse_priority=Priority.RAISED,
            redial_within_ms=9 * MINUTE_MS,
            repeat_calls=4,
            repeat_within_ms=24 * 60 * MINUTE_MS,
        ),
    )


def test_what_is_left_out_is_not_done(tmp_path: Path) -> None:
    assert read(tmp_path, "{}\n") == ([], ReturnPolicy())


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("raised", "emergency", "what is no emergency needs another priority"),
        ("9 min", "16 min", "redial_within: expected a time"),
        ("4", "1", "repeat_calls: expected a whole number from 2 to 10"),
        ("24 h", "97 h", "repeat_within: expected a time"),
    ],
)
def test_faults_are_told(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    problems, _ = read(tmp_path, FULL.replace(right, wrong, 1))
    assert len(problems) == 1
    assert told in problems[0]


@pytest.mark.parametrize(
    ("returns", "told"),
    [
        (ReturnPolicy(misuse_priority=Priority.EMERGENCY), "needs another priority"),
        (ReturnPolicy(redial_within_ms=-1), "redial_within_ms: must be 0 to"),
        (ReturnPolicy(repeat_calls=1), "repeat_calls: must be 0, or 2 to 10"),
        (ReturnPolicy(repeat_within_ms=0), "repeat_within_ms: must be 1 to"),
    ],
)
def test_what_cannot_be_is_a_problem(returns: ReturnPolicy, told: str) -> None:
    assert not list(return_problems(ReturnPolicy()))
    assert [told in problem for problem in return_problems(returns)] == [True]
