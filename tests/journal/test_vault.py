"""The vault gives a caller's data to who may have it, tells of it, and forgets in time."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from queue_engine.journal.key_file import KeyFileError
from queue_engine.journal.ownership import InUse
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.vault import (
    FIELD_CHARACTERS_MAX,
    KEPT_AFTER_END_MS,
    KEPT_AT_MOST_MS,
    Access,
    CallerSecrets,
    Vault,
)
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


@pytest.mark.parametrize(
    "caller",
    [
        CallerSecrets(PERSON, PHONE),
        CallerSecrets(None, PHONE),
        CallerSecrets(PERSON, None),
        CallerSecrets(),
        CallerSecrets('"\\' * (FIELD_CHARACTERS_MAX // 2), "+46 (0)70-174 06 05"),
    ],
)
def test_what_is_put_in_can_be_read(vault: Vault, caller: CallerSecrets) -> None:
    vault.put(ANNA, caller, NOON)
    assert vault.read(ANNA, "agent7", "talk", NOON) == caller


def test_the_later_knowledge_takes_the_place_of_the_former(vault: Vault) -> None:
    vault.put(ANNA, CallerSecrets(None, PHONE), NOON)
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON + 5)
    assert vault.read(ANNA, "agent7", "talk", NOON) == CallerSecrets(PERSON, PHONE)


def test_it_outlives_its_process(files: tuple[Path, Path]) -> None:
    vault = Vault(*files)
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault.close()
    again = Vault(*files)
    assert not again.created
    assert again.read(ANNA, "agent7", "talk", NOON) == CallerSecrets(PERSON, PHONE)
    again.close()


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


@pytest.mark.parametrize("number", ["1" * 65, "070\n174", "070–174", "\udcff", "0701\x00"])
def test_what_cannot_be_a_number_is_refused_without_being_shown(vault: Vault, number: str) -> None:
    with pytest.raises(VaultError, match=f"phone number of contact {ANNA}") as caught:
        vault.put(ANNA, CallerSecrets(None, number), NOON)
    assert number not in str(caught.value)
    assert vault.read(ANNA, "agent7", "talk", NOON) is None


# --- the access log -------------------------------------------------------------------------


def test_each_reading_is_logged(vault: Vault, files: tuple[Path, Path]) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault.read(ANNA, "agent7", "talk", NOON + 1)
    vault.read(BO, "agent8", "callback", NOON + 2)
    expected = [
        Access(1, NOON + 1, ANNA, "agent7", "talk", found=True),
        Access(2, NOON + 2, BO, "agent8", "callback", found=False),
    ]
    assert list(vault.access_log()) == expected
    vault.erase(ANNA)
    vault.close()
    again = Vault(*files)
    assert list(again.access_log()) == expected, "it outlives the data and the process"
    assert list(again.access_log(after=1)) == expected[1:]
    again.close()


def test_a_long_log_comes_in_order(vault: Vault) -> None:
    for number in range(600):
        vault.read(BO, "agent8", "talk", NOON + number)
    assert [access.at_ms for access in vault.access_log()] == [NOON + n for n in range(600)]


def test_what_cannot_be_logged_is_not_given_out(
    vault: Vault, files_up_to: Callable[[int], AbstractContextManager[None]]
) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    with files_up_to(1), pytest.raises(VaultError, match=f"cannot read contact {ANNA}"):
        vault.read(ANNA, "agent7", "talk", NOON)
    assert vault.read(ANNA, "agent7", "talk", NOON) == CallerSecrets(PERSON, PHONE)
    assert len(list(vault.access_log())) == 1


# --- forgetting -----------------------------------------------------------------------------


def known(vault: Vault, contact: ContactId) -> bool:
    return vault.read(contact, "test", "test", NOON) is not None


def test_an_ended_contact_is_forgotten_two_hours_later(vault: Vault) -> None:
    for contact in (ANNA, BO):
        vault.put(contact, CallerSecrets(PERSON, PHONE), NOON)
    vault.mark_ended(ANNA, NOON + 10)
    assert vault.erase_due(NOON + 10 + KEPT_AFTER_END_MS - 1) == 0
    assert known(vault, ANNA)
    assert vault.erase_due(NOON + 10 + KEPT_AFTER_END_MS) == 1
    assert not known(vault, ANNA)
    assert known(vault, BO)


def test_the_first_end_counts(vault: Vault) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault.mark_ended(ANNA, NOON)
    vault.mark_ended(ANNA, NOON + 99_999)
    assert vault.erase_due(NOON + KEPT_AFTER_END_MS) == 1


def test_who_comes_back_is_kept_again(vault: Vault) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault.mark_ended(ANNA, NOON)
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON + 1)
    assert vault.erase_due(NOON + KEPT_AFTER_END_MS) == 0


def test_an_end_that_nobody_told_us_does_not_keep_for_ever(vault: Vault) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    assert vault.erase_due(NOON + KEPT_AT_MOST_MS - 1) == 0
    assert vault.erase_due(NOON + KEPT_AT_MOST_MS) == 1


def test_erasing_by_name_and_by_time(vault: Vault) -> None:
    for contact in (ANNA, BO):
        vault.put(contact, CallerSecrets(PERSON, PHONE), NOON)
    assert vault.erase(ANNA) == 1
    assert vault.erase(ANNA) == 0
    vault.mark_ended(BO, NOON + 50)
    assert vault.erase_ended_before(NOON + 50) == 0
    assert vault.erase_ended_before(NOON + 51) == 1


def test_an_end_of_somebody_unknown_is_no_error(vault: Vault) -> None:
    vault.mark_ended(ANNA, NOON)


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


def test_a_vault_without_its_key_is_refused(files: tuple[Path, Path]) -> None:
    Vault(*files).close()
    files[1].unlink()
    with pytest.raises(KeyFileError, match=r"vault.key cannot be read: No such file"):
        Vault(*files)
    assert not files[1].exists(), "no new key is made over old data"


def test_another_key_is_refused(files: tuple[Path, Path]) -> None:
    Vault(*files).close()
    files[1].write_bytes(bytes(32))
    with pytest.raises(VaultError, match="was sealed with another key"):
        Vault(*files)


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_what_is_no_key_is_refused(files: tuple[Path, Path], content: bytes) -> None:
    Vault(*files).close()
    files[1].write_bytes(content)
    with pytest.raises(KeyFileError, match="does not hold a key of 32 bytes"):
        Vault(*files)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_an_exposed_key_is_refused(files: tuple[Path, Path], mode: int) -> None:
    Vault(*files).close()
    files[1].chmod(mode)
    with pytest.raises(KeyFileError, match="can be read by others; its mode should be 0600"):
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


def test_a_closed_vault_does_nothing(vault: Vault) -> None:
    vault.close()
    vault.close()
    calls: list[Callable[[], object]] = [
        lambda: vault.put(ANNA, CallerSecrets(), NOON),
        lambda: vault.read(ANNA, "agent7", "talk", NOON),
        lambda: vault.mark_ended(ANNA, NOON),
        lambda: vault.erase(ANNA),
        lambda: vault.erase_due(NOON),
        lambda: list(vault.access_log()),
    ]
    for call in calls:
        with pytest.raises(VaultError, match="is closed"):
            call()
