"""What a vault promises, in a file or in Redis: the same to whoever keeps callers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from queue_engine.journal.caller_seal import (
    FIELD_CHARACTERS_MAX,
    KEPT_AFTER_END_MS,
    KEPT_AT_MOST_MS,
    Access,
    CallerSecrets,
)
from queue_engine.journal.key_file import KeyFileError
from queue_engine.journal.redis_vault import RedisVault
from queue_engine.journal.vault import Vault
from queue_engine.journal.vault_file import VaultError
from routing.vocabulary import ContactId
from tests.journal.test_vault import ANNA, BO, NOON, PERSON, PHONE
from tests.redis_places import Cluster
from tests.redis_server import RedisServer

AnyVault = Vault | RedisVault
OpenVault = Callable[[], AnyVault]
_KINDS = ["file", *(pytest.param(kind, marks=pytest.mark.redis) for kind in ("redis", "cluster"))]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "vault.key"


@pytest.fixture(params=_KINDS)
def open_vault(request: pytest.FixtureRequest, tmp_path: Path, key: Path) -> OpenVault:
    """Opens, again and again, the same vault."""
    if request.param == "file":
        return lambda: Vault(tmp_path / "vault.db", key)
    name = "redis_server" if request.param == "redis" else "redis_cluster"
    server: RedisServer | Cluster = request.getfixturevalue(name)
    place = server.place(tmp_path.name)
    return lambda: RedisVault(place, key)


@pytest.fixture
def vault(open_vault: OpenVault) -> Iterator[AnyVault]:
    vault = open_vault()
    yield vault
    vault.close()


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
def test_what_is_put_in_can_be_read(vault: AnyVault, caller: CallerSecrets) -> None:
    vault.put(ANNA, caller, NOON)
    assert vault.read(ANNA, "agent7", "talk", NOON) == caller


def test_the_later_knowledge_takes_the_place_of_the_former(vault: AnyVault) -> None:
    vault.put(ANNA, CallerSecrets(None, PHONE), NOON)
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON + 5)
    assert vault.read(ANNA, "agent7", "talk", NOON) == CallerSecrets(PERSON, PHONE)


def test_it_outlives_its_process(open_vault: OpenVault) -> None:
    vault = open_vault()
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault.close()
    again = open_vault()
    assert not again.created
    assert again.read(ANNA, "agent7", "talk", NOON) == CallerSecrets(PERSON, PHONE)
    again.close()


@pytest.mark.parametrize("number", ["1" * 65, "070\n174", "070–174", "\udcff", "0701\x00"])
def test_what_cannot_be_a_number_is_refused_without_being_shown(
    vault: AnyVault, number: str
) -> None:
    with pytest.raises(VaultError, match=f"phone number of contact {ANNA}") as caught:
        vault.put(ANNA, CallerSecrets(None, number), NOON)
    assert number not in str(caught.value)
    assert vault.read(ANNA, "agent7", "talk", NOON) is None


def test_each_reading_is_logged(vault: AnyVault, open_vault: OpenVault) -> None:
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
    again = open_vault()
    assert list(again.access_log()) == expected, "it outlives the data and the process"
    assert list(again.access_log(after=1)) == expected[1:]
    again.close()


def test_a_long_log_comes_in_order(vault: AnyVault) -> None:
    for number in range(600):
        vault.read(BO, "agent8", "talk", NOON + number)
    assert [access.at_ms for access in vault.access_log()] == [NOON + n for n in range(600)]


def known(vault: AnyVault, contact: ContactId) -> bool:
    return vault.read(contact, "test", "test", NOON) is not None


def test_an_ended_contact_is_forgotten_two_hours_later(vault: AnyVault) -> None:
    for contact in (ANNA, BO):
        vault.put(contact, CallerSecrets(PERSON, PHONE), NOON)
    vault.mark_ended(ANNA, NOON + 10)
    assert vault.erase_due(NOON + 10 + KEPT_AFTER_END_MS - 1) == 0
    assert known(vault, ANNA)
    assert vault.erase_due(NOON + 10 + KEPT_AFTER_END_MS) == 1
    assert not known(vault, ANNA)
    assert known(vault, BO)


def test_the_first_end_counts(vault: AnyVault) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault.mark_ended(ANNA, NOON)
    vault.mark_ended(ANNA, NOON + 99_999)
    assert vault.erase_due(NOON + KEPT_AFTER_END_MS) == 1


def test_who_comes_back_is_kept_again(vault: AnyVault) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    vault.mark_ended(ANNA, NOON)
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON + 1)
    assert vault.erase_due(NOON + KEPT_AFTER_END_MS) == 0


def test_an_end_that_was_none_is_forgotten(vault: AnyVault) -> None:
    for contact in (ANNA, BO):
        vault.put(contact, CallerSecrets(PERSON, PHONE), NOON)
        vault.mark_ended(contact, NOON + 10)
    vault.mark_alive(ANNA, NOON + 20)
    vault.mark_alive(ANNA, NOON + 20)
    vault.mark_alive(BO, NOON + 9)
    assert vault.erase_due(NOON + 10 + KEPT_AFTER_END_MS) == 1
    assert known(vault, ANNA)
    assert not known(vault, BO), "it ended later than it was seen"
    vault.mark_ended(ANNA, NOON + 30)
    assert vault.erase_due(NOON + 30 + KEPT_AFTER_END_MS) == 1


def test_whom_the_vault_does_not_know_it_is_told_of_in_vain(vault: AnyVault) -> None:
    vault.mark_ended(ANNA, NOON)
    vault.mark_alive(ANNA, NOON)
    assert vault.erase_due(NOON + KEPT_AT_MOST_MS) == 0
    assert not known(vault, ANNA)


def test_an_end_that_nobody_told_us_does_not_keep_for_ever(vault: AnyVault) -> None:
    vault.put(ANNA, CallerSecrets(PERSON, PHONE), NOON)
    assert vault.erase_due(NOON + KEPT_AT_MOST_MS - 1) == 0
    assert vault.erase_due(NOON + KEPT_AT_MOST_MS) == 1


def test_erasing_by_name_and_by_time(vault: AnyVault) -> None:
    for contact in (ANNA, BO):
        vault.put(contact, CallerSecrets(PERSON, PHONE), NOON)
    assert vault.erase(ANNA) == 1
    assert vault.erase(ANNA) == 0
    vault.mark_ended(BO, NOON + 50)
    assert vault.erase_ended_before(NOON + 50) == 0
    assert vault.erase_ended_before(NOON + 51) == 1


def test_an_end_of_somebody_unknown_is_no_error(vault: AnyVault) -> None:
    vault.mark_ended(ANNA, NOON)


def test_a_vault_without_its_key_is_refused(open_vault: OpenVault, key: Path) -> None:
    open_vault().close()
    key.unlink()
    with pytest.raises(KeyFileError, match=r"vault.key cannot be read: No such file"):
        open_vault()
    assert not key.exists(), "no new key is made over old data"


def test_another_key_is_refused(open_vault: OpenVault, key: Path) -> None:
    open_vault().close()
    key.write_bytes(bytes(32))
    with pytest.raises(VaultError, match="was sealed with another key"):
        open_vault()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_an_exposed_key_is_refused(open_vault: OpenVault, key: Path, mode: int) -> None:
    open_vault().close()
    key.chmod(mode)
    with pytest.raises(KeyFileError, match="can be read by others; its mode should be 0600"):
        open_vault()


def test_a_closed_vault_does_nothing(vault: AnyVault) -> None:
    vault.close()
    vault.close()
    calls: list[Callable[[], object]] = [
        lambda: vault.put(ANNA, CallerSecrets(), NOON),
        lambda: vault.read(ANNA, "agent7", "talk", NOON),
        lambda: vault.mark_ended(ANNA, NOON),
        lambda: vault.mark_alive(ANNA, NOON),
        lambda: vault.erase(ANNA),
        lambda: vault.erase_due(NOON),
        lambda: list(vault.access_log()),
    ]
    for call in calls:
        with pytest.raises(VaultError, match="is closed"):
            call()
