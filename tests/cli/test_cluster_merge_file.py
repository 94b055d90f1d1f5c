"""What `samko cluster merge` gives to the engine is where it looks, and can be read there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from queue_engine.cli.cluster_merge import _give, _wait
from queue_engine.core.errors import SamkoError
from queue_engine.journal.island_file import failed, unmerged

NAME = "2026-11-21.000000000003-000000000092"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    return tmp_path / "var" / "unjournaled"


@pytest.mark.parametrize("called", ["island-of-n3", f"{NAME}.island.gz", "n3.gz"])
def test_it_is_taken_whatever_it_was_called_on_its_way(
    tmp_path: Path, folder: Path, called: str
) -> None:
    path = tmp_path / called
    path.write_bytes(b"records")
    given = _give(path, folder)
    assert unmerged(folder) == [given]
    assert (given.read_bytes(), given.stat().st_mode & 0o777) == (b"records", 0o600)
    assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(SamkoError, match="is there already"):
        _give(path, folder)
    assert _give(given, folder) == given


def test_one_that_was_merged_into_a_journal_of_before_is_told_again(folder: Path) -> None:
    """After `samko restore` the journal may not know of it."""
    folder.mkdir()
    merged = folder / f"{NAME}.island.gz.merged"
    merged.write_bytes(b"records")
    given = _give(merged, folder)
    assert unmerged(folder) == [given]
    assert merged.exists()


def test_one_at_which_whoever_decided_failed_is_taken_up_again(folder: Path) -> None:
    folder.mkdir()
    aside = folder / f"{NAME}.island.gz.failed"
    aside.write_bytes(b"records")
    given = _give(aside, folder)
    assert unmerged(folder) == [given]
    assert given.read_bytes() == b"records"
    assert failed(folder) == []
    aside.write_bytes(b"records")
    with pytest.raises(SamkoError, match="is there already"):
        _give(aside, folder)
    assert aside.exists()
    given.unlink()
    assert not _wait(given, frozenset()), "it failed again"


def test_a_copy_of_one_that_was_put_aside_before_may_be_merged(
    tmp_path: Path, folder: Path
) -> None:
    folder.mkdir()
    aside = folder / f"{NAME}.island.gz.failed"
    copy = tmp_path / aside.name
    for path in (aside, copy):
        path.write_bytes(b"records")
    given, known = _give(copy, folder), frozenset(failed(folder))
    given.rename(given.with_name(f"{given.name}.merged"))  # as the engine does
    assert _wait(given, known)
    assert aside.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_gives_is_the_engines(tmp_path: Path, folder: Path) -> None:
    os.chown(folder.parent, 4_321, 4_322)
    path = tmp_path / f"{NAME}.island.gz"
    path.write_bytes(b"records")
    for found in (_give(path, folder), folder):
        assert (found.stat().st_uid, found.stat().st_gid) == (4_321, 4_322)
