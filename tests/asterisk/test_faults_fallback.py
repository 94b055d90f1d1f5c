"""No engine, or one that stands still: callers go to the switch's own queue, and come back.

The limits are short here (`fault_lab.QUICK`): a round of music is 1 s, so that a beat that stands
still for two seconds sends callers to the fallback.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from ivr.session import STEP_SECONDS
from queue_engine.core import events as ev
from queue_engine.core.commands import SetAgentNotReady, SignOffAgent
from queue_engine.runtime.driver import STALL_MS
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import AgentId, NotReadyReason, Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineHere, EngineProcess, agent_at
from tests.asterisk.lab_engine import Agi, AgiServer, Ami
from tests.asterisk.phones import Callers, Nurse

pytestmark = pytest.mark.asterisk

PRESS_1: Final = [(1_800, "1")]
"""Through the menu at once."""
SLOW_MENU: Final = ("menus/quick.yaml", "listen: 1 s", "listen: 15 s")
STOP_S: Final = 8.0
"""Five seconds for menus to end, and what it takes to close everything."""
STALL_S: Final = STALL_MS / 1000 + 0.5


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def quick_asterisk(asterisk_tree: Path) -> AsyncIterator[LocalAsterisk]:
    """An Asterisk that soon takes a silent engine for dead."""
    async with LocalAsterisk(asterisk_tree, phones=lab.PHONES, settings=lab.QUICK) as asterisk:
        yield asterisk


@pytest_asyncio.fixture
async def switch(quick_asterisk: LocalAsterisk) -> AsyncIterator[LocalAsterisk]:
    """The same, without calls and without anybody in the fallback."""
    yield quick_asterisk
    await lab.tidy(quick_asterisk)


async def test_without_an_engine_nurses_at_work_are_rung_and_a_new_engine_takes_over(
    switch: LocalAsterisk, tmp_path: Path
) -> None:
    files = EngineFiles(tmp_path, switch)
    async with EngineHere(files) as engine:
        for phone in ("nurse1", "nurse2", "nurse3"):
            await engine.agent(phone)
        submit = engine.service.driver.submit
        await submit(SetAgentNotReady(AgentId("a-nurse2"), NotReadyReason.BREAK))
        await submit(SignOffAgent(AgentId("a-nurse3")))
        await lab.mirrored(switch, {"nurse1": True, "nurse2": False})
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1") as ready,
        Nurse(switch, "nurse2") as paused,
        Nurse(switch, "nurse3") as at_home,
        Nurse(switch, "nurse4", talk_ms=lab.TALK_MS) as later,
    ):
        async with Callers(switch) as served:
            await lab.talks(ami, 1)
            await ready.hang_up()
            await served.gone()
            assert served.was_dropped(), "a caller who was served is done"
        since = ami.mark()
        async with Callers(switch) as first:
            await lab.talks(ami, 2)
            since = ami.mark()
            async with Callers(switch, count=5) as others:
                joined = await lab.in_fallback(ami, 5, since)
                async with EngineHere(files) as engine, lab.always_ready(engine):
                    await engine.happened(ev.ContactSeenWaiting, 5)
                    await engine.agent("nurse4")
                    for number in range(1, 6):
                        await others.gone(number)
                    assert not first.was_dropped(), "a talk is never cut"
                    await ready.hang_up()
                    ended = await engine.happened(ev.ContactEnded, 6)
                    assert {event.outcome for event in ended} == {Outcome.HANDLED}
        assert (paused.invites(), at_home.invites(), len(ready.invites())) == ([], [], 2)
        assert len(later.invites()) == 5
    records = lab.records_of(files)
    # As they arrived: the switch's own queue may have taken in two of a moment the other way round.
    assert lab.offers(records) == sorted(joined, key=lab.call_number)
    assert len(lab.connections(records)) == 6
    lab.audit(records, callers=6)


async def test_the_fallback_serves_who_called_first_whoever_came_to_it_first(
    switch: LocalAsterisk,
) -> None:
    arrivals = iter(("1795282149000", "1795282147000", "1795282148000"))

    async def break_off(agi: Agi) -> None:
        await agi.command(f"SET VARIABLE SAMKO_ARRIVED {next(arrivals)}")

    async with (
        Ami(switch) as ami,
        AgiServer(switch, call=break_off),
        Callers(switch, count=3, rate=3),
    ):
        await lab.in_fallback(ami, 3)
    joins = [message for message in ami.messages if message["Event"] == "QueueCallerJoin"]
    assert [join["Position"] for join in joins] == ["1", "1", "2"]


async def test_an_engine_that_stands_still_is_left_and_taken_back(
    switch: LocalAsterisk, tmp_path: Path
) -> None:
    files = EngineFiles(tmp_path, switch, changes=[SLOW_MENU, lab.SHORT_WRAP_UP])
    await files.sign_on_before_start(agent_at("nurse1"))
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1") as nurse,
        EngineProcess(files) as engine,
    ):
        await lab.beating(switch)
        async with Callers(switch, count=4, keys=PRESS_1) as callers:
            await lab.are_waiting(ami, 4)
            await lab.talks(ami, 1)
            since = ami.mark()
            async with Callers(switch) as in_menu:
                channel = (await ami.heard("Newchannel", since=since))["Uniqueid"]
                await menu_limit(ami, channel)
                engine.freeze()
                frozen_s = time.monotonic()
                await lab.in_fallback(ami, 3, since)
                await fast_forward(ami, channel)
                joined = await lab.in_fallback(ami, 4, since)
                await nurse.hang_up()
                await lab.talks(ami, 2)
                await lab.passed(frozen_s + STALL_S)
                since = ami.mark()
                engine.thaw()
                await lab.are_waiting(ami, 3, since)
                for number in range(2, 6):
                    await lab.talks(ami, number)
                    await nurse.hang_up()
                for number in range(1, 5):
                    await callers.gone(number)
                await in_menu.gone()
        assert await engine.stop() == 0
        assert "stalled for" in engine.log
        assert len(nurse.invites()) == 5
    records = lab.records_of(files)
    lab.audit(records, callers=5)
    # The fallback takes who came to it first; the engine, who called first.
    expected = [joined[0], *sorted(joined[1:], key=lab.call_number)]
    connected = lab.connections(records)
    assert connected[1:] == expected
    assert lab.offers(records) == [connected[0], *expected[1:]], "nobody is offered twice"


async def test_an_engine_that_is_stopped_leaves_its_callers_in_good_hands(
    switch: LocalAsterisk, tmp_path: Path
) -> None:
    files = EngineFiles(tmp_path, switch, changes=[SLOW_MENU])
    await files.sign_on_before_start(agent_at("nurse1"))
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1") as nurse,
        EngineProcess(files) as engine,
    ):
        await lab.beating(switch)
        async with Callers(switch, count=3, keys=PRESS_1) as callers:
            await lab.are_waiting(ami, 3)
            await lab.talks(ami, 1)
            since = ami.mark()
            async with Callers(switch) as in_menu:
                channel = (await ami.heard("Newchannel", since=since))["Uniqueid"]
                await menu_limit(ami, channel)
                began_s = time.monotonic()
                assert await engine.stop() == 0
                assert time.monotonic() - began_s < STOP_S
                joined = await lab.in_fallback(ami, 3, since)
                assert joined[-1] == channel, "his menu was given time to end"
                assert not callers.was_dropped(1)
                for number in range(1, 5):
                    await lab.talks(ami, number)
                    await nurse.hang_up()
                for number in range(1, 4):
                    await callers.gone(number)
                await in_menu.gone()
        async with EngineHere(files):
            pass
    state = lab.audit(lab.records_of(files), callers=3)
    # What the fallback did for the two who waited, nobody was there to see.
    assert lab.outcomes(state) == {Outcome.HANDLED: 1, Outcome.LOST: 2}


async def menu_limit(ami: Ami, channel: str) -> None:
    """Until the menu has armed the limit by which the dialplan takes its caller back."""
    dialplans_own_s = 2

    async def is_armed() -> bool:
        answer = await ami.act("Getvar", Channel=channel, Variable="TIMEOUT(absolute)")
        return float(answer["Value"]) > dialplans_own_s

    await lab.until(is_armed, "the menu's limit")


async def fast_forward(ami: Ami, channel: str) -> None:
    """Let all but a second of the channel's limit have passed: it is half a minute."""
    answer = await ami.act("Getvar", Channel=channel, Variable="TIMEOUT(absolute)")
    assert 0 < float(answer["Value"]) <= STEP_SECONDS, answer.text
    await ami.act("Setvar", Channel=channel, Variable="TIMEOUT(absolute)", Value="1")
