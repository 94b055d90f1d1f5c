"""A caller at one Asterisk is answered at a phone of another, with one engine for both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from queue_engine.core import events as ev
from queue_engine.core.agent import AgentState, Presence
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import AgentId, NotReadyReason, Outcome
from tests.asterisk.conftest import LAB_PHONES, QUICK
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import tidy
from tests.asterisk.phones import Callers, Nurse, Reply
from tests.asterisk.test_calls_hangup import no_channel_is_left
from tests.asterisk.two_switches import OTHER_LINK, Switches, joined, reach_each_other

pytestmark = pytest.mark.asterisk

NURSE = AgentId("a-nurse1")
FAR_PHONE = "nurse1@ast2"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def both_switches(asterisk_tree: Path) -> AsyncIterator[Switches]:
    async with joined(asterisk_tree, LAB_PHONES, QUICK) as switches:
        yield switches


@pytest_asyncio.fixture
async def switches(both_switches: Switches) -> AsyncIterator[Switches]:
    """Both, without calls."""
    yield both_switches
    for switch in both_switches:
        await tidy(switch)


@pytest_asyncio.fixture
async def engine(switches: Switches, tmp_path: Path) -> AsyncIterator[EngineHere]:
    """One engine for both, and a nurse at a phone of the far one."""
    files = EngineFiles(tmp_path, switches.near, siblings=[switches.far])
    async with EngineHere(files) as engine:
        await engine.agent("nurse1", link=OTHER_LINK)
        yield engine


def caller_at(switches: Switches) -> Callers:
    return Callers(switches.near, keys=QUICK_KEYS, by="info")


async def cut_manager(switch: LocalAsterisk) -> None:
    """The engine's session at this switch is ended."""
    rows = (line.split() for line in (await switch.cli("manager show connected")).splitlines())
    (session,) = (row[4] for row in rows if row and row[0] == switch.ami_user)
    await switch.cli(f"manager kick session {session}")


async def test_the_talk_goes_on_until_the_nurse_hangs_up(
    switches: Switches, engine: EngineHere
) -> None:
    async with Nurse(switches.far, "nurse1") as nurse, caller_at(switches) as caller:
        await nurse.talking()
        (connected,) = await engine.happened(ev.ContactConnected)
        assert (connected.agent_id, connected.phone_id) == (NURSE, FAR_PHONE)
        await nurse.hang_up()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.HANDLED
        await caller.gone()
    await no_channel_is_left(switches.near)
    await no_channel_is_left(switches.far)


async def test_the_caller_hangs_up_in_the_talk(switches: Switches, engine: EngineHere) -> None:
    async with Nurse(switches.far, "nurse1") as nurse, caller_at(switches) as caller:
        await nurse.talking()
        await engine.happened(ev.ContactConnected)
        await caller.hang_up()
        bye = await nurse.gone()
        assert not bye.is_sent, "her call is ended for her"
        (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.HANDLED
        assert engine.state.agents[NURSE].assignment_in(AgentState.WRAP_UP) is not None


async def test_the_caller_gives_up_while_it_rings(switches: Switches, engine: EngineHere) -> None:
    async with Nurse(switches.far, "nurse1", reply="ring") as nurse, caller_at(switches) as caller:
        await nurse.invited()
        await caller.hang_up()
        await nurse.cancelled()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.ABANDONED
        assert engine.state.agents[NURSE].presence is Presence.READY
    await no_channel_is_left(switches.far)


async def test_nobody_answers_and_the_caller_keeps_his_place(
    switches: Switches, engine: EngineHere
) -> None:
    async with (
        Nurse(switches.far, "nurse1", reply="ring") as nurse,
        Nurse(switches.near, "nurse2"),
        caller_at(switches),
    ):
        await nurse.cancelled()
        (rang_out,) = await engine.happened(ev.OfferRangOut)
        assert rang_out.agent_id == NURSE
        assert engine.state.agents[NURSE].not_ready_reason is NotReadyReason.NO_ANSWER
        await engine.agent("nurse2")
        (connected,) = await engine.happened(ev.ContactConnected)
        assert connected.phone_id == "nurse2"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [("busy", NotReadyReason.REJECTED), ("decline", NotReadyReason.REJECTED)],
)
async def test_what_her_phone_did_costs_her(
    switches: Switches, engine: EngineHere, reply: Reply, reason: NotReadyReason
) -> None:
    async with Nurse(switches.far, "nurse1", reply=reply), caller_at(switches):
        await engine.happened(ev.AgentBecameNotReady)
        assert engine.state.agents[NURSE].not_ready_reason is reason


