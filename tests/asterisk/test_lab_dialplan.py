"""The shipped dialplan on a real Asterisk with real phones, and a stand-in for the engine.

The limits are short here (conftest): a round of music 1 s, a phone rings 1 s, an AGI visit may be
silent for 2 s.
"""

from __future__ import annotations

import time

import pytest

from queue_engine.telephony.dialplan import AGI
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.fault_lab import ivr_kept
from tests.asterisk.lab_engine import Agi, AgiServer, Ami, queue_the_caller
from tests.asterisk.phones import Callers, Nurse, Reply
from tests.asterisk.scenarios import KeyKind
from tests.ports import free_port

pytestmark = pytest.mark.asterisk


async def frozen(agi: Agi) -> None:
    """An engine that has stopped in the middle of a visit."""
    await agi.silence()


# --- the menu ----------------------------------------------------------------------------------


async def test_a_caller_who_is_done_with_the_menu_waits_with_the_ticket(
    asterisk: LocalAsterisk,
) -> None:
    before_ms = time.time_ns() // 1_000_000
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller) as agi,
        Callers(asterisk, "1177") as caller,
    ):
        call = await agi.visited("call")
        waiting = await ami.told("SamkoWaiting")
        await caller.answered()
    assert call.headers["agi_extension"] == "1177"
    assert waiting["Uniqueid"] == call.headers["agi_uniqueid"]
    assert waiting["Uniqueid"].startswith("ast1-")
    assert waiting["Ticket"].startswith(f"1|1|{waiting['Uniqueid']}|")
    arrived = dict(pair.split("=", 1) for name, pair in waiting.headers if name == "ChanVariable")
    assert before_ms <= int(arrived["SAMKO_ARRIVED"]) <= time.time_ns() // 1_000_000


async def test_a_caller_whom_the_menu_has_said_goodbye_to_is_hung_up(
    asterisk: LocalAsterisk,
) -> None:
    async def end(agi: Agi) -> None:
        await agi.command("SET VARIABLE SAMKO_IVR ended")

    async with Ami(asterisk) as ami, AgiServer(asterisk, call=end), Callers(asterisk) as caller:
        await caller.gone()
        assert caller.was_dropped()
    assert not ami.have_heard("UserEvent", 0)


async def test_an_engine_that_breaks_off_leaves_the_caller_to_the_fallback(
    asterisk: LocalAsterisk,
) -> None:
    async with Ami(asterisk) as ami, AgiServer(asterisk), Callers(asterisk) as caller:
        await ami.told("SamkoFallback")
        assert not caller.was_dropped()


async def test_a_frozen_engine_is_left_for_the_fallback_on_time(asterisk: LocalAsterisk) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=frozen) as agi,
        Callers(asterisk) as caller,
    ):
        await agi.visited("call")
        began = time.monotonic()
        await ami.told("SamkoFallback")
        assert 1.5 < time.monotonic() - began < 5
        assert not caller.was_dropped()


async def test_whom_one_engine_froze_on_is_visited_by_the_one_that_has_come_meanwhile(
    asterisk: LocalAsterisk,
) -> None:
    """As of his first call: his arrival is as it was. Whoever froze there as well is left for the
    fallback."""
    second = AgiServer(asterisk, free_port(), call=frozen)
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=frozen) as first,
        second,
        ivr_kept(asterisk),
        Callers(asterisk) as caller,
    ):
        before = await first.visited("call")
        await asterisk.cli(f"dialplan set global {AGI} agi://127.0.0.1:{second.port}")
        now = await second.visited("call")
        assert now.headers["agi_uniqueid"] == before.headers["agi_uniqueid"]
        assert now.headers["agi_extension"] == "1177"
        assert not ami.have_heard("UserEvent", 0)
        await ami.told("SamkoFallback")
        assert not caller.was_dropped()
        assert second.seen.empty(), "once"


async def test_an_engine_that_freezes_after_its_last_act_has_queued_the_caller(
    asterisk: LocalAsterisk,
) -> None:
    async def done_then_frozen(agi: Agi) -> None:
        await queue_the_caller(agi)
        await agi.silence()

    async with Ami(asterisk) as ami, AgiServer(asterisk, call=done_then_frozen), Callers(asterisk):
        await ami.told("SamkoWaiting")
    assert not ami.have_heard("UserEvent", 0, UserEvent="SamkoFallback")


