"""The vault and the keys that several nodes share: who may read, what is there, what goes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from queue_engine.journal.caller_seal import (
    KEPT_AFTER_END_MS,
    KEPT_AT_MOST_MS,
    CallerSecrets,
    Seal,
)
from queue_engine.journal.key_file import KeyFileError
from queue_engine.journal.lookup_keys import DAY_MS, LOOKUP_MS
from queue_engine.journal.redis_lookup_keys import RedisLookupKeys
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.redis_vault import RedisVault, VaultUnreachable
from queue_engine.journal.vault_file import VaultError
from tests.journal.test_lookup_keys import MIDNIGHT
from tests.journal.test_vault import ANNA, BO, NOON, PERSON, PHONE
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

CALLER = CallerSecrets(PERSON, PHONE)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "vault.key"


@pytest.fixture
def vault(server: RedisServer, key: Path) -> Iterator[RedisVault]:
    vault = RedisVault(server.place(), key)
    yield vault
    vault.close()


def test_what_one_node_took_in_another_reads_and_both_are_in_the_log(
    server: RedisServer, vault: RedisVault, key: Path, tmp_path: Path
) -> None:
    vault.put(ANNA, CALLER, NOON)
    with pytest.raises(KeyFileError, match="cannot be read"):
        RedisVault(server.place(), tmp_path / "none.key")
    assert not (tmp_path / "none.key").exists(), "no key is made for what has one"
    own = Path(shutil.copy(key, tmp_path / "b.key"))
    other = RedisVault(server.place(), own)
    assert other.read(ANNA, "agent7", "talk", NOON) == CALLER
    assert vault.read(ANNA, "agent8", "talk", NOON) == CALLER
    assert [access.reader for access in other.access_log()] == ["agent7", "agent8"]
    other.close()


def test_of_two_nodes_that_begin_it_one_is_told_that_its_key_is_another(
    server: RedisServer, vault: RedisVault, tmp_path: Path
) -> None:
    other = tmp_path / "other.key"
    other.write_bytes(bytes(32))
    other.chmod(0o600)
    with pytest.raises(VaultError, match=r"was sealed with another key than that of .*other\.key"):
        RedisVault(server.place(), other)


def test_of_those_who_begin_it_at_once_on_one_machine_one_makes_the_key(
    server: RedisServer, tmp_path: Path
) -> None:
    for number in range(20):
        place, key = server.place(f"s{number}"), tmp_path / f"{number}.key"
        both = Barrier(4)

        def begin(place: RedisPlace = place, key: Path = key, both: Barrier = both) -> None:
            both.wait(10)
            RedisVault(place, key).close()

        with ThreadPoolExecutor(4) as threads:
            for done in [threads.submit(begin) for _ in range(4)]:
                done.result()
    assert sorted(tmp_path.glob("*.new")) == []


def test_nothing_is_readable_in_redis(server: RedisServer, vault: RedisVault, key: Path) -> None:
    vault.put(ANNA, CALLER, NOON)
    vault.read(ANNA, "agent7", "talk", NOON)
    keys = RedisLookupKeys(server.place(), vault.seal)
    keys.hash_today("phone", PHONE, MIDNIGHT)
    written = b"".join(path.read_bytes() for path in server.folder.glob("appendonlydir/*"))
    assert ANNA.encode() in written, "the search itself works"
    opened = keys.opened_keys(MIDNIGHT).values()
    for hidden in (PERSON.encode(), PHONE.encode(), key.read_bytes(), *opened):
        assert hidden not in written
    keys.close()


def test_an_entry_goes_by_itself_if_no_engine_is_there(
    server: RedisServer, vault: RedisVault
) -> None:
    vault.put(ANNA, CALLER, NOON)
    with server.client() as client:
        entry = server.place().key(f"vault:c:{ANNA}")
        assert KEPT_AT_MOST_MS - 60_000 < client.pttl(entry) <= KEPT_AT_MOST_MS
        vault.mark_ended(ANNA, NOON)
        assert KEPT_AFTER_END_MS - 60_000 < client.pttl(entry) <= KEPT_AFTER_END_MS
        client.pexpire(entry, 1_000)
        vault.mark_ended(ANNA, NOON)
        assert client.pttl(entry) <= 1_000, "the end never prolongs"
        vault.mark_alive(ANNA, NOON + 60_000)
        assert KEPT_AT_MOST_MS - 120_000 < client.pttl(entry) <= KEPT_AT_MOST_MS - 60_000
        client.delete(entry)
    assert vault.read(ANNA, "agent7", "talk", NOON) is None
    assert vault.erase_due(NOON + KEPT_AT_MOST_MS) == 0
    assert list(vault.sealed_callers()) == []


def test_an_entry_cannot_be_passed_off_as_anothers(server: RedisServer, vault: RedisVault) -> None:
    vault.put(ANNA, CALLER, NOON)
    vault.put(BO, CallerSecrets(), NOON)
    with server.client() as client:
        client.copy(*(server.place().key(f"vault:c:{who}") for who in (ANNA, BO)), replace=True)
    with pytest.raises(VaultError, match=f"entry of contact {BO} is damaged"):
        vault.read(BO, "agent7", "talk", NOON)


def test_one_that_was_emptied_is_gone_on_with_under_the_same_key(
    server: RedisServer, vault: RedisVault, tmp_path: Path
) -> None:
    with server.client() as client:
        client.flushall()
        vault.put(ANNA, CALLER, NOON)
        other = tmp_path / "other.key"
        other.write_bytes(bytes(32))
        other.chmod(0o600)
        with pytest.raises(VaultError, match="another key"):
            RedisVault(server.place(), other)
        client.flushall()
        RedisVault(server.place(), other).close()
    with pytest.raises(VaultError, match="begun anew with another key"):
        vault.put(BO, CALLER, NOON)


def test_while_redis_is_away_it_says_so_and_goes_on_after(
    server: RedisServer, vault: RedisVault, key: Path
) -> None:
    keys = RedisLookupKeys(server.place(), vault.seal)
    first = keys.hash_today("phone", PHONE, MIDNIGHT)
    server.kill()
    with pytest.raises(VaultUnreachable, match=f"cannot keep contact {ANNA}"):
        vault.put(ANNA, CALLER, NOON)
    with pytest.raises(VaultUnreachable):
        keys.hash_today("phone", PHONE, MIDNIGHT)
    with pytest.raises(VaultUnreachable, match="cannot be opened"):
        RedisVault(server.place(), key)
    server.start()
    vault.put(ANNA, CALLER, NOON)
    assert keys.hash_today("phone", PHONE, MIDNIGHT) == first
    keys.close()


def test_all_nodes_have_one_key_a_day_and_it_goes_by_itself(server: RedisServer) -> None:
    nodes = [RedisLookupKeys(server.place(), Seal(bytes(32))) for _ in range(2)]
    kept = nodes[0].hash_today("phone", PHONE, MIDNIGHT)
    assert nodes[1].hash_today("phone", PHONE, MIDNIGHT) == kept
    tomorrow = nodes[1].hash_today("phone", PHONE, MIDNIGHT + DAY_MS)
    assert nodes[0].hashes("phone", PHONE, MIDNIGHT + DAY_MS) == (tomorrow, kept)
    with server.client() as client:
        left_ms = client.pttl(server.place().key(f"lookup:{kept.day}"))
        assert DAY_MS + LOOKUP_MS - 60_000 < left_ms <= DAY_MS + LOOKUP_MS
        client.flushall()
    assert nodes[0].hash_today("phone", PHONE, MIDNIGHT) == kept, "given again by who knew it"
    assert nodes[1].hash_today("phone", PHONE, MIDNIGHT) == kept
    stranger = RedisLookupKeys(replace(server.place()), Seal(bytes(31) + b"x"))
    with pytest.raises(VaultError, match="sealed with another key"):
        stranger.hashes("phone", PHONE, MIDNIGHT)
    for each in (*nodes, stranger):
        each.close()
