"""Two versions of the program on one journal, as real processes: one node after the other."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from queue_engine.core import codec
from queue_engine.core.codec import newest_version
from queue_engine.core.errors import SamkoError
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import LEASE_MS
from queue_engine.journal.redis_nodes import RedisNodes
from tests.patience import PATIENCE_S, until
from tests.redis.newer_samko import NEWER
from tests.redis.nodes import NodeProcess, picture
from tests.redis.test_cluster_merge import gone
from tests.redis.test_redis_node import deciding, node_on
from tests.redis.test_two_nodes import decides, stands_by
from tests.redis_server import RedisServer
from tests.runtime.driver_world import begin

pytestmark = pytest.mark.redis

OLD = newest_version()
OLDER_SAMKO, NEWER_SAMKO = (
    (sys.executable, str(Path(__file__).with_name(name)))
    for name in ("older_samko.py", "newer_samko.py")
)


def written(server: RedisServer) -> list[int]:
    """The versions of all records, in their order."""
    with server.client() as client:
        rows = client.xrange(server.place().key("journal"))
    return [json.loads(fields[b"d"])["v"] for _, fields in rows]


def events(server: RedisServer) -> set[str]:
    """The names of all that is in the records."""
    with server.client() as client:
        rows = client.xrange(server.place().key("journal"))
    return {name for _, fields in rows for name, _ in json.loads(fields[b"d"])["e"]}


def is_level(server: RedisServer, node: NodeProcess) -> bool:
    """It stands by and holds all that the journal has."""
    return stands_by(node) and ", 0 records behind" in node.get("/readyz")[1]


@pytest.mark.timeout(300)
def test_one_node_after_the_other(server: RedisServer, tmp_path: Path) -> None:
    older = NodeProcess(tmp_path / "older", server.place())
    newer = NodeProcess(tmp_path / "newer", server.place(), ring=21, program=NEWER_SAMKO)
    with older:
        until(lambda: decides(older), "the older one makes the journal, and decides")
        with newer:
            until(lambda: is_level(server, newer), "the newer one stands by")
            older.kill()
            until(lambda: decides(newer), "the newer one decides")
            assert picture(server.place()).version == OLD
            assert set(written(server)) == {OLD}, "what the older ones read"
            older.start()
            until(lambda: is_level(server, older), "the older one is back, and reads it all")
            # What only the newer one has is not decided: the older one goes on.
            newer.samko("lending", "14", "cut")
            until(lambda: "not noted: NoteLending needs records" in newer.log, "it is refused")
            until(lambda: is_level(server, older), "the older one follows on")
            assert "LendingSet" in events(server)
            assert "LendingNoted" not in events(server)
            assert set(written(server)) == {OLD}
            code, _, said = newer.samko("cluster", "upgrade")
            assert (code, f"version {NEWER} is not read by" in said) == (1, True), said
            (name,) = (
                node.note.start
                for node in picture(server.place()).nodes
                if node.note.start != picture(server.place()).holder
            )
            assert name in said
            assert older.stop() == 0
            until(lambda: len(picture(server.place()).nodes) == 1, "it is there no more")
            assert f"written in version {OLD}; {NEWER} is" in newer.samko("cluster")[1]
            before = picture(server.place())
            code, told, said = newer.samko("cluster", "upgrade")
            assert (code, f"version {NEWER} from now on" in told) == (0, True), said
            assert "nobody reads a newer" in newer.samko("cluster", "upgrade")[2]
            until(lambda: is_taken_up(server, newer), "the newer version is written")
            assert picture(server.place()).holder == before.holder, "without a restart"
            assert "LendingNoted" in events(server)
            _the_older_one_stands_aside(server, older, newer)
        newer.start()
        until(lambda: decides(newer), "and it reads both versions again")
        versions = written(server)
        assert versions == sorted(versions)
        assert set(versions) == {OLD, NEWER}
        newer.kill()


def is_taken_up(server: RedisServer, node: NodeProcess) -> bool:
    """One more record has been made, and is of the newer version."""
    words = ("whole", "cut") if written(server)[-1] == OLD else ("whole",)
    for word in words:
        node.samko("lending", "14", word)
    return written(server)[-1] == NEWER


def _the_older_one_stands_aside(
    server: RedisServer, older: NodeProcess, newer: NodeProcess
) -> None:
    older.start()
    known = ", ".join(map(str, codec.VERSIONS))
    reason = f"records are written in version {NEWER}, and this program reads {known}"
    until(lambda: reason in older.get("/readyz")[1], "it says why it does not serve")
    assert older.get("/readyz")[0] == 503
    assert "samko_can_decide 0.0" in older.get("/metrics")[1]
    assert any(reason in node.note.fault for node in picture(server.place()).nodes)
    assert "cannot take over: records are written in version" in newer.samko("cluster")[1]
    assert "does not follow the journal" in newer.samko("cluster", "hand-over")[2]
    newer.kill()
    until(lambda: not picture(server.place()).holder, "nobody has the lease")
    time.sleep(LEASE_MS / 1000)  # that nothing happens cannot be waited for
    assert picture(server.place()).holder == ""
    assert older.code is None
    assert reason in older.log
    assert "Traceback" not in older.log


@pytest.mark.timeout(300)
def test_what_an_island_did_waits_until_all_can_read_of_it(
    server: RedisServer, tmp_path: Path
) -> None:
    """The first merged island would end every older engine that follows."""
    older = NodeProcess(tmp_path / "older", server.place(), program=OLDER_SAMKO)
    newer = NodeProcess(tmp_path / "newer", server.place(), ring=21)
    with older:
        until(lambda: decides(older), "the older one makes the journal, and decides")
        with newer:
            until(lambda: is_level(server, newer), "the newer one stands by")
            older.kill()
            until(lambda: decides(newer), "the newer one decides")
            older.start()
            until(lambda: is_level(server, older), "the older one follows")
            file = gone(server, newer.var / "unjournaled")
            until(lambda: "say `samko cluster upgrade` once all" in newer.log, "it is refused")
            newer.samko("lending", "14", "cut")
            until(lambda: is_level(server, older), "the older one follows on")
            assert set(written(server)) == {codec.FIRST_VERSION}
            assert older.stop() == 0
            until(lambda: len(picture(server.place()).nodes) == 1, "it is there no more")
            assert newer.samko("cluster", "upgrade")[0] == 0
            until(lambda: not file.exists(), "it is merged")
            assert "IslandMerged" in events(server)
            assert set(written(server)) == {codec.FIRST_VERSION, 2}


async def test_who_decides_and_cannot_read_what_is_to_be_written_stops(
    server: RedisServer,
) -> None:
    """Somebody raised it while this node was cut off and nobody saw it."""
    nodes = RedisNodes(server.place())
    async with node_on(server) as first:
        assert await first.take()
        async with deciding(first) as one:
            await begin(one.driver)
            nodes.raise_version(NEWER)
            with pytest.raises(SamkoError, match=f"stops deciding .* version {NEWER}, and this"):
                await asyncio.wait_for(one.keep, PATIENCE_S)
        async with node_on(server) as other:
            assert not await other.take()
            assert f"version {NEWER}" in other.fault
    nodes.close()


async def test_a_redis_that_was_emptied_is_told_the_version_again(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codec, "VERSIONS", (*codec.VERSIONS, NEWER))
    nodes = RedisNodes(server.place())
    async with node_on(server) as first:
        assert await first.take()
        RedisJournal(server.place()).close()
        assert nodes.written_version() == NEWER, "the newest that its maker knew"
        async with deciding(first) as one:
            one.node._written.look(decides=True)
            one.node._written.obey(one.driver)
            assert one.driver.writes == NEWER
            with server.client() as client:
                client.delete(server.place().key("version"))
            assert nodes.written_version() == codec.FIRST_VERSION
            one.node._written.look(decides=True)
            assert nodes.written_version() == NEWER
            assert nodes.raise_version(OLD) == NEWER, "it never goes back"
    nodes.close()
