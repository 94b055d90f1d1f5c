"""What islands did is told to whoever decides, from the files in which it was set aside.

A file is told in parts, in order; whoever decides takes each part once, whoever tells it and how
often. So this node may end in the middle, and begin again from the first part. A file that has been
told is renamed and kept; one that cannot be is left as it is, and said so.
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
from queue_engine.journal.island_file import IslandFile, mark_merged, read_island, unmerged
from queue_engine.journal.redis_reading import RedisReading
from queue_engine.journal.whole_reading import WholeReading
from queue_engine.runtime.islands import NotOfThisJournal, island_parts, parted_after
from queue_engine.runtime.running import RunningEngine
from queue_engine.serve.deciding import Deciding
from queue_engine.serve.member import Member

_log = logging.getLogger(__name__)

LOOK_S: Final = 5.0
"""How often it looks for files."""
PAUSE_S: Final = 0.1
"""Between two parts: callers go first."""
PROGRESS_S: Final = 10.0
LOOKED_AT_S: Final = 60.0
"""So long it waits for the switches of callers who were there when the island ended: whoever
decides is to find them by their tickets first. One that is not in reach by then has lost them."""
_LATER: Final = ("overloaded", "too_late", "unknown_command")
"""Refused, and may be taken later: another engine, or a newer one, may decide by then."""

Parted = Callable[[IslandFile], Awaitable[int]]
"""See `runtime.islands.parted_after`."""


class _NotNow(Exception):
    """Nobody takes it now; it is tried again."""


@dataclass(slots=True)
class MergeCounts:
    """How far it is."""

    waiting: int = 0
    """Files that are to be merged."""
    faulty: int = 0
    """Files of them that cannot be; the log says why."""
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
        self._fault = ""
        """Why it waits, as it was last told."""

    async def run(self) -> None:
        """Looks for files until cancelled."""
        while True:
            if self._is_fit():
                await self._look()
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        try:
            for path in await asyncio.to_thread(self._files):
                await self._merge(path)
                self.counts.left = 0
            await asyncio.to_thread(self._files)
        except (_NotNow, EngineStopped, JournalError) as fault:
            self._wait(str(fault))

    def _wait(self, why: str) -> None:
        if why != self._fault:
            _log.warning("what an island did waits: %s", why)
        self._fault = why

    def _files(self) -> list[Path]:
        """Those that may be merged."""
        found = {path: _mark(path) for path in unmerged(self._folder)}
        self._faulty = {path: at for path, at in self._faulty.items() if found.get(path) == at}
        self.counts.waiting, self.counts.faulty = len(found), len(self._faulty)
        return [path for path in found if path not in self._faulty]

    async def _merge(self, path: Path) -> None:
        try:
            file = await asyncio.to_thread(read_island, path)
            after = await self._parted(file)
            parts = await asyncio.to_thread(island_parts, file, after)
        except (JournalCorrupt, NotOfThisJournal) as fault:
            self._give_up(path, str(fault))
            return
        if not await self._tell(path, parts):
            return
        merged = await asyncio.to_thread(mark_merged, path)
        self.counts.merged += 1
        self._fault = ""
        _log.warning("island merged: all of %s counts now; it is kept as %s", path, merged.name)

    def _give_up(self, path: Path, why: str) -> None:
        """Until it is another file, or another start."""
        _log.error("an island is not merged, its file is left as it is: %s", why)
        self._faulty[path] = _mark(path)

    async def _tell(self, path: Path, parts: list[ReportIsland]) -> bool:
        """Whether all of it counts."""
        left = sum(len(part.contacts) for part in parts)
        _log.warning("an island is merged: %s, with %d contacts", path, left)
        loop = asyncio.get_running_loop()
        told_s = loop.time()
        for part in parts:
            self.counts.left = left
            if not await self._tell_part(path, part):
                return False
            left -= len(part.contacts)
            if loop.time() - told_s > PROGRESS_S:
                told_s = loop.time()
                _log.info("merging %s: %d contacts are left", path, left)
        return True

    async def _tell_part(self, path: Path, part: ReportIsland) -> bool:
        if self._is_known(part):
            return True
        if why := why_not_told(self._engine.state, part, self._engine.now_ms()):
            self._give_up(path, f"{path}: {why}")
            return False
        await self._looked_at(part)
        if not self._is_fit():
            raise _NotNow("this engine is cut off from the others")
        try:
            await self._engine.submit(part)
        except Refused as refused:
            if refused.code in _LATER:
                raise _NotNow(str(refused)) from refused
            self._give_up(path, f"{path}, up to record {part.until}: {refused}")
            return False
        if not self._is_known(part):
            raise _NotNow(f"{path} was told up to record {part.until}, and not taken")
        await asyncio.sleep(PAUSE_S)
        return True

    async def _looked_at(self, part: ReportIsland) -> None:
        """Waits for the switches of those who were not over."""
        now_s = asyncio.get_running_loop().time
        end_s = now_s() + LOOKED_AT_S
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

        async def parted_here(file: IslandFile) -> int:
            found: int = await hand.call(parted_after, file, kept)
            return found

        return Merging(folder, engine.driver, parted_here, lambda: not engine.is_degraded)
    place, node = engine.node.place, engine.node

    def parted_from(file: IslandFile) -> int:
        with RedisReading(place) as reading:
            return parted_after(file, WholeReading(Archive(settings.archive_dir), reading))

    async def parted_there(file: IslandFile) -> int:
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
