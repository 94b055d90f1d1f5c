"""Who is there, as Redis tells it, and whom somebody wishes to decide."""

from __future__ import annotations

import json
import time

import pytest

from queue_engine.core.errors import JournalError
from queue_engine.journal import redis_nodes
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import RedisLease
from queue_engine.journal.redis_nodes import ClusterPicture, NodeNote, RedisNodes
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

FIRST = NodeNote("a1", "north", "1.0", 2, 3, links=("ast1", "ast2"))
SECOND = NodeNote("b1", "south", "1.1", 3, 1, fault="record 2: v99")


def test_each_tells_of_itself_and_all_are_seen(server: RedisServer) -> None:
    nodes, journal = RedisNodes(server.place()), RedisJournal(server.place())
    assert nodes.picture().nodes == ()
    journal.append(0, [b"1", b"2", b"3"])
    lease = RedisLease(server.place(), "a1", 60_000)
    assert lease.take()
    assert nodes.note(SECOND) == 3
    assert nodes.note(FIRST) == 3
    found = nodes.picture()
    assert [node.note for node in found.nodes] == [FIRST, SECOND]
    assert [node.lag for node in found.nodes] == [0, 2]
    assert all(0 <= node.age_ms < 5_000 for node in found.nodes)
    assert (found.holder, found.last_number) == ("a1", 3)
    assert 0 < found.lease_left_ms <= 60_000
    assert found.incarnation == journal.incarnation
    nodes.forget("b1")
    assert [node.note for node in nodes.picture().nodes] == [FIRST]
    for opened in (nodes, journal, lease):
        opened.close()


def test_who_says_that_it_is_there_sees_itself_in_the_same_moment(server: RedisServer) -> None:
    nodes, lease = RedisNodes(server.place()), RedisLease(server.place(), "a1", 60_000)
    found = nodes.picture(FIRST)
    assert [node.note for node in found.nodes] == [FIRST]
    assert (found.held, lease.held_by()) == (None, None)
    assert lease.take()
    held = nodes.picture().held
    assert held is not None
    assert held[0] == "a1"
    assert lease.give()
    given_up = nodes.picture(SECOND)
    assert given_up.held is not None
    assert (given_up.held[0], given_up.holder, len(given_up.nodes)) == ("", "", 2)
    for opened in (nodes, lease):
        opened.close()


def test_where_there_is_nothing_nothing_is_seen(server: RedisServer) -> None:
    nodes = RedisNodes(server.place())
    assert nodes.picture() == ClusterPicture("", 0, "", 0, "", ())
    nodes.close()


def test_who_says_no_more_is_forgotten(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = RedisNodes(server.place())
    monkeypatch.setattr(redis_nodes, "NOTE_MS", 1_000)
    nodes.note(FIRST)
    until_s = time.monotonic() + 20
    while nodes.picture().nodes:
        assert time.monotonic() < until_s
    nodes.note(SECOND)
    with server.client() as client:
        assert list(client.hgetall(server.place().key("nodes"))) == [b"b1"]
    nodes.close()


def test_what_a_newer_one_says_besides_is_passed_over_and_what_an_older_one_reads_is_known(
    server: RedisServer,
) -> None:
    nodes = RedisNodes(server.place())
    said = {"host": "h", "version": "2", "rules": 9, "number": 3, "links": [], "fault": ""}
    with server.client() as client:
        now_ms = client.time()[0] * 1000
        for start, told in (("a1", said), ("b1", {**said, "reads": [1, 2], "mood": "good"})):
            entry = f"{now_ms} 3 {json.dumps(told)}"
            client.hset(server.place().key("nodes"), start, entry)
        client.set(server.place().key("version"), 2)
    found = nodes.picture()
    assert [(node.note.start, node.note.reads) for node in found.nodes] == [
        ("a1", (1,)),
        ("b1", (1, 2)),
    ]
    assert found.version == nodes.written_version() == 2
    nodes.close()


def test_what_another_version_says_is_passed_over(server: RedisServer) -> None:
    nodes = RedisNodes(server.place())
    nodes.note(FIRST)
    with server.client() as client:
        now_ms = client.time()[0] * 1000
        said = f'{now_ms} 0 {{"host": "new", "mood": "good"}}'
        client.hset(server.place().key("nodes"), "c1", said)
    assert [node.note for node in nodes.picture().nodes] == [FIRST]
    nodes.close()


def test_what_was_said_at_a_moment_that_is_yet_to_come_is_passed_over(server: RedisServer) -> None:
    """Redis's clock was set back: whoever has died since would be there for as long."""
    nodes = RedisNodes(server.place())
    nodes.note(FIRST)
    nodes.note(SECOND)
    key = server.place().key("nodes")
    with server.client() as client:
        said = client.hget(key, "a1")
        assert said is not None
        at_ms, rest = said.split(b" ", 1)
        client.hset(key, "a1", b"%d %s" % (int(at_ms) + 60_000, rest))
    assert [node.note for node in nodes.picture().nodes] == [SECOND]
    assert [node.note for node in nodes.picture(FIRST).nodes] == [FIRST, SECOND], "said again"
    nodes.close()


def test_a_wish_stands_until_it_is_forgotten(server: RedisServer) -> None:
    nodes = RedisNodes(server.place())
    assert nodes.wished() == ""
    nodes.wish("b1")
    assert nodes.wished() == nodes.picture().wished == "b1"
    with server.client() as client:
        assert 0 < client.pttl(server.place().key("hand_over")) <= redis_nodes.WISH_MS
    nodes.forget_wish("a1")
    assert nodes.wished() == "b1", "made since the one that is over"
    nodes.forget_wish("b1")
    assert nodes.wished() == ""
    nodes.close()


def test_a_server_that_is_gone_is_told(server: RedisServer) -> None:
    nodes = RedisNodes(server.place())
    server.kill()
    for ask in (
        nodes.picture,
        nodes.wished,
        lambda: nodes.forget_wish("b1"),
        lambda: nodes.note(FIRST),
    ):
        with pytest.raises(JournalError, match="cannot"):
            ask()
    nodes.close()
