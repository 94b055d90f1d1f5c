"""Ports for those whom a test starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from queue_engine.telephony.local_ports import PortRange

_AT_A_TIME: Final = 20


def _never_twice() -> Iterator[int]:
    held = []  # a range is given back when nobody has it any more
    while True:
        held.append(PortRange(_AT_A_TIME))
        yield from range(held[-1].first, held[-1].last + 1)


_ports: Final = _never_twice()


def free_port() -> int:
    """A port of loopback that nobody uses, nor will: no other test, in whichever process, nor any
    outgoing connection."""
    return next(_ports)
