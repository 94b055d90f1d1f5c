"""One sipp process under a test's control.

Sipp plays a fixed scenario, yet a test wants to say "press 5 now". So every scenario has a loop
that waits for SIP messages, and besides real ones it knows a few of our own (`PRESS5`, `ANSWER`,
`HANGUP` ...), which the test sends to sipp's port with the call's own Call-ID. On the wire to
Asterisk there is only sipp.

House rules: nothing is timed by sleeping; what happened is read from sipp's own log of messages,
whose times are sipp's. Everything is on 127.0.0.1. Sipp dies with the test.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queue_engine.telephony.local_asterisk import GOES_FIRST
from queue_engine.telephony.local_ports import PortRange
from tests.asterisk.key_captures import key_capture
from tests.asterisk.patience import PATIENCE_S

KEY_NAMES: Final = {**{str(digit): str(digit) for digit in range(10)}, "*": "STAR", "#": "POUND"}
_SIP_METHODS: Final = frozenset(("INVITE", "ACK", "BYE", "CANCEL", "INFO", "OPTIONS", "UPDATE"))
_POLL_S: Final = 0.005
_PORTS: Final = 20
_counter = itertools.count(1)


class SippFailed(AssertionError):
    """Sipp ended, or did not see what the test waited for."""


@dataclass(frozen=True)
class SipMessage:
    """One line of sipp's log."""

    time_s: float
    """Seconds since 1970, by sipp's clock, when it was sent or received."""
    is_sent: bool
    call_id: str
    method: str
    """Of the CSeq: `INVITE` also in the answers to an INVITE."""
    line: str
    """`INVITE sip:... SIP/2.0`, or `SIP/2.0 200 OK`."""
    number: int
    """Of the CSeq."""

    @property
    def identity(self) -> tuple[object, ...]:
        """What it has in common with the same message sent once more."""
        return self.is_sent, self.call_id, self.method, self.number, self.line

    @property
    def code(self) -> int | None:
        """Of a response; None if this is a request."""
        return int(self.line.split()[1]) if self.line.startswith("SIP/2.0 ") else None

    def is_request(self, method: str) -> bool:
        """Is this a request of that method, not an answer to one?"""
        return self.code is None and self.method == method