# --- waiting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["rfc4733", "info"])
async def test_keys_of_a_waiting_caller_reach_the_engine_and_cost_no_place(
    asterisk: LocalAsterisk, by: KeyKind
) -> None:
    async with Ami(asterisk) as ami, AgiServer(asterisk, call=queue_the_caller) as agi:
        async with ami.beating(), Callers(asterisk) as caller:
            await ami.told("SamkoWaiting")
            queued = ami.mark()
            for key in "119*#0":
                since = ami.mark()
                await caller.press(key, by=by)
                assert (await agi.visited("key")).arguments == [key]
                # The next key is only heard when the visit of this one is over.
                await ami.heard("MusicOnHoldStart", since=since)
        assert not ami.have_heard("UserEvent", queued), "a key must not queue the caller again"


async def test_a_key_that_the_engine_freezes_on_lets_the_caller_wait_on(
    asterisk: LocalAsterisk,
) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller, key=frozen) as agi,
        ami.beating(),
        Callers(asterisk) as caller,
    ):
        await ami.told("SamkoWaiting")
        await caller.press("1", by="info")
        await agi.visited("key")
        since = ami.mark()
        await ami.heard("MusicOnHoldStart", since=since)
        await caller.press("2", by="info")
        assert (await agi.visited("key")).arguments == ["2"]
        assert not ami.have_heard("UserEvent", since)


async def test_callers_wait_on_and_hear_announcements_while_the_beat_goes_on(
    asterisk: LocalAsterisk,
) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller, announce=frozen) as agi,
        ami.beating(),
        Callers(asterisk),
    ):
        await ami.told("SamkoWaiting")
        since = ami.mark()
        # The third round: without a beat, the caller would have left in the second.
        await agi.visited("announce")
        announced = ami.mark()
        # An announcement that hangs is given up, and the music goes on.
        await ami.heard("MusicOnHoldStart", since=announced)
        assert not ami.have_heard("UserEvent", since)


async def test_a_beat_that_stands_still_sends_the_caller_to_the_fallback(
    asterisk: LocalAsterisk,
) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller),
        Callers(asterisk) as caller,
    ):
        waiting = await ami.told("SamkoWaiting")
        fallback = await ami.told("SamkoFallback")
        assert 1.5 < fallback.arrived_s - waiting.arrived_s < 4
        assert fallback["Ticket"] == waiting["Ticket"]
        assert not caller.was_dropped()


async def test_pressing_keys_does_not_hide_that_the_engine_is_gone(
    asterisk: LocalAsterisk,
) -> None:
    async with Ami(asterisk) as ami, Callers(asterisk) as caller:
        async with AgiServer(asterisk, call=queue_the_caller):
            await ami.told("SamkoWaiting")
        # No round ever ends without a key.
        until = time.monotonic() + 8
        while not ami.have_heard("UserEvent", 0, UserEvent="SamkoFallback"):
            assert time.monotonic() < until, "still waiting for an engine that is gone"
            await caller.press("5")


# --- offers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "status", "cause"),
    [
        ("busy", "BUSY", "17"),
        # Asterisk has no word of its own for a refusal; the cause tells it from no phone.
        ("decline", "CHANUNAVAIL", "21"),
        ("ring", "NOANSWER", "0"),
        ("nothing", "NOANSWER", "0"),
        (None, "CHANUNAVAIL", "3"),
    ],
)
async def test_an_offer_that_is_not_answered_brings_the_caller_back(
    asterisk: LocalAsterisk, reply: Reply | None, status: str, cause: str
) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller),
        Callers(asterisk) as caller,
        Nurse(asterisk, "nurse1", reply=reply or "ring"),
    ):
        phone = "nurse1" if reply else "nurse2"
        waiting = await ami.told("SamkoWaiting")
        since = ami.mark()
        answer = await ami.redirect(waiting["Uniqueid"], "offer", f"o42-{phone}")
        assert answer["Response"] == "Success"
        end = await ami.told("SamkoOfferEnd", since=since)
        again = await ami.told("SamkoWaiting", since=since)
        assert not caller.was_dropped()
    assert (end["Offer"], end["Phone"]) == ("42", phone)
    assert (end["Status"], end["Cause"]) == (status, cause)
    assert again["Ticket"] == waiting["Ticket"]
    assert ("ChanVariable", "SAMKO_OFFER=42") in end.headers
    assert ("ChanVariable", "SAMKO_OFFER=") in again.headers


async def test_a_talk_that_the_nurse_ends_ends_the_call(asterisk: LocalAsterisk) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller),
        Callers(asterisk) as caller,
        Nurse(asterisk, "nurse-x") as nurse,
    ):
        waiting = await ami.told("SamkoWaiting")
        await ami.redirect(waiting["Uniqueid"], "offer", "o7-nurse-x")
        await nurse.talking()
        await ami.heard("BridgeEnter", BridgeNumChannels="2")
        await nurse.hang_up()
        end = await ami.told("SamkoOfferEnd")
        await caller.gone()
        assert caller.was_dropped()
    assert (end["Offer"], end["Phone"], end["Status"]) == ("7", "nurse-x", "ANSWER")


