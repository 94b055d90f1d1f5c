"""Callers hang up wherever they are: nobody else is disturbed, and nothing of them is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.core.agent import AgentState, Presence
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import AgentId, Outcome
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import until
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.played import Played

pytestmark = pytest.mark.asterisk

NURSE = AgentId("a-nurse1")


async def no_channel_is_left(asterisk: LocalAsterisk) -> None:
    """Until Asterisk has no call at all."""

    async def is_quiet() -> bool:
        return not (await asterisk.cli("core show channels concise")).strip()

    await until(is_quiet, "the end of all channels")


async def test_in_the_menu(asterisk: LocalAsterisk, tmp_path: Path) -> None:
    heard = Played(asterisk)
    async with EngineHere(EngineFiles(tmp_path, asterisk)) as engine:
        await engine.agent("nurse1")
        before = len(engine.records)
        async with Callers(asterisk) as caller:
            await heard.said("choose_service")
            await caller.hang_up()
            await no_channel_is_left(asterisk)
        assert len(engine.records) == before, "who was never in the queue leaves no trace in it"


async def test_while_waiting(asterisk: LocalAsterisk, tmp_path: Path) -> None:
    async with EngineHere(EngineFiles(tmp_path, asterisk)) as engine:
        async with Callers(asterisk, keys=QUICK_KEYS, by="info") as caller:
            await engine.happened(ev.ContactSeenWaiting)
            await caller.hang_up()
            (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.ABANDONED
        assert ended.wait_ms > 0
        async with Nurse(asterisk, "nurse1") as nurse:
            await engine.agent("nurse1")
            await no_channel_is_left(asterisk)
            assert nurse.invites() == []


async def test_while_the_phone_rings(asterisk: LocalAsterisk, tmp_path: Path) -> None:
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Nurse(asterisk, "nurse1", reply="ring") as nurse,
    ):
        await engine.agent("nurse1")
        async with Callers(asterisk, keys=QUICK_KEYS, by="info") as caller:
            await nurse.invited()
            await caller.hang_up()
            await nurse.cancelled()
            (ended,) = await engine.happened(ev.ContactEnded)
            assert ended.outcome is Outcome.ABANDONED
        assert engine.state.agents[NURSE].presence is Presence.READY
        assert engine.state.agents[NURSE].has_room
        assert engine.events(ev.AgentBecameNotReady) == []
        async with Callers(asterisk, keys=QUICK_KEYS, by="info"):
            await nurse.invited(count=2)
            await nurse.answer()
            await engine.happened(ev.ContactConnected)


async def test_in_the_talk(asterisk: LocalAsterisk, tmp_path: Path) -> None:
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Nurse(asterisk, "nurse1") as nurse,
    ):
        await engine.agent("nurse1")
        async with Callers(asterisk, keys=QUICK_KEYS, by="info") as caller:
            await nurse.talking()
            await engine.happened(ev.ContactConnected)
            await caller.hang_up()
            bye = await nurse.gone()
            assert not bye.is_sent, "Asterisk ends her call for her"
            (ended,) = await engine.happened(ev.ContactEnded)
            assert ended.outcome is Outcome.HANDLED
            (wrap_up,) = await engine.happened(ev.WrapUpStarted)
            assert wrap_up.agent_id == NURSE
        assert engine.state.agents[NURSE].assignment_in(AgentState.WRAP_UP) is not None
        await no_channel_is_left(asterisk)
