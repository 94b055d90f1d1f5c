"""A scripted Asterisk: connects over TCP, speaks AGI as the real one does, presses keys.

There is no time in it: a prompt is over at once and a wait without a key ends at once, so that a
whole call takes milliseconds. Commands are split by the rules of Asterisk's own parser, not by
ours, so that an argument that breaks out of its quotes is seen to do so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final

KEYS: Final = "0123456789*#"
DEADLINE_S: Final = 10.0
_channels = count(1)

Reaction = Callable[["FakeChannel", list[str]], bytes | None]
"""Given a command's words: the bytes to answer with, or None for the usual answer."""


def contact_id() -> str:
    """A new channel's Uniqueid."""
    return f"ast1-1795282147.{next(_channels)}"


def headers(script: str, *arguments: str, **changed: str) -> bytes:
    """The headers of a visit, as Asterisk writes them."""
    values = {
        "network": "yes",
        "network_script": script,
        "request": f"agi://127.0.0.1/{script}",
        "channel": "PJSIP/trunk-00000001",
        "language": "en",
        "uniqueid": contact_id(),
        "callerid": "0701740605",
        "calleridname": "unknown",
        "callingpres": "0",
        "dnid": "1177",
        "rdnis": "unknown",
        "context": "samko-inbound",
        "extension": "1177",
        "priority": "1",
        "accountcode": "",
        **changed,
    }
    values |= {f"arg_{number}": value for number, value in enumerate(arguments, 1)}
    return "".join(f"agi_{name}: {value}\n" for name, value in values.items()).encode() + b"\n"


def split_command(line: str) -> list[str]:
    """The words of a command, split as Asterisk does."""
    words: list[str] = []
    word, quoted, escaped, begun = "", False, False, False
    for char in line:
        if escaped:
            word, escaped, begun = word + char, False, True
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted, begun = not quoted, True
        elif char in " \t" and not quoted:
            if begun:
                words.append(word)
            word, begun = "", False
        else:
            word, begun = word + char, True
    return [*words, word] if begun else words


@dataclass(slots=True)
class FakeChannel:
    """One visit. `presses` are keys by the prompt (`sv/opening`) at which they are pressed.

    A prompt may be said several times: its list holds the keys for each time.
    """

    header: bytes
    presses: Mapping[str, list[str]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    react: Reaction | None = None
    commands: list[list[str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    lost_keys: int = 0
    _pending: deque[str] = field(default_factory=deque)

    async def visit(self, port: int) -> FakeChannel:
        """Talks until the other side closes."""
        async with asyncio.timeout(DEADLINE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
            try:
                writer.write(self.header)
                while line := await reader.readline():
                    words = split_command(line.decode().rstrip("\n"))
                    self.commands.append(words)
                    answer = self.react(self, words) if self.react is not None else None
                    writer.write(self.usual_answer(words) if answer is None else answer)
                    await writer.drain()
            except ConnectionError:
                pass  # closed by the other side with bytes of ours unread, as after a storm
            finally:
                writer.close()
                try:
                    await writer.wait_closed()
                except ConnectionError:
                    pass  # the same
        return self

    def press(self, keys: str) -> None:
        """Presses keys now."""
        self._pending.extend(keys)

    def usual_answer(self, words: list[str]) -> bytes:
        """What Asterisk answers to a command."""
        match words:
            case ["SET", "VARIABLE", name, value]:
                self.variables[name] = value
                return b"200 result=1\n"
            case ["GET", "VARIABLE", name]:
                if name not in self.variables:
                    return b"200 result=0\n"
                return f"200 result=1 ({self.variables[name]})\n".encode()
            case ["STREAM", "FILE", path, escapes]:
                return self._stream("/".join(path.split("/")[-2:]), escapes)
            case ["WAIT", "FOR", "DIGIT", _]:
                key = ord(self._pending.popleft()) if self._pending else 0
                return f"200 result={key}\n".encode()
        return b"510 Invalid or unknown command\n"

    def _stream(self, name: str, escapes: str) -> bytes:
        self.said.append(name)
        keys = self.presses.get(name)
        if keys:
            self.press(keys.pop(0))
        while self._pending:
            key = self._pending.popleft()
            if key in escapes:
                return f"200 result={ord(key)} endpos=800\n".encode()
            self.lost_keys += 1  # a key that does not stop the prompt is read and dropped
        return b"200 result=0 endpos=16000\n"
