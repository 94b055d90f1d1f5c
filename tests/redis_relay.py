"""A relay before a server whose answers can be kept back: the client cannot know what was done."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

_ACCEPT_S: Final = 0.1


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
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept)]

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

    def heal(self) -> None:
        """New connections are as they should be."""
        self.is_cut = False

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
        with suppress(OSError):
            while data := source.recv(65_536):
                if self._passes_answers or not is_answer:
                    sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def _close_all(self) -> None:
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
