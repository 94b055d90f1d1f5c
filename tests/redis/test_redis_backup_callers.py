"""Callers' data and keys of Redis: backed up, and put back into Redis or into files."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.journal.caller_seal import KEPT_AFTER_END_MS, CallerSecrets
from queue_engine.journal.lookup_keys import LookupHash, LookupKeys
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lookup_keys import RedisLookupKeys
from queue_engine.journal.redis_vault import RedisVault
from queue_engine.journal.vault import Vault
from queue_engine.runtime.clock import wall_ms
from routing.vocabulary import ContactId
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

CALLER = CallerSecrets("191212121212", "+46701740605")
HERE, OVER = ContactId("ast1-1.1"), ContactId("ast1-1.2")
IN_REDIS, IN_FILES = "redis: {{port: {0}}}\n", ""


class Engine:
    """Its configuration and files."""

    def __init__(self, folder: Path, server: RedisServer) -> None:
        self.folder, self.server = folder, server
        self.var = folder / "var"
        self.known: LookupHash
        (folder / "config").mkdir()
        self.var.mkdir()
        self.write(IN_REDIS)

    def write(self, where: str) -> None:
        text = f"var_dir: ../var\n{where.format(self.server.port)}"
        (self.folder / "config" / "samko.yaml").write_text(text)

    def samko(self, *words: str) -> int:
        return cli.main(["--config", str(self.folder / "config"), *words])

    def vault(self) -> RedisVault:
        return RedisVault(self.server.place(), self.var / "vault.key")

    def restore(self) -> int:
        with self.server.client() as client:
            client.flushall()
        shutil.rmtree(self.var)
        return self.samko("restore", str(self.folder / "backup"))


@pytest.fixture
def engine(tmp_path: Path, server: RedisServer) -> Engine:
    engine, now_ms = Engine(tmp_path, server), wall_ms()
    RedisJournal(server.place()).close()
    with closing(engine.vault()) as vault:
        vault.put(HERE, CALLER, now_ms)
        vault.put(OVER, CALLER, now_ms)
        vault.mark_ended(OVER, now_ms - KEPT_AFTER_END_MS)
        vault.read(HERE, "nurse7", "talk", now_ms)
        with closing(RedisLookupKeys(server.place(), vault.seal)) as keys:
            engine.known = keys.hash_today("phone", "0701740605", now_ms)
    assert engine.samko("backup", str(tmp_path / "backup")) == 0
    return engine


def test_into_redis_again(engine: Engine) -> None:
    assert engine.restore() == 0
    with closing(engine.vault()) as vault:
        assert not vault.created
        assert [access.reader for access in vault.access_log()] == ["nurse7"]
        assert vault.read(HERE, "nurse8", "talk", wall_ms()) == CALLER
        assert vault.read(OVER, "nurse8", "talk", wall_ms()) is None, "it was due"
        assert [access.number for access in vault.access_log()] == [1, 2, 3]
        with closing(RedisLookupKeys(engine.server.place(), vault.seal)) as keys:
            assert engine.known in keys.hashes("phone", "0701740605", wall_ms())
    assert not (engine.var / "vault.sqlite").exists()
    assert not (engine.var / "lookup-keys").exists()


def test_into_files(engine: Engine) -> None:
    engine.write(IN_FILES)
    assert engine.restore() == 0
    with closing(Vault(engine.var / "vault.sqlite", engine.var / "vault.key")) as vault:
        assert vault.read(HERE, "nurse8", "talk", wall_ms()) == CALLER
    with closing(LookupKeys(engine.var / "lookup-keys", wall_ms())) as keys:
        assert engine.known in keys.hashes("phone", "0701740605", wall_ms())


def test_nothing_of_them_is_written_over(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(engine.var)
    place = engine.server.place()
    with engine.server.client() as client:
        client.delete(place.key("incarnation"))
    assert engine.samko("restore", str(engine.folder / "backup")) == 1
    assert "there is a vault of samko in Redis" in capsys.readouterr().err


def test_a_node_without_the_key_backs_up_no_callers(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    (engine.var / "vault.key").unlink()
    target = str(engine.folder / "other")
    assert engine.samko("backup", target) == 1
    assert "vault.key is missing: back up where it is" in capsys.readouterr().err
    assert engine.samko("backup", "--without-callers", target) == 0
    assert not list((engine.folder / "other").rglob("vault*"))
