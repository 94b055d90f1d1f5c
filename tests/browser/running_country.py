"""The real engine in a process of its own, with its page: `samko run`."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import sys
from pathlib import Path
from typing import Final

from tests.ports import free_port

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0


class RunningCountry:
    """`samko run` with files of its own, at one port over all its starts."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._said: list[str] = []
        self.port = free_port()
        self.token = ""
        shutil.copytree(ROOT / "config", folder / "config")

    async def start(self) -> None:
        """Runs until its link is printed.

        Raises:
            AssertionError: it ended, or took too long; with what it said.
        """
        self._said.clear()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "queue_engine.cli", "run"),
            *("--config", str(self._folder / "config"), "--port", str(self.port)),
            *self._options,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        linked = asyncio.Event()
        self._reading = asyncio.create_task(self._read(self._process, linked))
        try:
            async with asyncio.timeout(START_SECONDS):
                await linked.wait()
        except TimeoutError:
            raise AssertionError("no link in time:\n" + "".join(self._said)) from None
        assert self.token, "it ended:\n" + "".join(self._said)

    async def _read(self, process: asyncio.subprocess.Process, linked: asyncio.Event) -> None:
        assert process.stdout is not None
        while line := (await process.stdout.readline()).decode():
            self._said = [*self._said[-200:], line]
            found = re.search(r"#token=(\S+)", line)
            if found:
                self.token = found[1]
                linked.set()
        linked.set()

    async def kill(self) -> None:
        """Ends it as a power cut does."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ends it as Ctrl-C does."""
        await self._end(signal.SIGINT)

    async def _end(self, by: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(by)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            await self._reading
        self._process = None

    def link(self, page: str = "") -> str:
        """The link that a person opens."""
        return f"http://127.0.0.1:{self.port}/{page}#token={self.token}"
