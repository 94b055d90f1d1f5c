"""The tests' own relay: whatever it passes on ends with it."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import ExitStack, closing

import pytest

from tests.redis_relay import Relay

WAIT_S = 10.0
PAIRS = 8
"""Enough to take the numbers of all sockets that were closed."""


def test_a_cut_ends_what_was_about_to_wait_for_a_closed_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes_on, is_there = threading.Event(), threading.Semaphore(0)
    real = select.poll

    class Late:
        """Waits for what it was told of only when it may."""

        def __init__(self) -> None:
            self._poll = real()

        def register(self, source: socket.socket, mask: int) -> None:
            self._poll.register(source, mask)

        def poll(self, wait_ms: float | None) -> list[tuple[int, int]]:
            is_there.release()
            assert goes_on.wait(WAIT_S)
            return self._poll.poll(wait_ms)

    monkeypatch.setattr(select, "poll", Late)
    before = threading.active_count()
    with ExitStack() as opened:
        listening = opened.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
        with Relay(listening.getsockname()[1]) as relay:
            way = ("127.0.0.1", relay.port)
            opened.enter_context(closing(socket.create_connection(way)))
            for _ in range(2):
                assert is_there.acquire(timeout=WAIT_S)
            relay.cut()
            for pair in [socket.socketpair() for _ in range(PAIRS)]:
                for one in pair:
                    opened.enter_context(closing(one))
            goes_on.set()
        assert threading.active_count() == before
