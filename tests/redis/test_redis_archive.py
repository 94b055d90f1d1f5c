"""What leaves the stream in Redis is in the archive first, and is read from there from then on."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.console_api.past import JournalPast
from queue_engine.core.apply import fold
from queue_engine.core.codec import encode_record
from queue_engine.core.errors import AppendRefused, JournalCorrupt, JournalError
from queue_engine.core.record import Record
from queue_engine.core.snapshot import digest, write_snapshot
from queue_engine.core.state import State
from queue_engine.journal import redis_journal
from queue_engine.journal.archive import Archive
from queue_engine.journal.base import LeftForArchive, Snapshot
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_reading import RedisReading
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.journal_hand import JournalHand
from tests.core.chaos import Chaos
from tests.core.world import World
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

DAY_MS = 24 * 60 * 60 * 1000
RECORDS = [b"record %d" % number for number in range(1, 1001)]


@pytest.fixture
def journal(server: RedisServer) -> RedisJournal:
    """1,000 records, and a snapshot of the 900th."""
    opened = RedisJournal(server.place())
    opened.append(0, RECORDS)
    opened.save_snapshot(900, b"state")
    return opened


def entries(server: RedisServer) -> int:
    with server.client() as client:
        return int(client.xlen(server.place().key("journal")))


# --- what leaves -----------------------------------------------------------------------------


def test_what_is_before_a_record_leaves_and_the_chain_stays_whole(
    server: RedisServer, journal: RedisJournal
) -> None:
    rows = journal.read(0)
    next(rows)
    journal.let_go(600, journal.checksum_of(600), keep=100)
    assert 401 <= entries(server) < 501, "whole nodes of the stream go"
    assert (journal.kept_after(), journal.last_number()) == (600, 1000)
    assert [row.data for row in journal.read(600)] == RECORDS[600:]
    for after in (0, 599):
        with pytest.raises(LeftForArchive, match=f"record {after + 1} is in the archive"):
            journal.read(after)
    with pytest.raises(LeftForArchive):
        list(rows)
    journal.append(1000, [b"goes on"])
    again = RedisJournal(server.place())
    assert not again.created
    assert again.latest_snapshot() == Snapshot(900, b"state")
    assert len(list(again.read(900))) == 101
    with RedisReading(server.place()) as reading:
        assert (reading.kept_after(), reading.last_number()) == (600, 1001)
    for opened in (journal, again):
        opened.close()


def test_it_may_be_asked_for_twice_and_never_comes_back(
    server: RedisServer, journal: RedisJournal
) -> None:
    journal.let_go(600, journal.checksum_of(600), keep=100)
    journal.let_go(600, journal.checksum_of(600), keep=100)
    journal.let_go(650, journal.checksum_of(650), keep=100)
    assert journal.kept_after() == 650
    with pytest.raises(JournalError):
        journal.let_go(100, 1, keep=100)
    assert journal.kept_after() == 650
    journal.close()


@pytest.mark.parametrize(
    ("until", "error", "keep", "message"),
    [
        (600, 1, 100, "record 600 is not as in the archive"),
        (901, 0, 0, "no snapshot covers record 901"),
        (600, 0, 401, "fewer than 401 would stay"),
        (1001, 0, 0, "no snapshot covers"),
    ],
)
def test_nothing_leaves_that_is_not_safe(
    server: RedisServer, journal: RedisJournal, until: int, error: int, keep: int, message: str
) -> None:
    checksum = journal.checksum_of(min(until, 1000)) + error
    with pytest.raises(JournalError, match=message):
        journal.let_go(until, checksum, keep)
    assert (entries(server), journal.kept_after()) == (1000, 0)
    journal.close()


def test_nothing_leaves_behind_a_damaged_snapshot_or_another_journals(
    server: RedisServer, journal: RedisJournal
) -> None:
    with server.client() as client:
        client.hset(server.place().key("snapshot"), "data", b"stale")
    with pytest.raises(JournalError, match="no snapshot covers record 600"):
        journal.let_go(600, journal.checksum_of(600), keep=0)
    journal.save_snapshot(900, b"state")
    checksum = journal.checksum_of(600)
    with server.client() as client:
        client.set(server.place().key("incarnation"), "another")
    with pytest.raises(AppendRefused, match="begun anew"):
        journal.let_go(600, checksum, keep=0)
    assert entries(server) == 1000
    journal.close()


def test_a_record_that_is_missing_above_is_damage_and_not_the_archives(
    server: RedisServer, journal: RedisJournal
) -> None:
    journal.let_go(600, journal.checksum_of(600), keep=100)
    with server.client() as client:
        client.xdel(server.place().key("journal"), "700-0")
    with pytest.raises(JournalCorrupt, match="record 700 is damaged or missing"):
        list(journal.read(600))
    journal.close()


def test_a_full_server_lets_go_and_takes_appends_again(
    server: RedisServer, journal: RedisJournal
) -> None:
    journal.append(1000, [b"x" * 100_000] * 20)
    journal.save_snapshot(1020, b"state")
    with server.client() as client:
        used = int(client.info("memory")["used_memory"])
        client.config_set("maxmemory", used - 500_000)
        with pytest.raises(JournalError, match="maxmemory"):
            journal.append(1020, [b"goes on"])
        journal.let_go(1020, journal.checksum_of(1020), keep=0)
        journal.append(1020, [b"goes on"])
        client.config_set("maxmemory", "0")
    journal.close()


def test_appends_go_on_while_records_leave(server: RedisServer, journal: RedisJournal) -> None:
    writer = RedisJournal(server.place())
    done = threading.Event()

    def write() -> None:
        last = 1000
        while not done.is_set():
            writer.append(last, [b"meanwhile"])
            last += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for until in range(100, 901, 20):
            journal.let_go(until, journal.checksum_of(until), keep=100)
    finally:
        done.set()
        thread.join(30)
    assert writer.last_number() > 1000
    assert len(list(journal.read(900))) == writer.last_number() - 900
    writer.close()
    journal.close()


# --- the commands ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def story() -> World:
    """Five days of it."""
    world = World(watch=None)
    for seed in range(5):
        Chaos(world, seed).run(200)
        world.wait(DAY_MS)
    return world


@pytest.fixture
def config(tmp_path: Path, server: RedisServer, story: World) -> Path:
    """Keeps the story in Redis, with a snapshot 100 records before its end; and in a file."""
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "samko.yaml").write_text(f"var_dir: var\nredis: {{port: {server.port}}}\n")
    state, covered = State(), len(story.records) - 100
    for record in story.records[:covered]:
        fold(state, record)
    for journal in (RedisJournal(server.place()), SqliteJournal(tmp_path / "samko.db")):
        journal.append(0, [encode_record(record) for record in story.records])
        journal.save_snapshot(covered, write_snapshot(state))
        journal.close()
    return folder


def said(capsys: pytest.CaptureFixture[str], config: Path, *words: str) -> tuple[int, str, str]:
    code = cli.main(["--config", str(config), *words])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_archive_then_everything_is_told_as_before(
    config: Path,
    server: RedisServer,
    story: World,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis_journal, "RECORDS_KEPT", 200)
    code, out, err = said(capsys, config, "archive")
    assert (code, err) == (0, "")
    days = Archive(config / "var" / "archive").days
    assert len(days) > 3
    assert out.count(".records.gz") == len(days)
    with RedisReading(server.place()) as reading:
        kept_after = reading.kept_after()
    assert kept_after == max(day.last for day in days if day.last <= len(story.records) - 200)
    assert entries(server) < len(story.records) - kept_after + 101
    assert f"has what follows record {kept_after:,} now" in out

    code, out, _ = said(capsys, config, "archive", "check")
    assert (code, out.count(digest(story.state))) == (0, 2)
    assert out.endswith("Equal.\n")
    name, _ = Counter(
        str(contact) for record in story.records[:200] for contact in _contacts(record.command)
    ).most_common(1)[0]
    file = str(config.parent / "samko.db")
    for words, named in (
        (("ledger", "--json"), (file,)),
        (("redecide",), (file,)),
        (("explain", name, "--json"), ("--journal", file)),
    ):
        of_redis = said(capsys, config, *words)
        assert of_redis == said(capsys, config, *words, *named)
        assert of_redis[0] == 0
    whole = json.loads(said(capsys, config, "replay", "--whole", "--json")[1])
    assert (whole["digest"], whole["folded_after"]) == (digest(story.state), 0)
    assert whole["snapshots_agreed"] == 1

    assert said(capsys, config, "archive")[1].startswith("no complete day is missing")


def _contacts(command: object) -> list[object]:
    return [command.contact_id] if hasattr(command, "contact_id") else []


def test_what_has_left_and_is_not_in_the_archive_is_said_so(
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis_journal, "RECORDS_KEPT", 200)
    assert said(capsys, config, "archive")[0] == 0
    archive = config / "var" / "archive"
    archive.rename(archive.with_name("elsewhere"))
    code, out, err = said(capsys, config, "ledger")
    assert (code, out) == (1, "")
    assert "the days between are elsewhere" in err
    assert said(capsys, config, "replay")[0] == 0, "from the snapshot on all is there"
    code, _, err = said(capsys, config, "archive")
    assert (code, "the days between are elsewhere" in err) == (1, True)
    code, _, err = said(capsys, config, "archive", "check")
    assert (code, "there is no archive" in err) == (1, True)


def test_by_default_a_hundred_thousand_records_stay(
    config: Path, server: RedisServer, story: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(capsys, config, "archive")
    assert code == 0
    assert "nothing leaves samko in Redis" in out
    assert entries(server) == len(story.records)


def test_a_damaged_archive_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, config, "archive")
    day = Archive(config / "var" / "archive").days[1]
    content = bytearray(day.path.read_bytes())
    content[len(content) // 2] ^= 1
    day.path.write_bytes(content)
    code, out, err = said(capsys, config, "archive", "check")
    assert (code, out) == (3, "")
    assert day.path.name in err


async def test_an_engine_reads_what_has_left_from_its_archive(
    config: Path,
    server: RedisServer,
    story: World,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis_journal, "RECORDS_KEPT", 200)
    assert said(capsys, config, "archive")[0] == 0
    journal = RedisJournal(server.place())
    hand = JournalHand(journal)
    past = JournalPast(journal, hand, config / "var" / "archive")
    found: list[Record] = []
    while chunk := await past.read(len(found), 100):
        found += chunk
    assert found == list(story.records)
    assert await past.read(3, 2) == found[3:5]
    with pytest.raises(LeftForArchive):
        await JournalPast(journal, hand).read(3, 2)
    hand.close()
    journal.close()
