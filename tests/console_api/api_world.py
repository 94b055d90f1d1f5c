"""The API over a real driver with a journal in memory and the small country, at a real port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, ClientTimeout, web

from queue_engine.console_api.api import ConsoleApi
from queue_engine.console_api.past import JournalPast
from queue_engine.console_api.ports import Seat
from queue_engine.core import commands as cmd
from queue_engine.journal.base import Journal
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.driver import Driver
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    PhoneId,
    Priority,
    RegionCode,
    Skill,
    SkillLevel,
)
from tests.core.world import ADVICE, LINK, START_MS
from tests.runtime.driver_world import HandClock, load, picture, running

TOKEN = "a-token-for-tests"
DEADLINE_S = 10.0
SKILLS = (SkillLevel(Skill("advice")), SkillLevel(Skill("sv")))


class Seats:
    """Two agents of region 22 and one of 23 may sign on; the last has no phone of her own."""

    def __init__(self) -> None:
        self._seats = {
            AgentId(name): Seat(AgentId(name), RegionCode(region), SKILLS, LINK, phone)
            for name, region, phone in (
                ("n22-1", "22", PhoneId("p221")),
                ("n22-2", "22", PhoneId("p222")),
                ("n23-1", "23", PhoneId("p231")),
                ("n23-9", "23", None),
            )
        }

    def seat(self, agent_id: AgentId) -> Seat | None:
        return self._seats.get(agent_id)

    def free_for_people(self) -> Sequence[Seat]:
        return [seat for seat in self._seats.values() if seat.agent_id != "n22-2"]


@dataclass
class ApiWorld:
    """What a test holds: the engine behind the API and a client before it."""

    driver: Driver
    clock: HandClock
    api: ConsoleApi
    port: int
    client: ClientSession
    journal: Journal
    contacts: int = 0

    def url(self, path: str) -> str:
        """Where that is."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def get(self, path: str, status: int = 200) -> Any:
        """The body of an answer with this status."""
        async with self.client.get(self.url(path)) as answer:
            body = await answer.json(content_type=None)
            assert answer.status == status, (path, answer.status, body)
            return body

    async def post(
        self, path: str, body: object = None, status: int = 200, key: str | None = None
    ) -> Any:
        """As `get`, for a command."""
        headers = {} if key is None else {"Idempotency-Key": key}
        async with self.client.post(self.url(path), json=body or {}, headers=headers) as answer:
            found = await answer.json(content_type=None)
            assert answer.status == status, (path, answer.status, found)
            return found

    async def caller(
        self, region: str = "22", priority: Priority = Priority.STANDARD, name: str = ""
    ) -> ContactId:
        """A caller goes through the menu and is seen waiting."""
        self.contacts += 1
        contact_id = ContactId(name or f"c{self.contacts}")
        await self.driver.submit(
            cmd.EnqueueContact(
                contact_id=contact_id,
                link_id=LINK,
                line_id=LineId("1177"),
                arrived_ms=self.clock.ms,
                priority=priority,
                needs=ADVICE,
                home_region=RegionCode(region),
                home_region_source=HomeRegionSource.AREA_CODE,
            )
        )
        await self.seen(contact_id)
        return contact_id

    async def seen(self, contact_id: ContactId) -> None:
        """The switch shows the caller waiting."""
        caller = cmd.SeenCaller(contact_id, cmd.CallerPlace.WAITING, self.clock.ms)
        await self.driver.submit(cmd.ReportCallerWaiting(LINK, caller))

    async def agent(self, agent_id: str = "n22-1") -> None:
        """She signs on and is ready, over the API."""
        await self.post(f"/api/v1/agents/{agent_id}/sign-on")
        await self.post(f"/api/v1/agents/{agent_id}/ready")

    async def answer(self, contact_id: ContactId) -> None:
        """The phone that rings is picked up."""
        row = self.driver.state.contacts[contact_id]
        assert row.phone_id is not None
        await self.driver.submit(cmd.ReportConnected(contact_id, LINK, row.phone_id, row.offer))

    async def nurse_hangs_up(self, contact_id: ContactId) -> None:
        """The talk ends, and the caller's channel is gone."""
        row = self.driver.state.contacts[contact_id]
        assert row.phone_id is not None
        await self.driver.submit(cmd.ReportTalkEnded(contact_id, row.phone_id))

    async def gone(self, contact_id: ContactId) -> None:
        """The caller hangs up."""
        await self.driver.submit(cmd.ReportCallerGone(contact_id))

    async def wait(self, ms: int) -> None:
        """Time passes, in steps too short for a stall; what is due is done."""
        while ms > 0:
            step = min(ms, 4_000)
            self.clock.ms += step
            ms -= step
            await self.driver.submit(cmd.PassTime())

    async def until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        """Waits for a condition, DEADLINE_S at most."""
        deadline = asyncio.get_running_loop().time() + DEADLINE_S
        while not await condition():
            assert asyncio.get_running_loop().time() < deadline, f"not in time: {what}"
            await asyncio.sleep(0.005)


@asynccontextmanager
async def api_world(journal: Journal | None = None, **ports: Any) -> AsyncIterator[ApiWorld]:
    """A running engine with its API; the switch is in reach and nobody is there."""
    journal = journal or MemoryJournal()
    clock = HandClock(START_MS)
    async with running(journal, clock) as driver:
        await driver.submit(load())
        await driver.submit(picture())
        past = JournalPast(journal, driver.hand)
        api = ConsoleApi(driver, token=TOKEN, seats=Seats(), past=past, **ports)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        runner = web.AppRunner(api.app(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            port: int = runner.addresses[0][1]
            timeout = ClientTimeout(total=DEADLINE_S)
            async with ClientSession(headers=headers, timeout=timeout) as client:
                yield ApiWorld(driver, clock, api, port, client, journal)
        finally:
            await runner.cleanup()
