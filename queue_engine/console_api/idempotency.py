"""A command that is sent twice under one key is carried out once, and answered alike.

Kept in memory, for a day and up to a bound: a client that repeats does so within minutes. What the
engine could not do for reasons of its own (5xx) is forgotten, so that it can be tried again.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from queue_engine.console_api.problems import ProblemError

KEEP_S: Final = 24 * 3600.0
KEYS_MAX: Final = 10_000
KEY_PATTERN: Final = r"^[A-Za-z0-9_-]{1,64}$"
ANSWER_S_MAX: Final = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, as it is sent each time."""

    status: int
    body: bytes
    content_type: str


Work = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class _Entry:
    digest: bytes
    kept_at_s: float
    task: asyncio.Task[Answer]


class IdempotencyKeys:
    """Carries out work once per key.

    Args:
        now_s: a clock that goes evenly, in seconds.
        answer_s_max: how long an answer is waited for; the work goes on all the same.
    """

    def __init__(self, now_s: Callable[[], float], *, answer_s_max: float = ANSWER_S_MAX) -> None:
        self._now_s = now_s
        self._answer_s_max = answer_s_max
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._at_work: set[asyncio.Task[Answer]] = set()

    def __len__(self) -> int:
        return len(self._entries)

    async def once(self, key: str | None, said: bytes, work: Work) -> Answer:
        """The answer to `work`, which is done now unless it was done under this key.

        Args:
            key: as the client sent it; None: done each time.
            said: all that was asked for; the same key must come with the same.

        Raises:
            ProblemError: the key is not one, or was used for something else; or no answer came in
                time, after which the same key may be sent again.
        """
        if key is None:
            return await self._answer(self._begin(work))
        if not re.fullmatch(KEY_PATTERN, key):
            raise ProblemError("bad_request", f"Idempotency-Key: expected {KEY_PATTERN}")
        self._forget_old()
        digest = hashlib.sha256(said).digest()
        entry = self._entries.get(key)
        if entry is None:
            entry = _Entry(digest, self._now_s(), self._begin(work))
            self._entries[key] = entry
            entry.task.add_done_callback(lambda task: self._settle(key, task))
        if entry.digest != digest:
            raise ProblemError("idempotency_key_reused", "expected a new key for another command")
        return await self._answer(entry.task)

    def _begin(self, work: Work) -> asyncio.Task[Answer]:
        async def run() -> Answer:
            return await work()

        task = asyncio.create_task(run(), name="a command of the API")
        self._at_work.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[Answer]) -> None:
        self._at_work.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked has been told, unless he waits no more

    async def _answer(self, task: asyncio.Task[Answer]) -> Answer:
        try:
            async with asyncio.timeout(self._answer_s_max):
                return await asyncio.shield(task)
        except TimeoutError:
            raise ProblemError(
                "overloaded",
                f"no answer in {self._answer_s_max:g} s: it may be carried out still;"
                " ask again with the same Idempotency-Key",
            ) from None

    def _settle(self, key: str, task: asyncio.Task[Answer]) -> None:
        if task.cancelled() or task.exception() is not None or task.result().status >= 500:
            entry = self._entries.get(key)
            if entry is not None and entry.task is task:
                del self._entries[key]

    def _forget_old(self) -> None:
        oldest_s = self._now_s() - KEEP_S
        while self._entries:
            key, entry = next(iter(self._entries.items()))
            if len(self._entries) < KEYS_MAX and entry.kept_at_s > oldest_s:
                return
            del self._entries[key]
