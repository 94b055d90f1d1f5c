"""What went over the wire: SIP on loopback, by the kernel's own timestamps (tcpdump)."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PATH: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_START_S: Final = 10.0
_FILE_HEADER: Final = struct.Struct("<IHHiIII")
_PACKET_HEADER: Final = struct.Struct("<IIII")
_MAGIC: Final = 0xA1B2C3D4
_ETHERNET: Final = 1
_HEADERS_BYTES: Final = 14 + 20 + 8
"""Ethernet, IPv4 without options, UDP."""


class NoCapture(Exception):
    """The wire cannot be listened to; says why."""


@dataclass(frozen=True, slots=True)
class SipPacket:
    """One SIP message as it passed."""

    at_s: float
    """Seconds since 1970."""
    source: int
    """UDP port."""
    target: int
    line: str
    """`BYE sip:... SIP/2.0`, or `SIP/2.0 200 OK`."""
    call_id: str
    sender: str
    """The From header."""

    def is_request(self, method: str) -> bool:
        """Whether it is a request of that method."""
        return self.line.startswith(f"{method} ")


class Capture:
    """What is being recorded; `packets()` once it has ended."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def packets(self) -> list[SipPacket]:
        """Everything captured, in order."""
        return list(_read(self._file.read_bytes()))


@asynccontextmanager
async def capture(sip_port: int, file: Path) -> AsyncIterator[Capture]:
    """Records all SIP from and to that port while the block lasts.

    Raises:
        NoCapture: tcpdump is missing, or may not listen.
    """
    program = shutil.which("tcpdump", path=_PATH)
    if program is None:
        raise NoCapture("tcpdump is missing: install tcpdump")
    with file.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            # It stays root: one that becomes another user would outlive us if we are killed.
            *("setpriv", "--pdeathsig", "KILL", "--", program, "-Z", "root"),
            *("-i", "lo", "-n", "-s", "0", "-U", "-w", "-"),
            *("--immediate-mode", f"udp port {sip_port}"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.PIPE,
        )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(_START_S):
            said = await process.stderr.readuntil(b"\n")
            while b"listening on" not in said:
                said = await process.stderr.readuntil(b"\n")
        yield Capture(file)
    except asyncio.IncompleteReadError as exc:
        words = exc.partial.decode(errors="replace").strip()
        raise NoCapture(f"tcpdump cannot listen on lo (is this root?): {words}") from exc
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


def _read(data: bytes) -> Iterator[SipPacket]:
    magic, _, _, _, _, _, link_type = _FILE_HEADER.unpack_from(data)
    assert (magic, link_type) == (_MAGIC, _ETHERNET), (hex(magic), link_type)
    at = _FILE_HEADER.size
    while at + _PACKET_HEADER.size <= len(data):
        seconds, micros, size, _ = _PACKET_HEADER.unpack_from(data, at)
        at += _PACKET_HEADER.size
        frame = data[at : at + size]
        at += size
        text = frame[_HEADERS_BYTES:].decode("latin-1")
        source, target = struct.unpack_from("!HH", frame, _HEADERS_BYTES - 8)
        lines = text.partition("\r\n\r\n")[0].split("\r\n")
        yield SipPacket(
            at_s=seconds + micros / 1e6,
            source=source,
            target=target,
            line=lines[0],
            call_id=_header(lines, "Call-ID"),
            sender=_header(lines, "From"),
        )


def _header(lines: list[str], name: str) -> str:
    found = (line.partition(":") for line in lines[1:])
    return next((value.strip() for key, _, value in found if key == name), "")
