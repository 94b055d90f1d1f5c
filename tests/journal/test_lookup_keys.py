"""Daily keys: the same caller is found for 96 hours, and then nobody can find him any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_engine.journal.key_file import KeyFileError
from queue_engine.journal.lookup_keys import DAY_MS, LOOKUP_MS, LookupHash, LookupKeys
from queue_engine.journal.ownership import InUse

PHONE = "0701740605"
MIDNIGHT = 20_778 * DAY_MS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keys(folder: Path) -> Iterator[LookupKeys]:
    keys = LookupKeys(folder, MIDNIGHT)
    yield keys
    keys.close()


def key_files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_other_folders_have_other_hashes(tmp_path: Path) -> None:
    digests = set()
    for name in ("a", "b"):
        keys = LookupKeys(tmp_path / name, MIDNIGHT)
        digests.add(keys.hash_today("phone", PHONE, MIDNIGHT).digest)
        keys.close()
    assert len(digests) == 2


def test_after_96_hours_nobody_finds_it(keys: LookupKeys, folder: Path) -> None:
    kept = keys.hash_today("phone", PHONE, MIDNIGHT)
    over = MIDNIGHT + DAY_MS + LOOKUP_MS
    assert kept in keys.hashes("phone", PHONE, over - 1)
    assert keys.hashes("phone", PHONE, over) == ()
    assert key_files(folder) == []
    again = keys.hash_today("phone", PHONE, MIDNIGHT)
    assert again != kept, "a key that is destroyed never comes back"


def test_hashes_come_newest_first_and_make_no_key(keys: LookupKeys, folder: Path) -> None:
    assert keys.hashes("phone", PHONE, MIDNIGHT) == ()
    made = [keys.hash_today("phone", PHONE, MIDNIGHT + day * DAY_MS) for day in range(3)]
    assert keys.hashes("phone", PHONE, MIDNIGHT + 3 * DAY_MS) == tuple(reversed(made))
    assert len(key_files(folder)) == 3


def test_there_are_never_more_than_six_keys(keys: LookupKeys, folder: Path) -> None:
    for hour in range(24 * 20):
        keys.hash_today("phone", PHONE, MIDNIGHT + hour * DAY_MS // 24)
        assert len(key_files(folder)) <= 6


def test_keys_outlive_the_process_and_no_longer_than_they_may(folder: Path) -> None:
    keys = LookupKeys(folder, MIDNIGHT)
    kept = keys.hash_today("phone", PHONE, MIDNIGHT)
    keys.close()
    again = LookupKeys(folder, MIDNIGHT + DAY_MS)
    assert again.hashes("phone", PHONE, MIDNIGHT + DAY_MS) == (kept,)
    again.close()
    LookupKeys(folder, MIDNIGHT + DAY_MS + LOOKUP_MS).close()
    assert key_files(folder) == []


def test_a_damaged_key_that_is_due_is_destroyed_all_the_same(folder: Path) -> None:
    folder.mkdir()
    (folder / "day-20778.key").write_bytes(b"short")
    LookupKeys(folder, MIDNIGHT + 30 * DAY_MS).close()
    assert key_files(folder) == []


def test_a_damaged_key_that_is_needed_is_an_error(folder: Path) -> None:
    folder.mkdir()
    (folder / "day-20778.key").write_bytes(b"short")
    (folder / "day-20778.key").chmod(0o600)
    with pytest.raises(KeyFileError, match=r"day-20778.key does not hold a key"):
        LookupKeys(folder, MIDNIGHT)
    (folder / "day-20778.key").unlink()
    LookupKeys(folder, MIDNIGHT).close()


def test_a_key_that_somebody_removed_is_no_obstacle(keys: LookupKeys, folder: Path) -> None:
    keys.hash_today("phone", PHONE, MIDNIGHT)
    (folder / "day-20778.key").unlink()
    assert keys.destroy_due(MIDNIGHT + DAY_MS + LOOKUP_MS) == 1
    assert keys.hashes("phone", PHONE, MIDNIGHT + DAY_MS + LOOKUP_MS) == ()


def test_a_destroyed_key_is_overwritten(keys: LookupKeys, folder: Path) -> None:
    keys.hash_today("phone", PHONE, MIDNIGHT)
    other_name = folder / "the-same-blocks"
    other_name.hardlink_to(folder / "day-20778.key")
    assert other_name.read_bytes() != bytes(32)
    keys.destroy_due(MIDNIGHT + DAY_MS + LOOKUP_MS)
    assert other_name.read_bytes() == bytes(32)


def test_files_and_folder_are_private(keys: LookupKeys, folder: Path) -> None:
    keys.hash_today("phone", PHONE, MIDNIGHT)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_other_files_are_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    LookupKeys(folder, MIDNIGHT + 30 * DAY_MS).close()
    assert key_files(folder) == ["notes.txt"]


def test_a_second_process_is_told(keys: LookupKeys, folder: Path) -> None:
    with pytest.raises(InUse, match="keys is in use"):
        LookupKeys(folder, MIDNIGHT)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be made: No such file"):
        LookupKeys(tmp_path / "mistyped" / "keys", MIDNIGHT)


def test_a_hash_is_plain_data() -> None:
    assert LookupHash(1, "ab") == LookupHash(1, "ab")