async def test_a_phone_put_down_as_soon_as_it_is_picked_up_does_not_cost_the_caller_his_call(
    asterisk: LocalAsterisk,
) -> None:
    await asterisk.cli("dialplan set global SAMKO_TALK_MS_MIN 60000")
    try:
        async with (
            Ami(asterisk) as ami,
            AgiServer(asterisk, call=queue_the_caller),
            Callers(asterisk) as caller,
            Nurse(asterisk, "nurse1") as nurse,
        ):
            waiting = await ami.told("SamkoWaiting")
            since = ami.mark()
            await ami.redirect(waiting["Uniqueid"], "offer", "o8-nurse1")
            await nurse.talking()
            await nurse.hang_up()
            again = await ami.told("SamkoWaiting", since=since)
            assert not caller.was_dropped()
        assert again["Ticket"] == waiting["Ticket"]
    finally:
        await asterisk.cli("dialplan set global SAMKO_TALK_MS_MIN 1")


@pytest.mark.parametrize("is_over_soon", [True, False])
async def test_a_phone_that_is_in_a_call_is_not_rung_for_another(
    asterisk: LocalAsterisk, is_over_soon: bool
) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller),
        Callers(asterisk, count=2, rate=20) as callers,
        Nurse(asterisk, "nurse1") as nurse,
    ):
        first = await ami.told("SamkoWaiting")
        second = await ami.told("SamkoWaiting", since=ami.messages.index(first) + 1)
        await ami.redirect(first["Uniqueid"], "offer", "o1-nurse1")
        await ami.heard("BridgeEnter")
        since, rung = ami.mark(), len(nurse.invites())
        await ami.redirect(second["Uniqueid"], "offer", "o2-nurse1")
        await ami.heard("MusicOnHoldStart", since=since, Uniqueid=second["Uniqueid"])
        if is_over_soon:
            await nurse.hang_up()
            await nurse.invited(count=2)
            await ami.heard("BridgeEnter", since=since, Uniqueid=second["Uniqueid"])
        else:
            end = await ami.told("SamkoOfferEnd", since=since)
            await ami.told("SamkoWaiting", since=since)
            assert (end["Offer"], end["Status"], end["Cause"]) == ("2", "BUSY", "17")
            assert len(nurse.invites()) == rung
            assert not any(callers.was_dropped(number) for number in (1, 2))


async def test_a_withdraw_cancels_the_ringing_and_the_caller_waits(
    asterisk: LocalAsterisk,
) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller),
        Callers(asterisk),
        Nurse(asterisk, "nurse1", reply="ring") as nurse,
    ):
        waiting = await ami.told("SamkoWaiting")
        await ami.redirect(waiting["Uniqueid"], "offer", "o42-nurse1")
        await nurse.invited()
        since = ami.mark()
        await ami.redirect(waiting["Uniqueid"], "waiting")
        await nurse.cancelled()
        again = await ami.told("SamkoWaiting", since=since)
    assert ("ChanVariable", "SAMKO_OFFER=") in again.headers


async def test_a_talk_is_not_cut_by_the_limit_of_the_visit_it_began_in(
    asterisk: LocalAsterisk,
) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller, key=frozen) as agi,
        Callers(asterisk) as caller,
        Nurse(asterisk, "nurse1") as nurse,
    ):
        waiting = await ami.told("SamkoWaiting")
        await caller.press("1", by="info")
        await agi.visited("key")
        since = ami.mark()
        await ami.redirect(waiting["Uniqueid"], "offer", "o42-nurse1")
        await nurse.talking()
        await ami.heard("BridgeEnter", since=since, BridgeNumChannels="2")
        since = ami.mark()
        await ami.act("Status", Channel=waiting["Channel"])
        talk = await ami.heard("Status", since=since)
        assert talk["TimeToHangup"] == "0"


@pytest.mark.parametrize("exten", ["nurse1", "o42", "o42-"])
async def test_an_offer_that_makes_no_sense_costs_the_caller_nothing(
    asterisk: LocalAsterisk, exten: str
) -> None:
    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller),
        Callers(asterisk) as caller,
    ):
        waiting = await ami.told("SamkoWaiting")
        since = ami.mark()
        await ami.redirect(waiting["Uniqueid"], "offer", exten)
        await ami.told("SamkoWaiting", since=since)
        assert not caller.was_dropped()
