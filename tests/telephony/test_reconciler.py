"""The check of a live link: certain, or silent about where a caller is."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from queue_engine.core.commands import (
    CallerPlace,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportSwitch,
    ReportTalkEnded,
)
from queue_engine.telephony.link_counts import LinkState
from routing.vocabulary import PhoneId
from tests.telephony.fake_ami import QUICK, FakeAmi, event, until
from tests.telephony.link_world import (
    LINK,
    FakeEngine,
    channel,
    contact_id,
    quick,
    waiting,
    world,
)


async def test_a_check_reports_the_picture_in_its_place() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        ami.channels.append(channel(contact_id(1), "waiting"))
        assert await here.link.reconcile()
        report = here.engine.commands[-1]
        assert isinstance(report, ReportSwitch)
        assert [caller.place for caller in report.callers] == [CallerPlace.WAITING]


async def test_a_caller_who_moved_meanwhile_is_shown_alive_and_no_more() -> None:
    """Events lag behind answers: one that comes after the picture may be older than it."""
    rows = [channel(contact_id(number), "waiting") for number in (1, 2, 3, 4)]
    async with FakeAmi() as ami, world(ami, times=quick(settle_s=0.1)) as here:
        for number in (1, 2, 3, 4):
            await waiting(here, number)
        ami.channels = rows
        checked = asyncio.create_task(here.link.reconcile())
        await until(lambda: len(ami.named("Status")) == 2)
        here.dials(contact_id(1), 43, "nurse1", 9)
        here.hangs_up(3)
        bridged = {"Channel": "PJSIP/nurse2-00000008", "Uniqueid": contact_id(8)}
        ami.say(event("Hangup", **bridged, Linkedid=contact_id(4)))
        assert await checked
        report = here.engine.of(ReportSwitch)[-1]
        places = {caller.contact_id: caller.place for caller in report.callers}
        assert places == {
            contact_id(1): CallerPlace.MENU,
            contact_id(2): CallerPlace.WAITING,
            contact_id(4): CallerPlace.MENU,
        }
        assert here.engine.commands[-2] == ReportCallerGone(contact_id(3)), "told in its place"


async def test_events_that_lag_behind_the_first_picture_are_told_after_it() -> None:
    rows = [channel(contact_id(number), "waiting") for number in (1, 2)]
    async with FakeAmi(channels=rows) as ami:
        engine = FakeEngine()
        for number in (1, 2, 3):
            engine.enqueue(number)
        async with world(ami, engine, times=quick(settle_s=0.1), is_live=False) as here:
            await until(lambda: ami.named("Status"))
            here.hangs_up(1)
            here.waits(contact_id(3))
            here.hangs_up(3)
            await here.live()
            first = engine.of(ReportSwitch)[0]
            places = {caller.contact_id: caller.place for caller in first.callers}
            assert places == {
                contact_id(1): CallerPlace.MENU,
                contact_id(2): CallerPlace.WAITING,
            }
            assert engine.of(ReportCallerWaiting) == [], "3 had hung up before the picture"
            assert ReportCallerGone(contact_id(1)) in engine.commands
            await until(lambda: len(engine.of(ReportSwitch)) == 2, 3.0)


@pytest.mark.parametrize("by", ["her", "him", "nobody"])
async def test_a_talk_that_only_the_first_picture_showed_is_told_before_its_end(by: str) -> None:
    """It began unheard, in Asterisk's own queue; whoever talked has not given up waiting."""
    talk = {"BridgeId": "B9"}
    rows = [channel(contact_id(1), "fallback") | talk, channel(contact_id(9), "", "nurse1") | talk]
    rows[1] |= {"Channel": "PJSIP/nurse1-00000009", "Linkedid": contact_id(1)}
    names = ("Channel", "Uniqueid", "Linkedid")
    nurse = {name: rows[1][name] for name in names}
    async with FakeAmi(channels=rows) as ami:
        engine = FakeEngine()
        engine.enqueue(1)
        async with world(ami, engine, times=quick(settle_s=0.1), is_live=False) as here:
            await until(lambda: ami.named("Status"))
            if by == "her":
                ami.say(event("Hangup", **nurse))
            if by == "nobody":
                ami.say(event("BridgeEnter", BridgeUniqueid="B9", **nurse))
            else:
                here.hangs_up(1)
            await here.live()
            (caller,) = engine.of(ReportSwitch)[0].callers
            assert caller.place is CallerPlace.MENU
            told = ReportConnected(contact_id(1), LINK, PhoneId("nurse1"), None)
            await until(lambda: told in engine.commands)
            after = engine.commands[engine.commands.index(told) + 1 :]
            assert engine.commands.count(told) == 1
            assert (ReportTalkEnded(contact_id(1), PhoneId("nurse1")) in after) == (by == "her")
            assert (ReportCallerGone(contact_id(1)) in after) == (by != "nobody")


async def test_a_caller_whom_we_are_moving_is_shown_alive_and_no_more() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)
        async with world(ami, engine) as here:
            engine.offer(contact_id(1), 42, "nurse1")
            await until(lambda: len(here.redirects) == 1)
            assert await here.link.reconcile()
            (caller,) = engine.of(ReportSwitch)[-1].callers
            assert caller.place is CallerPlace.MENU


async def test_one_whose_offer_has_not_reached_the_link_yet_is_shown_alive_and_no_more() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)
        async with world(ami, engine) as here:
            engine.offers[contact_id(1)] = 42
            assert await here.link.reconcile()
            (caller,) = engine.of(ReportSwitch)[-1].callers
            assert caller.place is CallerPlace.MENU


@pytest.mark.parametrize("when", ["before its start", "while it was cut", "while it was behind"])
async def test_one_whose_offer_never_reaches_the_link_is_shown_where_he_is(when: str) -> None:
    """Nothing rings for him: else his nurse would be blamed for it in the end."""
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)
        if when == "before its start":  # by an engine that died with it
            engine.offers[contact_id(1)] = 42
        async with world(ami, engine) as here:
            if when == "while it was cut":
                await ami.stop()
                await until(lambda: here.link.state is LinkState.DOWN)
                engine.offer(contact_id(1), 42, "nurse1")
                await until(lambda: here.link.counts.effects_dropped == 1)
                await ami.listen()
                await here.live(2)
            elif when == "while it was behind":
                engine.offers[contact_id(1)] = 42
                engine.feed.close()
                await until(lambda: len(engine.of(ReportSwitch)) == 2)
            (caller,) = engine.of(ReportSwitch)[-1].callers
            assert caller.place is CallerPlace.WAITING
            assert here.redirects == []


async def test_a_check_is_made_now_and_then_unasked() -> None:
    async with FakeAmi() as ami, world(ami, times=quick(reconcile_every_s=0.05)) as here:
        await until(lambda: here.link.reconciler.pictures >= 3)
        assert len(ami.named("Status")) >= 3


async def test_a_leg_whose_hangup_was_missed_is_forgotten() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        here.dials(here.engine.enqueue(1), 42, "nurse1", 2)
        await here.heard()
        assert here.link.board.is_phone_in_use(PhoneId("nurse1"))
        assert await here.link.reconcile()
        assert not here.link.board.legs


async def test_a_check_without_answer_fails_in_time_and_is_no_harm() -> None:
    slow = dataclasses.replace(QUICK, ping_every_s=60.0)
    async with FakeAmi() as ami, world(ami, ami_times=slow, times=quick(status_s=0.1)) as here:
        ami.answers["status"] = lambda _: None
        assert not await here.link.reconcile()
        ami.answers.clear()
        assert await here.link.reconcile()
