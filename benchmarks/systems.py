"""The three that bring caller and nurse together, each on a local Asterisk of its own.

House rules: the same phones, music, menu and release of Asterisk. Samkö runs by the shipped
dialplan and as it is served; the two others by the shortest dialplan that can do it, after a menu
that a process of its own serves (`menu`).
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

from benchmarks.call_load import PHONES
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.engine import EngineFiles, EngineProcess, agent_at

SAMKO: Final = "Samkö"
BARE: Final = "bare Redirect"
QUEUE: Final = "Asterisk Queue"

NO_WRAP_UP: Final = ("national.yaml", "wrap_up_max: 5 min", "wrap_up_max: 0 s")
_SHIPPED: Final = Path(__file__).resolve().parents[1] / "deploy" / "asterisk"
_CHANNELS: Final = 300
_READY_S: Final = 20.0
_POLL_S: Final = 0.05

_BARE_DIALPLAN: Final = """
[samko-inbound]
exten => _X.,1,Answer()
 same => n,AGI(${SAMKO_AGI}/call)
 same => n,Goto(waiting,s,1)
[waiting]
exten => s,1,UserEvent(SamkoWaiting)
 same => n,MusicOnHold(default)
[offer]
exten => _o.,1,Dial(PJSIP/${CUT(EXTEN,-,2-)},20,m(default)g)
 same => n,Hangup()
[agents]
"""
_QUEUE_DIALPLAN: Final = """
[samko-inbound]
exten => _X.,1,Answer()
 same => n,AGI(${SAMKO_AGI}/call)
 same => n,UserEvent(SamkoWaiting)
 same => n,Queue(bench)
 same => n,Hangup()
[agents]
"""
_QUEUE: Final = """[general]
autofill = yes
[bench]
strategy = rrmemory
musicclass = default
timeout = 15
retry = 1
ringinuse = no
wrapuptime = 0
autofill = yes
"""


def new_asterisk(config: Path = _SHIPPED) -> LocalAsterisk:
    """One with all `PHONES` and room for all calls of a measurement."""
    return LocalAsterisk(phones=PHONES, channels=_CHANNELS, config=config)


async def engine_files(folder: Path, asterisk: LocalAsterisk) -> EngineFiles:
    """Shipped configuration but for a short menu and no wrap-up; all nurses at work and ready."""
    files = EngineFiles(folder, asterisk, changes=[NO_WRAP_UP])
    await files.sign_on_before_start(*(agent_at(phone) for phone in PHONES))
    return files


@asynccontextmanager
async def samko(folder: Path) -> AsyncIterator[LocalAsterisk]:
    """`samko serve`: IVR, link, vault, and the journal on disk with synchronous=FULL."""
    async with new_asterisk() as asterisk:
        files = await engine_files(folder, asterisk)
        async with EngineProcess(files) as engine:
            until_s = time.monotonic() + _READY_S
            while "SAMKO_BEAT=0" in await asterisk.cli("dialplan show globals"):
                assert time.monotonic() < until_s, f"no beat after {_READY_S:g} s:\n{engine.log}"
                await asyncio.sleep(_POLL_S)
            yield asterisk
            await engine.stop()


@asynccontextmanager
async def bare(folder: Path) -> AsyncIterator[LocalAsterisk]:
    """`bare_redirect`."""
    config = _config(folder, {"extensions.conf": _BARE_DIALPLAN})
    async with new_asterisk(config) as asterisk:
        script = ("benchmarks.bare_redirect", str(asterisk.ami_port), asterisk.ami_user, *PHONES)
        async with _menu(folder, asterisk), _running(*script, secret=asterisk.ami_secret):
            yield asterisk


@asynccontextmanager
async def queue(folder: Path) -> AsyncIterator[LocalAsterisk]:
    """app_queue, set to serve as fast as it can."""
    members = "".join(f"member => PJSIP/{phone}\n" for phone in PHONES)
    files = {"extensions.conf": _QUEUE_DIALPLAN, "queues.conf": _QUEUE + members}
    async with new_asterisk(_config(folder, files)) as asterisk, _menu(folder, asterisk):
        yield asterisk


@asynccontextmanager
async def _menu(folder: Path, asterisk: LocalAsterisk) -> AsyncIterator[None]:
    files = EngineFiles(folder, asterisk)
    async with _running("benchmarks.menu", str(files.config), secret=asterisk.ami_secret):
        yield


@asynccontextmanager
async def _running(module: str, *arguments: str, secret: str) -> AsyncIterator[None]:
    """A module of ours as a process, from when it says that it is ready."""
    process = await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "KILL", "--"),
        *(sys.executable, "-m", module, *arguments),
        env={**os.environ, "AMI_SECRET": secret, "SAMKO_AMI_SECRET": secret},
        cwd=_SHIPPED.parents[1],
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_READY_S):
            assert await process.stdout.readline() == b"ready\n", f"{module} has failed"
        yield
        assert process.returncode is None, f"{module} has ended"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


SYSTEMS: Final[dict[str, Callable[[Path], AbstractAsyncContextManager[LocalAsterisk]]]] = {
    SAMKO: samko,
    BARE: bare,
    QUEUE: queue,
}
"""Give each an empty folder; it is ready for calls when entered, but for the phones."""


def _config(folder: Path, files: dict[str, str]) -> Path:
    """The shipped files with some of them replaced."""
    config = folder / "asterisk"
    shutil.copytree(_SHIPPED, config)
    for name, text in files.items():
        (config / name).write_text(text)
    # The shipped globals stay, unused: `LocalAsterisk` sets them.
    shipped = (_SHIPPED / "extensions.conf").read_text()
    found = re.search(r"^\[globals\]\n(?:(?!\[).*\n)*", shipped, re.MULTILINE)
    assert found is not None, "extensions.conf has no [globals]"
    with (config / "extensions.conf").open("a") as dialplan:
        dialplan.write(found[0])
    return config
