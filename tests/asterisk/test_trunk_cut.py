"""A talk by the trunk, and the switch of her phone dies: the caller is answered elsewhere."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from queue_engine.core import events as ev
from routing.vocabulary import Outcome
from tests.asterisk.conftest import LAB_PHONES, QUICK
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import audit, passed, records_of, tidy
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.two_switches import OTHER_LINK, Switches, joined, reach_each_other

pytestmark = pytest.mark.asterisk

SILENCE_S = 4
"""Twice what the shipped trunk lets pass without a packet, and a test can wait for it."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def both_switches(asterisk_tree: Path) -> AsyncIterator[Switches]:
    async with joined(asterisk_tree, LAB_PHONES, QUICK, silence_s=SILENCE_S) as switches:
        yield switches


@pytest_asyncio.fixture
async def switches(both_switches: Switches) -> AsyncIterator[Switches]:
    """Both, without calls."""
    if both_switches.far.pid is None:
        await both_switches.far.start()
        await reach_each_other(both_switches)
    yield both_switches
    await tidy(both_switches.near)


@pytest_asyncio.fixture
async def engine(switches: Switches, tmp_path: Path) -> AsyncIterator[EngineHere]:
    """One engine for both, and a nurse at a phone of the far one."""
    files = EngineFiles(tmp_path, switches.near, siblings=[switches.far])
    async with EngineHere(files) as engine:
        await engine.agent("nurse1", link=OTHER_LINK)
        yield engine
    audit(records_of(files))


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "stopped"])
async def test_the_far_switch_is_gone_and_a_nurse_at_the_near_one_answers(
    switches: Switches, engine: EngineHere, is_killed: bool
) -> None:
    """Killed, or stopped in the midst of calls, as a restart does: a BYE that is no goodbye."""
    async with (
        Nurse(switches.far, "nurse1") as nurse,
        Nurse(switches.near, "nurse2") as other,
        Callers(switches.near, keys=QUICK_KEYS, by="info") as caller,
    ):
        await nurse.talking()
        (enqueued,) = engine.events(ev.ContactEnqueued)
        await engine.happened(ev.ContactConnected)
        begun_s = time.monotonic()
        await (switches.far.kill() if is_killed else switches.far.stop())
        (returned,) = await engine.happened(ev.ContactReturned)
        assert time.monotonic() - begun_s < SILENCE_S + 2
        assert returned.agent_id == "a-nurse1"
        await engine.happened(ev.LinkLost)
        assert not caller.was_dropped()
        await engine.agent("nurse2")
        await other.talking()
        *_, again = await engine.happened(ev.ContactConnected, 2)
        assert (again.contact_id, again.phone_id) == (enqueued.contact_id, "nurse2")
        contact = engine.state.contacts[again.contact_id]
        assert (contact.arrived_ms, contact.sequence) == (enqueued.arrived_ms, enqueued.sequence)
        assert engine.events(ev.ContactEnded) == []
        await other.hang_up()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert (ended.outcome, ended.was_cut) == (Outcome.HANDLED, False)
        await caller.gone()
        assert len(other.invites()) == 1, "she was rung once"
    assert engine.events(ev.ContactRestored) == []


async def test_nobody_speaks_and_the_talk_goes_on(switches: Switches, engine: EngineHere) -> None:
    """A switch that lives is heard, though neither phone sends anything at all."""
    async with (
        Nurse(switches.far, "nurse1", voice="none") as nurse,
        Callers(switches.near, keys=QUICK_KEYS, by="info", voice="none") as caller,
    ):
        await nurse.talking()
        await engine.happened(ev.ContactConnected)
        await passed(time.monotonic() + SILENCE_S + 2)
        assert not caller.was_dropped()
        await nurse.hang_up()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert (ended.outcome, ended.was_cut) == (Outcome.HANDLED, False)
        await caller.gone()
    assert engine.events(ev.ContactReturned) == []
