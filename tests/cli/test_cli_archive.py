"""`samko archive`: a journal's days as files, and the check of them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.core.codec import encode_record
from queue_engine.core.snapshot import digest
from queue_engine.journal.archive import Archive
from queue_engine.journal.base import StoredRecord
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.archiving import swedish_day
from tests.cli.explain_story import explain_story
from tests.core.world import World

ROOT = Path(__file__).parents[2]
DAY_MS = 24 * 60 * 60 * 1000


@pytest.fixture(scope="module")
def story() -> World:
    """Ends two days later."""
    world = explain_story()
    for number in range(2):
        world.wait(DAY_MS)
        world.caller(f"later-{number}", region="22")
    return world


@pytest.fixture
def journal(tmp_path: Path, story: World) -> Path:
    path = tmp_path / "samko.db"
    kept = SqliteJournal(path)
    kept.append(0, [encode_record(record) for record in story.records])
    kept.close()
    return path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.main(["archive", *words])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_days_are_written_beside_the_journal_and_checked_with_it(
    journal: Path, story: World, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = journal.parent / "archive"
    code, out, err = said(capsys, "--journal", str(journal))
    archive = Archive(folder)
    assert (code, err, out.count("\n")) == (0, "", len(archive.days))
    assert len(archive.days) >= 2
    assert archive.last < len(story.records), "today is not over"
    code, out, err = said(capsys, "check", "--journal", str(journal))
    assert (code, err) == (0, "")
    assert out.count(digest(story.state)) == 2
    assert out.endswith("Equal.\n")
    again = said(capsys, "--journal", str(journal))
    assert again == (0, f"no complete day is missing in {folder}\n", "")


async def test_while_an_engine_has_the_file_open_a_copy_is_read(
    journal: Path, tmp_path: Path
) -> None:
    """By a process of its own: within one, a file's locks go with the first who closes it."""
    engine = SqliteJournal(journal)
    words = ("--journal", str(journal), "--folder", str(tmp_path / "other"))
    for command, expected in (
        (("archive", *words), "2026-11-18  records 1 to"),
        (("archive", "check", *words), "Equal."),
        (("replay", "--whole", str(journal)), "digest"),
        (("ledger", str(journal)), "talk min"),
    ):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "queue_engine.cli", *command),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert (process.returncode, expected in out.decode()) == (0, True)
    engine.append(engine.last_number(), [b"goes on"])
    engine.close()
    assert not list(journal.parent.glob("copy-*"))


def test_a_copy_of_the_archive_is_checked_without_a_journal(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "--journal", str(journal))
    journal.rename(journal.with_name("elsewhere.db"))
    code, out, err = said(capsys, "check", "--journal", str(journal))
    assert (code, err, "all whole" in out) == (0, "", True)
    assert out.endswith("nothing to compare with\n")


def test_a_journal_that_says_otherwise_than_its_archive_is_told(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "--journal", str(journal))
    last = Archive(journal.parent / "archive").last
    with closing(sqlite3.connect(journal)) as database, database:
        database.execute("UPDATE record SET checksum = checksum + 1 WHERE number = ?", (last,))
    code, _, err = said(capsys, "check", "--journal", str(journal))
    assert (code, "is not of journal" in err) == (1, True)


@pytest.mark.parametrize(
    ("at_ms", "day"),
    [
        (1_795_042_800_000 - 1, "2026-11-18"),
        (1_795_042_800_000, "2026-11-19"),  # midnight in winter is 23 h UTC
        (1_782_165_600_000 - 1, "2026-06-22"),
        (1_782_165_600_000, "2026-06-23"),  # and in summer 22 h
    ],
)
def test_days_are_swedish(story: World, at_ms: int, day: str) -> None:
    data = encode_record(story.records[0]).replace(
        b'"t":%d' % story.records[0].at_ms, b'"t":%d' % at_ms, 1
    )
    assert swedish_day(StoredRecord(1, data)) == day
