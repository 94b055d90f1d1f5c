"""`samko redecide --config DIR`: what would have been under other rules, and what nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.config.load import load_all
from tests.runtime.kept_story import keep
from tests.simulations.kept_day import kept_day


@pytest.fixture
def journal(config: Path, tmp_path: Path) -> Path:
    keep(tmp_path / "samko.db", kept_day(load_all(config), seed=5, part=20))
    return tmp_path / "samko.db"


def test_it_shows_waits_then_and_what_if_and_the_first_difference(
    config: Path,
    journal: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    national = config / "national.yaml"
    assert "order: due" in national.read_text()
    national.write_text(national.read_text().replace("order: due", "order: fifo"))
    assert cli.main(["redecide", str(journal), "--config", str(config)]) == 0
    said = capsys.readouterr().out
    named, others = said.splitlines()[1], said.splitlines()[2:]
    assert named.startswith(f"by the rules of {config} (agreement ")
    assert max(map(len, others)) <= 80
    for words in ("modelled", "what if", "hung up", "01 Stockholm", "standard", "all "):
        assert words in said
    assert "The first difference: contact " in said
    assert "What this cannot know:" in said
    assert "Commands that no longer fit were left out" in said


def test_rules_with_faults_and_no_journal_are_told(
    config: Path, journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["redecide", str(journal) + "x", "--config", str(config)]) == 1
    assert "there is no journal" in capsys.readouterr().err
    (config / "national.yaml").write_text("order: soonest\n")
    assert cli.main(["redecide", str(journal), "--config", str(config)]) == 1
    assert "national.yaml" in capsys.readouterr().err
