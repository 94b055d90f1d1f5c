"""One AGI conversation: commands out, answers in, each with its own deadline.

House rules:
1. One command at a time, and after one that was not answered there is none: an answer that comes
   late would be taken for the next one's (every later answer would be shifted).
2. `HANGUP`, an end of the stream, a result of -1 and a dead channel all mean `CallLeft`: the
   channel is elsewhere. They do not mean that the caller hung up.
3. The channel's `TIMEOUT(absolute)` is armed anew before each step that takes time, so that a
   frozen engine is left on time and a long menu is not cut off.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, NoReturn

from ivr.agi_wire import KEYS, AgiRequest, Reply, command_line, read_reply
from ivr.call_session import CallSession
from ivr.errors import AgiError, AgiGarbage, AgiRejected, AgiSilent, CallLeft
from ivr.prompts import Sound
from queue_engine.core.errors import SamkoError

STEP_SECONDS: Final = 30
WAIT_MS_MAX: Final = 20_000
"""Longest single wait for a key: well within a step."""
_USAGE_LINES_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Deadlines of single commands and steps, in seconds."""

    answer_s: float = 5.0
    """For a command that takes no time, and on top of one that does."""
    play_s: float = STEP_SECONDS
    """For playing one file."""
    step_s: int = STEP_SECONDS
    """What the channel's absolute timeout is set to before each step: a frozen engine is left
    then. Longer than the longest prompt and the longest wait for a key."""


class AgiSession(CallSession):
    """The conversation with one channel of an Asterisk.

    Every method raises `CallLeft` once the channel has left, and `AgiError` when the
    conversation cannot go on; after either, every further call raises the same.
    """

    def __init__(
        self,
        request: AgiRequest,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: SessionLimits | None = None,
    ) -> None:
        super().__init__(request)
        self._reader = reader
        self._writer = writer
        self._limits = limits or SessionLimits()
        self._over: SamkoError | None = None
        self._is_asking = False

    async def rearm(self) -> None:
        """Gives the channel a whole step from now before the dialplan takes it back."""
        await self.set_variable("TIMEOUT(absolute)", str(self._limits.step_s))

    async def get_variable(self, name: str) -> str | None:
        """A channel variable's or function's value; None if it has none."""
        reply = await self._ask(self._limits.answer_s, "GET VARIABLE", name)
        return reply.value if reply.result == 1 else None

    async def set_variable(self, name: str, value: str) -> None:
        """Sets a channel variable or writes to a dialplan function."""
        await self._ask(self._limits.answer_s, "SET VARIABLE", name, value)

    async def play(self, sound: Sound, barge_in: str = "") -> tuple[str | None, bool]:
        """See `CallSession`."""
        return await self.stream_file(sound.path, barge_in)

    async def stream_file(self, path: str, barge_in: str = "") -> tuple[str | None, bool]:
        """Plays a sound file until its end or until one of the keys `barge_in` is pressed.

        Args:
            path: without extension.
            barge_in: keys that stop it; other keys pressed meanwhile are lost.

        Returns:
            The key that stopped it, and whether anything could be played at all.
        """
        await self.rearm()
        deadline_s = self._limits.play_s + self._limits.answer_s
        reply = await self._ask(deadline_s, "STREAM FILE", path, barge_in)
        key = _key_of(reply)
        return key, key is not None or bool(reply.endpos)

    async def wait_for_digit(self, wait_ms: int) -> str | None:
        """The next key within `wait_ms`, or None."""
        assert 0 < wait_ms <= WAIT_MS_MAX, wait_ms
        await self.rearm()
        deadline_s = wait_ms / 1_000 + self._limits.answer_s
        return _key_of(await self._ask(deadline_s, "WAIT FOR DIGIT", str(wait_ms)))

    async def _ask(self, deadline_s: float, command: str, *arguments: str) -> Reply:
        if self._over is not None:
            raise self._over
        if self._is_asking:
            self._end(AgiGarbage("the answer to an earlier command is missing"))
        line = command_line(command, *arguments)
        self._is_asking = True
        try:
            async with asyncio.timeout(deadline_s):
                self._writer.write(line)
                await self._writer.drain()
                reply = await self._reply()
        except TimeoutError:
            self._end(AgiSilent(f"{command}: no answer within {deadline_s:g} s"))
        except OSError:
            self._end(CallLeft(f"{command}: the connection broke"))
        except AgiGarbage as exc:
            self._end(AgiGarbage(f"{command}: {exc}"))
        if reply.code == 511:
            self._end(CallLeft(f"{command}: the channel is dead"))
        if reply.code != 200:
            self._end(AgiRejected(f"{command}: refused with {reply.code}"))
        if reply.result == -1:
            self._end(CallLeft(f"{command}: the channel left"))
        self._is_asking = False
        return reply

    def _end(self, error: CallLeft | AgiError) -> NoReturn:
        self._over = error
        raise error from None

    async def _reply(self) -> Reply:
        while True:
            line = await self._line()
            reply = read_reply(line)
            if reply.code == 520:
                await self._skip_usage(line)
            if reply.code != 100:  # "100 Trying": the answer is still to come
                return reply

    async def _skip_usage(self, line: bytes) -> None:
        for _ in range(_USAGE_LINES_MAX):
            if line.startswith(b"520 "):
                return
            line = await self._line()
        raise AgiGarbage("the usage text of a 520 does not end")

    async def _line(self) -> bytes:
        try:
            line = await self._reader.readline()
        except ValueError as exc:
            raise AgiGarbage("an endless line") from exc
        if not line.endswith(b"\n"):
            self._end(CallLeft("the stream ended"))
        line = line.rstrip(b"\r\n")
        if line == b"HANGUP":
            self._end(CallLeft("Asterisk says that the channel left"))
        return line


def _key_of(reply: Reply) -> str | None:
    if not reply.result:
        return None
    key = chr(reply.result)
    return key if key in KEYS else None
