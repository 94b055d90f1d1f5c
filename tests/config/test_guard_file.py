"""`overload` of national.yaml: every value lands where it should; faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.guard_file import NationalGuard, read_guard
from queue_engine.config.source import Faults
from routing.guard_policy import GuardRule, guard_problems
from routing.limits import Levels

FULL = """\
closes: 45 min
opens: 35 min
waiting_per_1000: 0.5
"""
LEVELS = Levels(45 * 60_000, 35 * 60_000)


def read(folder: Path, text: str) -> tuple[list[str], NationalGuard]:
    path = folder / "overload.yaml"
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    guard = read_guard(faults.read(path))
    return [str(problem) for problem in faults.problems()], guard


def test_every_value_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, FULL) == ([], NationalGuard(LEVELS, 500))
    assert read(tmp_path, "{}\n") == ([], NationalGuard())


def test_the_size_follows_from_the_population() -> None:
    assert NationalGuard(LEVELS, 500).of(61_000) == GuardRule(LEVELS, 30)
    assert NationalGuard(None, 1).of(100) == GuardRule(None, 1)
    assert NationalGuard().of(1_000_000) == GuardRule()


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("35 min", "45 min", 'opens: expected a time less than "closes"'),
        ("35 min", "0 s", "opens: expected a time from 1 s to"),
        ("opens: 35 min\n", "", 'the key "opens" is missing'),
        ("closes: 45 min\n", "", 'the key "closes" is missing'),
        ("0.5", "many", "waiting_per_1000: expected a number up to 1"),
    ],
)
def test_faults_are_told(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    problems, _ = read(tmp_path, FULL.replace(right, wrong, 1))
    assert told in "".join(problems)


def test_what_cannot_be_is_a_problem() -> None:
    assert not list(guard_problems(GuardRule(LEVELS, 1), "here"))
    assert len(list(guard_problems(GuardRule(Levels(1, 1), -1), "here"))) == 2
    assert len(list(guard_problems(GuardRule(Levels(1, 0), 1), "here"))) == 1
