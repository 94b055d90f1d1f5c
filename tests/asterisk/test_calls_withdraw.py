"""A ringing offer is withdrawn for an emergency, also in the instant in which she answers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from queue_engine.core import events as ev
from queue_engine.core.commands import Actor, SetAgentReady, SetContactPriority
from queue_engine.core.contact import ContactState
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import AgentId, Outcome, Priority
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import always_ready, are_waiting, passed
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse

pytestmark = pytest.mark.asterisk

NURSE: Final = AgentId("a-nurse1")
RINGS_MS: Final = 60
OFFSETS_MS: Final = (-40, -10, -5, -2, 0, 2, 5, 10, 20, 40)
"""Of the emergency, from the moment in which her phone is to answer."""


@pytest_asyncio.fixture
async def patient(asterisk: LocalAsterisk) -> AsyncIterator[LocalAsterisk]:
    """Phones ring longer than anything here takes."""
    await asterisk.cli("dialplan set global SAMKO_RING_SECONDS 10")
    yield asterisk
    await asterisk.cli("dialplan set global SAMKO_RING_SECONDS 1")


async def test_the_only_nurses_phone_rings_for_the_emergency_instead(
    patient: LocalAsterisk, tmp_path: Path
) -> None:
    async with (
        EngineHere(EngineFiles(tmp_path, patient)) as engine,
        always_ready(engine),
        Nurse(patient, "nurse1", reply="ring") as nurse,
        Ami(patient) as ami,
        Callers(patient, count=2, rate=5, keys=QUICK_KEYS, by="info") as callers,
    ):
        numbers = await are_waiting(ami, 2)
        await engine.happened(ev.ContactSeenWaiting, 2)
        first, second = engine.arrivals()
        await engine.agent("nurse1")
        await nurse.invited()
        await callers.press("9", number=numbers[second], by="info")
        await nurse.cancelled()
        await nurse.invited(count=2)
        (revoked,) = engine.events(ev.OfferRevoked)
        assert revoked.contact_id == first
        assert revoked.reason is ev.RevokeReason.WITHDRAWN
        await nurse.answer()
        (connected,) = await engine.happened(ev.ContactConnected)
        assert connected.contact_id == second
        await nurse.talking()
        assert engine.state.contacts[first].state is ContactState.WAITING
        assert not callers.was_dropped(numbers[first])

        await nurse.hang_up()
        await nurse.invited(count=3)
        await nurse.answer()
        connected = await engine.happened(ev.ContactConnected, 2)
        assert connected[1].contact_id == first, "he has kept his place"
        assert engine.events(ev.AgentBecameNotReady) == []


async def test_no_phone_stops_ringing_when_another_nurse_may_take_the_emergency(
    patient: LocalAsterisk, tmp_path: Path
) -> None:
    async with (
        EngineHere(EngineFiles(tmp_path, patient)) as engine,
        Nurse(patient, "nurse1", reply="ring") as rings,
        Nurse(patient, "nurse2") as free,
    ):
        await engine.agent("nurse1")
        async with Callers(patient, keys=QUICK_KEYS, by="info"):
            await rings.invited()
            await engine.agent("nurse2")
            async with Callers(patient, keys=[(500, "9")], by="info"):
                await free.talking()
                await engine.happened(ev.ContactConnected)
            await rings.answer()
            await engine.happened(ev.ContactConnected, 2)
        assert engine.events(ev.OfferRevoked) == []


async def test_a_withdraw_that_crosses_an_answer_loses_nobody(
    patient: LocalAsterisk, tmp_path: Path
) -> None:
    count = 2 * len(OFFSETS_MS)
    async with (
        EngineHere(EngineFiles(tmp_path, patient)) as engine,
        Nurse(patient, "nurse1", answer_after_ms=RINGS_MS, talk_ms=250) as nurse,
        Callers(patient, count=count, rate=20, keys=QUICK_KEYS, by="info") as callers,
    ):
        submit = engine.service.driver.submit
        await engine.happened(ev.ContactSeenWaiting, count)
        waiting = engine.arrivals()
        assert len(waiting) == count
        orders = Counter[bool]()
        for number, offset_ms in enumerate(OFFSETS_MS):
            former, latter = waiting[2 * number : 2 * number + 2]
            invites = len(nurse.invites())
            await (engine.agent("nurse1") if number == 0 else submit(SetAgentReady(NURSE)))
            rung = await nurse.invited(count=invites + 1)
            answers_s = time.monotonic() - time.time() + rung.time_s + RINGS_MS / 1000
            await passed(answers_s + offset_ms / 1000)
            await submit(
                SetContactPriority(latter, Priority.EMERGENCY, Actor.CALLER, "emergency_key")
            )
            await engine.happened(ev.ContactEnded, 2 * number + 1)
            await submit(SetAgentReady(NURSE))
            ended = (await engine.happened(ev.ContactEnded, 2 * number + 2))[-2:]
            assert {event.contact_id for event in ended} == {former, latter}, offset_ms
            orders[ended[0].contact_id == former] += 1
        assert {event.outcome for event in engine.events(ev.ContactEnded)} == {Outcome.HANDLED}
        for number in range(1, count + 1):
            await callers.gone(number)
        assert orders[True], "her answer was never first"
        assert orders[False], "the emergency was never first"
        assert engine.events(ev.AgentBecameNotReady) == [], "a crossing costs her nothing"
        hung_up = [m for m in nurse.sipp.messages() if m.is_request("BYE") and m.is_sent]
        assert len(hung_up) == count, "each caller has had one talk of full length"
