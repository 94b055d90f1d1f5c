"""The scripts of the IVR that run on calls, each as a task of its own."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from queue_engine.telephony.embedded.call import EmbeddedCall
from queue_engine.telephony.embedded.post import Post
from queue_engine.telephony.embedded.visit import CallVisit

_log = logging.getLogger(__name__)

VISIT_S_MAX: Final = 900.0
"""For a whole visit; no menu takes that long."""


class RunsVisit(Protocol):
    """Runs a script of the IVR on a call; returns when it has ended, for whatever reason."""

    def __call__(self, script: str, call: CallVisit, /, *arguments: str) -> Awaitable[None]:
        """`script` is `call`, `announce` or `key`; the latter's argument is the key."""
        ...


class Visits:
    """All that run.

    Args:
        run: runs a script on a call.
        post: of the network.
        ended: is told of each whose script has ended: the call, the script, and whether the call
            had left it before.
    """

    def __init__(
        self, run: RunsVisit, post: Post, ended: Callable[[EmbeddedCall, str, bool], None]
    ) -> None:
        self._run = run
        self._post = post
        self._ended = ended
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, call: EmbeddedCall, script: str, *arguments: str) -> None:
        """The script runs on the call from now on."""
        visit = call.visit = CallVisit(call, self._post)
        task = asyncio.create_task(
            self._run_one(call, visit, script, *arguments), name=f"visit {script}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends them all; nobody is told."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run_one(
        self, call: EmbeddedCall, visit: CallVisit, script: str, *arguments: str
    ) -> None:
        try:
            async with asyncio.timeout(VISIT_S_MAX):
                await self._run(script, visit, *arguments)
        except Exception as exc:  # noqa: BLE001 - one visit's fault must not touch another's
            where = "".join(traceback.format_tb(exc.__traceback__))
            _log.error("call %s: %s at\n%s", call.contact_id, type(exc).__name__, where)
        self._ended(call, script, visit.has_left)
