"""Ports on loopback that nobody else on this machine will take.

House rules: a port found free a moment ago is no promise, so a range is held by a name in the
kernel (an abstract socket), which all of ours ask for and which vanishes with its process. The
ranges lie below the ephemeral ports, so that no outgoing connection can take one in between.
"""

from __future__ import annotations

import os
import socket
from typing import Final, Self

_FIRST: Final = 12_000
_END: Final = 32_000
_UNIT: Final = 20
"""Ports are held in units of so many."""
_CHECKED: Final = 10
"""So many at a range's start are tried out, against programs that do not ask for the name."""

# Processes start at different places, to meet each other less often. In each of them a range comes
# after all others: what is still sent to one that was given back shall reach nobody (an Asterisk
# sends an INVITE again for half a minute).
_starts: Final = {"unit": os.getpid() * 7}


class NoFreePorts(Exception):
    """No range of that size is left on loopback."""


class PortRange:
    """`count` consecutive ports, held until `release()` or the end of the process."""

    def __init__(self, count: int) -> None:
        assert count > 0, count
        units = -(-count // _UNIT)
        total = (_END - _FIRST) // _UNIT
        for offset in range(total):
            unit = (_starts["unit"] + offset) % total
            if unit + units <= total and (held := _hold(unit, units)) is not None:
                self._held = held
                _starts["unit"] = unit + units
                self.first = _FIRST + unit * _UNIT
                self.count = count
                return
        raise NoFreePorts(f"no {count} consecutive ports are free in {_FIRST}-{_END - 1}")

    @property
    def last(self) -> int:
        """The last port of the range."""
        return self.first + self.count - 1

    def release(self) -> None:
        """Give the range back; harmless when repeated."""
        for name in self._held:
            name.close()
        self._held = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _hold(unit: int, units: int) -> list[socket.socket] | None:
    """The names of these units, or None if one is taken or a port is in use."""
    held: list[socket.socket] = []
    for number in range(unit, unit + units):
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0samko-ports-{_FIRST + number * _UNIT}")
        except OSError:
            name.close()
            break
        held.append(name)
    first = _FIRST + unit * _UNIT
    if len(held) == units and all(_is_free(first + n) for n in range(_CHECKED)):
        return held
    for name in held:
        name.close()
    return None


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                # As servers do: a port that only waits out its last connection is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
