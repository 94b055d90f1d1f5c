"""`talks` of national.yaml: every value lands where it should; faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.source import Faults
from queue_engine.config.talk_file import CODES_MAX, read_talks
from routing.talk_policy import TalkPolicy, talk_problems

FULL = """\
wrap_up_prolonged_max: 15 min
hold_recall: 3 min
care_levels: [self_care, health_centre]
urgencies: [at_once, within_days]
causes: [injury]
"""
READ = TalkPolicy(
    wrap_up_prolonged_ms_max=900_000,
    hold_recall_ms=180_000,
    care_levels=("self_care", "health_centre"),
    urgencies=("at_once", "within_days"),
    causes=("injury",),
)


def read(folder: Path, text: str) -> tuple[list[str], TalkPolicy]:
    path = folder / "talks.yaml"
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    talks = read_talks(faults.read(path))
    return [str(problem) for problem in faults.problems()], talks


def test_every_value_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, FULL) == ([], READ)


def test_what_is_left_out_is_as_if_there_were_no_rule(tmp_path: Path) -> None:
    assert read(tmp_path, "{}\n") == ([], TalkPolicy())


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("3 min", "0 s", "hold_recall"),
        ("15 min", "2 h", "wrap_up_prolonged_max"),
        ("self_care", "Self care", "a code of a-z, 0-9, _ and -"),
        ("within_days", "at_once", "a code is given twice"),
        ("[injury]", f"[{', '.join(f'c{n}' for n in range(CODES_MAX + 1))}]", "at most 100 codes"),
    ],
)
def test_faults_are_told(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    problems, _ = read(tmp_path, FULL.replace(right, wrong, 1))
    assert len(problems) == 1
    assert told in problems[0]


@pytest.mark.parametrize(
    ("talks", "told"),
    [
        (TalkPolicy(wrap_up_prolonged_ms_max=-1), "must not be negative"),
        (TalkPolicy(hold_recall_ms=0), "must be more than 0"),
        (TalkPolicy(causes=("injury", "injury")), "causes: a code is given twice"),
    ],
)
def test_what_cannot_be_is_a_problem(talks: TalkPolicy, told: str) -> None:
    assert not list(talk_problems(READ))
    assert [told in problem for problem in talk_problems(talks)] == [True]
