"""Two real `samko serve` behind sentinels: their Redis fails, a lagging replica goes on, then one
of them dies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from queue_engine.core.errors import JournalError
from queue_engine.journal.redis_nodes import ClusterPicture
from tests.patience import until
from tests.ports import free_port
from tests.redis.nodes import NodeProcess, picture
from tests.redis.test_two_nodes import decides, stands_by
from tests.redis_places import Watched

pytestmark = pytest.mark.redis


def seen(watched: Watched) -> ClusterPicture | None:
    """None: nobody can be asked now."""
    try:
        return picture(watched.place())
    except JournalError:
        return None


def are_level(watched: Watched) -> bool:
    """Two nodes are there, and nobody is behind."""
    found = seen(watched)
    if found is None or not found.holder or not found.last_number:
        return False
    return [node.note.number for node in found.nodes] == [found.last_number] * 2


def holder(watched: Watched) -> str:
    found = seen(watched)
    return "" if found is None else found.holder


def test_a_failover_to_a_lagging_replica_is_no_takeover_and_loses_nothing(tmp_path: Path) -> None:
    with Watched(tmp_path) as watched:
        nodes = [
            NodeProcess(tmp_path / name, watched.place(), ring)
            for name, ring in (("n1", 20), ("n2", 21))
        ]
        with nodes[0], nodes[1]:
            until(lambda: are_level(watched), "both have all")
            first, second = nodes if decides(nodes[0]) else nodes[::-1]
            until(lambda: decides(first) and stands_by(second), "one decides")
            decider = holder(watched)
            with watched.replica.client() as client:
                client.replicaof("127.0.0.1", str(free_port()))  # from now on it lags
            before = watched_last(watched)
            # Not by the command line, which takes as long as the lease that the replica knows of.
            code, told = first.get("/api/v1/regions/14/lending", {"is_cut": True, "reason": "test"})
            assert code == 200, told
            assert watched_last(watched) > before, "something is written that it lacks"
            watched.kill_primary()
            code, told, fault = first.samko("lending", "14", "whole")
            assert code == 0, fault
            until(lambda: "given again" in first.log, "the replica has what it lacked")
            until(lambda: are_level(watched), "both have all again")
            assert holder(watched) == decider
            assert decides(first)
            lacks = "this node keeps nothing of callers"
            keyless, other = (first, second) if lacks in first.log else (second, first)
            told_before = keyless.log.count(lacks)
            assert told_before > 0, "it serves without the key, and says so"
            shutil.copy(other.var / "vault.key", keyless.var / "vault.key")
            last = watched_last(watched)
            first.kill()
            until(lambda: decides(second), "the other one decides")
            assert watched_last(watched) > last
            assert keyless.log.count(lacks) == told_before
            code, told, fault = second.samko("redecide")
            assert code == 0, fault + told


def watched_last(watched: Watched) -> int:
    found = seen(watched)
    return 0 if found is None else found.last_number
