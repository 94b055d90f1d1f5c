"""How far `samko simulate` is: all runs together, and a line for each that is in hand."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars, TaskID

    from simulations.scenario.replications import Job, Progress

_WHOLE = 1.0


class _Bars:
    def __init__(self, bars: Bars, jobs: Sequence[Job]) -> None:
        self._bars = bars
        self._jobs = jobs
        self._parts = [0.0] * len(jobs)
        self._over: set[int] = set()
        self._all = bars.add_task(self._told(), total=float(len(jobs)))
        self._each: dict[int, TaskID] = {}

    def tell(self, index: int, part: float) -> None:
        """So much of a run is done; 1: it is over."""
        self._parts[index] = part
        if part >= _WHOLE:
            self._over.add(index)
            if index in self._each:
                self._bars.remove_task(self._each.pop(index))
        elif len(self._jobs) > 1:
            self._show(index, part)
        self._bars.update(self._all, completed=sum(self._parts), description=self._told())

    def _show(self, index: int, part: float) -> None:
        if index not in self._each:
            job = self._jobs[index]
            told = f"  {job.policy}, seed {job.seed}"
            self._each[index] = self._bars.add_task(told, total=_WHOLE)
        self._bars.update(self._each[index], completed=part)

    def _told(self) -> str:
        runs = len(self._jobs)
        return f"{len(self._over)} of {runs} run{'s' if runs > 1 else ''}"


@contextmanager
def progressing(jobs: Sequence[Job]) -> Iterator[Progress]:
    """Bars on a terminal, and only there; gone when all is over."""
    if not sys.stderr.isatty():
        yield lambda index, part: None
        return
    with bars() as shown:
        yield _Bars(shown, jobs).tell


def bars() -> Bars:
    """On stderr, each with what it tells of, its part and the time that is left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress as Bars,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    return Bars(*columns, console=Console(stderr=True), transient=True)
