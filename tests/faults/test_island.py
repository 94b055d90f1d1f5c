"""A node that does not decide, cut off from Redis, goes on for its own switches and for no other.

What its switches say of themselves is told here by hand; `tests/asterisk/test_island.py` asks them.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.errors import EngineStopped
from queue_engine.runtime import asking
from queue_engine.serve.island import DECIDER_LATER_S, ISLAND_LATER_S
from routing.vocabulary import AgentId, ContactId, LinkId, NotReadyReason, PhoneId
from tests.core.world import LINK
from tests.faults.members import CUT_OFF_S, Engine, engines, level, until
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue, sign_on

pytestmark = pytest.mark.redis

OTHER = LinkId("ast2")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


class ToldSwitches:
    """`Switches` as the test has them."""

    def __init__(self, *links: LinkId) -> None:
        self.links = list(links)
        self.named = list(links)
        """Where this engine is named still."""

    def held(self) -> list[LinkId]:
        return self.links

    async def ours(self) -> list[LinkId]:
        return self.named


def holds(engine: Engine, *links: LinkId) -> ToldSwitches:
    """From now on the engine holds these, and says so."""
    switches = engine.member.switches = ToldSwitches(*links)
    engine.member.node.links = switches.held
    return switches


async def with_links(first: Engine, second: Engine) -> ToldSwitches:
    """The first, which decides, holds one switch and the second another; all is well."""
    holds(first, OTHER)
    switches = holds(second, LINK)
    for engine, link in ((first, OTHER), (second, LINK)):
        now_ms = engine.member.now_ms()
        await engine.member.submit(cmd.ReportSwitch(link, now_ms, ()))
    await level([first, second])
    return switches


def shown(engine: Engine, *waiting: str) -> cmd.ReportSwitch:
    """The picture of the second's switch: these callers wait."""
    now_ms = engine.member.now_ms()
    tickets = {name: engine.member.state.living(ContactId(name)) for name in waiting}
    callers = tuple(
        cmd.SeenCaller(
            ContactId(name),
            cmd.CallerPlace.WAITING,
            now_ms - 1_000,
            contact.ticket() if contact is not None else None,
        )
        for name, contact in tickets.items()
    )
    return cmd.ReportSwitch(LINK, now_ms, callers)


async def test_it_decides_for_its_own_switch_and_follows_again_when_redis_is_back(
    server: RedisServer, tmp_path: Path
) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        await with_links(first, second)
        await first.member.submit(sign_on("a1"))
        await first.member.submit(cmd.SetAgentReady(AgentId("a1")))
        await level([first, second])
        second.relay.cut()
        await until(lambda: second.member.island == (LINK,), "it is an island")
        assert not second.decides
        assert second.member.is_degraded
        assert second.member.view().island == (LINK,)
        assert not second.member.state.is_link_up(OTHER), "nobody is offered there"
        await until(lambda: not first.member.state.is_link_up(LINK), "the decider lost it")
        # A caller is queued and offered; the decider, whom nobody told, knows nothing of it.
        assert await second.member.submit(enqueue("c1")) is not None
        record = await second.member.submit(shown(second, "c1"))
        assert record is not None
        assert second.member.state.contacts[ContactId("c1")].agent_id == "a1"
        assert ContactId("c1") not in first.member.state.contacts
        picture = shown(second, "c1")
        assert await first.member.submit(enqueue("elsewhere")) is not None
        second.relay.heal()
        await until(lambda: not second.member.island, "the island is over")
        # The decider takes the picture of that switch anew, and has its caller by his ticket.
        await level([first, second])
        assert await second.member.submit(picture) is not None
        assert first.member.state.contacts[ContactId("c1")].agent_id == "a1"
        assert first.decides
        await level([first, second])


