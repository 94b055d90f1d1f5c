"""The commands against an engine that really runs: `samko run`, as a process of its own."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

DEADLINE_S = 60.0
_LINK = re.compile(r"look at it:\s+(http://127\.0\.0\.1:\d+)/#token=\S+")


class Running:
    """`samko run`, and where its page is."""

    def __init__(self, process: asyncio.subprocess.Process, config: Path) -> None:
        self.process = process
        self.config = config
        self.url = ""

    async def begin(self) -> None:
        """Until it has said where its page is."""
        assert self.process.stdout is not None
        async with asyncio.timeout(DEADLINE_S):
            while not self.url:
                line = (await self.process.stdout.readline()).decode()
                assert line, "it has ended"
                found = _LINK.search(line)
                self.url = found[1] if found else ""

    async def stop(self) -> int:
        """Ctrl-C; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self.process.wait(), DEADLINE_S)


@pytest.fixture
async def engine(config: Path) -> AsyncIterator[Running]:
    """Nobody calls, and nobody is at work."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "queue_engine.cli", "run", "--nobody", "--port", "0"),
        *("--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    running = Running(process, config)
    try:
        await running.begin()
        yield running
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def samko(*arguments: str) -> tuple[int, str]:
    """Exit code and all that was said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "queue_engine.cli", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_top_reload_lending_and_doctor_know_the_engine_that_runs(engine: Running) -> None:
    address = ("--config", str(engine.config), "--url", engine.url)
    code, said = await samko("top", *address)
    assert code == 0, said
    assert "live from 127.0.0.1" in said
    assert "Västra Götaland" in said

    text = (engine.config / "national.yaml").read_text()
    changed = re.sub(r'version: "[^"]*"', 'version: "of-tonight"', text)
    (engine.config / "national.yaml").write_text(changed)
    assert await samko("reload", *address) == (0, "configuration of-tonight: in force now\n")

    (engine.config / "national.yaml").write_text("order: due\n")
    code, said = await samko("reload", *address)
    assert code == 1
    assert 'the key "version" is missing' in said
    (engine.config / "national.yaml").write_text(changed)

    code, said = await samko("lending", "14", "cut", *address)
    assert code == 0, said
    assert said.startswith("region 14 lends to tiers 0 and 1 only, from record ")
    said_again = "region 14 lends to tiers 0 and 1 only, already\n"
    assert await samko("lending", "14", "cut", *address) == (0, said_again)
    assert (await samko("lending", "14", "whole", *address))[0] == 0
    code, said = await samko("lending", "98", "cut", *address)
    assert code == 1
    assert said.startswith("samko: There is no such region: SetLending.region: no region 98 in")

    port = engine.url.rpartition(":")[2]
    settings = engine.config / "samko.yaml"
    settings.write_text(settings.read_text().replace("port: 1177", f"port: {port}"))
    code, said = await samko("doctor", "--config", str(engine.config))
    assert code == 0, said
    assert f"in use by process {engine.process.pid}" in " ".join(said.split())
    assert f"the engine at {engine.url} is ready" in " ".join(said.split())

    assert await engine.stop() == 0
    code, said = await samko("top", *address)
    assert code == 1
    assert said.startswith(f"samko: no engine answers at {engine.url} (Connection refused)")


async def test_the_seats_of_gateways_are_shown_and_set(engine: Running) -> None:
    address = ("--config", str(engine.config), "--url", engine.url)
    assert await samko("seats", *address) == (0, "no gateways\n")
    agreed = 'gateways: [{id: west, region: "14", skills: {advice: 1}, seats: 12}]\n'
    (engine.config / "gateways.yaml").write_text(agreed)
    code, said = await samko("reload", *address)
    assert code == 0, said
    shown = "gateway west: 12 seats, 0 busy, 0 free, 12 away, out of reach\n"
    assert await samko("seats", *address) == (0, shown)
    code, said = await samko("seats", "west", "8", "--reason", "lunch", *address)
    assert (code, said[:31]) == (0, "gateway west: 8 seats, from rec"), said
    said_again = "gateway west: 8 seats, already\n"
    assert await samko("seats", "west", "8", *address) == (0, said_again)
    assert await samko("seats", "east", *address) == (1, "no gateway east\n")
    code, said = await samko("seats", "east", "8", *address)
    assert (code, said) == (1, "samko: There is no such gateway: no gateway east in the rules\n")
