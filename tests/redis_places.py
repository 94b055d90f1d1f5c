"""Real Redis servers that stand for one another: with sentinels, or as a cluster."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from redis.crc import key_slot

from queue_engine.journal.redis_place import RedisPlace, Sentinels
from tests.patience import until as until
from tests.ports import free_port
from tests.redis_server import RedisServer

SERVICE: Final = "national"
_QUICK: Final = ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1")
_SLOTS: Final = 16_384
_PRIMARIES: Final = 3
NODE_TIMEOUT_MS: Final = 1_000
"""Who is silent for so long is taken for dead by the cluster's other nodes."""


class _Several(ExitStack):
    """Servers that are started together, in `_start`, and end together."""

    def __enter__(self) -> Self:
        with ExitStack() as started:
            self._start(started)
            self.push(started.pop_all())
        return self

    def _start(self, started: ExitStack) -> None:
        raise NotImplementedError


class Watched(_Several):
    """A primary, a replica that has all it has, and three sentinels, two of which must agree.

    Args:
        folder: for their files.
        options: of both servers.
        seen_at: the primary's port as sentinels are told it, if not its own.
    """

    def __init__(self, folder: Path, *options: str, seen_at: int | None = None) -> None:
        super().__init__()
        kept = ("--appendfsync", "always", *_QUICK, *options)
        folders = [folder / name for name in ("primary", "replica", "s1", "s2", "s3")]
        for each in folders:
            each.mkdir()
        self.primary = RedisServer(folders[0], *kept)
        self.replica = RedisServer(folders[1], *kept)
        self.sentinels = [RedisServer(each) for each in folders[2:]]
        self.seen_at = seen_at

    def place(self, name: str = "samko", replicas: int = 0) -> RedisPlace:
        """Where the journal is, as the sentinels tell."""
        addresses = tuple(("127.0.0.1", sentinel.port) for sentinel in self.sentinels)
        return RedisPlace(name=name, sentinels=Sentinels(addresses, SERVICE), replicas=replicas)

    def primary_port(self) -> int:
        """Whom all sentinels name; 0: they do not agree."""
        named = set()
        for sentinel in self.sentinels:
            with sentinel.client() as client:
                named.add(client.sentinel_get_master_addr_by_name(SERVICE)[1])
        return named.pop() if len(named) == 1 else 0

    def kill_primary(self) -> None:
        """As by a power cut; returns when the replica is the primary."""
        self.primary.kill()
        self.wait_for_promotion()

    def wait_for_promotion(self) -> None:
        """Until the replica is the primary, and all sentinels know."""
        until(self._is_promoted, "the replica is promoted")

    def _is_promoted(self) -> bool:
        with self.replica.client() as client:
            role = client.info("replication")["role"]
        return role == "master" and self.primary_port() == self.replica.port

    def _start(self, started: ExitStack) -> None:
        started.enter_context(self.primary)
        started.enter_context(self.replica)
        self.replica.follow(self.primary.port)
        for sentinel in self.sentinels:
            self._tell(sentinel)
            started.enter_context(sentinel)
        until(self._all_are_known, "the sentinels know one another and the replica")

    def _tell(self, sentinel: RedisServer) -> None:
        """Whom it watches."""
        file = sentinel.folder / "sentinel.conf"
        file.write_text(
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.seen_at or self.primary.port} 2\n"
            f"sentinel down-after-milliseconds {SERVICE} 1000\n"
            f"sentinel failover-timeout {SERVICE} 4000\n"
        )
        sentinel.file, sentinel.options = (str(file), "--sentinel"), ()

    def _all_are_known(self) -> bool:
        for sentinel in self.sentinels:
            with sentinel.client() as client:
                state = client.sentinel_masters()[SERVICE]
            if (state["num-other-sentinels"], state["num-slaves"]) != (2, 1):
                return False
        return True


