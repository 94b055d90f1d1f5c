"""How long things take in the exchange, to the millisecond, with time in the test's hands."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from queue_engine.core.commands import (
    CallerPlace,
    Command,
    OfferFailure,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportOfferFailed,
    ReportTalkEnded,
)
from queue_engine.telephony.embedded import call_news
from queue_engine.telephony.embedded.alarms import Alarms
from queue_engine.telephony.embedded.call import CallState, EmbeddedCall, Pace
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from queue_engine.telephony.embedded.phone import EmbeddedPhone, PhoneState
from queue_engine.telephony.embedded.visit import CallVisit
from routing.vocabulary import LinkId, PhoneId
from tests.telephony.embedded.hand_time import HandTime

LINK = LinkId("net1")


class World:
    """A network without an engine; scripts are over at once, and are written down."""

    def __init__(self) -> None:
        self.time = HandTime()
        self.wall = HandTime()
        self.visits: list[tuple[str, int]] = []
        self.reports: list[Command] = []
        self.network = EmbeddedNetwork(
            LINK,
            now_ms=lambda: self.time.ms,
            sleep_ms=self.time.sleep_ms,
            visit=self._visit,
            wall=Alarms(lambda: self.wall.ms, self.wall.sleep_ms),
        )
        self.exchange = self.network.exchange
        self.exchange.report_to(self.reports.append)

    async def _visit(self, script: str, call: CallVisit, *arguments: str) -> None:
        self.visits.append((" ".join((script, *arguments)), self.time.ms))
        call.set("SAMKO_IVR", "done")

    async def waiting(self, pace: Pace = Pace.ENGINE) -> EmbeddedCall:
        """A caller who has been through the menu."""
        call = self.network.dial("1177", None, pace=pace)
        await self.time.pass_ms(0)
        assert call.state is CallState.WAITING
        self.visits.clear()
        self.reports.clear()
        return call

    def phone(self) -> EmbeddedPhone:
        """nurse1's, plugged in."""
        phone = self.network.phone(PhoneId("nurse1"))
        phone.plug_in()
        return phone

    async def talking(self) -> tuple[EmbeddedCall, EmbeddedPhone]:
        """A caller in a talk that has just begun."""
        call, phone = await self.waiting(), self.phone()
        self.exchange.ring(call.contact_id, 1, phone.phone_id)
        phone.answer()
        self.reports.clear()
        return call, phone


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.network.close()


def places(world: World) -> list[CallerPlace]:
    """Where callers were reported waiting."""
    return [r.caller.place for r in world.reports if isinstance(r, ReportCallerWaiting)]


async def test_a_phone_rings_for_twenty_seconds(world: World) -> None:
    call, phone = await world.waiting(), world.phone()
    world.exchange.ring(call.contact_id, 7, phone.phone_id)
    await world.time.pass_ms(19_999)
    assert phone.state is PhoneState.RINGING
    assert world.reports == []
    await world.time.pass_ms(1)
    failed = ReportOfferFailed(call.contact_id, 7, OfferFailure.NO_ANSWER)
    assert world.reports[0] == failed
    assert places(world) == [CallerPlace.WAITING]
    assert len(world.reports) == 2


async def test_an_answer_in_the_last_millisecond_counts(world: World) -> None:
    call, phone = await world.waiting(), world.phone()
    world.exchange.ring(call.contact_id, 7, phone.phone_id)
    await world.time.pass_ms(19_999)
    phone.answer()
    await world.time.pass_ms(60_000)
    assert world.reports == [ReportConnected(call.contact_id, LINK, phone.phone_id, 7)]
    assert call.state is CallState.TALKING


@pytest.mark.parametrize(("talked_ms", "is_talk"), [(999, False), (1_000, True)])
async def test_a_talk_takes_at_least_a_second(world: World, talked_ms: int, is_talk: bool) -> None:
    call, phone = await world.talking()
    await world.time.pass_ms(talked_ms)
    phone.hang_up()
    assert world.reports[0] == ReportTalkEnded(call.contact_id, phone.phone_id)
    assert places(world) == ([] if is_talk else [CallerPlace.WAITING])
    assert call.state is (CallState.ENDED if is_talk else CallState.WAITING)


