"""`samko replay` and `samko redecide`: what a journal makes, and what is decided otherwise."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.core.record import RULES_VERSION
from queue_engine.core.snapshot import digest
from tests.core.chaos import Chaos
from tests.core.everybody import everybody
from tests.core.world import World
from tests.runtime.kept_story import keep


@pytest.fixture
def story() -> World:
    world = World(watch=None)
    Chaos(world, 11).run(80)
    return world


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_replay_prints_the_digest_of_the_state(
    tmp_path: Path, story: World, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "samko.db"
    keep(path, story.records, 30)
    code, out, err = run(capsys, "replay", str(path))
    assert (code, err) == (0, "")
    assert digest(story.state) in out
    assert f"{len(story.records)} (folded after the snapshot of record 30)" in out
    code, out, _ = run(capsys, "replay", str(path), "--whole", "--json")
    found = json.loads(out)
    assert (found["records"], found["snapshots_agreed"]) == (len(story.records), 1)
    assert found["digest"] == digest(story.state)


def test_the_journal_is_that_of_the_configuration(
    config: Path, story: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "--config", str(config), "replay")
    assert (code, err[:27]) == (1, "samko: there is no journal ")
    embedded = config.parent / "var" / "embedded"
    embedded.mkdir(parents=True)
    keep(embedded / "journal.sqlite", story.records)
    assert run(capsys, "--config", str(config), "replay")[0] == 0


@pytest.mark.parametrize("command", ["replay", "redecide"])
def test_a_damaged_journal_is_refused_with_its_place(
    tmp_path: Path, story: World, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    path = tmp_path / "samko.db"
    keep(path, story.records)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE record SET checksum = checksum + 1 WHERE number > 39")
    code, out, err = run(capsys, command, str(path))
    assert (code, out) == (3, "")
    assert "record 40 is damaged or missing" in err


def test_redecide_finds_nothing_within_a_version(
    tmp_path: Path, story: World, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "samko.db"
    keep(path, story.records)
    code, out, _ = run(capsys, "redecide", str(path))
    count = len(story.records)
    told = f"rules version {RULES_VERSION}, this program's: {count} records, 0 differ\n"
    assert (code, out) == (0, told)


@pytest.mark.parametrize(("version", "code"), [(RULES_VERSION, 4), (1, 0)])
def test_redecide_shows_the_first_difference_with_both_versions_side_by_side(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    version: int,
    code: int,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    world = everybody()
    changed = next(one for one in reversed(world.records) if len(one.events) > 1)
    records = [replace(one, rules_version=version) for one in world.records[: changed.number]]
    records[-1] = replace(records[-1], events=changed.events[:-1])
    path = tmp_path / "samko.db"
    keep(path, records)
    found, out, _ = run(capsys, "redecide", str(path))
    assert found == code
    assert f"{changed.number} records, 1 differ" in out
    assert f"record {changed.number}, 20" in out
    assert f"rules version {version}\n" in out
    assert "| decided now" in out
    assert "\n* " in out
