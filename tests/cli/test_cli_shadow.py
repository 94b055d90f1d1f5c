"""`samko shadow DAY`: gains and losses for people and programs, and what to do about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.cli.shadow import EXIT_LOSS
from tests.runtime.kept_story import keep
from tests.simulations.test_shadow import FIRST, lived


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    keep(tmp_path / "samko.db", lived(2))
    return tmp_path / "samko.db"


def test_gains_and_losses_are_told(
    journal: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main(["shadow", "last", str(journal)]) == EXIT_LOSS
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    words = " ".join(said.split())
    assert "22 Väst 1 9:00 9:00 0:00 0 % 100 % 0 0" in words
    assert f"{FIRST} to " in words
    assert "22 Väst is over tolerance (30 s of mean wait, 100 points within the promise):" in words
    assert "`samko lending 22 cut` cuts its lending to tiers 0 and 1." in words
    assert "24 Botten is over" not in words
    assert "What this cannot know:" in words


def test_programs_get_the_same(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["shadow", str(FIRST), str(journal), "--json"]) == EXIT_LOSS
    found = json.loads(capsys.readouterr().out)
    assert (found["day"], found["days"]) == (str(FIRST), [str(FIRST)])
    assert found["over_tolerance"] == ["22"]
    day = found["regions"]["22"]["day"]
    assert day["longer_ms"] == 540_000
    assert day["shared"] == {
        "contacts": 1,
        "mean_wait_ms": 540_000,
        "promise_permille": 0,
        "in_vain": 0,
    }


def test_days_that_are_none_and_journals_that_are_not_there(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["shadow", "2020-01-01", str(journal)]) == 1
    assert "nobody called on 2020-01-01" in capsys.readouterr().err
    assert cli.main(["shadow", "last", f"{journal}x"]) == 1
    assert "there is no journal" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        cli.main(["shadow", "yesterday", str(journal)])
    assert left.value.code == 2
    assert "is no day such as 2026-11-01, nor last" in capsys.readouterr().err
