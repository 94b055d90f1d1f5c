"""Asterisk itself is killed, restarted and frozen under a running engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from queue_engine.core import events as ev
from queue_engine.core.commands import SetAgentNotReady, SetAgentReady
from queue_engine.core.contact import ContactState
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import AgentId, NotReadyReason, Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineHere
from tests.asterisk.phones import Callers, Nurse

pytestmark = pytest.mark.asterisk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def patient_asterisk(asterisk_tree: Path) -> AsyncIterator[LocalAsterisk]:
    """An Asterisk that may be ill-treated."""
    async with LocalAsterisk(asterisk_tree, phones=lab.PHONES, settings=lab.PATIENT) as asterisk:
        yield asterisk


@pytest_asyncio.fixture
async def switch(patient_asterisk: LocalAsterisk) -> AsyncIterator[LocalAsterisk]:
    """The same, running, without calls and without anybody in the fallback."""
    if patient_asterisk.pid is None:
        await patient_asterisk.start()
    yield patient_asterisk
    if patient_asterisk.pid is not None:
        await lab.tidy(patient_asterisk)


@pytest.mark.parametrize("end", [LocalAsterisk.kill, LocalAsterisk.stop], ids=["killed", "stopped"])
async def test_asterisk_restarts_with_callers_waiting_and_talking(
    switch: LocalAsterisk, tmp_path: Path, end: lab.End
) -> None:
    files = EngineFiles(tmp_path, switch)
    async with EngineHere(files) as engine:
        submit = engine.service.driver.submit
        await engine.agent("nurse1")
        await engine.agent("nurse2")
        await submit(SetAgentNotReady(AgentId("a-nurse2"), NotReadyReason.BREAK))
        async with Nurse(switch, "nurse1") as nurse, Callers(switch, count=3, rate=20):
            await nurse.talking()
            await engine.happened(ev.ContactSeenWaiting, 3)
            await engine.happened(ev.ContactConnected)
            await end(switch)
            await engine.happened(ev.LinkLost)
        await switch.start()
        await engine.live()
        ended = await engine.happened(ev.ContactEnded, 3)
        outcomes = sorted(event.outcome for event in ended)
        assert outcomes == [Outcome.HANDLED, Outcome.LOST, Outcome.LOST]
        await lab.mirrored(switch, {"nurse1": True, "nurse2": False})
        await submit(SetAgentReady(AgentId("a-nurse1")))
        async with Nurse(switch, "nurse1", talk_ms=lab.TALK_MS) as nurse, Callers(switch) as caller:
            await caller.gone()
            assert caller.was_dropped(), "who was served is done"
            assert len(nurse.invites()) == 1
        await engine.happened(ev.ContactEnded, 4)
    records = lab.records_of(files)
    state = lab.audit(records, callers=4)
    assert lab.outcomes(state) == {Outcome.HANDLED: 2, Outcome.LOST: 2}
    assert len(lab.connections(records)) == 2


async def test_asterisk_stands_still_for_a_while(switch: LocalAsterisk, tmp_path: Path) -> None:
    files = EngineFiles(tmp_path, switch)
    async with (
        EngineHere(files) as engine,
        lab.always_ready(engine),
        Nurse(switch, "nurse1", talk_ms=lab.TALK_MS) as nurse,
        Nurse(switch, "nurse2") as talking,
        Callers(switch, count=4, rate=20) as callers,
    ):
        await engine.happened(ev.ContactSeenWaiting, 4)
        await engine.agent("nurse2")
        await engine.happened(ev.ContactConnected)
        await talking.talking()
        switch.freeze()
        await engine.agent("nurse1")
        await engine.happened(ev.LinkLost)
        switch.thaw()
        await engine.live()
        await engine.happened(ev.ContactEnded, 3)
        assert len(nurse.invites()) == 3
        await talking.hang_up()
        for number in range(1, 5):
            await callers.gone(number)
        await engine.happened(ev.ContactEnded, 4)
    records = lab.records_of(files)
    state = lab.audit(records, callers=4)
    assert lab.outcomes(state) == {Outcome.HANDLED: 4}
    connected = lab.connections(records)
    assert connected == sorted(connected, key=lab.call_number)
    assert not lab.in_state(state, ContactState.WAITING)
