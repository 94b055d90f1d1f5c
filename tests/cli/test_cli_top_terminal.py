"""`samko top` on a real terminal, with a real connection: keys, restarts, and the way out."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.cli.fake_engine import TOKEN, FakeEngine, agent, agents, contact, problem, queue, until

DEADLINE_S = 20.0
ENTERS, LEAVES = "\x1b[?1049h", "\x1b[?1049l"


class Terminal:
    """80 columns, 24 rows, somebody's fingers, and what was ever shown."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.settings = termios.tcgetattr(self.theirs)
        self.shown = ""
        self.process: asyncio.subprocess.Process

    def type(self, keys: str) -> None:
        """Presses keys."""
        os.write(self.ours, keys.encode())

    async def shows(self, text: str) -> None:
        """Until it has shown this since the last time that it was asked."""
        await until(lambda: text in self.shown, f"{text!r} on the terminal", DEADLINE_S)
        self.shown = self.shown[self.shown.index(text) + len(text) :]

    async def ends(self) -> int:
        """Until `samko top` has ended; its exit code."""
        return await asyncio.wait_for(self.process.wait(), DEADLINE_S)

    def read(self) -> None:
        """Takes what is there."""
        try:
            self.shown += os.read(self.ours, 65_536).decode(errors="replace")
        except OSError:
            asyncio.get_running_loop().remove_reader(self.ours)


@asynccontextmanager
async def top(engine: FakeEngine, folder: Path, token: str = TOKEN) -> AsyncIterator[Terminal]:
    """`samko top` at a terminal of its own."""
    file = folder / "token"
    file.write_text(token)
    terminal = Terminal()
    asyncio.get_running_loop().add_reader(terminal.ours, terminal.read)
    terminal.process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "queue_engine.cli", "top"),
        *("--url", engine.url, "--token", str(file)),
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        env={**os.environ, "TERM": "xterm-256color"},
        process_group=0,
    )
    try:
        yield terminal
    finally:
        if terminal.process.returncode is None:
            terminal.process.kill()
            await terminal.process.wait()
        asyncio.get_running_loop().remove_reader(terminal.ours)
        os.close(terminal.ours)
        os.close(terminal.theirs)


@pytest.fixture
async def engine() -> AsyncIterator[FakeEngine]:
    async with FakeEngine(
        queue=queue(contact("ast1-1700000000.1")), agents=agents(agent("n1401"))
    ) as running:
        yield running


async def test_keys_change_the_view_and_q_leaves_the_terminal_as_it_was(
    engine: FakeEngine, tmp_path: Path
) -> None:
    async with top(engine, tmp_path) as terminal:
        await terminal.shows(ENTERS)
        await terminal.shows("Stockholm")
        terminal.type("\t")
        await terminal.shows("ast1-1700000000.1")
        terminal.type("\t")
        await terminal.shows("n1401")
        terminal.type("\t")
        await terminal.shows("Stockholm")
        terminal.type("\x1b[B")
        await terminal.shows("2-18 of 21")
        terminal.type("q")
        await terminal.shows(LEAVES)
        assert await terminal.ends() == 0
        assert termios.tcgetattr(terminal.theirs) == terminal.settings


async def test_it_goes_on_when_the_engine_is_back(engine: FakeEngine, tmp_path: Path) -> None:
    async with top(engine, tmp_path) as terminal:
        await terminal.shows("live")
        await engine.stop()
        await terminal.shows("NO CONNECTION")
        engine.queue = queue(contact("ast1-1700000000.77"))
        await engine.start()
        await terminal.shows("live")
        terminal.type("\t")
        await terminal.shows("ast1-1700000000.77")


async def test_an_engine_that_is_not_ready_says_why(engine: FakeEngine, tmp_path: Path) -> None:
    checks = [{"name": "link ast1", "is_ok": False, "detail": "out of reach"}]
    engine.ready = problem(503, "not_ready", "Not ready", checks=checks)
    async with top(engine, tmp_path) as terminal:
        await terminal.shows("NOT READY: link ast1: out of reach")


async def test_it_may_be_started_before_the_engine(engine: FakeEngine, tmp_path: Path) -> None:
    await engine.stop()
    async with top(engine, tmp_path) as terminal:
        await terminal.shows("no engine answers")
        await engine.start()
        await terminal.shows("Stockholm")


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM"])
async def test_a_signal_ends_it_cleanly(
    engine: FakeEngine, tmp_path: Path, signal_name: str
) -> None:
    async with top(engine, tmp_path) as terminal:
        await terminal.shows("live")
        terminal.process.send_signal(signal.Signals[signal_name])
        await terminal.shows(LEAVES)
        assert await terminal.ends() == 0
        assert "Traceback" not in terminal.shown
        assert termios.tcgetattr(terminal.theirs) == terminal.settings


async def test_a_token_that_is_not_known_is_a_sentence(engine: FakeEngine, tmp_path: Path) -> None:
    async with top(engine, tmp_path, "another-one") as terminal:
        await terminal.shows(LEAVES)
        await terminal.shows("does not know the token")
        assert await terminal.ends() == 1
