"""Real Redis servers that stand for one another: with sentinels, or as a cluster."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from redis.crc import key_slot

from queue_engine.journal.redis_place import RedisPlace, Sentinels
from tests.patience import until as until
from tests.ports import free_port
from tests.redis_server import RedisServer

SERVICE: Final = "national"
_QUICK: Final = ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1")
_SLOTS: Final = 16_384


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
            f"sentinel down-after-milliseconds {SERVICE} 500\n"
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
    """Three primaries, each with a third of the slots."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.nodes: list[RedisServer] = []
        self._bus: list[str] = []
        for number in range(3):
            own, bus = folder / f"node{number}", str(free_port())
            own.mkdir()
            options = ("--cluster-enabled", "yes", "--cluster-port", bus, *_QUICK)
            self.nodes.append(RedisServer(own, *options))
            self._bus.append(bus)

    def place(self, name: str = "samko") -> RedisPlace:
        """Where it is, as two of its nodes tell."""
        known = tuple(("127.0.0.1", node.port) for node in self.nodes[:2])
        return RedisPlace(name=name, cluster=known)

    def move(self, key: str) -> None:
        """Moves the slot of a key, with all keys in it, to the next node."""
        slot = key_slot(key.encode())
        at = next(number for number in range(3) if slot < self._ends()[number + 1])
        source, target = self.nodes[at], self.nodes[(at + 1) % 3]
        with source.client() as giver, target.client() as taker:
            ids = [client.cluster("MYID").decode() for client in (giver, taker)]
            taker.cluster("SETSLOT", slot, "IMPORTING", ids[0])
            giver.cluster("SETSLOT", slot, "MIGRATING", ids[1])
            keys = giver.cluster("GETKEYSINSLOT", slot, 1_000)
            giver.migrate("127.0.0.1", target.port, keys, 0, 5_000)
            for client in (taker, giver):
                client.cluster("SETSLOT", slot, "NODE", ids[1])

    def _ends(self) -> list[int]:
        return [_SLOTS * number // 3 for number in range(4)]

    def _start(self, started: ExitStack) -> None:
        first_node = ("127.0.0.1", self.nodes[0].port, self._bus[0])
        ends = self._ends()
        for node in self.nodes:
            started.enter_context(node)
        for node, first, after in zip(self.nodes, ends[:-1], ends[1:], strict=True):
            with node.client() as client:
                client.execute_command("CLUSTER ADDSLOTSRANGE", first, after - 1)
                client.execute_command("CLUSTER MEET", *first_node)
        until(lambda: all(map(_is_whole, self.nodes)), "the nodes know one another")


def _is_whole(node: RedisServer) -> bool:
    with node.client() as client:
        info = client.cluster("INFO")
    return (info["cluster_state"], info["cluster_known_nodes"]) == ("ok", "3")
