"""The archive: each record in one file, once, and nothing in between missing or altered."""

from __future__ import annotations

import gzip
import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.archive import BEGIN, Archive
from queue_engine.journal.archive_file import archived_day, write_day
from queue_engine.journal.base import StoredRecord
from queue_engine.journal.checksum import Row, chained
from queue_engine.journal.ownership import InUse, Ownership
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.sqlite_reading import SqliteReading
from queue_engine.journal.whole_reading import WholeReading
from tests.journal.conftest import Harm

RECORDS = [b'{"n":%d}\n\x00 end 1 2' % number for number in range(1, 251)]


def day_of(stored: StoredRecord) -> str:
    """A hundred records a day."""
    return f"2026-11-{1 + stored.number // 100:02d}"


@pytest.fixture
def filled(path: Path) -> Path:
    journal = SqliteJournal(path)
    journal.append(0, RECORDS)
    journal.save_snapshot(240, b"state")
    journal.close()
    return path


@pytest.fixture
def reading(filled: Path) -> Iterator[SqliteReading]:
    with SqliteReading(filled) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def archived(folder: Path, reading: SqliteReading) -> list[int]:
    """Archives; the last record of each new file."""
    return [row.number for row in Archive(folder).add_days(reading, day_of)]


# --- a file ----------------------------------------------------------------------------------


def test_a_file_is_legible_without_this_program(tmp_path: Path) -> None:
    before = Row(41, 7, b"")
    day, last = write_day(tmp_path, "2026-11-21", before, [b"first", b"", b"a\nb"])
    first = chained(7, 42, b"first")
    second = chained(first, 43, b"")
    assert last.checksum == chained(second, 44, b"a\nb")
    text = b"samko-archive 1 2026-11-21 41 7\n42 %d 5\nfirst\n43 %d 0\n\n44 %d 3\na\nb\n" % (
        first,
        second,
        last.checksum,
    )
    end = b"end 44 %d %b\n" % (last.checksum, hashlib.sha256(text).hexdigest().encode())
    assert gzip.decompress(day.path.read_bytes()) == text + end
    assert day.path.name == "2026-11-21.000000000042-000000000044.records.gz"
    assert stat.S_IMODE(day.path.stat().st_mode) == 0o600
    assert archived_day(day.path) == day
    assert [row.data for row in day.rows()] == [b"", b"first", b"", b"a\nb"]


