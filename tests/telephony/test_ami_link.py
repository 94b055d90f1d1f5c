"""A link: what it reports, in which order, and what it does when the switch is lost."""

from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    CallerPlace,
    OfferFailure,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportLinkLost,
    ReportOfferFailed,
    ReportSwitch,
    ReportTalkEnded,
)
from queue_engine.telephony import reconciler
from queue_engine.telephony.link_counts import LinkState
from queue_engine.telephony.ports import FallbackAgent
from routing.vocabulary import AgentId, PhoneId
from tests.telephony.fake_ami import QUICK, FakeAmi, error, event, until
from tests.telephony.link_world import (
    LINK,
    FakeEngine,
    channel,
    contact_id,
    quick,
    waiting,
    world,
)

# --- what it reports ------------------------------------------------------------------------


async def test_first_the_whole_picture_then_the_mirror_then_what_happens() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine(agents=(FallbackAgent(AgentId("anna"), PhoneId("nurse1"), False),))
        async with world(ami, engine) as here:
            assert [action["action"] for action in ami.actions[:3]] == [
                ["Status"],
                ["QueueStatus"],
                ["QueueAdd"],
            ]
            (report,) = engine.commands
            assert isinstance(report, ReportSwitch)
            assert report.link_id == LINK
            assert report.asked_ms == engine.now
            (caller,) = report.callers
            assert (caller.contact_id, caller.place) == (contact_id(1), CallerPlace.WAITING)
            here.hangs_up(1)
            await until(lambda: engine.of(ReportCallerGone))


async def test_reports_come_in_the_order_of_the_wire_without_waiting_for_the_journal() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        here.engine.gate.clear()
        for number in range(1, 40):
            here.waits(here.engine.enqueue(number))
            here.hangs_up(number)
        await until(lambda: len(here.engine.commands) == 79)
        told = [
            command.caller.contact_id
            if isinstance(command, ReportCallerWaiting)
            else command.contact_id
            for command in here.engine.commands[1:]
            if isinstance(command, ReportCallerWaiting | ReportCallerGone)
        ]
        assert told == [contact_id(number) for number in range(1, 40) for _ in range(2)]
        here.engine.gate.set()


async def test_a_call_from_offer_to_wrap_up() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        here.engine.offer(caller, 42, "nurse1")
        await until(lambda: here.redirects == [("1", "o42-nurse1")])
        here.dials(caller, 42, "nurse1", 2)
        here.bridges(caller, 42, "nurse1", 2)
        await until(lambda: here.engine.of(ReportConnected))
        assert here.engine.commands[-1] == ReportConnected(caller, LINK, PhoneId("nurse1"), 42)
        leaves = {"BridgeUniqueid": "B2", "Uniqueid": contact_id(2)}
        here.ami.say(event("BridgeLeave", Channel="PJSIP/nurse1-00000002", **leaves))
        here.hangs_up(2, "nurse1")
        await until(lambda: here.engine.of(ReportTalkEnded))


async def test_whom_it_cannot_ring_back_yet_costs_no_nurse_anything() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        here.engine.offer(contact_id(1), 42, "nurse1", is_callback=True)
        await until(lambda: here.engine.of(ReportOfferFailed))
        (failed,) = here.engine.of(ReportOfferFailed)
        assert failed == ReportOfferFailed(contact_id(1), 42, OfferFailure.CANCELLED)
        assert here.redirects == []


# --- the beat -------------------------------------------------------------------------------


async def test_the_beat_goes_on_only_while_the_loop_turns() -> None:
    async with FakeAmi() as ami, world(ami) as here:

        def beats() -> list[str]:
            return [
                fields["value"][0]
                for fields in ami.named("Setvar")
                if fields["variable"] == ["SAMKO_BEAT"]
            ]

        await until(lambda: beats() == ["0"])
        here.engine.turns = 7
        await until(lambda: beats() == ["0", "7"])
        await until(lambda: here.link.beat.shown == 2)
        asked = here.engine.beats_asked
        await until(lambda: here.engine.beats_asked > asked + 5)
        assert beats() == ["0", "7"]
        assert here.link.beat.shown == 2


# --- losing the switch ----------------------------------------------------------------------


async def test_a_cut_is_reported_once_and_the_picture_taken_anew() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        ami.channels.append(channel(contact_id(5), "waiting"))
        ami.cut()
        await here.live(2)
        kinds = [type(command) for command in here.engine.commands]
        assert kinds == [ReportSwitch, ReportLinkLost, ReportSwitch]
        assert [caller.contact_id for caller in here.engine.commands[-1].callers] == [contact_id(5)]


async def test_a_silent_asterisk_is_reported_lost() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        ami.is_silent = True
        began = time.monotonic()
        await until(lambda: here.engine.of(ReportLinkLost))
        assert time.monotonic() - began < 1.0
        assert here.link.state is LinkState.DOWN
        ami.is_silent = False
        await here.live(2)


