"""What commands tell of a journal in Redis: what looks back, and the doctor."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.config.problems import Problem
from queue_engine.config.redis_file import RedisSettings
from queue_engine.config.secret import SecretPlace
from queue_engine.core.codec import encode_record
from queue_engine.core.snapshot import write_snapshot
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import RedisLease
from queue_engine.journal.redis_nodes import NodeNote, RedisNodes
from queue_engine.journal.redis_vault import RedisVault
from queue_engine.serve import doctor_redis
from queue_engine.serve.doctor_finding import Level, ok
from queue_engine.serve.doctor_redis import redis_journal
from queue_engine.serve.doctor_vault import shared_vault
from tests.cli.explain_story import explain_story
from tests.core.world import World
from tests.redis_server import RedisServer
from tests.runtime.kept_story import keep

pytestmark = pytest.mark.redis


@pytest.fixture(scope="module")
def story() -> World:
    return explain_story()


@pytest.fixture
def config(tmp_path: Path, server: RedisServer, story: World) -> Path:
    """A folder whose engine keeps its journal in Redis; the same story lies in `samko.db`."""
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "samko.yaml").write_text(f"redis: {{port: {server.port}}}\n")
    state = keep(tmp_path / "samko.db", story.records, len(story.records) - 3)
    journal = RedisJournal(server.place())
    journal.append(0, [encode_record(record) for record in story.records])
    journal.save_snapshot(len(story.records), write_snapshot(state))
    journal.close()
    return folder


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(list(arguments))
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.mark.parametrize(
    "command",
    [
        ("replay", "--whole"),
        ("redecide",),
        ("ledger",),
        ("ledger", "--json"),
        ("explain", "wanted"),
        ("explain", "waits", "--lang", "en", "--json"),
    ],
)
def test_what_looks_back_tells_the_same_as_of_a_file(
    config: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    file = str(config.parent / "samko.db")
    named = ("--journal", file) if command[0] == "explain" else (file,)
    of_file = said(capsys, *command, *named)
    of_redis = said(capsys, "--config", str(config), *command)
    if command[0] == "replay":  # names the journal
        lines = [text.splitlines()[1:] for _, text, _ in (of_file, of_redis)]
        assert lines[0] == lines[1]
        assert len(lines[0]) > 5
    else:
        assert of_redis == of_file
        assert of_file[0] == 0


def test_a_damaged_record_in_redis_is_told_with_its_place(
    config: Path, server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.client() as client:
        client.xdel(server.place().key("journal"), "7-0")
    for command in (("replay", "--whole"), ("ledger",), ("explain", "wanted")):
        code, out, err = said(capsys, "--config", str(config), *command)
        assert (code, out) == (3, "")
        assert "record 7 is damaged or missing" in err


def test_a_redis_that_is_gone_is_told_in_one_line(
    config: Path, server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.kill()
    code, out, err = said(capsys, "--config", str(config), "replay")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert f"samko: journal samko in Redis 127.0.0.1:{server.port} cannot be opened: " in err


# --- the doctor ------------------------------------------------------------------------------


def settings(server: RedisServer, *, user: str = "", variable: str = "") -> RedisSettings:
    said_at = Problem("config/samko.yaml", 2, "redis.secret_env")
    secret = SecretPlace(None, variable, said_at) if variable else None
    return RedisSettings("127.0.0.1", server.port, 0, "samko", user, secret, None)


def test_the_doctor_counts_its_records_and_says_whether_an_engine_serves(
    server: RedisServer,
) -> None:
    place = server.place()
    found = redis_journal(settings(server))
    assert (found.finding.level, found.is_in_use) == (Level.OK, False)
    assert found.finding.text == f"{place} is begun at the first start, kept on disk: always"
    journal, lease = RedisJournal(place), RedisLease(place, "an engine", 60_000)
    journal.append(0, [b"a", b"b"])
    text = redis_journal(settings(server)).finding.text
    assert text == f"{place}: 2 records, nobody serves on it, kept on disk: always"
    assert lease.take()
    found = redis_journal(settings(server))
    assert "2 records, an engine serves on it" in found.finding.text
    assert found.is_in_use
    assert lease.held_by() is not None, "the doctor only looks"
    journal.close()
    lease.close()


def test_engines_of_other_machines_are_not_the_one_of_this(server: RedisServer) -> None:
    place = server.place()
    journal, nodes = RedisJournal(place), RedisNodes(place)
    journal.append(0, [b"a"])
    with closing(RedisLease(place, "far", 60_000)) as lease:
        assert lease.take()
    nodes.note(NodeNote("far", "another machine", "0.1.0", 3, 1))
    found = redis_journal(settings(server))
    assert "1 records, engines of other machines serve on it" in found.finding.text
    assert (found.is_in_use, found.is_elsewhere) == (False, True)
    nodes.note(NodeNote("near", socket.gethostname(), "0.1.0", 3, 1))
    found = redis_journal(settings(server))
    assert "1 records, an engine serves on it" in found.finding.text
    assert (found.is_in_use, found.is_elsewhere) == (True, False)
    journal.close()
    nodes.close()


def test_a_redis_that_was_emptied_under_its_engines_is_not_taken_for_a_new_one(
    server: RedisServer,
) -> None:
    with closing(RedisNodes(server.place())) as nodes:
        nodes.note(NodeNote("far", "another machine", "0.1.0", 3, 37))
    finding = redis_journal(settings(server)).finding
    assert finding.level is Level.WARNING
    assert finding.text.endswith("was emptied: the engines on it hold 37 records")


def test_the_doctor_warns_of_a_redis_that_forgets(tmp_path: Path) -> None:
    with RedisServer(tmp_path, "--appendonly", "no") as forgetful:
        RedisJournal(forgetful.place()).close()
        finding = redis_journal(settings(forgetful)).finding
    assert finding.level is Level.WARNING
    assert finding.text.endswith("; they are in that Redis's memory only")
    assert "appendonly yes" in finding.advice


def test_the_doctor_warns_of_a_stream_that_nothing_leaves(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_redis, "RECORDS_HERE_MAX", 10)
    journal = RedisJournal(server.place())
    journal.append(0, [b"record"] * 20)
    journal.save_snapshot(20, b"state")
    finding = redis_journal(settings(server)).finding
    assert finding.level is Level.WARNING
    assert finding.text.endswith("; 20 of them are in its memory")
    assert "samko archive" in finding.advice
    journal.let_go(12, journal.checksum_of(12), keep=0)
    assert redis_journal(settings(server)).finding.level is Level.OK
    journal.close()


def test_the_doctor_cannot_reach_it(server: RedisServer) -> None:
    server.kill()
    finding = redis_journal(settings(server)).finding
    assert finding.level is Level.FAULT
    assert "refused" in finding.text
    assert finding.advice.startswith("see that Redis runs, and what `redis` of samko.yaml says")


@pytest.mark.parametrize(("user", "password"), [("engine", "wrong"), ("reader", "hidden")])
def test_the_doctor_is_not_let_in(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, user: str, password: str
) -> None:
    with server.client() as client:
        for name, rights in (("engine", "+@all"), ("reader", "+ping")):
            client.execute_command("ACL", "SETUSER", name, "on", ">hidden", "~*", rights)
    monkeypatch.setenv("PW", password)
    finding = redis_journal(settings(server, user=user, variable="PW")).finding
    assert finding.level is Level.FAULT
    assert finding.advice.startswith("see user and secret")
    assert "hidden" not in finding.text + finding.advice


def test_a_user_who_may_not_ask_is_well(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rights = "on >hidden ~{samko}:* +@all -@admin -@dangerous"
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", "engine", *rights.split())
    monkeypatch.setenv("PW", "hidden")
    finding = redis_journal(settings(server, user="engine", variable="PW")).finding
    assert finding.level is Level.OK
    assert finding.text.endswith("its user may not ask (`CONFIG GET append*` there tells)")


def test_a_password_that_is_not_there_is_a_fault_of_the_configuration(server: RedisServer) -> None:
    finding = redis_journal(settings(server, variable="NOT_SET_ANYWHERE")).finding
    assert finding.level is Level.FAULT
    assert finding.text.startswith("config/samko.yaml:2: redis.secret_env: the environment")
    assert "secret_file" in finding.advice


def test_the_doctor_sees_whether_this_node_has_the_vaults_key(
    server: RedisServer, tmp_path: Path
) -> None:
    own, other = tmp_path / "own.key", tmp_path / "other.key"
    found = shared_vault(settings(server), own)
    assert found is not None
    assert "is begun at the first start, with a new key" in found.text
    assert not own.exists(), "the doctor only looks"
    RedisVault(server.place(), own).close()
    found = shared_vault(settings(server), own)
    assert found == ok("vault", f"{own} is the key of the vault of {server.place()}")
    for content, message in ((None, "cannot be read"), (bytes(32), "sealed with another key")):
        if content is not None:
            other.write_bytes(content)
            other.chmod(0o600)
        found = shared_vault(settings(server), other)
        assert found is not None
        assert found.level is Level.WARNING
        assert message in found.text
        assert "copy other.key from a node that has it" in found.advice
    server.kill()
    assert shared_vault(settings(server), own) is None, "that is told of the journal"
