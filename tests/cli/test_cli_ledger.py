"""`samko ledger`: the accounts of a journal, as a table and as JSON, of a period."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queue_engine import cli
from tests.core.test_ledger import talk
from tests.core.world import World
from tests.runtime.kept_story import keep


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    world = World()
    world.agent("a1", "22")
    talk(world, "lent", "24", "a1")
    talk(world, "nobodys", "unknown", "a1")
    path = tmp_path / "samko.db"
    keep(path, world.records)
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["ledger", *arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_a_table_of_who_did_what_for_whom(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, str(journal)) == (
        0,
        "by  for     service  sold  calls  talk min  consults  consult min  wrap-up min\n"
        "22  24      advice   no        1       1.0         0          0.0          0.2\n"
        "22  nation  advice   no        1       1.0         0          0.0          0.2\n",
        "",
    )


def test_json_and_a_period(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, str(journal), "--json")
    accounts = json.loads(out)["accounts"]
    assert (code, len(accounts)) == (0, 2)
    assert accounts[0] == {
        "giver": "22",
        "taker": "24",
        "service": "advice",
        "is_sold": False,
        "calls": 1,
        "talk_ms": 60_000,
        "consults": 0,
        "consult_ms": 0,
        "wrap_up_ms": 10_000,
    }
    _, later, _ = said(capsys, str(journal), "--json", "--from", "2100-01-01")
    _, earlier, _ = said(capsys, str(journal), "--json", "--to", "2000-01-01T07:00")
    assert json.loads(later) == json.loads(earlier) == {"accounts": []}


def test_a_moment_that_is_none(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["ledger", str(journal), "--from", "yesterday"])
    assert left.value.code == 2
    assert "is no moment such as 2026-11-01" in capsys.readouterr().err


def test_a_period_without_any_time_in_it(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    period = ("--from", "2026-11-02", "--to", "2026-11-01")
    assert said(capsys, str(journal), *period) == (
        1,
        "",
        "samko: --to is not after --from: nothing is booked between them\n",
    )
