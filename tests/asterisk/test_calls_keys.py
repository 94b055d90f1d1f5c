"""The emergency key and the "worse" key: who presses them moves, and only by as much as that."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import ContactId, Priority
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import always_ready
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.played import Played
from tests.asterisk.scenarios import KeyKind

pytestmark = pytest.mark.asterisk

KINDS: Final[tuple[KeyKind, ...]] = ("rfc4733", "info")


async def waiting(engine: EngineHere, count: int) -> list[ContactId]:
    """Until so many callers wait; gives them in the order in which they came."""
    await engine.happened(ev.ContactSeenWaiting, count)
    return [event.contact_id for event in engine.events(ev.ContactEnqueued)]


async def served(engine: EngineHere, count: int) -> list[ContactId]:
    """One nurse takes them all; gives them in the order in which she did."""
    await engine.agent("nurse1")
    connected = await engine.happened(ev.ContactConnected, count)
    return [event.contact_id for event in connected]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_emergency_key_in_the_menu_goes_before_all_who_wait(
    asterisk: LocalAsterisk, tmp_path: Path, kind: KeyKind
) -> None:
    heard = Played(asterisk)
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        always_ready(engine),
        Nurse(asterisk, "nurse1", talk_ms=50),
        Callers(asterisk, count=2, rate=20, keys=QUICK_KEYS, by="info") as others,
    ):
        first, second = await waiting(engine, 2)
        async with Callers(asterisk) as caller:
            await heard.said("choose_service", 3)
            await caller.press("9", by=kind)
            await waiting(engine, 3)
            assert heard.prompts()[-1] == "sv:ring_112_now", "not a word more before a nurse"
            third = engine.events(ev.ContactEnqueued)[-1]
            assert third.priority is Priority.EMERGENCY
            assert await served(engine, 3) == [third.contact_id, first, second]
            await caller.gone()
        await others.gone(1)
        await others.gone(2)


@pytest.mark.parametrize("kind", KINDS)
async def test_keys_while_waiting_raise_and_are_taken_once(
    asterisk: LocalAsterisk, tmp_path: Path, kind: KeyKind
) -> None:
    heard = Played(asterisk)
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        always_ready(engine),
        Nurse(asterisk, "nurse1", talk_ms=50),
        Callers(asterisk, count=3, rate=5, keys=QUICK_KEYS, by="info") as callers,
        Ami(asterisk) as ami,
    ):
        first, second, third = await waiting(engine, 3)

        await callers.press("7", number=2, by=kind)
        await heard.said("worse_noted")
        await callers.press("9", number=3, by=kind)
        await heard.said("emergency_first")
        changes = await engine.happened(ev.ContactPriorityChanged, 2)
        assert [(change.contact_id, change.priority) for change in changes] == [
            (second, Priority.RAISED),
            (third, Priority.EMERGENCY),
        ]
        records = len(engine.records)

        for count in (2, 3):
            await callers.press("9", number=3, by=kind)
            await heard.said("emergency_first", count)
        await callers.press("7", number=3, by=kind)
        await heard.said("worse_noted", 2)
        assert len(engine.records) == records, "what was pressed again changes nothing"

        ticket = await ami.act("Getvar", Channel=third, Variable="SAMKO_TICKET")
        tier = await ami.act("Getvar", Channel=third, Variable="SAMKO_PRIO")
        assert ticket["Value"].split("|")[5] == Priority.EMERGENCY
        assert tier["Value"] == "0"

        assert await served(engine, 3) == [third, second, first]
        gone = [(await callers.gone(number)).time_s for number in (3, 2, 1)]
        assert gone == sorted(gone)
        assert heard.prompts().count("sv:ring_112_now") == 3
