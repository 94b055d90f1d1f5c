"""The emergency key and the "worse" key: who presses them moves, and only by as much as that."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import ContactId, Priority
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.played import Played
from tests.asterisk.scenarios import KeyKind

pytestmark = pytest.mark.asterisk

KINDS: Final[tuple[KeyKind, ...]] = ("rfc4733", "info")
ANNOUNCED: Final = ("sv:still_waiting", "sv:waiting_keys")
"""What those who wait hear now and then."""


async def served(engine: EngineHere, count: int) -> list[ContactId]:
    """One nurse takes them all; gives them in the order in which she did."""
    await engine.agent("nurse1")
    connected = await engine.happened(ev.ContactConnected, count)
    return [event.contact_id for event in connected]


@pytest.mark.parametrize("kind", KINDS)
async def test_keys_raise_at_once_and_are_taken_once(
    asterisk: LocalAsterisk, tmp_path: Path, kind: KeyKind
) -> None:
    heard = Played(asterisk)
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        lab.always_ready(engine),
        Nurse(asterisk, "nurse1", talk_ms=400),
        Ami(asterisk) as ami,
        Callers(asterisk, count=3, rate=5, keys=QUICK_KEYS, by="info") as callers,
    ):
        # Who rang first need not have the first place: the switch answers calls side by side.
        numbers = await lab.are_waiting(ami, 3)
        first, second, third = sorted(numbers, key=lambda contact_id: numbers[contact_id])

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
        assert heard.prompts().count("sv:ring_112_now") == 3
        ticket = await ami.act("Getvar", Channel=third, Variable="SAMKO_TICKET")
        tier = await ami.act("Getvar", Channel=third, Variable="SAMKO_PRIO")
        assert (ticket["Value"].split("|")[5], tier["Value"]) == (Priority.EMERGENCY, "0")

        in_menu = Played(asterisk)
        async with Callers(asterisk) as caller:
            await in_menu.said("choose_service")
            await caller.press("9", by=kind)
            await engine.happened(ev.ContactSeenWaiting, 4)
            (fourth,) = set(engine.arrivals()) - set(numbers)
            assert engine.state.contacts[fourth].priority is Priority.EMERGENCY
            last = [prompt for prompt in in_menu.prompts() if prompt not in ANNOUNCED][-1]
            assert last == "sv:ring_112_now", "not a word more before a nurse"
            assert await served(engine, 4) == [third, fourth, second, first]
            await caller.gone()
        gone = [(await callers.gone(number)).time_s for number in (3, 2, 1)]
        assert gone == sorted(gone)