async def test_nothing_under_way_survives_a_cut() -> None:
    slow = dataclasses.replace(QUICK, action_s=5.0)
    async with FakeAmi() as ami, world(ami, ami_times=slow) as here:
        for number in range(1, 5):
            await waiting(here, number)
        ami.answers["redirect"] = lambda _: None
        here.engine.offer(contact_id(1), 41, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.engine.offer(contact_id(1), 42, "nurse2")
        ami.cut()
        await here.live(2)
        ami.answers.clear()
        here.engine.offers.clear()
        await here.heard()
        assert len(here.redirects) == 1
        assert here.engine.of(ReportOfferFailed) == []
        assert not here.link.redirects.is_moving(contact_id(1))


async def test_after_a_stall_what_is_old_is_reported_and_not_acted_upon() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "fallback")]) as ami, world(ami) as here:
        caller = here.engine.enqueue(1)
        here.waits(caller, "SamkoFallback")
        here.link.stalled()
        here.engine.happen(ev.ContactSeenInFallback(caller))
        here.bridges(caller, 0, "nurse1", 9)
        await until(lambda: len(here.engine.of(ReportSwitch)) == 2)
        await here.heard()
        assert here.redirects == []
        kinds = [type(command) for command in here.engine.commands]
        assert kinds == [ReportSwitch, ReportCallerWaiting, ReportConnected, ReportSwitch]


async def test_after_a_stall_without_a_picture_the_link_begins_anew() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        ami.answers["status"] = lambda _: error("no")
        here.link.stalled()
        await until(lambda: ami.connections >= 2)
        ami.answers.clear()
        await here.live()


async def test_an_offer_that_waits_for_a_phone_is_forgotten_at_a_cut() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        await waiting(here, 2)
        here.dials(contact_id(1), 42, "nurse1", 3)
        await here.heard()
        here.engine.offer(contact_id(2), 43, "nurse1")
        await until(lambda: here.link.redirects.is_moving(contact_id(2)))
        await here.heard()
        ami.cut()
        await here.live(2)
        assert not [task for task in asyncio.all_tasks() if "Redirects._work" in repr(task)]
        assert here.redirects == []


async def test_a_picture_whose_connection_is_cut_is_forgotten_with_its_events() -> None:
    async with FakeAmi() as ami:
        engine = FakeEngine()
        async with world(ami, engine, times=quick(settle_s=0.2), is_live=False) as here:
            await until(lambda: ami.named("Status"))
            here.waits(contact_id(5))
            await until(lambda: here.link.reconciler._collected)
            ami.cut()
            await here.live(2)
            await here.heard()
            assert [type(command) for command in engine.commands] == [ReportLinkLost, ReportSwitch]


async def test_more_events_than_can_be_kept_end_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconciler, "STREAM_MAX", 5)
    async with FakeAmi() as ami, world(ami, times=quick(settle_s=0.2), is_live=False) as here:
        await until(lambda: ami.named("Status"))
        ami.say(*(event(f"E{number}") for number in range(10)))
        await here.live(2)


async def test_effects_while_the_link_is_down_are_dropped() -> None:
    ami = FakeAmi()
    await ami.listen()
    await ami.stop()
    async with world(ami, is_live=False) as here:
        here.engine.enqueue(1)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: here.link.counts.effects_dropped == 1)
        async with ami:
            await here.live()
            await here.heard()
            assert here.redirects == []


async def test_offers_decided_on_the_picture_are_sent_once_the_link_is_live() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)

        def mirror_asked(_: object) -> str:
            engine.offer(contact_id(1), 42, "nurse1")
            return error("slow")

        ami.answers["queuestatus"] = mirror_asked
        async with world(ami, engine) as here:
            await until(lambda: here.redirects == [("1", "o42-nurse1")])


async def test_a_picture_that_is_refused_keeps_the_link_down() -> None:
    async with FakeAmi() as ami:
        ami.answers["status"] = lambda _: error("Permission denied")
        async with world(ami, is_live=False) as here:
            await until(lambda: ami.connections >= 2)
            assert here.link.state is not LinkState.LIVE
            assert here.engine.of(ReportSwitch) == []
            ami.answers.clear()
            await here.live()


async def test_events_that_came_while_the_picture_was_made_are_not_lost() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)

        def hang_up_meanwhile(_: object) -> str:
            ami.say(event("Hangup", Channel="PJSIP/trunk-00000001", Uniqueid=contact_id(1)))
            return error("none")

        ami.answers["queuestatus"] = hang_up_meanwhile
        async with world(ami, engine):
            await until(lambda: engine.of(ReportCallerGone))
            kinds = [type(command) for command in engine.commands[:2]]
            assert kinds == [ReportSwitch, ReportCallerGone]


async def test_a_reader_that_was_cut_off_follows_again_and_reconciles() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        pictures = len(ami.named("Status"))
        here.engine.feed.close()
        await until(lambda: len(ami.named("Status")) > pictures)
        await until(lambda: here.engine.feed.is_open)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        assert here.link.counts.feed_cuts == 1
