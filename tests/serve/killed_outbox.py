"""An engine killed between sending a text message and telling it; for each kind of journal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Final

from tests.serve.text_world import MOBILE, TextService

ROOT: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 40.0


async def killed_between_sending_and_telling(folder: Path, where: str) -> None:
    """Raises AssertionError unless exactly one message goes out, and the next start tells it."""
    async with TextService().served() as service:
        gone_out = asyncio.Event()
        service.on_sent = gone_out.set
        service.gate.clear()
        first = await _start(folder, service.url, where)
        async with asyncio.timeout(PATIENCE_S):
            await gone_out.wait()
            first.kill()  # SIGKILL: the message is out, its answer is not
            assert await first.wait() == -signal.SIGKILL
        assert len(service.sent) == 1
        service.gate.set()
        second = await _start(folder, service.url, where)
        async with asyncio.timeout(PATIENCE_S):
            said, _ = await second.communicate()
        assert (said, second.returncode) == (b"sent\n", 0)
    assert [body["to"] for body in service.sent.values()] == [MOBILE]
    assert len(service.asked) == 2
    assert len(set(service.asked)) == 1, "the same key from both processes"


async def _start(folder: Path, url: str, where: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("outbox_process.py")),
        str(folder),
        url,
        where,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
