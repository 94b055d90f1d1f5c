"""Runs shared among processes: results as they are done, and never a process left behind.

House rules: workers do not hear Ctrl-C, which goes to a terminal's whole group: the one who started
them hears it and ends them. A worker whose starter is gone ends itself at its next word to it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, TypeVar

from queue_engine.core.errors import SamkoError

Task = TypeVar("Task")
Result = TypeVar("Result")
Tell = Callable[[float], None]
"""Told now and then what part of a task is done, from 0 to 1."""
Work = Callable[[Task, Tell], Result]

_SPAWN: Final = get_context("spawn")


class WorkerLost(SamkoError):
    """A process ended in the middle of its work: killed, or out of memory."""


@dataclass(frozen=True, slots=True)
class _Part:
    """So much of the task in hand is done."""

    done: float


@dataclass(frozen=True, slots=True)
class _Done(Generic[Result]):
    result: Result


@dataclass(slots=True, eq=False)
class _Worker(Generic[Task]):
    process: BaseProcess
    pipe: Connection[Any, Any]
    index: int = -1
    """Of the task in hand."""


def shared(
    work: Work[Task, Result],
    tasks: Sequence[Task],
    processes: int,
    tell: Callable[[int, float], None],
) -> Generator[tuple[int, Result], None, None]:
    """Each task's number and result, in the order in which they are done.

    Closing the iterator, as any error does, ends all processes at once.

    Args:
        work: a function of a module, which another process can import.
        tell: told of each task in hand, by its number, what part of it is done.

    Raises:
        SamkoError: what a task raised; `WorkerLost` if its process is gone.
    """
    coming = iter(enumerate(tasks))
    workers: list[_Worker[Task]] = []
    try:
        with _deaf_to_interrupts():
            for _ in range(min(processes, len(tasks))):
                workers.append(_started(work))
        for worker in workers:
            _next_task(worker, coming)
        left = len(tasks)
        while left:
            for pipe in wait([worker.pipe for worker in workers]):
                worker = next(each for each in workers if each.pipe is pipe)
                match _heard(worker):
                    case _Part(done):
                        tell(worker.index, done)
                    case _Done(result):
                        left -= 1
                        yield worker.index, result
                        _next_task(worker, coming)
                    case SamkoError() as fault:
                        raise fault
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()
            worker.pipe.close()


def _started(work: Work[Task, Result]) -> _Worker[Task]:
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_serve, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _next_task(worker: _Worker[Task], coming: Iterator[tuple[int, Task]]) -> None:
    for index, task in coming:
        worker.index = index
        worker.pipe.send(task)
        return


def _heard(worker: _Worker[Task]) -> object:
    try:
        return worker.pipe.recv()
    except (EOFError, ConnectionResetError):
        worker.process.join()
        code = worker.process.exitcode
        raise WorkerLost(
            f"the process of run {worker.index + 1} ended with code {code} before the run did"
            " (out of memory?); fewer --jobs need less"
        ) from None


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started meanwhile inherit it, and so are deaf from their first moment on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(work: Work[Task, Result], pipe: Connection[Any, Any]) -> None:
    """The life of a worker: task after task, until its starter ends it or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def tell(part: float) -> None:
        pipe.send(_Part(part))

    try:
        while True:
            task = pipe.recv()
            try:
                pipe.send(_Done(work(task, tell)))
            except SamkoError as fault:
                pipe.send(fault)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
