"""A relay before a server: it can be cut, be slow or silent, or keep the answers back, so that the
client cannot know what was done."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Final, Self

from queue_engine.journal.redis_place import RedisPlace

_ACCEPT_S: Final = 0.1
_UNDER_WAY_MAX: Final = 256
"""Chunks of one connection in one direction; who sends more waits, as on any full line."""


class Relay:
    """Passes bytes both ways, in threads, until the end of its block."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(_ACCEPT_S)
        self.port: int = self._listening.getsockname()[1]
        self._is_open = True
        self._passes_answers = True
        self.is_cut = False
        """Whether nothing gets through."""
        self.is_silent = False
        """Whether nothing gets through either, and nobody is told."""
        self.delay_s = 0.0
        """So much later everything arrives, in either direction; nothing overtakes anything."""
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def passes(self) -> bool:
        """Whether anything gets through."""
        return not (self.is_cut or self.is_silent)

    def place(self) -> RedisPlace:
        """Where the Redis is, if it is one, for whoever goes this way."""
        return RedisPlace("127.0.0.1", self.port)

    def swallow_answers(self) -> None:
        """From now on the server hears, and is not heard."""
        self._passes_answers = False

    def pass_answers(self) -> None:
        """New connections are as they should be; the old ones are closed."""
        self._passes_answers = True
        self._close_all()

    def cut(self) -> None:
        """Nothing gets through any more: what is connected is closed, and so is what comes."""
        self.is_cut = True
        self._close_all()

    def fall_silent(self) -> None:
        """Nothing gets through any more, and nobody is told: what is connected stays, and so does
        what comes."""
        self.is_silent = True

    def heal(self) -> None:
        """New connections are as they should be."""
        self.is_cut = self.is_silent = False

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_open = False
        self._close_all()
        for thread in self._threads:
            thread.join(10)
        self._listening.close()

    def _accept(self) -> None:
        while self._is_open:
            try:
                client, _ = self._listening.accept()
            except TimeoutError:
                continue
            with self._lock:
                self._join(client)

    def _join(self, client: socket.socket) -> None:
        if self.is_cut or not self._is_open:
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:  # it does not run just now
            client.close()
            return
        self._sockets += (client, server)
        for source, sink, is_answer in ((client, server, False), (server, client, True)):
            thread = threading.Thread(target=self._pass_on, args=(source, sink, is_answer))
            self._threads.append(thread)
            thread.start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        under_way: deque[tuple[float, bytes]] = deque()
        with suppress(OSError, ValueError):  # closed meanwhile
            readable = select.poll()
            readable.register(source, select.POLLIN)
            is_open = True
            while is_open or under_way:
                wait_ms = None
                if under_way:
                    wait_ms = max(0.0, 1_000 * (under_way[0][0] - time.monotonic()))
                if not is_open or len(under_way) >= _UNDER_WAY_MAX:
                    time.sleep((wait_ms or 0.0) / 1_000)
                elif readable.poll(wait_ms):
                    data = source.recv(65_536)
                    is_open = bool(data)
                    if not self.is_silent and (self._passes_answers or not is_answer):
                        under_way.append((time.monotonic() + self.delay_s, data))
                while under_way and under_way[0][0] <= time.monotonic():
                    sink.sendall(under_way.popleft()[1])
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
        source.close()

    def _close_all(self) -> None:
        """Whoever waits for one of them closes it: closed by another, its number could be given to
        a new one, and be waited for in its place."""
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