async def test_a_phone_that_is_not_there_is_unreachable(
    switches: Switches, engine: EngineHere
) -> None:
    async with caller_at(switches):
        await engine.happened(ev.AgentBecameNotReady)
        assert engine.state.agents[NURSE].not_ready_reason is NotReadyReason.UNREACHABLE


async def test_pictures_of_either_switch_in_the_midst_of_the_talk_change_nothing(
    switches: Switches, engine: EngineHere
) -> None:
    async with Nurse(switches.far, "nurse1") as nurse, caller_at(switches) as caller:
        await nurse.talking()
        await engine.happened(ev.ContactConnected)
        for number, (switch, link) in enumerate(
            zip(switches, engine.service.links, strict=True), start=1
        ):
            assert await link.reconcile()
            await cut_manager(switch)
            await engine.happened(ev.LinkLost, number)
            await engine.until(lambda: all(engine.state.links.values()), "both links")
        restored = engine.events(ev.LinkRestored)
        assert [event.repairs for event in restored] == [0] * len(restored)
        assert len(engine.events(ev.ContactConnected)) == 1
        assert engine.events(ev.ContactEnded) == []
        await nurse.hang_up()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.HANDLED
        await caller.gone()


async def test_a_trunk_that_is_dead_costs_no_nurse_anything(
    switches: Switches, engine: EngineHere
) -> None:
    """The caller is rung for elsewhere, as soon as somebody there is ready."""
    switches.far.freeze()
    try:
        async with Nurse(switches.near, "nurse2"), caller_at(switches):
            (failed,) = await engine.happened(ev.TrunkFailed)
            assert (failed.link_id, failed.phone_link) == ("ast1", "ast2")
            await engine.agent("nurse2")
            (connected,) = await engine.happened(ev.ContactConnected)
            assert connected.phone_id == "nurse2"
            assert engine.state.agents[NURSE].presence is Presence.READY
    finally:
        switches.far.thaw()
        await reach_each_other(switches)


async def test_who_comes_by_the_trunk_reaches_one_phone_and_nothing_else(
    switches: Switches,
) -> None:
    """From its sibling's address, with any number that a dialplan might be fooled by."""
    async with Nurse(switches.far, "nurse1", "nurse2") as nurse:
        for number in ("1177", "s", "nurse1", "p-samko-ast1", "p-trunk", "p-nurse1&PJSIP/nurse2"):
            async with Callers(switches.far, number, voice="none") as caller:
                answer = await caller.refused()
                assert answer.code in (404, 410, 484), (number, answer.line)
        assert nurse.invites() == []
        async with Callers(switches.far, "p-nurse1", voice="none"):
            await nurse.invited("nurse1")


@pytest_asyncio.fixture
async def patient(switches: Switches) -> AsyncIterator[Switches]:
    """Phones ring longer than anything here takes."""
    for switch in switches:
        await switch.cli("dialplan set global SAMKO_RING_SECONDS 10")
    yield switches
    for switch in switches:
        await switch.cli("dialplan set global SAMKO_RING_SECONDS 1")


async def test_an_emergency_has_her_instead_of_the_one_for_whom_she_rings(
    patient: Switches, engine: EngineHere
) -> None:
    switches = patient
    async with Nurse(switches.far, "nurse1", reply="ring") as nurse, caller_at(switches):
        await nurse.invited()
        async with Callers(switches.near, keys=[(500, "9")], by="info"):
            await nurse.cancelled()
            await nurse.invited(count=2)
            await nurse.answer()
            (connected,) = await engine.happened(ev.ContactConnected)
            revoked, *more = engine.events(ev.OfferRevoked)
            assert (revoked.reason, more) == (ev.RevokeReason.WITHDRAWN, [])
            assert connected.contact_id != revoked.contact_id
            assert engine.events(ev.AgentBecameNotReady) == []
