"""Record what a real Asterisk says on AMI, for tests of the translators that need no Asterisk.

    python -m tests.asterisk.record_ami [NAME ...]

plays each flow below with real phones and writes what came, byte for byte, to
`tests/telephony/recorded/NAME.txt`. Run it again when the dialplan or Asterisk changes, and read
the difference before committing it. Offers are numbered from 42.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from queue_engine.telephony.local_asterisk import LocalAsterisk, Setting
from tests.asterisk.lab_engine import Agi, AgiServer, Ami, AmiMessage, queue_the_caller
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.scenarios import KeyKind

FOLDER: Final = Path(__file__).resolve().parents[1] / "telephony" / "recorded"
SETTINGS: Final = (
    Setting("extensions.conf", "globals", "SAMKO_RING_SECONDS", "2"),
    # Nobody beats here, and callers are to stay where they are.
    Setting("extensions.conf", "globals", "SAMKO_ROUND_SECONDS", "60"),
)
LONG_MENU: Final = "1188"
NO_MENU: Final = "1199"
_CROSSING_TRIES: Final = 300

Flow = Callable[[LocalAsterisk, Ami], Awaitable[str]]
"""Plays something and gives the text to keep."""


async def answered(asterisk: LocalAsterisk, ami: Ami) -> str:
    """Offer, ringing, answer, talk."""
    async with Callers(asterisk), Nurse(asterisk, "nurse1", answer_after_ms=200):
        await _talk(ami)
        return ami.recorded()


async def no_answer(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The phone rings its full time; the caller waits again."""
    async with Callers(asterisk), Nurse(asterisk, "nurse1", reply="ring"):
        return await _unanswered(ami)


