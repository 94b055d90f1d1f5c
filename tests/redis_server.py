"""A real redis-server of the tests' own, on a free port of loopback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

import pytest
from redis import Redis
from redis.exceptions import RedisError

from queue_engine.journal.redis_place import RedisPlace
from tests.ports import free_port as free_port

START_S: Final = 20.0


class RedisServer:
    """Runs until the end of its block; may be killed and started again meanwhile.

    Args:
        folder: for its files.
        options: of the command line, such as `--appendfsync always`.
        has_tls: whether it listens with TLS as well; the options name its certificate.
    """

    def __init__(self, folder: Path, *options: str, has_tls: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self._tls_port = free_port() if has_tls else 0
        tls = ("--tls-port", str(self._tls_port)) if has_tls else ()
        self.options = ("--save", "", "--appendonly", "yes", *tls, *options)
        self.file: tuple[str, ...] = ()
        """Its configuration, if it is to have one that it may write."""
        self.process: subprocess.Popen[bytes] | None = None

    def place(self, name: str = "samko") -> RedisPlace:
        """Where it is."""
        return RedisPlace("127.0.0.1", self.port, name=name)

    def tls_place(self, ca_file: Path) -> RedisPlace:
        """Where it is for those who want TLS."""
        return replace(self.place(), port=self._tls_port, ca_file=ca_file)

    def client(self) -> Redis:
        """A plain client, beside the journal."""
        return Redis(host="127.0.0.1", port=self.port)

    def start(self) -> None:
        """Returns when it answers."""
        address = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder))
        command = (_program(), *self.file, *address, *self.options)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until_s = time.monotonic() + START_S
        with self.client() as client:
            while True:
                try:
                    client.ping()
                except RedisError:
                    if time.monotonic() > until_s:
                        self.kill()
                        pytest.fail("redis-server does not answer")
                    time.sleep(0.02)
                else:
                    return

    def follow(self, port: int) -> None:
        """From now on it is the replica of the server at that port; returns when it has all."""
        with self.client() as client:
            client.replicaof("127.0.0.1", str(port))
            until_s = time.monotonic() + START_S
            while client.info("replication")["master_link_status"] != "up":
                assert time.monotonic() < until_s, "the replica does not get what there is"
                time.sleep(0.02)

    def kill(self) -> None:
        """As by a power cut."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(START_S)
        self.process = None

    def freeze(self) -> None:
        """SIGSTOP: it is connected, and silent."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.kill()


def _program() -> str:
    program = shutil.which("redis-server")
    if program is None:
        missing = "NOT TESTED against a real Redis, for lack of: redis-server"
        if os.environ.get("SAMKO_REQUIRE_ALL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return program
