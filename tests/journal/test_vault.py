"""The vault gives a caller's data to who may have it, tells of it, and forgets in time."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from queue_engine.journal.caller_seal import (
    CallerSecrets,
)
from queue_engine.journal.key_file import KeyFileError
from queue_engine.journal.ownership import InUse
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.vault import Vault
from queue_engine.journal.vault_file import VaultError
from routing.vocabulary import ContactId

ANNA = ContactId("ast1-1795282147.12")
BO = ContactId("ast1-1795282150.14")
# A test person of Skatteverket's, and a telephone number reserved for fiction.
PERSON = "191212121212"
PHONE = "0701740605"
NOON = 1_795_282_147_000


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "vault.db", tmp_path / "vault.key"


@pytest.fixture
def vault(files: tuple[Path, Path]) -> Iterator[Vault]:
    vault = Vault(*files)
    yield vault
    vault.close()


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file())


# --- nothing shows --------------------------------------------------------------------------


def test_printing_shows_nothing() -> None:
    caller = CallerSecrets(PERSON, PHONE)
    for text in (repr(caller), str(caller), f"{caller}", f"{caller!r}", repr([caller])):
        assert PERSON not in text
        assert PHONE not in text
    assert repr(CallerSecrets(None, PHONE)) == (
        "CallerSecrets(personal_number=None, phone_number=<hidden>)"
    )
    assert {field.name for field in dataclasses.fields(caller)} == {
        "personal_number",
        "phone_number",
    }, "a new field needs its place in __repr__"


def test_nothing_is_readable_on_the_disk(vault: Vault, tmp_path: Path) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault.read(ANNA, "agent7", "talk", NOON)
    found = on_disk(tmp_path)
    assert ANNA.encode() in found, "the search itself works"
    assert PERSON.encode() not in found
    assert PHONE.encode() not in found


def test_the_size_does_not_tell_what_is_known(vault: Vault) -> None:
    for contact, caller in ((ANNA, CallerSecrets(PERSON, PHONE)), (BO, CallerSecrets())):
        vault.put(contact, caller, NOON)
    sizes = vault._database.execute("SELECT DISTINCT length(sealed) FROM caller").fetchall()
    assert len(sizes) == 1


def test_equal_callers_do_not_look_alike(vault: Vault) -> None:
    for contact in (ANNA, BO):
        vault.put(contact, CallerSecrets(PERSON, PHONE), NOON)
    (first,), (second,) = vault._database.execute("SELECT sealed FROM caller").fetchall()
    assert first[12:] != second[12:]


def test_every_file_is_private(vault: Vault, tmp_path: Path) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [
        "vault.db",
        "vault.db-wal",
        "vault.db.lock",
        "vault.key",
    ]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


# --- the access log -------------------------------------------------------------------------


def test_what_cannot_be_logged_is_not_given_out(
    vault: Vault, files_up_to: Callable[[int], AbstractContextManager[None]]
) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    with files_up_to(1), pytest.raises(VaultError, match=f"cannot read contact {ANNA}"):
        vault.read(ANNA, "agent7", "talk", NOON)
    assert vault.read(ANNA, "agent7", "talk", NOON) == CallerSecrets(PERSON, PHONE)
    assert len(list(vault.access_log())) == 1


# --- forgetting -----------------------------------------------------------------------------


def test_what_is_erased_is_no_longer_on_the_disk(vault: Vault, tmp_path: Path) -> None:
    assert vault._database.execute("PRAGMA secure_delete").fetchone() == (1,)
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    (sealed,) = vault._database.execute("SELECT sealed FROM caller").fetchone()
    assert sealed[12:60] in on_disk(tmp_path)
    vault.erase(ANNA)
    assert sealed[12:60] not in on_disk(tmp_path), "neither in the file nor in its log"


def test_a_log_that_could_not_be_emptied_is_emptied_at_the_next_call(
    vault: Vault, tmp_path: Path
) -> None:
    def deny(action: int, name: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if name == "wal_checkpoint" else sqlite3.SQLITE_OK

    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    (sealed,) = vault._database.execute("SELECT sealed FROM caller").fetchone()
    vault._database.set_authorizer(deny)
    with pytest.raises(VaultError, match="cannot erase"):
        vault.erase(ANNA)
    vault._database.set_authorizer(None)
    assert sealed[12:60] in on_disk(tmp_path)
    assert vault.erase(ANNA) == 0, "it is gone from the table already"
    assert sealed[12:60] not in on_disk(tmp_path)


def test_a_crash_before_the_log_was_emptied_is_made_good_at_the_start(
    vault: Vault, files: tuple[Path, Path], tmp_path: Path
) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    (sealed,) = vault._database.execute("SELECT sealed FROM caller").fetchone()
    vault._database.execute("DELETE FROM caller")
    folder = tmp_path / "after-the-crash"
    folder.mkdir()
    for file in (files[0], files[1], files[0].with_name("vault.db-wal")):
        shutil.copy(file, folder)
    assert sealed[12:60] in on_disk(folder)
    again = Vault(folder / files[0].name, folder / files[1].name)
    assert sealed[12:60] not in on_disk(folder)
    again.close()


# --- keys, damage and owners ----------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_what_is_no_key_is_refused(files: tuple[Path, Path], content: bytes) -> None:
    Vault(*files).close()
    files[1].write_bytes(content)
    with pytest.raises(KeyFileError, match="does not hold a key of 32 bytes"):
        Vault(*files)


def test_a_key_that_is_there_is_used_for_a_new_vault(files: tuple[Path, Path]) -> None:
    Vault(*files).close()
    key = files[1].read_bytes()
    files[0].unlink()
    vault = Vault(*files)
    assert vault.created, "so that it can be told"
    vault.close()
    assert files[1].read_bytes() == key


def test_two_vaults_have_two_keys(tmp_path: Path) -> None:
    for name in "ab":
        Vault(tmp_path / f"{name}.db", tmp_path / f"{name}.key").close()
    assert (tmp_path / "a.key").read_bytes() != (tmp_path / "b.key").read_bytes()


def test_an_entry_cannot_be_passed_off_as_anothers(vault: Vault) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault.put(BO, CallerSecrets(None, None), NOON)
    vault._database.execute(
        "UPDATE caller SET sealed = (SELECT sealed FROM caller WHERE contact_id = ?)"
        " WHERE contact_id = ?",
        (ANNA, BO),
    )
    with pytest.raises(VaultError, match=f"entry of contact {BO} is damaged"):
        vault.read(BO, "agent7", "talk", NOON)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(300)])
def test_a_damaged_entry_is_told(vault: Vault, sealed: bytes) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault._database.execute("UPDATE caller SET sealed = ?", (sealed,))
    with pytest.raises(VaultError, match=f"entry of contact {ANNA} is damaged"):
        vault.read(ANNA, "agent7", "talk", NOON)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM key_proof", "UPDATE key_proof SET sealed = x''"]
)
def test_a_vault_without_its_proof_of_the_key_is_refused(
    files: tuple[Path, Path], statement: str
) -> None:
    vault = Vault(*files)
    vault._database.execute(statement)
    vault.close()
    with pytest.raises(VaultError, match="was sealed with another key"):
        Vault(*files)


def test_what_is_not_a_vault_is_refused(files: tuple[Path, Path]) -> None:
    SqliteJournal(files[0]).close()
    files[1].write_bytes(bytes(32))
    files[1].chmod(0o600)
    with pytest.raises(VaultError, match=r"vault refused: .* is some other database"):
        Vault(*files)


def test_a_second_opener_is_told(vault: Vault, files: tuple[Path, Path]) -> None:
    with pytest.raises(InUse, match="in use by process"):
        Vault(*files)


def test_another_program_that_has_it_open_is_told_of(files: tuple[Path, Path]) -> None:
    Vault(*files).close()
    with closing(sqlite3.connect(files[0])) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(VaultError, match="cannot be opened: database is locked"):
            Vault(*files)