class Cluster(_Several):
    """Three primaries, each with a third of the slots.

    Args:
        folder: for their files.
        has_replicas: whether each has one that takes over from it.
    """

    def __init__(self, folder: Path, *, has_replicas: bool = False) -> None:
        super().__init__()
        self.nodes: list[RedisServer] = []
        """The primaries at first, then the replica of each."""
        self._bus: list[str] = []
        for number in range(2 * _PRIMARIES if has_replicas else _PRIMARIES):
            own, bus = folder / f"node{number}", str(free_port())
            own.mkdir()
            timeout = ("--cluster-node-timeout", str(NODE_TIMEOUT_MS))
            options = ("--cluster-enabled", "yes", "--cluster-port", bus, *timeout, *_QUICK)
            self.nodes.append(RedisServer(own, "--appendfsync", "always", *options))
            self._bus.append(bus)

    def place(self, name: str = "samko") -> RedisPlace:
        """Where it is, as some of its nodes tell."""
        known = tuple(("127.0.0.1", node.port) for node in self.nodes[1:])
        return RedisPlace(name=name, cluster=known)

    def owner(self, key: str) -> RedisServer:
        """Who has the slot of a key now, as all that run agree."""
        slot, found = key_slot(key.encode()), set()
        for node in self._running():
            with node.client() as client:
                for first, last, primary, *_ in client.execute_command("CLUSTER SLOTS"):
                    if first <= slot <= last:
                        found.add(int(primary[1]))
        (port,) = found
        return next(node for node in self.nodes if node.port == port)

    def move(self, key: str, pause_s: float = 0) -> None:
        """Moves the slot of a key to another primary.

        Args:
            pause_s: between two keys of the slot; 0: all at once.
        """
        slot, source = key_slot(key.encode()), self.owner(key)
        target = next(node for node in self.nodes[:_PRIMARIES] if node is not source)
        with source.client() as giver, target.client() as taker:
            ids = [client.cluster("MYID").decode() for client in (giver, taker)]
            taker.cluster("SETSLOT", slot, "IMPORTING", ids[0])
            giver.cluster("SETSLOT", slot, "MIGRATING", ids[1])
            at_once = 1 if pause_s else 1_000
            while keys := giver.cluster("GETKEYSINSLOT", slot, at_once):
                giver.migrate("127.0.0.1", target.port, keys, 0, 5_000)
                time.sleep(pause_s)
            for client in (taker, giver):
                client.cluster("SETSLOT", slot, "NODE", ids[1])

    def kill_owner(self, key: str) -> None:
        """Who has the slot of a key dies, as by a power cut; returns when its replica has it."""
        former = self.owner(key)
        former.kill()
        until(lambda: self._has_gone_on(key, former), "a replica has the slot")

    def _has_gone_on(self, key: str, former: RedisServer) -> bool:
        try:
            return self.owner(key) is not former and all(map(_is_ok, self._running()))
        except ValueError:
            return False  # they do not agree yet

    def _running(self) -> list[RedisServer]:
        return [node for node in self.nodes if node.process is not None]

    def _start(self, started: ExitStack) -> None:
        for node in self.nodes:
            started.enter_context(node)
        primaries, replicas = self.nodes[:_PRIMARIES], self.nodes[_PRIMARIES:]
        ends = [_SLOTS * number // _PRIMARIES for number in range(_PRIMARIES + 1)]
        for node, first, after in zip(primaries, ends[:-1], ends[1:], strict=True):
            with node.client() as client:
                client.execute_command("CLUSTER ADDSLOTSRANGE", first, after - 1)
        for node in self.nodes[1:]:
            with node.client() as client:
                first_node = ("127.0.0.1", self.nodes[0].port, self._bus[0])
                client.execute_command("CLUSTER MEET", *first_node)
        until(lambda: all(map(self._is_whole, self.nodes)), "the nodes know one another")
        for node, primary in zip(replicas, primaries, strict=False):
            with node.client() as client, primary.client() as asked:
                client.cluster("REPLICATE", asked.cluster("MYID").decode())
        for node in replicas:
            until(partial(_has_all, node), "a replica has what its primary has")

    def _is_whole(self, node: RedisServer) -> bool:
        with node.client() as client:
            return _is_ok(node) and client.cluster("INFO")["cluster_known_nodes"] == str(
                len(self.nodes)
            )


def _is_ok(node: RedisServer) -> bool:
    with node.client() as client:
        return bool(client.cluster("INFO")["cluster_state"] == "ok")


def _has_all(node: RedisServer) -> bool:
    with node.client() as client:
        return bool(client.info("replication").get("master_link_status") == "up")


def in_yaml(place: RedisPlace) -> str:
    """As `samko.yaml` says it."""
    told: dict[str, Any] = {"name": place.name, "replicas": place.replicas}
    if place.sentinels is not None:
        addresses = [f"{host}:{port}" for host, port in place.sentinels.addresses]
        told["sentinels"] = {"addresses": addresses, "service": place.sentinels.service}
    elif place.cluster:
        told["cluster"] = [f"{host}:{port}" for host, port in place.cluster]
    else:
        told["port"] = place.port
    return json.dumps(told)
