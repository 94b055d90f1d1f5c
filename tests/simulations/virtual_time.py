"""An event loop whose time is made up: it jumps to the next thing that anybody waits for.

Whatever sleeps and times out by the loop's clock takes no time, and always the same course. Work in
threads (a journal's) takes no time either: the loop waits for it and its clock does not move.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_THREAD_S_MAX = 10.0


class _Selector(selectors.DefaultSelector):
    """Waits for nothing but threads."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        if self.threads and timeout != 0:
            return list(super().select(_THREAD_S_MAX))
        ready = list(super().select(0))
        if not ready:
            assert timeout is not None, "everybody waits, and nothing will ever happen"
            self.passed_s += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0."""

    def __init__(self) -> None:
        self._made_up = _Selector()
        super().__init__(self._made_up)

    def time(self) -> float:
        """How much time has passed, in seconds that nobody felt."""
        return self._made_up.passed_s

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """As always; time stands still until it is done."""
        self._made_up.threads += 1
        work = super().run_in_executor(executor, func, *args)
        work.add_done_callback(self._thread_is_done)
        return work

    def _thread_is_done(self, _work: object) -> None:
        self._made_up.threads -= 1


def in_no_time(main: Coroutine[Any, Any, T]) -> T:
    """Runs it in made-up time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