def test_the_same_records_make_the_same_file_and_none_is_written_over(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    written = []
    for folder in folders:
        folder.mkdir()
        written.append(write_day(folder, "2026-11-21", BEGIN, RECORDS)[0].path.read_bytes())
    assert written[0] == written[1]
    with pytest.raises(JournalError, match="File exists"):
        write_day(folders[0], "2026-11-21", BEGIN, [b"other"] * len(RECORDS))
    (only,) = folders[0].iterdir()
    assert only.read_bytes() == written[0]


def test_no_altered_byte_is_passed_over(tmp_path: Path) -> None:
    day, _ = write_day(tmp_path, "2026-11-21", BEGIN, RECORDS[:20])
    rows, content = list(day.rows()), day.path.read_bytes()
    told = 0
    for place in range(len(content)):
        day.path.write_bytes(
            content[:place] + bytes([content[place] ^ 0x20]) + content[place + 1 :]
        )
        try:
            assert list(day.rows()) == rows, "but for a field of gzip's that says nothing of it"
        except JournalCorrupt:
            told += 1
    assert told > len(content) - 10


def test_no_lost_end_is_passed_over(tmp_path: Path) -> None:
    day, _ = write_day(tmp_path, "2026-11-21", BEGIN, RECORDS[:20])
    content = day.path.read_bytes()
    for length in range(len(content)):
        day.path.write_bytes(content[:length])
        with pytest.raises(JournalCorrupt, match=day.path.name):
            list(day.rows())


def test_a_file_under_anothers_name_is_told(tmp_path: Path) -> None:
    day, _ = write_day(tmp_path, "2026-11-21", BEGIN, RECORDS[:20])
    for name in (
        "2026-11-22.000000000001-000000000020.records.gz",
        "2026-11-21.000000000002-000000000020.records.gz",
        "2026-11-21.000000000001-000000000021.records.gz",
    ):
        renamed = archived_day(day.path.rename(tmp_path / name))
        assert renamed is not None
        with pytest.raises(JournalCorrupt, match=r"is not what its name says|not 21"):
            list(renamed.rows())
        renamed.path.rename(day.path)


# --- the folder ------------------------------------------------------------------------------


def test_complete_days_are_written_once(folder: Path, reading: SqliteReading) -> None:
    assert archived(folder, reading) == [99, 199]
    assert [day.day for day in Archive(folder).days] == ["2026-11-01", "2026-11-02"]
    assert [row.data for row in Archive(folder).rows()] == RECORDS[:199]
    assert [row.number for row in Archive(folder).rows(150)] == list(range(151, 200))
    assert archived(folder, reading) == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_it_goes_on_when_the_journal_does(folder: Path, filled: Path) -> None:
    with SqliteReading(filled) as reading:
        archived(folder, reading)
        former = [day.path.read_bytes() for day in Archive(folder).days]
    journal = SqliteJournal(filled)
    journal.append(250, [b"more"] * 60)
    journal.close()
    with SqliteReading(filled) as reading:
        assert archived(folder, reading) == [299]
        assert reading.checksum_of(299) == Archive(folder).end().checksum
    assert [day.path.read_bytes() for day in Archive(folder).days[:2]] == former


def test_what_a_killed_run_left_is_written_anew(folder: Path, reading: SqliteReading) -> None:
    folder.mkdir()
    (folder / "2026-11-01.new").write_bytes(b"half")
    assert archived(folder, reading) == [99, 199]
    assert not list(folder.glob("*.new"))


def test_an_empty_journal_has_no_archive(folder: Path, tmp_path: Path) -> None:
    SqliteJournal(tmp_path / "empty.db").close()
    with SqliteReading(tmp_path / "empty.db") as reading:
        assert archived(folder, reading) == []
    assert not folder.exists()


def test_a_missing_or_exchanged_file_is_told(folder: Path, reading: SqliteReading) -> None:
    archived(folder, reading)
    first, second = Archive(folder).days
    kept = first.path.read_bytes()
    first.path.unlink()
    with pytest.raises(JournalCorrupt, match="does not follow 0"):
        Archive(folder)
    write_day(folder, first.day, BEGIN, [b"other"] * 99)
    with pytest.raises(JournalCorrupt, match=f"{second.path.name} does not follow the one before"):
        list(Archive(folder).rows())
    first.path.write_bytes(kept)
    assert len(list(Archive(folder).rows())) == 199


def test_the_archive_of_another_journal_is_not_gone_on_with(
    folder: Path, reading: SqliteReading, tmp_path: Path
) -> None:
    folder.mkdir()
    write_day(folder, "2026-11-01", BEGIN, [b"other"] * 99)
    with pytest.raises(JournalError, match="is not of journal"):
        archived(folder, reading)
    longer = tmp_path / "longer"
    longer.mkdir()
    write_day(longer, "2026-11-01", BEGIN, [*RECORDS, b"more"])
    with pytest.raises(JournalError, match="is not of journal"):
        archived(longer, reading)


def test_a_damaged_record_never_goes_into_it(folder: Path, filled: Path, harm: Harm) -> None:
    harm("UPDATE record SET data = x'00' WHERE number = ?", 150)
    with (
        SqliteReading(filled) as reading,
        pytest.raises(JournalCorrupt, match="record 150 is damaged"),
    ):
        archived(folder, reading)
    assert [path.name[:10] for path in folder.iterdir() if path.is_file()] == [
        "2026-11-01",
        "archive.lo",
    ]


def test_two_do_not_write_at_once(folder: Path, reading: SqliteReading) -> None:
    folder.mkdir()
    held = Ownership(folder / "archive")
    with pytest.raises(InUse):
        archived(folder, reading)
    held.release()
    assert archived(folder, reading) == [99, 199]


def test_archive_and_journal_are_one_reading(folder: Path, reading: SqliteReading) -> None:
    archived(folder, reading)
    whole = WholeReading(Archive(folder), reading, until=199)
    assert [row.data for row in whole.read(0)] == RECORDS
    assert [row.number for row in whole.read(120)] == list(range(121, 251))
    assert whole.numbers_naming(b'{"n":24') == [24, 249]
    assert [whole.checksum_of(number) for number in (0, 7, 250)] == [
        reading.checksum_of(number) for number in (0, 7, 250)
    ]
    with pytest.raises(JournalError, match="the last record is 250"):
        whole.read(251)
