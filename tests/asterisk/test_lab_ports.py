"""Ranges of ports that nobody else takes."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from queue_engine.telephony import local_ports
from queue_engine.telephony.local_ports import NoFreePorts, PortRange

ROOT = Path(__file__).resolve().parents[2]


def ports_of(taken: PortRange) -> set[int]:
    """All ports of the range."""
    return set(range(taken.first, taken.last + 1))


def test_two_ranges_share_no_port() -> None:
    with PortRange(45) as one, PortRange(45) as two:
        assert len(ports_of(one)) == 45
        assert not ports_of(one) & ports_of(two)


def test_a_range_of_another_process_is_left_alone() -> None:
    script = (
        "from queue_engine.telephony.local_ports import PortRange\n"
        "held = PortRange(400)\nprint(held.first, held.last, flush=True)\ninput()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    with other, PortRange(400) as ours:
        first, last = map(int, other.stdout.readline().split())
        with PortRange(400) as later:
            assert not ports_of(ours) & set(range(first, last + 1))
            assert not ports_of(later) & set(range(first, last + 1))
        other.stdin.write("\n")


def test_a_released_range_is_the_last_to_be_given_again() -> None:
    """A call that is still sent to it reaches no phone that came after."""
    given: set[int] = set()
    for _ in range(100):
        with PortRange(3) as phone:
            assert phone.first not in given
            given.add(phone.first)


def test_a_released_range_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with PortRange(1) as somewhere:
        first = somewhere.first
    # A world of two units, of which one range takes both.
    monkeypatch.setattr(local_ports, "_FIRST", first)
    monkeypatch.setattr(local_ports, "_END", first + 40)
    held = PortRange(40)
    with pytest.raises(NoFreePorts, match="no 1 consecutive ports are free"):
        PortRange(1)
    held.release()
    held.release()
    PortRange(40).release()


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_that_some_other_program_uses_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, kind: socket.SocketKind
) -> None:
    with PortRange(1) as somewhere, socket.socket(socket.AF_INET, kind) as program:
        first = somewhere.first
        program.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        program.bind(("127.0.0.1", first + 1))
        if kind == socket.SOCK_STREAM:
            program.listen()
        somewhere.release()
        monkeypatch.setattr(local_ports, "_FIRST", first)
        monkeypatch.setattr(local_ports, "_END", first + 20)
        with pytest.raises(NoFreePorts):
            PortRange(1)
