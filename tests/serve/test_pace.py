"""The clock of a country goes fast only while no person is at work in it."""

from __future__ import annotations

import asyncio

import pytest

from queue_engine.core.commands import SetAgentReady, SignOffAgent, SignOnAgent
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.clock import Clock
from queue_engine.runtime.driver import Driver
from queue_engine.serve.pace import Pace
from routing.vocabulary import AgentId
from tests.runtime.driver_world import HandClock, begin, running, sign_on, until

ME = AgentId("me")


def pace_of(driver: Driver, clock: Clock) -> Pace:
    return Pace(clock, [ME], lambda: driver.state.agents)


async def test_it_slows_down_when_a_person_signs_on_and_may_go_fast_when_she_has_left() -> None:
    async with running(MemoryJournal()) as driver:
        await begin(driver)
        clock = Clock(speed=60)
        pace = pace_of(driver, clock)
        following = asyncio.create_task(pace.follow(driver.follow()))
        await asyncio.sleep(0)
        assert pace.speed == 60, "a1 is of the crowd"
        command = sign_on("me")
        assert isinstance(command, SignOnAgent)
        await driver.submit(command)
        await until(lambda: pace.speed == 1, "the pace of people")
        with pytest.raises(ValueError, match="expected 1 while a person"):
            pace.set_speed(20)
        pace.set_speed(1)
        await driver.submit(SignOffAgent(ME))
        pace.set_speed(20)
        assert clock.speed == 20
        following.cancel()
        await asyncio.wait([following])


async def test_a_person_whose_page_is_closed_keeps_nobody_waiting() -> None:
    async with running(MemoryJournal()) as driver:
        await begin(driver)
        clock, here = Clock(speed=60), {ME}
        pace = Pace(clock, [ME], lambda: here & driver.state.agents.keys())
        following = asyncio.create_task(pace.follow(driver.follow()))
        await driver.submit(sign_on("me"))
        await until(lambda: pace.speed == 1, "the pace of people")
        here.clear()
        pace.set_speed(20)
        here.add(ME)
        await driver.submit(SetAgentReady(ME))
        await until(lambda: pace.speed == 1, "the pace of one who is back")
        following.cancel()
        await asyncio.wait([following])


async def test_a_country_that_starts_with_a_person_at_work_starts_slowly() -> None:
    async with running(MemoryJournal(), HandClock()) as driver:
        await begin(driver)
        await driver.submit(sign_on("me"))
        pace = pace_of(driver, Clock(speed=60))
        following = asyncio.create_task(pace.follow(driver.follow()))
        await until(lambda: pace.speed == 1, "the pace of people")
        following.cancel()
        await asyncio.wait([following])
