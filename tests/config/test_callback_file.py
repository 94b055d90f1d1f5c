"""`callbacks` of national.yaml: every value lands where it should; faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.callback_file import read_callbacks
from queue_engine.config.source import Faults
from routing.callback_policy import CallbackPolicy
from routing.policy import MINUTE_MS

FULL = """\
within: 2 h
dial: 40 s
retry_after: [4 min, 10 min, 20 min]
"""


def read(folder: Path, text: str) -> tuple[list[str], CallbackPolicy]:
    path = folder / "callbacks.yaml"
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    callbacks = read_callbacks(faults.read(path))
    return [str(problem) for problem in faults.problems()], callbacks


def test_every_value_is_read(tmp_path: Path) -> None:
    retries = (4 * MINUTE_MS, 10 * MINUTE_MS, 20 * MINUTE_MS)
    wanted = CallbackPolicy(within_ms=120 * MINUTE_MS, dial_ms=40_000, retry_after_ms=retries)
    assert read(tmp_path, FULL) == ([], wanted)


def test_left_out_nobody_is_rung_back_and_three_tries_are_usual(tmp_path: Path) -> None:
    assert read(tmp_path, "{}\n") == ([], CallbackPolicy())
    assert CallbackPolicy().within_ms == 0
    assert CallbackPolicy().retry_after_ms == (5 * MINUTE_MS, 15 * MINUTE_MS)
    _, once = read(tmp_path, "retry_after: []\n")
    assert once.retry_after_ms == ()


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("2 h", "25 h", "within: expected a time from 0 s to 24 h"),
        ("40 s", "0 s", "dial: expected a time from 1 s to 5 min"),
        ("4 min", "0 s", "retry_after[0]: expected a time from 1 s to 1 h"),
        ("4 min", ", ".join(["4 min"] * 8), "retry_after: expected at most 9 times, found 10"),
        ("retry_after", "retries", "retries"),
    ],
)
def test_faults_are_told(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    problems, _ = read(tmp_path, FULL.replace(right, wrong, 1))
    assert len(problems) == 1
    assert told in problems[0]