class Sipp:
    """A sipp process, its ports and its log. Make it with a scenario, then `start`."""

    def __init__(self, scenario: str, *, target_port: int, injected: Sequence[bytes] = ()) -> None:
        self._ports = PortRange(_PORTS)
        self.port = self._ports.first
        self.name = f"sipp{next(_counter)}-{self.port}"
        self._folder = Path(tempfile.mkdtemp(prefix="samko-sipp-"))
        self._log = self._folder / "messages.csv"
        self._seen: list[SipMessage] = []
        self._identities: set[tuple[object, ...]] = set()
        self._position = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._control.bind(("127.0.0.1", 0))
        self._target_port = target_port
        (self._folder / "scenario.xml").write_text(scenario)
        # G.711 silence, played over and over or just once.
        (self._folder / "silence.ulaw").write_bytes(b"\xff" * 1600)
        (self._folder / "packet.ulaw").write_bytes(b"\xff" * 160)
        for key, name in KEY_NAMES.items():
            (self._folder / f"{name}.pcap").write_bytes(key_capture(key))
        self._injected = bool(injected)
        if injected:
            lines = [b"SEQUENTIAL", *injected, b""]
            (self._folder / "injected.csv").write_bytes(b"\n".join(lines))

    @property
    def folder(self) -> Path:
        """Where sipp runs; gone after `close`."""
        return self._folder

    def call_id(self, number: int) -> str:
        """Of the n-th call that this sipp makes, counted from 1."""
        return f"{self.name}-{number}@127.0.0.1"

    def start(self, *arguments: str) -> None:
        """Run it. The thread that calls must outlive it."""
        program = shutil.which("sipp")
        if program is None:
            raise SippFailed("sipp is missing: install sip-tester")
        command = [program, f"127.0.0.1:{self._target_port}", "-sf", "scenario.xml"]
        command += ["-i", "127.0.0.1", "-ci", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin"]
        command += ["-p", str(self.port), "-cp", str(self.port + 1), "-mp", str(self.port + 2)]
        command += ["-trace_shortmsg", "-shortmessage_file", self._log.name]
        command += ["-trace_err", "-error_file", "errors.log"]
        command += ["-cid_str", f"{self.name}-%u@127.0.0.1"]
        if self._injected:
            command += ["-inf", "injected.csv"]
        with (self._folder / "screen.log").open("wb") as screen:
            self._process = subprocess.Popen(
                [*GOES_FIRST, "setpriv", "--pdeathsig", "KILL", "--", *command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )

    async def tell(self, word: str, call_id: str, deadline_s: float = PATIENCE_S) -> None:
        """Let the scenario of that call act, and wait until sipp has taken the word.

        Sipp gives a call up when a message finds it between two steps, hence the waiting.

        Args:
            word: one of the scenario's own requests.
            call_id: of the call that is meant.
            deadline_s: for sipp to take it.
        """
        branch = f"z9hG4bK-test-{next(_counter)}"
        text = (
            f"{word} sip:scenario@127.0.0.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:9;branch={branch}\r\n"
            "From: <sip:test@127.0.0.1>;tag=test\r\nTo: <sip:scenario@127.0.0.1>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 1 {word}\r\nContent-Length: 0\r\n\r\n"
        )

        def is_taken(message: SipMessage) -> bool:
            return message.method == word and message.call_id == call_id

        count = 1 + sum(is_taken(message) for message in self._read())
        self._control.sendto(text.encode(), ("127.0.0.1", self.port))
        await self._until(is_taken, f"the test's {word}", deadline_s, count)

    def messages(self) -> list[SipMessage]:
        """All SIP messages so far, in order, each once, without the test's own words."""
        return [message for message in self._read() if message.method in _SIP_METHODS]

    async def until(
        self,
        is_it: Callable[[SipMessage], bool],
        what: str,
        deadline_s: float = PATIENCE_S,
        count: int = 1,
    ) -> SipMessage:
        """Wait for the `count`-th message that fits, and give it.

        Raises:
            SippFailed: if it has not come by the deadline, or sipp has ended without it.
        """

        def is_real(message: SipMessage) -> bool:
            return message.method in _SIP_METHODS and is_it(message)

        return await self._until(is_real, what, deadline_s, count)

    @property
    def has_ended(self) -> bool:
        """Has the process ended (all its calls are over)?"""
        return self._process is None or self._process.poll() is not None

    def close(self, *, keep_ports: bool = False) -> None:
        """End it at once, without a word to Asterisk. Harmless when repeated."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        if not keep_ports:
            self._ports.release()

    async def _until(
        self, is_it: Callable[[SipMessage], bool], what: str, deadline_s: float, count: int
    ) -> SipMessage:
        until = time.monotonic() + deadline_s
        while True:
            # Asked before the log is read: what was written before the end is not missed.
            has_ended = self.has_ended
            hits = [message for message in self._read() if is_it(message)]
            if len(hits) >= count:
                return hits[count - 1]
            if has_ended or time.monotonic() > until:
                raise SippFailed(f"{what}: not seen in {deadline_s} s;{self._told()}")
            await asyncio.sleep(_POLL_S)

    def _read(self) -> list[SipMessage]:
        if self._log.exists():
            with self._log.open("rb") as log:
                log.seek(self._position)
                new = log.read()
            # Sipp may be in the middle of writing the last line.
            whole = new[: new.rfind(b"\n") + 1]
            self._position += len(whole)
            parsed = (_parse(line) for line in whole.decode(errors="replace").splitlines())
            for message in parsed:
                if message is not None and not self._is_again(message):
                    self._seen.append(message)
        return self._seen

    def _is_again(self, message: SipMessage) -> bool:
        """Has it been sent before? A busy machine loses packets, or answers late."""
        if message.method not in _SIP_METHODS:
            return False
        was_seen = message.identity in self._identities
        self._identities.add(message.identity)
        return was_seen

    def _told(self) -> str:
        lines = [
            f"    {'sent' if m.is_sent else 'got '} {m.call_id} {m.line}" for m in self._seen[-20:]
        ]
        for name in ("errors.log", "screen.log"):
            path = self._folder / name
            if path.exists():
                lines += path.read_text(errors="replace").splitlines()[-8:]
        return f" ended={self.has_ended}\n" + "\n".join(lines)


def _parse(line: str) -> SipMessage | None:
    """A log line: date, time, epoch, S or R, Call-ID, CSeq, first line; tabs between."""
    parts = line.split("\t")
    if len(parts) < 7 or not parts[5].startswith("CSeq:"):
        return None
    number, method = parts[5].removeprefix("CSeq:").split()
    return SipMessage(float(parts[2]), parts[3] == "S", parts[4], method, parts[6], int(number))
