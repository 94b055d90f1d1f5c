"""The shipped dialplan without an engine, and what nurses' phones may do, on a real Asterisk.

The limits are short here (conftest): a round of music 1 s, a phone rings 1 s, an AGI visit may be
silent for 2 s.
"""

from __future__ import annotations

import pytest

from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.lab_engine import Agi, AgiServer, Ami, queue_the_caller
from tests.asterisk.phones import Callers, Nurse

pytestmark = pytest.mark.asterisk

QUEUE = "samko-national"


async def add_member(ami: Ami, phone: str, *, paused: bool = False) -> None:
    """As the engine mirrors a nurse who signs on."""
    answer = await ami.act(
        "QueueAdd",
        Queue=QUEUE,
        Interface=f"PJSIP/{phone}",
        MemberName=f"agent-{phone}",
        Paused="true" if paused else "false",
    )
    assert answer["Response"] == "Success", answer.text


async def remove_member(ami: Ami, phone: str) -> None:
    """As the engine does when she signs off."""
    await ami.act("QueueRemove", Queue=QUEUE, Interface=f"PJSIP/{phone}")


# --- Asterisk alone ----------------------------------------------------------------------------


async def test_without_an_engine_only_nurses_who_are_ready_are_rung(
    asterisk: LocalAsterisk,
) -> None:
    async with (
        Ami(asterisk) as ami,
        Nurse(asterisk, "nurse1") as paused,
        Nurse(asterisk, "nurse2", talk_ms=200) as ready,
        Nurse(asterisk, "nurse3") as at_home,
    ):
        await add_member(ami, "nurse1", paused=True)
        await add_member(ami, "nurse2")
        try:
            for turn in (1, 2):
                async with Callers(asterisk) as caller:
                    await ready.invited(count=turn)
                    await caller.gone()
                    assert caller.was_dropped(), "a caller who was served is done"
        finally:
            await remove_member(ami, "nurse1")
            await remove_member(ami, "nurse2")
        assert paused.invites() == []
        assert at_home.invites() == []


async def test_a_nurse_in_a_talk_is_not_rung_by_the_fallback(asterisk: LocalAsterisk) -> None:
    async with (
        Ami(asterisk) as ami,
        Nurse(asterisk, "nurse1") as talking,
        Nurse(asterisk, "nurse2") as ready,
        Callers(asterisk) as first,
    ):
        async with AgiServer(asterisk, call=queue_the_caller):
            waiting = await ami.told("SamkoWaiting")
            await ami.redirect(waiting["Uniqueid"], "offer", "o1-nurse1")
            await talking.talking()
        await add_member(ami, "nurse1")
        try:
            async with Callers(asterisk):
                joined = await ami.heard("QueueCallerJoin")
                await add_member(ami, "nurse2")
                await ready.talking()
                await ami.heard("BridgeEnter", since=ami.messages.index(joined))
        finally:
            await remove_member(ami, "nurse1")
            await remove_member(ami, "nurse2")
        assert len(talking.invites()) == 1
        assert not first.was_dropped()


async def test_the_fallback_serves_the_most_urgent_first(asterisk: LocalAsterisk) -> None:
    tiers = iter(("3", "0"))

    async def break_off(agi: Agi) -> None:
        await agi.command(f"SET VARIABLE SAMKO_PRIO {next(tiers)}")

    async with (
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=break_off),
        Callers(asterisk) as routine,
    ):
        first = await ami.heard("QueueCallerJoin")
        async with Callers(asterisk):
            since = ami.messages.index(first) + 1
            urgent = await ami.heard("QueueCallerJoin", since=since)
            assert (first["Position"], urgent["Position"]) == ("1", "1")
            assert not routine.was_dropped()


async def test_an_engine_that_is_back_takes_callers_out_of_the_fallback(
    asterisk: LocalAsterisk,
) -> None:
    async with Ami(asterisk) as ami, Callers(asterisk) as caller:
        fallback = await ami.told("SamkoFallback")
        await ami.heard("QueueCallerJoin")
        async with ami.beating():
            await ami.redirect(fallback["Uniqueid"], "waiting")
            await ami.told("SamkoWaiting")
            await ami.heard("QueueCallerLeave")
            assert not caller.was_dropped()


# --- nurses' phones ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "action"),
    [("*71", "sign-on"), ("*72", "sign-off"), ("*73", "ready"), ("*74", "not-ready")],
)
async def test_a_feature_code_tells_the_engine_what_and_which_phone(
    asterisk: LocalAsterisk, code: str, action: str
) -> None:
    async with AgiServer(asterisk) as agi, Callers(asterisk, code, shown=["nurse4"]) as phone:
        visit = await agi.visited("agent")
        await phone.gone()
    assert visit.arguments == [action, "nurse4"]


async def test_a_feature_code_without_an_engine_ends_by_itself(asterisk: LocalAsterisk) -> None:
    async with Callers(asterisk, "*71", shown=["nurse4"]) as phone:
        await phone.answered()
        await phone.gone()
        assert phone.was_dropped()


async def test_a_nurses_phone_can_try_the_line_but_not_call_out(asterisk: LocalAsterisk) -> None:
    async with Ami(asterisk) as ami, AgiServer(asterisk, call=queue_the_caller):
        async with Callers(asterisk, "1177", shown=["nurse4"]):
            await ami.told("SamkoWaiting")
        async with Callers(asterisk, "0701740699", shown=["nurse4"]) as phone:
            refusal = await phone.sipp.until(lambda m: (m.code or 0) >= 400, "a refusal")
            assert refusal.code == 404


async def test_a_caller_from_the_trunk_cannot_reach_the_nurses_codes(
    asterisk: LocalAsterisk,
) -> None:
    async with Callers(asterisk, "*71") as caller:
        refusal = await caller.sipp.until(lambda m: (m.code or 0) >= 400, "a refusal")
        assert refusal.code == 404
