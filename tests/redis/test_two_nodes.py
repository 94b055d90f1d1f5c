"""Real `samko serve` processes on one journal in a real Redis: killed, handed over, restarted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_engine.journal.redis_lease import LEASE_MS
from tests.patience import until
from tests.redis.nodes import NodeProcess, picture
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis


@pytest.fixture
def pair(server: RedisServer, tmp_path: Path) -> Iterator[tuple[NodeProcess, NodeProcess]]:
    """Two nodes, the first deciding, the second standing by with all records."""
    nodes = [NodeProcess(tmp_path / name, server.place(), ring) for name, ring in _NODES]
    first, second = nodes
    with first, second:
        until(lambda: bool(picture(server.place()).holder), "somebody decides")
        until(lambda: all(node.get("/healthz")[0] == 200 for node in nodes), "both answer")
        if stands_by(first):
            first, second = second, first
        until(lambda: stands_by(second), "the other stands by")
        until(lambda: are_level(server), "it has folded all")
        yield first, second


_NODES = (("n1", 20), ("n2", 21))


def stands_by(node: NodeProcess) -> bool:
    return '"follows ' in node.get("/readyz")[1]


def decides(node: NodeProcess) -> bool:
    return "samko_decides 1.0" in node.get("/metrics")[1]


def are_level(server: RedisServer) -> bool:
    """Two nodes are there, and nobody is behind."""
    found = picture(server.place())
    numbers = [node.note.number for node in found.nodes]
    return found.last_number > 0 and numbers == [found.last_number] * 2


def test_killed_restarted_handed_over(
    server: RedisServer, pair: tuple[NodeProcess, NodeProcess]
) -> None:
    first, second = pair
    before = picture(server.place())
    first.kill()
    until(lambda: decides(second), "the one who stood by decides")
    assert f"goes on from record {before.last_number}, folded while standing by" in second.log
    after = picture(server.place())
    assert after.incarnation == before.incarnation
    assert after.last_number > before.last_number
    first.start()
    until(lambda: stands_by(first), "the killed one is back")
    until(lambda: picture(server.place()).holder == after.holder, "and takes nothing")

    seen = first.cluster()
    assert seen["decider"] == after.holder
    until(lambda: len(first.cluster()["nodes"]) == 2, "the dead start is forgotten")
    code, _, said = first.samko("cluster", "hand-over", after.holder[:6])
    assert (code, said) == (1, f"samko: node {after.holder[:6]} decides already\n")
    code, told, said = first.samko("cluster", "hand-over")
    assert code == 0, said
    assert "decides now" in told
    until(lambda: decides(first), "the other one decides")
    until(lambda: stands_by(second), "the former one follows it")
    assert "handed over to" in second.log
    assert second.samko("cluster", "hand-over")[0] == 0
    until(lambda: decides(second) and stands_by(first), "and back, as often as one likes")
    assert "Traceback" not in first.log + second.log
    assert first.stop() == 0
    until(lambda: len(second.cluster()["nodes"]) == 1, "the other one is gone")
    assert "no other node" in second.samko("cluster", "hand-over")[2]


def test_redis_restarted_and_the_standby_killed_are_no_takeover(
    server: RedisServer, pair: tuple[NodeProcess, NodeProcess]
) -> None:
    first, second = pair
    before = picture(server.place())
    server.kill()
    until(lambda: "cannot be reached" in second.get("/readyz")[1], "it is noticed")
    server.start()
    until(lambda: "cannot be reached" not in second.get("/readyz")[1], "and again")
    until(lambda: are_level(server), "both are there")
    second.kill()
    until(lambda: len(picture(server.place()).nodes) == 1, "the standby is gone")
    second.start()
    until(lambda: are_level(server), "and back")
    assert stands_by(second)
    assert decides(first)
    after = picture(server.place())
    assert (after.holder, after.incarnation) == (before.holder, before.incarnation)
    assert first.get("/readyz")[1].count("in memory only") == 0


def test_an_emptied_redis_is_given_all_back_by_whoever_decides(
    server: RedisServer, pair: tuple[NodeProcess, NodeProcess]
) -> None:
    first, second = pair
    command = ("lending", "14", "cut")
    assert first.samko(*command)[0] == 0, "something that only the journal knows"
    until(lambda: are_level(server), "both have it")
    before = picture(server.place())
    with server.client() as client:
        client.flushall()
    assert first.samko("lending", "13", "cut")[0] == 0
    until(lambda: first.log.count("the journal is whole again") == 1, "it is begun anew")
    until(lambda: are_level(server), "and the other one follows")
    after = picture(server.place())
    assert after.incarnation != before.incarnation
    assert after.holder == before.holder
    assert after.last_number > before.last_number
    with server.client() as client:
        client.flushall()
    first.kill()
    until(lambda: decides(second), "the one who stood by decides")
    assert f"goes on from record {after.last_number}, folded while standing by" in second.log
    until(lambda: picture(server.place()).last_number > after.last_number, "it writes")
    code, told, said = second.samko("lending", "14", "cut")
    assert (code, "already" in told + said) == (0, True), "it has not been forgotten"


def test_whoever_is_asked_does_it_and_tells_it(
    server: RedisServer, pair: tuple[NodeProcess, NodeProcess]
) -> None:
    first, second = pair
    assert second.samko("lending", "14", "cut")[0] == 0, "the one that follows is asked"
    regions = json.loads(second.get("/api/v1/regions")[1])["regions"]
    assert [one["code"] for one in regions if one["is_lending_cut"]] == ["14"]
    assert first.samko("lending", "14", "cut")[1].count("already") == 1, "the other one knows"
    code, _, said = second.samko("lending", "99", "cut")
    assert (code, "99" in said) == (1, True), "and what is refused is refused there as well"


def test_who_follows_answers_health_readiness_and_metrics(
    server: RedisServer, pair: tuple[NodeProcess, NodeProcess]
) -> None:
    _, second = pair
    holder = picture(server.place()).holder
    until(lambda: f"follows {holder}, 0 records behind" in second.get("/readyz")[1], "readiness")
    status, metrics = second.get("/metrics")
    assert status == 200
    for line in (
        "samko_decides 0.0",
        "samko_journal_lag_records 0.0",
        "samko_can_decide 1.0",
        f'samko_lease_left_seconds{{holder="{holder}"}}',
    ):
        assert line in metrics
    for node in pair:
        found = re.search(r"^samko_lease_left_seconds\{.*\} (.*)$", node.get("/metrics")[1], re.M)
        assert found is not None
        assert 0 < float(found[1]) <= LEASE_MS / 1000, "also at the one that has it"
    assert second.stop() == 0
    assert second.get("/healthz")[0] == 0
