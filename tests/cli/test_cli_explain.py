"""`samko explain`: a contact's story with its reasons, as people read it.

After a change of words or rules: `SAMKO_REWRITE=1 pytest tests/cli/test_cli_explain.py`, then read
the diff of `explained_*.txt`.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.cli.explain import explanation
from queue_engine.console_api.chronicle import ENTRIES_MAX
from queue_engine.journal.ownership import Ownership
from queue_engine.journal.sqlite_reading import SqliteReading
from tests.cli.explain_story import explain_story
from tests.runtime.kept_story import keep

FOLDER = Path(__file__).parent
CONTACTS = ("wanted", "waits", "arabic")


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("story") / "samko.db"
    keep(path, explain_story().records, 4, 10)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["explain", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("language", ["sv", "en"])
def test_it_reads_as_written(
    journal: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    told = ""
    for contact in CONTACTS:
        code, out, err = run(capsys, contact, "--journal", str(journal), "--lang", language)
        assert (code, err) == (0, "")
        told += out + "\n"
    path = FOLDER / f"explained_{language}.txt"
    if os.environ.get("SAMKO_REWRITE"):
        path.write_text(told)
    assert path.read_text() == told
    assert max(map(len, told.splitlines())) <= 100


def test_from_a_snapshot_or_from_the_beginning_the_same_is_told(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path / "bare.db", explain_story().records)
    for contact in CONTACTS:
        first = run(capsys, contact, "--journal", str(journal), "--json")
        assert first == run(capsys, contact, "--journal", str(tmp_path / "bare.db"), "--json")
        found = json.loads(first[1])
        assert found["contact_id"] == contact
        assert (found["wait"] is None) == (contact == "wanted")
        assert 0 < len(found["entries"]) <= ENTRIES_MAX


def test_a_contact_that_no_record_names_is_told(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("nobody", "want", 'wanted"', "wan%"):
        code, out, err = run(capsys, name, "--journal", str(journal))
        assert (code, out) == (1, "")
        assert err.startswith(f"samko: no contact {name} in ")


@pytest.mark.parametrize("name", ["../regions#", "a/b", "", "..", "x?y"])
def test_what_is_no_id_is_never_asked_of_the_engine(
    journal: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(capsys, name, "--journal", str(journal))[0] == 1
    used = Ownership(journal)
    try:
        code, out, err = run(capsys, name, "--journal", str(journal), "--url", "http://[::1]:1")
    finally:
        used.release()
    assert (code, out) == (1, "")
    assert err.startswith(f"samko: no contact {name} in ")


def test_an_argument_that_is_no_text_names_nobody(journal: Path) -> None:
    with SqliteReading(journal) as reading:
        assert explanation(reading, "\udcff") is None


def test_a_damaged_journal_is_refused_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "samko.db"
    keep(path, explain_story().records)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE record SET checksum = checksum + 1 WHERE number = 3")
    code, _, err = run(capsys, "wanted", "--journal", str(path))
    assert code == 3
    assert "record 3 is damaged" in err