async def test_there_is_an_announcement_each_minute(world: World) -> None:
    await world.waiting()
    await world.time.pass_ms(59_999)
    assert world.visits == []
    await world.time.pass_ms(1)
    await world.time.pass_ms(120_000)
    assert world.visits == [("announce", 60_000), ("announce", 120_000), ("announce", 180_000)]


async def test_whole_rounds_of_music_count_over_keys_and_offers(world: World) -> None:
    call, phone = await world.waiting(), world.phone()
    await world.time.pass_ms(35_000)
    call.press("5")
    await world.time.pass_ms(12_000)
    world.exchange.ring(call.contact_id, 1, phone.phone_id)
    phone.reject()
    await world.time.pass_ms(20_000)
    # 30 of 35 s, 10 of 12 s: 20 s were missing.
    assert world.visits == [("key 5", 35_000), ("announce", 67_000)]


async def test_somebody_who_keeps_pressing_keys_hears_announcements_all_the_same(
    world: World,
) -> None:
    call = await world.waiting()
    for _ in range(20):
        await world.time.pass_ms(10_000)
        call.press("5")
    await world.time.pass_ms(10_000)
    announced = [at_ms for script, at_ms in world.visits if script == "announce"]
    assert len(announced) >= 3


async def test_a_persons_minute_is_the_walls(world: World) -> None:
    await world.waiting(Pace.REAL)
    await world.time.pass_ms(600_000)
    assert world.visits == []
    await world.wall.pass_ms(60_000)
    assert world.visits == [("announce", 600_000)]


async def test_a_silent_phone_loses_its_talk_after_a_minute_and_no_later_one(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    call, phone = await world.talking()
    await world.time.pass_ms(5_000)
    phone.unplug()
    await world.time.pass_ms(30_000)
    call.hang_up()
    assert world.reports == [ReportCallerGone(call.contact_id)]
    await world.time.pass_ms(60_000)
    other, phone = await world.talking()
    phone.unplug()
    await world.time.pass_ms(59_999)
    assert other.state is CallState.TALKING
    await world.time.pass_ms(1)
    assert world.reports == [ReportTalkEnded(other.contact_id, phone.phone_id)]
    assert caplog.text == ""


async def test_an_unplugged_phone_cannot_be_reached_and_costs_no_time(world: World) -> None:
    call, phone = await world.waiting(), world.phone()
    phone.unplug()
    world.exchange.ring(call.contact_id, 3, phone.phone_id)
    assert world.reports[0] == ReportOfferFailed(call.contact_id, 3, OfferFailure.UNREACHABLE)
    assert places(world) == [CallerPlace.WAITING]


async def test_a_menu_that_breaks_off_stands_in_the_fallback_until_it_is_fetched(
    world: World,
) -> None:
    async def breaks(_script: str, _call: CallVisit, *_arguments: str) -> None:
        return

    world.exchange._visits._run = breaks
    news: list[call_news.CallNews] = []
    call = world.network.dial("1177", None, listener=news.append)
    await world.time.pass_ms(0)
    assert places(world) == [CallerPlace.FALLBACK]
    assert call.state is CallState.WAITING
    call.press("5")
    world.exchange.fetch(call.contact_id)
    assert places(world) == [CallerPlace.FALLBACK, CallerPlace.WAITING]
    assert news == [call_news.Waiting()]


async def test_what_is_said_of_calls_that_are_gone_or_unknown_is_harmless(world: World) -> None:
    call, phone = await world.talking()
    world.exchange.take_back(call.contact_id, 1)
    world.exchange.fetch(call.contact_id)
    assert call.state is CallState.TALKING
    call.hang_up()
    world.reports.clear()
    world.exchange.ring(call.contact_id, 2, phone.phone_id)
    world.exchange.not_rung(call.contact_id, 2)
    world.exchange.take_back(call.contact_id, 2)
    world.exchange.fetch(call.contact_id)
    assert world.reports == []
    assert phone.state is PhoneState.IDLE
