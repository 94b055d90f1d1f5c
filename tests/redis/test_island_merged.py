"""An engine cut off from a real Redis goes on alone; when it is back, all know what it did."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine.config.engine_file import EngineSettings, read_settings
from queue_engine.config.source import Faults
from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.record import Record
from queue_engine.core.service_level import ServiceLevel
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.runtime.recovery import record_of
from queue_engine.serve import merging
from queue_engine.serve.merging import open_merging
from routing.vocabulary import AgentId, ContactId, Outcome, PhoneId, RegionCode
from tests.core.island_world import accounts
from tests.core.world import LINK
from tests.faults.members import Engine, engines, join, level, until
from tests.faults.test_island import ToldSwitches
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue, sign_on

pytestmark = pytest.mark.redis

A1 = AgentId("a1")


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "LOOK_S", 0.1)
    monkeypatch.setattr(merging, "PAUSE_S", 0.0)


def settings_of(folder: Path) -> EngineSettings:
    """Those of an engine whose files are there."""
    return replace(read_settings(Faults(), folder / "config"), var_dir=folder)


@asynccontextmanager
async def merging_beside(engine: Engine, folder: Path) -> AsyncIterator[None]:
    """What its service does besides."""
    task = asyncio.create_task(open_merging(settings_of(folder), engine.member).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled(), task


def records(server: RedisServer) -> list[Record]:
    journal = RedisJournal(server.place())
    found = [record_of(stored) for stored in journal.read(0)]
    journal.close()
    return found


async def calls(engine: Engine, name: str, region: str) -> None:
    """Somebody calls, and waits."""
    now_ms = engine.member.now_ms()
    home = RegionCode(region)
    await engine.member.submit(replace(enqueue(name), arrived_ms=now_ms, home_region=home))
    caller = cmd.SeenCaller(ContactId(name), cmd.CallerPlace.WAITING, now_ms)
    await engine.member.submit(cmd.ReportCallerWaiting(LINK, caller))


async def talks(engine: Engine, name: str) -> None:
    """Whoever rings for him picks up, and they talk for a moment."""
    row = engine.member.state.contacts[ContactId(name)]
    phone_id, offer = PhoneId("p-a1"), row.offer
    assert offer is not None, row
    await engine.member.submit(cmd.ReportConnected(row.contact_id, LINK, phone_id, offer))
    await asyncio.sleep(0.3)
    await engine.member.submit(cmd.ReportTalkEnded(row.contact_id, phone_id))
    await engine.member.submit(cmd.EndWrapUp(A1))


async def begin(first: Engine, second: Engine) -> None:
    """The first holds the switch; a nurse is there, and a caller waits for nobody yet."""
    first.member.node.links = lambda: [LINK]
    now_ms = first.member.now_ms()
    await first.member.submit(cmd.ReportSwitch(LINK, now_ms, ()))
    await first.member.submit(sign_on("a1"))
    await calls(first, "before", "24")
    await level([first, second])


async def alone(first: Engine, second: Engine) -> int:
    """The first is cut off, and goes on for its callers; how long it talked, in milliseconds."""
    first.relay.cut()
    await until(lambda: second.decides, "the other one decides")
    await first.member.submit(cmd.SetAgentReady(A1))
    await talks(first, "before")
    await calls(first, "there", "24")
    await talks(first, "there")
    await calls(first, "gives_up", "24")
    await first.member.submit(cmd.ReportCallerGone(ContactId("gives_up")))
    assert first.member.is_degraded
    state = first.member.state
    return sum(state.contacts[ContactId(name)].talk_ms for name in ("before", "there"))


async def back(first: Engine, second: Engine, server: RedisServer) -> None:
    """Redis is in reach again; the first ends, and the other one sees its switch without them."""
    first.relay.heal()
    await until(lambda: not first.is_there, "it ends: another one decides")
    await second.member.submit(cmd.ReportSwitch(LINK, second.member.now_ms(), ()))
    (before,) = second.member.state.contacts.values()
    assert before.outcome is Outcome.LOST, "as far as anybody knows"
    assert not accounts(records(server))


async def test_what_it_did_is_told_at_its_next_start_and_counts_once(
    server: RedisServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncExitStack() as opened, engines(server, tmp_path, 2) as found:
        first, second = found
        await begin(first, second)
        talk_ms = await alone(first, second)
        await back(first, second, server)
        await first.end()
        folder = tmp_path / "unjournaled"
        (aside,) = folder.iterdir()
        with caplog.at_level(logging.INFO):
            found[0] = again = await join(server, tmp_path, opened)
            async with merging_beside(again, tmp_path), merging_beside(second, tmp_path):
                await until(lambda: "island merged" in caplog.text, "it is told")
        await level([again, second])
        assert [path.name for path in folder.iterdir()] == [f"{aside.name}.merged"]
        told = records(server)
        merged = {
            event.contact_id: event
            for record in told
            for event in record.events
            if isinstance(event, ev.IslandContactMerged)
        }
        assert {name: (event.former, event.outcome) for name, event in merged.items()} == {
            "before": (Outcome.LOST, Outcome.HANDLED),
            "there": (None, Outcome.HANDLED),
            "gives_up": (None, Outcome.ABANDONED),
        }
        (sums,) = accounts(told).values()
        assert (sums.calls, sums.talk_ms) == (2, talk_ms)
        state = second.member.state
        level_of = ServiceLevel(lambda: state.rules)
        for record in told:
            level_of.follow(record)
        assert level_of.permille(RegionCode("24")) == 1_000, "nobody was lost, nor waited in vain"
        assert state.contacts[ContactId("there")].outcome is Outcome.HANDLED


async def test_a_record_whose_answer_was_lost_counts_here_and_not_there(
    server: RedisServer, tmp_path: Path
) -> None:
    """Redis has it, and the decider that is cut off in that moment does not know."""
    async with AsyncExitStack() as opened, engines(server, tmp_path, 2) as found:
        first, second = found
        await begin(first, second)
        await first.member.submit(cmd.SetAgentReady(A1))
        row = first.member.state.contacts[ContactId("before")]
        phone_id, offer = PhoneId("p-a1"), row.offer
        await first.member.submit(cmd.ReportConnected(row.contact_id, LINK, phone_id, offer))
        await level([first, second])
        first.relay.swallow_answers()
        ending = asyncio.create_task(
            first.member.submit(cmd.ReportTalkEnded(row.contact_id, phone_id))
        )
        await until(lambda: second.member.state.living(ContactId("before")) is None, "Redis has it")
        first.relay.cut()
        first.relay.pass_answers()
        await ending
        await until(lambda: second.decides, "the other one decides")
        await first.member.submit(cmd.EndWrapUp(A1))
        first.relay.heal()
        await until(lambda: not first.is_there, "it ends")
        await first.end()
        (aside,) = (tmp_path / "unjournaled").iterdir()
        found[0] = again = await join(server, tmp_path, opened)
        async with merging_beside(again, tmp_path):
            await until(lambda: not aside.exists(), "it is told")
        await level([again, second])
        ((_, sums),) = accounts(records(server)).items()
        talked_ms = second.member.state.contacts[ContactId("before")].talk_ms
        assert (sums.calls, sums.talk_ms) == (1, talked_ms)


async def test_an_engine_that_does_not_decide_tells_as_soon_as_it_follows_again(
    server: RedisServer, tmp_path: Path
) -> None:
    """Without a new start; who was on the line when its island ended counts when he is over."""
    async with engines(server, tmp_path, 2) as found:
        first, second = found
        held = ToldSwitches(LINK)
        second.member.switches, second.member.node.links = held, held.held
        await second.member.submit(cmd.ReportSwitch(LINK, second.member.now_ms(), ()))
        await second.member.submit(sign_on("a1"))
        await second.member.submit(sign_on("goes_home"))
        await calls(second, "before", "24")
        await level(found)
        second.relay.cut()
        await until(lambda: bool(second.member.island), "it is an island")
        waiting = second.member.state.contacts[ContactId("before")].ticket()
        shown = cmd.SeenCaller(waiting.contact_id, cmd.CallerPlace.WAITING, 0, waiting)
        now_ms = second.member.now_ms()
        await second.member.submit(cmd.ReportSwitch(LINK, now_ms, (shown,)))
        await second.member.submit(cmd.SetAgentReady(A1))
        await talks(second, "before")
        await calls(second, "there", "24")
        await talks(second, "there")
        await calls(second, "stays", "24")
        await second.member.submit(cmd.SignOffAgent(AgentId("goes_home")))
        alone = second.member.state
        talk_ms = sum(alone.contacts[ContactId(name)].talk_ms for name in ("before", "there"))
        stays = alone.contacts[ContactId("stays")].ticket()
        async with merging_beside(second, tmp_path):
            second.relay.heal()
            await until(lambda: not second.member.island, "it follows again")
            # The decider lost its switch, and looks at it anew: one caller is there.
            shown = cmd.SeenCaller(stays.contact_id, cmd.CallerPlace.WAITING, 0, stays)
            picture = cmd.ReportSwitch(LINK, second.member.now_ms(), (shown,))
            await second.member.submit(picture)
            folder = tmp_path / "unjournaled"
            await until(lambda: bool(list(folder.glob("*.merged"))), "it has told")
        state = first.member.state
        stays_there = state.contacts[ContactId("stays")]
        await until(lambda: stays_there.offer is not None, "that she is ready is said again")
        await level(found)
        assert list(state.agents) == [A1]
        outcomes = {row.contact_id: row.outcome for row in state.contacts.values()}
        handled = Outcome.HANDLED
        assert outcomes == {"before": handled, "there": handled, "stays": None}
        (sums,) = accounts(records(server)).values()
        assert (sums.calls, sums.talk_ms) == (2, talk_ms)
        await talks(first, "stays")
        (sums,) = accounts(records(server)).values()
        assert sums.calls == 3
        assert not state.told_islands.awaited
