"""The file of an island: whole or not at all, and its damage is named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.archive_file import write_day
from queue_engine.journal.base import Snapshot
from queue_engine.journal.checksum import CHAIN_START, Row
from queue_engine.journal.island_file import (
    IslandHead,
    failed,
    mark_failed,
    mark_merged,
    read_island,
    require_writable,
    unmerged,
    write_island,
)

DAY = "2026-11-21"
STATE = Snapshot(101, b'{"a":"state\nof two lines"}')
RECORDS = (b"first", b"", b"third\n")
HEAD = IslandHead("n1-100", "n1", 100, 4_711, 1_795_000_000_000, 101, len(STATE.data))


def written(folder: Path) -> Path:
    return write_island(folder, DAY, HEAD, STATE, RECORDS)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert path.name == "2026-11-21.000000000101-000000000103.island.gz"
    assert path.stat().st_mode & 0o777 == 0o600
    file = read_island(path)
    assert (file.head, file.state) == (HEAD, STATE)
    assert [(row.number, row.data) for row in file.records()] == [
        (101, b"first"),
        (102, b""),
        (103, b"third\n"),
    ]
    assert list(tmp_path.iterdir()) == [path]


def test_two_islands_may_have_the_same_numbers(tmp_path: Path) -> None:
    first, second = written(tmp_path), written(tmp_path)
    assert second.name == "2026-11-21.000000000101-000000000103.2.island.gz"
    assert unmerged(tmp_path) == sorted([first, second])
    merged = mark_merged(first)
    assert merged.name == f"{first.name}.merged"
    assert unmerged(tmp_path) == [second]
    assert unmerged(tmp_path / "nowhere") == []
    kept = merged.read_bytes()
    first.write_bytes(b"of another node, with the same numbers")
    assert mark_merged(first).name == f"{first.name}.2.merged"
    assert merged.read_bytes() == kept, "what is there is never written over"
    assert unmerged(tmp_path) == [second]
    names = sorted(tmp_path.iterdir())
    with pytest.raises(JournalError, match="No such file"):
        mark_merged(first)  # as if another had been quicker
    assert sorted(tmp_path.iterdir()) == names


def test_one_that_was_put_aside_is_kept_and_no_more_to_be_merged(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert failed(tmp_path) == failed(tmp_path / "nowhere") == []
    kept = path.read_bytes()
    aside = mark_failed(path)
    assert (aside.name, aside.read_bytes()) == (f"{path.name}.failed", kept)
    assert failed(tmp_path) == [aside]
    assert unmerged(tmp_path) == []


def test_all_damage_is_found_and_told_with_the_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = gzip.decompress(path.read_bytes())
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0x20
        path.write_bytes(gzip.compress(bytes(damaged)))
        with pytest.raises(JournalCorrupt, match=path.name):
            list(read_island(path).records())
    for length in range(len(whole)):
        path.write_bytes(gzip.compress(whole[:length]))
        with pytest.raises(JournalCorrupt, match=path.name):
            list(read_island(path).records())


@pytest.mark.parametrize("length", [0, 1, 20, -1])
def test_a_file_that_was_cut_short_is_damaged(tmp_path: Path, length: int) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(JournalCorrupt, match=path.name):
        list(read_island(path).records())


def test_what_is_no_such_file_is_told_so(tmp_path: Path) -> None:
    day, _ = write_day(tmp_path, DAY, Row(100, CHAIN_START, b""), RECORDS)
    with pytest.raises(JournalCorrupt, match=r"records\.gz is no file of an island's records"):
        read_island(day.path)
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    with pytest.raises(JournalCorrupt, match=r"notes\.txt is damaged"):
        read_island(text)
    with pytest.raises(JournalError, match="No such file"):
        read_island(tmp_path / "nothing")


def test_where_nothing_can_be_written_it_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(JournalError, match="Not a directory"):
        require_writable(blocked / "folder")
    with pytest.raises(JournalError, match="Not a directory"):
        write_island(blocked, DAY, HEAD, STATE, RECORDS)
