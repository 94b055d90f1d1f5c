"""The phones of the tests do what phones do, also on a busy machine."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.asterisk import scenarios
from tests.asterisk.sipp import Sipp

pytestmark = pytest.mark.asterisk

PATIENCE_S = 10.0
POLL_S = 0.005
CALL = "once-more@127.0.0.1"


@contextmanager
def a_phone(talk_ms: int) -> Iterator[tuple[Sipp, socket.socket]]:
    """A nurse's phone that answers at once, and who calls it, without an Asterisk between."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(PATIENCE_S)
        sipp = Sipp(
            scenarios.nurse("answer", 0, talk_ms, "none"), target_port=line.getsockname()[1]
        )
        sipp.start()
        try:
            yield sipp, line
        finally:
            sipp.close()


def send(line: socket.socket, sipp: Sipp, method: str) -> None:
    port = line.getsockname()[1]
    text = (
        f"{method} sip:nurse1@127.0.0.1:{sipp.port} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{method}\r\n"
        f"From: <sip:test@127.0.0.1>;tag=test\r\nTo: <sip:nurse1@127.0.0.1>\r\n"
        f"Call-ID: {CALL}\r\nCSeq: 1 {method}\r\n"
        f"Contact: <sip:test@127.0.0.1:{port}>\r\nContent-Length: 0\r\n\r\n"
    )
    line.sendto(text.encode(), ("127.0.0.1", sipp.port))


def until(line: socket.socket, start: str) -> None:
    """Until it sends this. TimeoutError if it falls silent."""
    while not line.recv(4096).decode().startswith(start):
        pass


def is_up(sipp: Sipp) -> bool:
    """Does somebody listen at its port? Asked of the system: a try would take the port from it."""
    rows = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(row.split()[1].endswith(f":{sipp.port:04X}") for row in rows)


def test_an_invite_sent_once_more_after_the_answer_is_no_other_call() -> None:
    """As from an Asterisk that is busy, and reads the answer later: the talk begins and ends."""
    with a_phone(talk_ms=300) as (sipp, line):
        while not is_up(sipp):
            assert not sipp.has_ended
            time.sleep(POLL_S)
        send(line, sipp, "INVITE")
        until(line, "SIP/2.0 200")
        until(line, "SIP/2.0 200")  # sent again: nobody has acknowledged it
        send(line, sipp, "INVITE")
        send(line, sipp, "ACK")
        send(line, sipp, "ACK")
        until(line, "BYE")