async def never_replies(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The phone is registered but dead: not even ringing comes."""
    async with Callers(asterisk), Nurse(asterisk, "nurse1", reply="nothing"):
        return await _unanswered(ami)


async def busy(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The phone answers 486."""
    async with Callers(asterisk), Nurse(asterisk, "nurse1", reply="busy"):
        return await _unanswered(ami)


async def declined(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The phone answers 603."""
    async with Callers(asterisk), Nurse(asterisk, "nurse1", reply="decline"):
        return await _unanswered(ami)


async def unreachable(asterisk: LocalAsterisk, ami: Ami) -> str:
    """No phone is registered: no dial events at all."""
    async with Callers(asterisk):
        return await _unanswered(ami)


async def caller_hangs_up_waiting(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The caller leaves while the music plays."""
    async with Callers(asterisk) as caller:
        waiting = await ami.told("SamkoWaiting")
        await caller.hang_up()
        return await _until_hangup(ami, waiting)


async def caller_hangs_up_ringing(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The caller leaves while a phone rings."""
    async with Callers(asterisk) as caller, Nurse(asterisk, "nurse1", reply="ring") as nurse:
        waiting = await _ring(ami)
        await nurse.invited()
        await caller.hang_up()
        await nurse.cancelled()
        return await _until_hangup(ami, waiting)


async def caller_hangs_up_talking(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The caller ends the talk."""
    async with Callers(asterisk) as caller, Nurse(asterisk, "nurse1"):
        waiting = await _talk(ami)
        await caller.hang_up()
        return await _until_hangup(ami, waiting)


async def nurse_hangs_up(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The nurse ends the talk, and with it the call."""
    async with Callers(asterisk), Nurse(asterisk, "nurse1") as nurse:
        waiting = await _talk(ami)
        await nurse.hang_up()
        return await _until_hangup(ami, waiting)


async def key_pressed(asterisk: LocalAsterisk, ami: Ami) -> str:
    """A waiting caller presses 1 by RFC 4733 and 9 by SIP INFO, and waits on."""
    async with Callers(asterisk) as caller:
        await ami.told("SamkoWaiting")
        keys: tuple[tuple[str, KeyKind], ...] = (("1", "rfc4733"), ("9", "info"))
        for key, by in keys:
            since = ami.mark()
            await caller.press(key, by=by)
            await ami.heard("DTMFEnd", since=since, Digit=key)
            await ami.heard("MusicOnHoldStart", since=since)
        return ami.recorded()


async def withdraw(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The engine takes a ringing offer back."""
    async with Callers(asterisk), Nurse(asterisk, "nurse1", reply="ring") as nurse:
        waiting = await _ring(ami)
        await nurse.invited()
        since = ami.mark()
        await ami.redirect(waiting["Uniqueid"], "waiting")
        await nurse.cancelled()
        await ami.told("SamkoWaiting", since=since)
        await ami.heard("Hangup", since=since)
        return ami.recorded()


async def withdraw_too_late(asterisk: LocalAsterisk, ami: Ami) -> str:
    """The withdraw reaches a call that is being talked in, and breaks the talk."""
    async with Callers(asterisk), Nurse(asterisk, "nurse1"):
        waiting = await _talk(ami)
        since = ami.mark()
        await ami.redirect(waiting["Uniqueid"], "waiting")
        await ami.told("SamkoWaiting", since=since)
        await ami.heard("Hangup", since=since)
        return ami.recorded()


async def withdraw_crossing_answer(asterisk: LocalAsterisk, ami: Ami) -> str:
    """Answer and withdraw in the same instant: one dial ends twice. Tried until it happens."""
    for offer in range(42, 42 + _CROSSING_TRIES):
        start = ami.mark()
        async with Callers(asterisk), Nurse(asterisk, "nurse1", reply="ring") as nurse:
            waiting = await _ring(ami, offer, since=start)
            await nurse.invited()
            since = ami.mark()
            answer = asyncio.create_task(nurse.answer())
            await asyncio.sleep(0)
            await ami.redirect(waiting["Uniqueid"], "waiting")
            await answer
            await ami.told("SamkoWaiting", since=since)
            await ami.heard("Hangup", since=since)
            text = ami.recorded(start)
        await asterisk.hangup_all()
        if "DialStatus: ANSWER" in text and "DialStatus: NOANSWER" in text:
            return text
    raise AssertionError(f"answer and withdraw did not cross in {_CROSSING_TRIES} tries")


async def fallback_answered(asterisk: LocalAsterisk, ami: Ami) -> str:
    """Asterisk's own queue rings a nurse; they talk; she hangs up, and the caller is served."""
    member = {"Queue": "samko-national", "Interface": "PJSIP/nurse1"}
    async with Nurse(asterisk, "nurse1", talk_ms=300):
        await ami.act("QueueAdd", **member, MemberName="a7", Paused="false")
        async with Callers(asterisk, NO_MENU):
            text = await _until_hangup(ami, await ami.told("SamkoFallback"))
        await ami.act("QueueRemove", **member)
    return text


async def status_mixed(asterisk: LocalAsterisk, ami: Ami) -> str:
    """One caller in each place, as the action Status shows them."""
    async with AsyncExitStack() as people:
        rings = Nurse(asterisk, "nurse2", reply="ring")
        await people.enter_async_context(Nurse(asterisk, "nurse1"))
        await people.enter_async_context(rings)
        await people.enter_async_context(Callers(asterisk))
        await _talk(ami)
        since = ami.mark()
        await people.enter_async_context(Callers(asterisk))
        await _ring(ami, 43, "nurse2", since)
        await rings.invited()
        since = ami.mark()
        await people.enter_async_context(Callers(asterisk))
        await ami.told("SamkoWaiting", since=since)
        await people.enter_async_context(Callers(asterisk, NO_MENU))
        await ami.told("SamkoFallback", since=since)
        in_menu = await people.enter_async_context(Callers(asterisk, LONG_MENU))
        await in_menu.answered()
        async with asyncio.timeout(5):
            while "Application: AGI" not in (text := await _status(ami)):
                pass  # answered, but not in the menu yet
        return text


FLOWS: Final[tuple[Flow, ...]] = (
    answered,
    no_answer,
    never_replies,
    busy,
    declined,
    unreachable,
    caller_hangs_up_waiting,
    caller_hangs_up_ringing,
    caller_hangs_up_talking,
    nurse_hangs_up,
    key_pressed,
    withdraw,
    withdraw_too_late,
    withdraw_crossing_answer,
    fallback_answered,
    status_mixed,
)


async def menu(agi: Agi) -> None:
    """The menu that the flows call: by the number dialled it works, hangs or breaks off."""
    if agi.headers["agi_extension"] == LONG_MENU:
        await agi.silence()
    elif agi.headers["agi_extension"] != NO_MENU:
        await queue_the_caller(agi)


async def record(names: set[str]) -> None:
    """Play and write the flows of these names; all if there are none."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with LocalAsterisk(settings=SETTINGS) as asterisk:
        for flow in FLOWS:
            if names and flow.__name__ not in names:
                continue
            async with AgiServer(asterisk, call=menu), Ami(asterisk) as ami:
                text = await flow(asterisk, ami)
                await asterisk.hangup_all()
            (FOLDER / f"{flow.__name__}.txt").write_bytes(text.encode("latin-1"))
            print(f"{flow.__name__}: {text.count('Event: ')} events")


async def _ring(ami: Ami, offer: int = 42, phone: str = "nurse1", since: int = 0) -> AmiMessage:
    waiting = await ami.told("SamkoWaiting", since=since)
    await ami.redirect(waiting["Uniqueid"], "offer", f"o{offer}-{phone}")
    return waiting


async def _unanswered(ami: Ami) -> str:
    await _ring(ami)
    end = await ami.told("SamkoOfferEnd")
    await ami.told("SamkoWaiting", since=ami.messages.index(end))
    return ami.recorded()


async def _talk(ami: Ami) -> AmiMessage:
    waiting = await _ring(ami)
    await ami.heard("BridgeEnter", BridgeNumChannels="2")
    return waiting


async def _status(ami: Ami) -> str:
    since = ami.mark()
    answer = await ami.act("Status", Variables="SAMKO_TICKET,SAMKO_OFFER,SAMKO_ARRIVED,SAMKO_IVR")
    await ami.heard("StatusComplete", since=since)
    return "".join(m.text for m in ami.messages[since:] if m["ActionID"] == answer["ActionID"])


async def _until_hangup(ami: Ami, call: AmiMessage) -> str:
    await ami.heard("Hangup", Uniqueid=call["Uniqueid"])
    return ami.recorded()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    asyncio.run(record(set(parser.parse_args().names)))
