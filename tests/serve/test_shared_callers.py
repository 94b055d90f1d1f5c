"""Callers' data and keys that nodes share: a fault of Redis or of a key file costs nobody more."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine.config.engine_file import EngineSettings, read_settings
from queue_engine.config.source import Faults
from queue_engine.core.errors import SamkoError
from queue_engine.journal.caller_seal import KEPT_AFTER_END_MS, CallerSecrets
from queue_engine.journal.lookup_keys import DAY_MS
from queue_engine.journal.redis_vault import RedisVault
from queue_engine.journal.vault_file import VaultError
from queue_engine.serve import shared_callers
from queue_engine.serve.caller_keys import CallerKeys
from queue_engine.serve.caller_vault import CallerVault
from queue_engine.serve.shared_callers import open_keys, open_vault
from routing.vocabulary import ContactId
from tests.redis_server import RedisServer

CALL = ContactId("ast1-1795290000.1")
NUMBER = "+46701740605"
NOW_MS = 20_000 * DAY_MS


@pytest.fixture
def server(tmp_path: Path) -> RedisServer:
    folder = tmp_path / "redis"
    folder.mkdir()
    return RedisServer(folder)


@pytest.fixture
def settings(
    tmp_path: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> EngineSettings:
    """Of one node."""
    monkeypatch.setattr(shared_callers, "PAUSE_S", 0.0)
    config = tmp_path / "config"
    config.mkdir()
    (config / "samko.yaml").write_text(f"redis: {{port: {server.port}}}\n")
    settings = replace(read_settings(Faults(), config), var_dir=tmp_path / "a")
    settings.var_dir.mkdir()
    return settings


def another(settings: EngineSettings, key: bytes | None) -> EngineSettings:
    """Another node, with this key."""
    other = replace(settings, var_dir=settings.var_dir.with_name("b"))
    other.var_dir.mkdir()
    if key is not None:
        (other.var_dir / "vault.key").write_bytes(key)
        (other.var_dir / "vault.key").chmod(0o600)
    return other


@pytest.mark.redis
async def test_who_was_taken_in_by_one_node_is_known_at_the_other(
    settings: EngineSettings, server: RedisServer
) -> None:
    with server:
        first = CallerVault(open_vault(settings), lambda: NOW_MS)
        keys = CallerKeys(open_keys(settings, NOW_MS), lambda: NOW_MS)
        await first.keep(CALL, None, NUMBER)
        known = await keys.of(CALL, NUMBER)
        other = another(settings, (settings.var_dir / "vault.key").read_bytes())
        keys_there = CallerKeys(open_keys(other, NOW_MS), lambda: NOW_MS)
        assert await keys_there.of(ContactId("ast2-1.1"), NUMBER) == known
        vault = RedisVault(server.place(), other.var_dir / "vault.key")
        assert vault.read(CALL, "nurse7", "talk", NOW_MS) == CallerSecrets(None, NUMBER)
        vault.close()
        for each in (first, keys, keys_there):
            await each.close()


@pytest.mark.redis
@pytest.mark.parametrize(
    ("key", "message"),
    [(bytes(32), "was sealed with another key"), (None, "vault.key cannot be read")],
)
async def test_a_node_whose_key_does_not_fit_says_so_and_keeps_nothing(
    settings: EngineSettings,
    server: RedisServer,
    caplog: pytest.LogCaptureFixture,
    key: bytes | None,
    message: str,
) -> None:
    with server:
        RedisVault(server.place(), settings.var_dir / "vault.key").close()
        other = another(settings, key)
        vault = CallerVault(open_vault(other), lambda: NOW_MS)
        keys = CallerKeys(open_keys(other, NOW_MS), lambda: NOW_MS)
        for _ in range(2):
            with pytest.raises(VaultError, match=message):
                await vault.keep(CALL, None, NUMBER)
        with pytest.raises(SamkoError, match=message):
            await keys.of(CALL, NUMBER)
        assert (vault.not_kept, keys.not_known) == (2, 1)
        told = [one for one in caplog.records if one.levelno == logging.CRITICAL]
        assert len(told) == 2, "once for each of both, not with each caller"
        assert all(message in one.message for one in told)
        assert all("copy vault.key from a node" in one.message for one in told)
        path = other.var_dir / "vault.key"
        path.unlink(missing_ok=True)
        path.write_bytes((settings.var_dir / "vault.key").read_bytes())
        path.chmod(0o600)
        await vault.keep(CALL, None, NUMBER)  # the operator has put it there
        await keys.of(CALL, NUMBER)
        assert [one.message for one in caplog.records[-2:]] == [
            "the vault: in use again",
            "the keys of the days: in use again",
        ]
        await vault.close()
        await keys.close()


@pytest.mark.redis
async def test_what_redis_could_not_be_told_of_an_end_it_is_told_when_it_is_back(
    settings: EngineSettings, server: RedisServer
) -> None:
    vault = CallerVault(open_vault(settings), lambda: NOW_MS)
    with pytest.raises(VaultError, match="cannot be opened"):
        await vault.keep(CALL, None, NUMBER)
    with server:
        await vault.keep(CALL, None, NUMBER)
        server.kill()
        await vault.mark_ended(CALL, NOW_MS)
        server.start()
        await vault.erase_due()
        found = RedisVault(server.place(), settings.var_dir / "vault.key")
        assert found.erase_due(NOW_MS + KEPT_AFTER_END_MS - 1) == 0
        assert found.erase_due(NOW_MS + KEPT_AFTER_END_MS) == 1
        found.close()
        await vault.close()


@pytest.mark.redis
async def test_what_is_out_of_reach_is_not_asked_with_each_caller(
    settings: EngineSettings, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_callers, "PAUSE_S", 60.0)
    opened: list[object] = []
    vault = shared_callers._SharedVault(
        lambda: opened.append(1) or RedisVault(server.place(), settings.var_dir / "vault.key")  # type: ignore[func-returns-value]
    )
    for _ in range(3):
        with pytest.raises(VaultError, match="cannot be opened"):
            vault.put(CALL, CallerSecrets(None, NUMBER), NOW_MS)
    assert len(opened) == 1


def test_callers_of_before_redis_are_not_left_unseen(
    settings: EngineSettings, caplog: pytest.LogCaptureFixture
) -> None:
    open_vault(settings).close()
    assert not caplog.records
    (settings.var_dir / "vault.sqlite").touch()
    open_vault(settings).close()
    (told,) = caplog.records
    assert "vault.sqlite is of before the vault was in Redis, and never erased" in told.message
