"""Back-up and restore of a journal in Redis, and from a file into Redis and back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.core.apply import fold
from queue_engine.core.codec import encode_record
from queue_engine.core.errors import JournalCorrupt
from queue_engine.core.snapshot import digest, write_snapshot
from queue_engine.core.state import State
from queue_engine.journal import redis_journal, redis_restore
from queue_engine.journal.archive import Archive
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_reading import RedisReading
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.recovery import recover
from queue_engine.serve import restore
from tests.core.chaos import Chaos
from tests.core.world import World
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

DAY_MS = 24 * 60 * 60 * 1000
KEPT = 150


@pytest.fixture(scope="module")
def story() -> World:
    """Four days of it."""
    world = World(watch=None)
    for seed in range(4):
        Chaos(world, seed).run(120)
        world.wait(DAY_MS)
    return world


@pytest.fixture
def config(
    tmp_path: Path, server: RedisServer, story: World, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Keeps the story in Redis; its first days have left it for the archive."""
    for module in (redis_journal, restore):
        monkeypatch.setattr(module, "RECORDS_KEPT", KEPT)
    folder = tmp_path / "config"
    folder.mkdir()
    write(folder, server)
    state, covered = State(), len(story.records) - 40
    for record in story.records[:covered]:
        fold(state, record)
    with closing(RedisJournal(server.place())) as journal:
        journal.append(0, [encode_record(record) for record in story.records])
        journal.save_snapshot(covered, write_snapshot(state))
    assert samko(folder, "archive") == 0
    with RedisReading(server.place()) as reading:
        assert reading.kept_after() > 0
    aside = tmp_path / "var" / "unjournaled"
    aside.mkdir()
    (aside / "2026-11-21.000000000001-000000000001.island.gz").write_bytes(b"an island's")
    assert samko(folder, "backup", str(tmp_path / "backup")) == 0
    return folder


def write(config: Path, server: RedisServer, name: str = "samko") -> None:
    (config / "samko.yaml").write_text(
        f"var_dir: ../var\nredis: {{port: {server.port}, name: {name}}}\n"
    )


def samko(config: Path, *words: str) -> int:
    return cli.main(["--config", str(config), *words])


def test_into_an_emptied_redis_under_a_new_incarnation(
    config: Path, server: RedisServer, story: World
) -> None:
    with closing(RedisJournal(server.place())) as former:
        incarnation = former.incarnation
    with server.client() as client:
        client.flushall()
    aside = config.parent / "var" / "unjournaled"
    shutil.rmtree(config.parent / "var")
    assert samko(config, "restore", str(config.parent / "backup")) == 0
    assert [path.read_bytes() for path in aside.iterdir()] == [b"an island's"]
    with closing(RedisJournal(server.place())) as journal:
        assert not journal.created
        assert journal.incarnation != incarnation
        last = len(story.records)
        assert (journal.last_number(), journal.kept_after()) == (last, last - KEPT)
        assert digest(recover(journal)) == digest(story.state)
        journal.append(last, [b"goes on"])
    assert Archive(config.parent / "var" / "archive").last >= last - KEPT


def test_archive_and_journal_are_one_again(
    config: Path, server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.client() as client:
        client.flushall()
    shutil.rmtree(config.parent / "var")
    assert samko(config, "restore", str(config.parent / "backup")) == 0
    capsys.readouterr()
    assert samko(config, "archive", "check") == 0
    assert capsys.readouterr().out.endswith("Equal.\n")
    assert samko(config, "redecide") == 0


def test_a_journal_that_is_there_stays_and_another_name_will_do(
    config: Path, server: RedisServer, story: World, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(config.parent / "var")
    assert samko(config, "restore", str(config.parent / "backup")) == 1
    assert "give `redis` another name" in capsys.readouterr().err
    assert not (config.parent / "var").exists()
    write(config, server, "samko2")
    assert samko(config, "restore", str(config.parent / "backup")) == 0
    with RedisReading(server.place("samko2")) as reading:
        assert reading.last_number() == len(story.records)


def test_out_of_redis_into_a_file_and_back(config: Path, server: RedisServer, story: World) -> None:
    shutil.rmtree(config.parent / "var")
    (config / "samko.yaml").write_text("var_dir: ../var\n")
    assert samko(config, "restore", str(config.parent / "backup")) == 0
    with closing(SqliteJournal(config.parent / "var" / "journal.sqlite")) as journal:
        assert [stored.data for stored in journal.read(0)] == [
            encode_record(record) for record in story.records
        ], "from the first on"
        assert digest(recover(journal)) == digest(story.state)
    assert samko(config, "backup", str(config.parent / "of a file")) == 0
    shutil.rmtree(config.parent / "var")
    write(config, server, "back")
    assert samko(config, "restore", str(config.parent / "of a file")) == 0
    with closing(RedisJournal(server.place("back"))) as of_redis:
        assert digest(recover(of_redis)) == digest(story.state)


def test_half_a_restore_is_never_gone_on_with(
    config: Path,
    server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(redis_restore, "_BATCH_ROWS", 50)
    batches = redis_restore._batches

    def only_one(rows: object) -> Iterator[list[object]]:
        yield next(batches(rows))  # type: ignore[arg-type]
        server.kill()

    monkeypatch.setattr(redis_restore, "_batches", only_one)
    shutil.rmtree(config.parent / "var")
    write(config, server, "half")
    assert samko(config, "restore", str(config.parent / "backup")) == 1
    server.start()
    with pytest.raises(JournalCorrupt, match="has lost its name"):
        RedisJournal(server.place("half"))
    shutil.rmtree(config.parent / "var")
    capsys.readouterr()
    assert samko(config, "restore", str(config.parent / "backup")) == 1
    assert "{half}:journal" in capsys.readouterr().err
