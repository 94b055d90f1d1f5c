"""What islands did is told to whoever decides, from the files in which it was set aside.

A file is told in parts, in order; whoever decides takes each part once, whoever tells it and how
often. So this node may end in the middle, and begin again from the first part. A file that has been
told is renamed and kept; one that cannot be is left as it is, and said so. Whoever decides may fail
at a part as at any command, and stops where that happens too often: so nothing else is told for a
while then, and after a few tries the file is put aside for people.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from queue_engine.config.engine_file import EngineSettings
from queue_engine.core.commands import ReportIsland
from queue_engine.core.decide_merge import why_not_told
from queue_engine.core.errors import EngineStopped, JournalCorrupt, JournalError, Refused
from queue_engine.journal.archive import Archive
from queue_engine.journal.island_file import (
    IslandFile,
    failed,
    mark_failed,
    mark_merged,
    read_island,
    unmerged,
)
from queue_engine.journal.redis_reading import RedisReading
from queue_engine.journal.whole_reading import WholeReading
from queue_engine.runtime.islands import NotOfThisJournal, island_parts, parted_after
from queue_engine.runtime.running import RunningEngine
from queue_engine.serve.deciding import Deciding
from queue_engine.serve.member import Member

_log = logging.getLogger(__name__)

LOOK_S: Final = 5.0
"""How often it looks for files."""
RARELY: Final = 12
"""So many times longer at most, while nobody takes what they tell: a minute."""
PAUSE_S: Final = 0.1
"""Between two parts: callers go first."""
PROGRESS_S: Final = 10.0
FOLLOWED_S: Final = 30.0
"""So long it waits until this engine holds what the journal had when it looked."""
LOOKED_AT_S: Final = 60.0
"""So long a telling waits for the switches of callers who were there when the island ended: whoever
decides is to find them by their tickets first. One that is not in reach by then has lost them."""
FAILED_S: Final = 120.0
"""Nothing is told for so long after whoever decides failed at a part: at three failures in a minute
he stops, for everybody."""
TRIES: Final = 3
"""So often he may fail at a file: by then another may decide, or a newer program."""
_LATER: Final = ("overloaded", "too_late", "unknown_command", "not_yet")
"""Refused, and may be taken later: another engine, or a newer one, may decide by then."""

Parted = Callable[[IslandFile], Awaitable[tuple[int, int]]]
"""See `runtime.islands.parted_after`; and the last record that the journal has."""


class _NotNow(Exception):
    """Nobody takes it now; it is tried again."""


class _Failed(Exception):
    """Whoever decides failed at it."""


@dataclass(slots=True)
class MergeCounts:
    """How far it is."""

    waiting: int = 0
    """Files that are to be merged."""
    faulty: int = 0
    """Files of them that cannot be, or were put aside; the log says why."""
    left: int = 0
    """Contacts of the file that is being told which are not told yet."""
    merged: int = 0
    """Files that have been told since the start."""


class Merging:
    """Tells of islands. `run` must be running.

    Args:
        folder: where the files are.
        engine: whom they are told to.
        parted: finds where an island parted from the journal.
        is_fit: whether this engine is one of all, and no island itself.
    """

    def __init__(
        self,
        folder: Path,
        engine: RunningEngine,
        parted: Parted,
        is_fit: Callable[[], bool],
    ) -> None:
        self.counts: Final = MergeCounts()
        self._folder = folder
        self._engine = engine
        self._parted = parted
        self._is_fit = is_fit
        self._faulty: dict[Path, tuple[int, int]] = {}
        """Each with its size and time of change: another file of that name is looked at anew."""
        self._waits: dict[Path, str] = {}
        """Those that were tried in vain, each with the reason as it was told."""
        self._failures: dict[Path, int] = {}
        """Those at which whoever decides failed, so often."""

    async def run(self) -> None:
        """Looks for files until cancelled. What waits is read anew each time: seconds of work,
        which become rarer as long as nobody takes it."""
        pause_s = LOOK_S
        while True:
            try:
                is_done = await self._look() if self._is_fit() else True
            except _Failed:
                await asyncio.sleep(FAILED_S)
                continue
            pause_s = LOOK_S if is_done else min(2 * pause_s, RARELY * LOOK_S)
            await asyncio.sleep(pause_s)

    async def _look(self) -> bool:
        """Whether nothing waits that may be told later.

        Raises:
            _Failed: whoever decides failed at a file; others come later.
        """
        path, is_done = self._folder, True
        try:
            for path in await asyncio.to_thread(self._files):
                try:
                    await self._merge(path)
                except JournalError as fault:  # another file may be readable, and of records here
                    self._wait(path, str(fault))
                    is_done = False
                except _Failed as failure:
                    await self._note_failure(path, str(failure))
                    raise
            await asyncio.to_thread(self._files)
        except (_NotNow, EngineStopped, JournalError) as fault:
            self._wait(path, str(fault))
            is_done = False
        return is_done

    def _wait(self, path: Path, why: str) -> None:
        self.counts.left = 0
        if why != self._waits.get(path):
            _log.warning("what an island did waits: %s: %s", path, why)
        self._waits[path] = why

    async def _note_failure(self, path: Path, why: str) -> None:
        tries = self._failures[path] = self._failures.get(path, 0) + 1
        if tries < TRIES:
            self._wait(path, f"{why}; that was time {tries} of {TRIES}")
            return
        try:
            aside = await asyncio.to_thread(mark_failed, path)
            await asyncio.to_thread(self._files)
        except JournalError as fault:  # tried all the same it would stop whoever decides
            self._give_up(path, f"{path}: {why}; and it cannot be put aside: {fault}")
            return
        self.counts.left = 0
        _log.critical(
            "an island is not merged: whoever decides failed at it %d times (%s). Nothing of it is"
            " lost, and what it did counts nowhere yet: it is kept as %s. His log says where he"
            " failed; report that with the file, and once a program that is mended decides, say"
            " `samko cluster merge %s`",
            tries,
            why,
            aside,
            aside,
        )

    def _files(self) -> list[Path]:
        """Those that may be merged; first those at which nobody has failed."""
        found = {path: _mark(path) for path in unmerged(self._folder)}
        self._faulty = {path: at for path, at in self._faulty.items() if found.get(path) == at}
        self._waits = {path: why for path, why in self._waits.items() if path in found}
        failures = self._failures = {path: n for path, n in self._failures.items() if path in found}
        aside = len(failed(self._folder))
        self.counts.waiting, self.counts.faulty = len(found) + aside, len(self._faulty) + aside
        fit = (path for path in found if path not in self._faulty)
        return sorted(fit, key=lambda path: failures.get(path, 0))

    async def _merge(self, path: Path) -> None:
        try:
            file = await asyncio.to_thread(read_island, path)
            after, last = await self._parted(file)
            await self._followed(last)
            parts = await asyncio.to_thread(island_parts, file, after)
        except (JournalCorrupt, NotOfThisJournal) as fault:
            self._give_up(path, str(fault))
            return
        if not await self._tell(path, parts):
            return
        merged = await asyncio.to_thread(mark_merged, path)
        self.counts.merged, self.counts.left = self.counts.merged + 1, 0
        _log.warning("island merged: all of %s counts now; it is kept as %s", path, merged.name)

    async def _followed(self, last: int) -> None:
        """Waits until this engine has folded what it missed: by what it knew when it was cut off
        its switches were in reach, and are looked at by now or not."""
        now_s = asyncio.get_running_loop().time
        end_s = now_s() + FOLLOWED_S
        while self._engine.state.record_number < last:
            if now_s() > end_s or not self._is_fit():
                raise _NotNow("this engine has not followed the journal to its end yet")
            await asyncio.sleep(PAUSE_S)

    def _give_up(self, path: Path, why: str) -> None:
        """Until it is another file, or another start."""
        _log.error("an island is not merged, its file is left as it is: %s", why)
        self._faulty[path], self.counts.left = _mark(path), 0

    async def _tell(self, path: Path, parts: list[ReportIsland]) -> bool:
        """Whether all of it counts."""
        left = sum(len(part.contacts) for part in parts)
        if path not in self._waits:
            _log.warning("an island is merged: %s, with %d contacts", path, left)
        loop = asyncio.get_running_loop()
        told_s = loop.time()
        looked_at_s = told_s + LOOKED_AT_S
        for part in parts:
            self.counts.left = left
            if not await self._tell_part(path, part, looked_at_s):
                return False
            left -= len(part.contacts)
            if loop.time() - told_s > PROGRESS_S:
                told_s = loop.time()
                _log.info("merging %s: %d contacts are left", path, left)
        return True

    async def _tell_part(self, path: Path, part: ReportIsland, looked_at_s: float) -> bool:
        if self._is_known(part):
            return True
        if part.after > self._engine.state.told_islands.number_of(part.island):
            raise _NotNow("whoever decides has lost what it was told before; it is told again")
        if why := why_not_told(self._engine.state, part, self._engine.now_ms()):
            self._give_up(path, f"{path}: {why}")
            return False
        await self._looked_at(part, looked_at_s)
        if not self._is_fit():
            raise _NotNow("this engine is cut off from the others")
        try:
            await self._engine.submit(part)
        except Refused as refused:
            if refused.code in _LATER:
                raise _NotNow(str(refused)) from refused
            if refused.code == "failed":
                raise _Failed(str(refused)) from refused
            self._give_up(path, f"{path}, up to record {part.until}: {refused}")
            return False
        if not self._is_known(part):
            raise _NotNow(f"{path} was told up to record {part.until}, and not taken")
        await asyncio.sleep(PAUSE_S)
        return True

    async def _looked_at(self, part: ReportIsland, end_s: float) -> None:
        """Waits for the switches of those who were not over."""
        now_s = asyncio.get_running_loop().time
        switches = {fact.link_id for fact in part.contacts if fact.outcome is None}
        while now_s() < end_s and self._is_fit():
            links = self._engine.state.links
            if all(links.get(switch, True) for switch in switches):
                return
            await asyncio.sleep(PAUSE_S)

    def _is_known(self, part: ReportIsland) -> bool:
        return self._engine.state.told_islands.number_of(part.island) >= part.until


def open_merging(settings: EngineSettings, engine: Deciding | Member) -> Merging:
    """The merging of a service."""
    folder = settings.unjournaled_dir
    if isinstance(engine, Deciding):
        kept, hand = engine.kept.journal, engine.driver.hand

        async def parted_here(file: IslandFile) -> tuple[int, int]:
            return await hand.call(parted_after, file, kept), hand.last

        return Merging(folder, engine.driver, parted_here, lambda: not engine.is_degraded)
    place, node = engine.node.place, engine.node

    def parted_from(file: IslandFile) -> tuple[int, int]:
        with RedisReading(place) as reading:
            whole = WholeReading(Archive(settings.archive_dir), reading)
            return parted_after(file, whole), reading.last_number()

    async def parted_there(file: IslandFile) -> tuple[int, int]:
        return await asyncio.to_thread(parted_from, file)

    def is_fit() -> bool:
        return not (engine.is_degraded or node.is_cut_off or node.fault)

    return Merging(folder, engine, parted_there, is_fit)


def _mark(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0  # it is gone meanwhile
    return found.st_size, found.st_mtime_ns


class MergingMetrics(Collector):
    """Collected when asked for.

    Args:
        counts: how far it is.
    """

    def __init__(self, counts: MergeCounts) -> None:
        self._counts = counts

    def describe(self) -> Iterable[Metric]:
        """None beforehand: no other collector has metrics of these names."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        counts = self._counts
        files = GaugeMetricFamily(
            "samko_island_files",
            "Files with what islands did, here: to be merged, or not to be merged for a fault",
            labels=("state",),
        )
        files.add_metric(("waiting",), counts.waiting - counts.faulty)
        files.add_metric(("faulty",), counts.faulty)
        yield files
        yield GaugeMetricFamily(
            "samko_island_contacts_left", "Of the file that is being merged", counts.left
        )
