"""`samko cluster`: who is there, and why nobody takes over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import RedisLease
from queue_engine.journal.redis_nodes import NodeNote, RedisNodes
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

DECIDER = NodeNote("a1a1", "north", "1.0", 2, 3, links=("ast1",))
STANDBY = NodeNote("b1b1", "south", "1.1", 2, 1)


@pytest.fixture
def config(server: RedisServer, tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "samko.yaml").write_text(f"redis: {{port: {server.port}}}\n")
    return folder


@pytest.fixture
def nodes(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisNodes:
    monkeypatch.setenv("COLUMNS", "140")
    return RedisNodes(server.place())


def run(config: Path, *words: str) -> int:
    return cli.main(["--config", str(config), "cluster", *words])


def begin(server: RedisServer, nodes: RedisNodes) -> None:
    journal, lease = RedisJournal(server.place()), RedisLease(server.place(), "a1a1", 60_000)
    journal.append(0, [b"1", b"2", b"3"])
    assert lease.take()
    nodes.note(DECIDER)
    nodes.note(STANDBY)
    journal.close()
    lease.close()


def test_it_tells_who_is_there(
    server: RedisServer, nodes: RedisNodes, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config) == 0
    assert "not begun yet, 0 records" in (told := capsys.readouterr().out)
    assert "No engine is there." in told
    begin(server, nodes)
    assert run(config) == 0
    lines = capsys.readouterr().out.splitlines()
    north, south = (next(row for row in lines if host in row) for host in ("north", "south"))
    assert north.split()[:6] == ["north", "a1a1", "decides", "1.0,", "rules", "2"]
    assert "ast1" in north
    assert south.split()[:3] == ["south", "b1b1", "follows"]
    assert run(config, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["decider"], told["last_number"], told["wished"]) == ("a1a1", 3, None)
    assert [node["lag"] for node in told["nodes"]] == [0, 2]
    assert [node["decides"] for node in told["nodes"]] == [True, False]
    nodes.forget("a1a1")
    nodes.note(NodeNote("c1", "west", "1.0", 2, 0, fault="record 1: expected version 1"))
    nodes.wish("b1b1")
    assert run(config) == 0
    told = capsys.readouterr().out
    assert "a1a1 has the lease for" in told
    assert "west (c1) cannot take over: record 1: expected version 1" in told
    assert "b1b1 is to decide." in told
    nodes.close()


def test_its_rows_fit_into_80_columns(
    server: RedisServer,
    nodes: RedisNodes,
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    begin(server, nodes)
    nodes.note(NodeNote("284b4e6e50ffe76c", "queue2", "0.1.0", 3, 1, links=("ast1",)))
    assert run(config) == 0
    row = next(row for row in capsys.readouterr().out.splitlines() if "queue2" in row)
    assert row.split()[1:7] == ["284b4e6e", "follows", "0.1.0,", "rules", "3", "ast1"]
    assert row.split()[-1] == "s"
    nodes.close()


def test_it_says_that_redis_was_emptied(
    server: RedisServer, nodes: RedisNodes, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes.note(DECIDER)
    assert run(config) == 0
    told = capsys.readouterr().out
    assert "Redis was emptied: the engines hold 3 records" in told
    nodes.close()


def test_a_wish_that_is_refused_or_cannot_be_made_is_told(
    server: RedisServer,
    nodes: RedisNodes,
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run(config, "hand-over") == 1
    assert "nobody decides" in capsys.readouterr().err
    begin(server, nodes)
    assert run(config, "hand-over", "east") == 1
    assert "node east is not there" in capsys.readouterr().err
    wish = RedisNodes.wish

    def refused(self: RedisNodes, start: str) -> None:
        wish(self, start)
        assert self.wished() == "b1b1"
        self.forget_wish(start)

    monkeypatch.setattr(RedisNodes, "wish", refused)
    assert run(config, "hand-over") == 1
    assert "not handed over to south (b1b1): the engines' logs say why" in capsys.readouterr().err
    nodes.close()


def test_handed_over_it_says_to_whom(
    server: RedisServer,
    nodes: RedisNodes,
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin(server, nodes)

    def granted(self: RedisNodes, start: str) -> None:
        lease = RedisLease(server.place(), self.picture().holder, 60_000)
        assert lease.give(start)
        lease.close()

    monkeypatch.setattr(RedisNodes, "wish", granted)
    assert run(config, "hand-over", "south") == 0
    assert capsys.readouterr().out == "south (b1b1) decides now, from record 3 on\n"
    assert run(config, "hand-over", "north", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"decides": "a1a1", "host": "north"}
    nodes.close()


def test_without_redis_there_is_one_engine(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config / "samko.yaml").write_text("var_dir: var\n")
    assert run(config) == 1
    assert "names no redis" in capsys.readouterr().err
    (config / "samko.yaml").write_text("redis: {port: 1}\n")
    assert run(config) == 1
    assert "cannot ask who is there" in capsys.readouterr().err
