"""An engine that stood still reads first what happened meanwhile: another may act there by now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import ReportCallerGone, ReportCallerWaiting, ReportSwitch
from queue_engine.telephony.beat import BeatTimes, Holder
from routing.vocabulary import AgentId
from tests.telephony.fake_ami import FakeAmi, error, until
from tests.telephony.link_world import World, channel, contact_id, quick, world

DOUBT_S = 0.1
STILL = quick(beat=BeatTimes(every_s=1000.0, doubt_s=DOUBT_S))
"""It shows no beat, as one that is stopped."""
OTHER = "7-other-1795372007"
BEAT = "SAMKO_BEAT"


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        yield ami


@pytest.fixture
async def here(ami: FakeAmi) -> AsyncIterator[World]:
    async with world(ami, times=STILL, holder=Holder("a", "samko", "agi://a")) as here:
        here.engine.contacts[contact_id(1)] = here.link.link_id
        await asyncio.sleep(2 * DOUBT_S)
        yield here


async def test_what_it_reads_when_another_has_come_is_not_reported(here: World) -> None:
    here.ami.globals[BEAT] = OTHER
    here.waits(contact_id(1))
    here.hangs_up(1)
    await until(lambda: here.link.counts.losses)
    assert not here.engine.of(ReportCallerWaiting)
    assert not here.engine.of(ReportCallerGone)
    assert len(here.engine.of(ReportSwitch)) == 1


async def test_nor_is_it_where_the_switch_does_not_say(here: World) -> None:
    here.ami.answers["getvar"] = lambda _: error("not now")
    here.waits(contact_id(1))
    await until(lambda: here.link.counts.losses)
    assert not here.engine.of(ReportCallerWaiting)


async def test_nor_what_it_finds_of_an_offer_that_was_over_long_ago(here: World) -> None:
    here.ami.globals[BEAT] = OTHER
    caller = contact_id(1)
    here.engine.happen(ev.OfferRevoked(caller, AgentId("anna"), 7, ev.RevokeReason.WITHDRAWN))
    here.engine.offer(caller, 7, "nurse1")
    del here.engine.offers[caller]
    await until(lambda: here.link.counts.losses)
    assert not here.engine.of(ReportCallerWaiting)
    assert here.redirects == []


async def test_one_to_which_nobody_came_goes_on(here: World) -> None:
    asked = len(here.ami.named("Getvar"))
    here.waits(contact_id(1))
    here.hangs_up(1)
    await until(lambda: here.engine.of(ReportCallerGone))
    assert len(here.engine.of(ReportCallerWaiting)) == 1
    assert len(here.ami.named("Getvar")) == asked + 1, "asked once"
    assert here.ami.connections == 1


async def test_an_engine_alone_asks_nobody(ami: FakeAmi) -> None:
    async with world(ami, times=STILL) as here:
        await asyncio.sleep(2 * DOUBT_S)
        ami.globals[BEAT] = OTHER
        here.waits(contact_id(1))
        await until(lambda: here.engine.of(ReportCallerWaiting))
        assert not ami.named("Getvar")
