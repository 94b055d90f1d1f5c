"""The whole of it: crowd, embedded network, IVR and a driver over a journal in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from ivr.deps import FlowDeps
from ivr.embedded_session import EmbeddedVisits, PromptBook
from ivr.flow import visits
from ivr.line import Lines
from ivr.prompts import PromptShelf
from queue_engine.config.load import Configuration
from queue_engine.core.commands import LoadPolicy
from queue_engine.core.invariants import check
from queue_engine.core.policy_codec import write_policy
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.clock import Clock
from queue_engine.runtime.driver import Driver
from queue_engine.serve.desk import EngineDesk
from queue_engine.serve.queue_view import EngineView
from queue_engine.telephony.embedded.link import EmbeddedLink
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from routing.vocabulary import LinkId, Priority
from simulations.crowd.country import crowd_of
from simulations.crowd.crowd import CALLERS, NURSES, Crowd
from simulations.crowd.nurse import NurseHabits
from simulations.crowd.people import Habits
from tests.ivr.fakes import TODAY, FakeLinks, FakeVault

LINK: Final = LinkId("emb1")
TUESDAY_10: Final = 1_795_510_800_000
"""24 November 2026, 10:00 in Sweden."""


class CheckedJournal(MemoryJournal):
    """Looks at the engine's invariants with every so many appends."""

    def __init__(self, every: int = 1) -> None:
        super().__init__()
        self.look: Callable[[], None] = lambda: None
        self.looks = 0
        self._every = every
        self._appends = 0

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        super().append(expected_last, records)
        self._appends += 1
        if self._every and self._appends % self._every == 0:
            self.looks += 1
            self.look()


@dataclass(frozen=True, slots=True)
class Country:
    """Everything that runs."""

    driver: Driver
    network: EmbeddedNetwork
    link: EmbeddedLink
    crowd: Crowd


@asynccontextmanager
async def running(
    configuration: Configuration,
    journal: CheckedJournal,
    clock_of: Callable[[int], Clock],
    *,
    seed: int = 1,
    share: float = 1.0,
    load: float = 1.0,
    callers: Habits = CALLERS,
    nurses: NurseHabits = NURSES,
) -> AsyncIterator[Country]:
    """The country at work; at the end all is cut off where it stands, and the journal stays."""
    driver = Driver(journal, clock_of=clock_of, snapshot_every=10**9)
    await driver.start()
    journal.look = lambda: check(driver.state)
    tasks = [asyncio.create_task(driver.run(), name="driver")]
    scripts = visits(_deps(configuration, driver))
    network = EmbeddedNetwork(
        LINK,
        now_ms=driver.now_ms,
        sleep_ms=driver.clock.sleep_ms,
        visit=EmbeddedVisits(scripts, PromptBook(configuration.prompts)),
    )
    crowd = crowd_of(
        configuration,
        network,
        driver,
        seed=seed,
        share=share,
        load=load,
        callers=callers,
        nurses=nurses,
    )
    link = EmbeddedLink(
        network,
        submit=driver.submit,
        follow=lambda: driver.follow("the link"),
        view=EngineView(driver),
        now_ms=driver.now_ms,
    )
    driver.on_stall(link.stalled)
    try:
        await driver.submit(LoadPolicy(write_policy(configuration.policy)))
        sleep = partial(_sleep, driver.clock)
        calendar = Calendar(
            configuration.windows,
            driver.submit,
            driver.now_ms,
            hours=configuration.hours,
            sleep=sleep,
        )
        await calendar.tell()
        network.restore(driver.state.contacts.values())
        crowd.begin()
        tasks += [asyncio.create_task(work) for work in (calendar.run(), link.run(), crowd.run())]
        yield Country(driver, network, link, crowd)
        for task in tasks:
            if task.done():
                task.result()
                raise AssertionError(f"{task.get_name()} has ended")
    finally:
        for task in reversed(tasks):
            task.cancel()
            await asyncio.wait([task])
        await network.close()
        driver.hand.close()


async def _sleep(clock: Clock, seconds: float) -> None:
    await clock.sleep_ms(round(seconds * 1000))


def _deps(configuration: Configuration, driver: Driver) -> FlowDeps:
    lines = Lines(configuration.lines)

    def tier_of(priority: Priority) -> int:
        return driver.state.rules.priorities[priority].tier

    return FlowDeps(
        desk=EngineDesk(driver, configuration.staff, lines),
        vault=FakeVault(),
        links=FakeLinks(),
        staff=configuration.staff,
        lines=lines,
        menus=configuration.menus,
        shelf=PromptShelf(Path("no-sounds"), tuple(configuration.prompts)),
        area_codes=configuration.area_codes,
        tier_of=tier_of,
        now_ms=driver.now_ms,
        today=lambda: TODAY,
    )