@pytest.mark.parametrize("named", [True, False])
async def test_it_decides_nothing_without_a_switch_that_names_it(
    server: RedisServer, tmp_path: Path, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_S", 3 * CUT_OFF_S)
    async with engines(server, tmp_path, 2) as (first, second):
        switches = await with_links(first, second)
        if named:
            switches.named, switches.links = [], []
        else:
            switches.named = []  # another engine has just taken it
        second.relay.cut()
        with pytest.raises(EngineStopped, match="no engine has decided"):
            await second.member.submit(enqueue("c1"))
        assert not second.member.island


async def test_who_came_to_work_or_took_a_break_on_an_island_did_so_for_all(
    server: RedisServer, tmp_path: Path
) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        await with_links(first, second)
        for name in ("a1", "a2", "a3"):
            await first.member.submit(sign_on(name))
            await first.member.submit(cmd.SetAgentReady(AgentId(name)))
        await level([first, second])
        second.relay.cut()
        await until(lambda: bool(second.member.island), "it is an island")
        for command in (
            sign_on("new"),
            cmd.SetAgentReady(AgentId("new")),
            cmd.SignOffAgent(AgentId("a1")),
            cmd.SetAgentNotReady(AgentId("a2"), NotReadyReason.BREAK),
        ):
            await second.member.submit(command)
        # Who went home there is at work among the others since.
        again = sign_on("a1")
        assert isinstance(again, cmd.SignOnAgent)
        await first.member.submit(replace(again, phone_id=PhoneId("p-elsewhere")))
        await first.member.submit(cmd.SetAgentReady(AgentId("a1")))
        second.relay.heal()

        def presences() -> dict[str, object]:
            agents = first.member.state.agents.values()
            return {agent.agent_id: agent.not_ready_reason or "ready" for agent in agents}

        wanted = {"a1": "ready", "a2": NotReadyReason.BREAK, "a3": "ready", "new": "ready"}
        await until(lambda: presences() == wanted, "the decider knows")


async def test_what_was_asked_and_not_answered_is_decided_by_the_island(
    server: RedisServer, tmp_path: Path
) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        await with_links(first, second)
        second.relay.cut()
        asked = [
            asyncio.create_task(second.member.submit(enqueue(f"c{number}"))) for number in range(50)
        ]
        assert all(record is not None for record in await asyncio.gather(*asked))
        contacts = sorted(second.member.state.contacts.values(), key=lambda one: one.sequence)
        assert [one.contact_id for one in contacts] == [f"c{number}" for number in range(50)]
        second.relay.heal()
        await until(lambda: not second.member.island, "the island is over")
        assert await second.member.submit(enqueue("later")) is not None
        assert list(first.member.state.contacts) == ["later"], "nothing is sent on afterwards"


async def test_it_ends_with_its_last_switch_and_begins_again_with_the_next(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_engine.serve.island.UNHELD_S", 0.5)
    async with engines(server, tmp_path, 2) as (first, second):
        switches = await with_links(first, second)
        second.relay.cut()
        await until(lambda: bool(second.member.island), "it is an island")
        switches.links, switches.named = [], []
        await until(lambda: not second.member.island, "it has ended")
        switches.links, switches.named = [LINK], [LINK]
        await until(lambda: bool(second.member.island), "it is one again")
        assert await second.member.submit(enqueue("c1")) is not None


async def test_a_decider_that_is_cut_off_offers_nothing_at_switches_of_others(
    server: RedisServer, tmp_path: Path
) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        await with_links(first, second)
        holds(second)
        holds(first, OTHER)
        for engine in (first, second):
            engine.relay.cut()
        await until(lambda: not first.member.state.is_link_up(LINK), "it is lost to it")
        assert first.member.state.is_link_up(OTHER)
        assert first.decides
        await until(lambda: first.member.is_degraded, "its records are in memory")


async def test_without_redis_each_goes_on_for_its_own_switch(
    server: RedisServer, tmp_path: Path
) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        await with_links(first, second)
        server.kill()
        await until(lambda: second.member.island == (LINK,), "it is an island")
        await until(lambda: first.member.is_degraded, "the decider goes on in memory")
        assert await first.member.submit(enqueue("there")) is not None
        assert await second.member.submit(enqueue("here")) is not None
        picture = shown(second, "here")
        server.start()
        await until(lambda: not second.member.island, "the island is over")
        assert first.decides
        assert await second.member.submit(picture) is not None
        await level([first, second])
        assert list(first.member.state.contacts) == ["there", "here"]


async def test_an_island_whose_decider_is_gone_decides_for_all_when_redis_is_back(
    server: RedisServer, tmp_path: Path
) -> None:
    async with engines(server, tmp_path, 2) as found:
        first, second = found
        await with_links(first, second)
        assert await first.member.submit(enqueue("before")) is not None
        await level(found)
        second.relay.cut()
        await until(lambda: bool(second.member.island), "it is an island")
        assert await second.member.submit(enqueue("alone")) is not None
        picture = shown(second, "alone")
        assert await first.member.submit(enqueue("meanwhile")) is not None
        await first.die()
        found[0:1] = []
        second.relay.heal()
        await until(lambda: second.decides, "it decides")
        assert await second.member.submit(picture) is not None
        living = [one.contact_id for one in second.member.state.living_contacts()]
        assert living == ["meanwhile", "alone"], "the switch shows that the first has hung up"


async def test_who_is_cut_off_takes_switches_later_than_who_is_not(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_engine.serve.island.TAKES_S", 2 * CUT_OFF_S)
    async with engines(server, tmp_path, 2) as (first, second):
        await level([first, second])
        assert second.member.later_s() == 0
        second.relay.cut()
        await until(lambda: second.member.later_s() == math.inf, "it takes none")
        await until(lambda: second.member.later_s() == ISLAND_LATER_S, "after whoever reaches more")
        assert first.member.later_s() == 0
        first.relay.cut()
        await until(lambda: first.member.later_s() == DECIDER_LATER_S, "it is cut off as well")
        second.relay.heal()
        await until(lambda: second.member.later_s() == 0, "it is one of all again")
