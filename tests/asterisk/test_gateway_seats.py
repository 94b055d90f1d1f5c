"""A contact centre on another telephone system answers callers as a group of seats.

Whatever it does, and whenever its trunk drops, nobody is lost: the caller is in a talk, or in his
place.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from queue_engine.core import events as ev
from queue_engine.core.agent import Presence
from queue_engine.core.commands import SetGatewaySeats
from queue_engine.core.contact import ContactState
from queue_engine.serve.doctor import Level, examine
from routing.vocabulary import AgentId, GatewayId, NotReadyReason, Outcome
from tests.asterisk.conftest import LAB_PHONES, QUICK
from tests.asterisk.contact_centre import NUMBER, Centres, contact_centre
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import audit, mirrored, records_of, tidy
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.test_calls_hangup import no_channel_is_left
from tests.asterisk.test_trunk import cut_manager

pytestmark = pytest.mark.asterisk

WEST = GatewayId("west")
FIRST, SECOND = AgentId("west+1"), AgentId("west+2")
AGREED = """gateways:
  - id: west
    region: "14"
    skills: {advice: 1, sv: 1}
    seats: 2
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def both_centres(asterisk_tree: Path) -> AsyncIterator[Centres]:
    async with contact_centre(asterisk_tree, LAB_PHONES, QUICK) as centres:
        yield centres


@pytest_asyncio.fixture
async def centres(both_centres: Centres) -> AsyncIterator[Centres]:
    """Both, without calls; a phone of theirs rings for as long as anything here takes."""
    await both_centres.ours.cli("dialplan set global SAMKO_RING_SECONDS 60")
    await both_centres.reply("nurse1")
    yield both_centres
    both_centres.theirs.thaw()
    for centre in both_centres:
        await tidy(centre)


@pytest_asyncio.fixture
async def engine(centres: Centres, tmp_path: Path) -> AsyncIterator[EngineHere]:
    """The engine, and both seats of theirs."""
    files = _files(centres, tmp_path)
    async with EngineHere(files) as engine:
        await engine.until(lambda: len(engine.state.ready) == 2, "both seats")
        yield engine
        has_called = bool(engine.events(ev.ContactEnqueued))
    if has_called:
        audit(records_of(files))


def _files(centres: Centres, tmp_path: Path) -> EngineFiles:
    changes = [
        ("gateways.yaml", "gateways: []\n", AGREED),
        ("national.yaml", "ring: 20 s", "ring: 60 s"),
    ]
    return EngineFiles(tmp_path, centres.ours, changes=changes)


def caller_of(centres: Centres) -> Callers:
    return Callers(centres.ours, keys=QUICK_KEYS, by="info")


def their_nurse(centres: Centres, name: str = "nurse1", reply: str = "answer") -> Nurse:
    return Nurse(centres.theirs, name, reply=reply, voice="always")  # type: ignore[arg-type]


async def answered_by_ours(centres: Centres, engine: EngineHere) -> None:
    """A nurse of our own comes to work and has the caller, who has not lost his place."""
    (enqueued,) = engine.events(ev.ContactEnqueued)
    talks = len(engine.events(ev.ContactConnected))
    async with Nurse(centres.ours, "nurse2") as nurse:
        await engine.agent("nurse2")
        await nurse.talking()
        *_, connected = await engine.happened(ev.ContactConnected, talks + 1)
        assert (connected.contact_id, connected.phone_id) == (enqueued.contact_id, "nurse2")
        contact = engine.state.contacts[connected.contact_id]
        assert (contact.arrived_ms, contact.sequence) == (enqueued.arrived_ms, enqueued.sequence)
        await nurse.hang_up()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.HANDLED
    assert engine.events(ev.ContactRestored) == []


# --- a talk ---------------------------------------------------------------------------------


async def test_it_is_told_of_the_caller_and_answers_him(
    centres: Centres, engine: EngineHere
) -> None:
    async with (
        Ami(centres.theirs) as theirs,
        their_nurse(centres) as nurse,
        caller_of(centres) as caller,
    ):
        await nurse.talking()
        (connected,) = await engine.happened(ev.ContactConnected)
        assert (connected.agent_id, connected.phone_id) == (FIRST, "west+1")
        told = await theirs.told("Told")
        (enqueued,) = engine.events(ev.ContactEnqueued)
        assert (told["Number"], told["Region"]) == (NUMBER, "")
        assert (told["Arrived"], told["Need"]) == (str(enqueued.arrived_ms), "standard")
        await nurse.hang_up()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert (ended.outcome, ended.was_cut) == (Outcome.HANDLED, False)
        await caller.gone()
        assert FIRST in engine.state.ready, "a seat has no wrap-up"
    await no_channel_is_left(centres.ours)
    await no_channel_is_left(centres.theirs)


async def test_the_caller_hangs_up_in_the_talk(centres: Centres, engine: EngineHere) -> None:
    async with their_nurse(centres) as nurse, caller_of(centres) as caller:
        await nurse.talking()
        await engine.happened(ev.ContactConnected)
        await caller.hang_up()
        await nurse.gone()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert (ended.outcome, ended.was_cut) == (Outcome.HANDLED, False)


async def test_the_caller_gives_up_while_it_rings(centres: Centres, engine: EngineHere) -> None:
    async with their_nurse(centres, reply="ring") as nurse, caller_of(centres) as caller:
        await nurse.invited()
        await caller.hang_up()
        await nurse.cancelled()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.ABANDONED
        assert FIRST in engine.state.ready


async def test_pictures_in_the_midst_of_the_talk_change_nothing(
    centres: Centres, engine: EngineHere
) -> None:
    async with their_nurse(centres) as nurse, caller_of(centres) as caller:
        await nurse.talking()
        await engine.happened(ev.ContactConnected)
        (link,) = engine.service.links
        assert await link.reconcile()
        await cut_manager(centres.ours)
        await engine.happened(ev.LinkLost)
        await engine.live()
        (_, restored) = await engine.happened(ev.LinkRestored, 2)
        assert restored.repairs == 0
        assert len(engine.events(ev.ContactConnected)) == 1
        await nurse.hang_up()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.HANDLED
        await caller.gone()


async def test_the_doctor_knows_them(centres: Centres, engine: EngineHere) -> None:
    async def told() -> list[tuple[str, Level, str]]:
        findings = [one async for one in examine(engine.files.config)]
        return [
            (one.area, one.level, one.text) for one in findings if one.area.startswith("gateway ")
        ]

    well = ("gateway west", Level.OK, "it answers at the trunk of ast1: 2 seats")
    assert await told() == [well]
    more = AGREED + AGREED.partition("\n")[2].replace("west", "east")
    (engine.files.config / "gateways.yaml").write_text(more)
    assert await told() == [
        well,
        ("gateway east", Level.FAULT, "ast1 has no endpoint gateway-east"),
    ]
    centres.theirs.freeze()
    await engine.happened(ev.GatewayLost)
    lost = ("gateway west", Level.WARNING, "nobody answers there, as ast1 sees it")
    assert (await told())[0] == lost


# --- it does not take him -------------------------------------------------------------------


@pytest.mark.parametrize("reply", ["busy", "full"])
async def test_a_gateway_that_is_full_keeps_nobody_from_a_nurse(
    centres: Centres, engine: EngineHere, reply: str
) -> None:
    await centres.reply(reply)
    async with caller_of(centres):
        resting = await engine.happened(ev.AgentBecameNotReady, 2)
        assert {event.agent_id for event in resting} == {FIRST, SECOND}, "both rest at once"
        assert all(event.heals_at_ms is not None for event in resting)
        assert len(engine.events(ev.ContactOffered)) == 1, "nor is it tried seat by seat"
        await answered_by_ours(centres, engine)


async def test_nobody_picks_up_at_a_gateway(centres: Centres, engine: EngineHere) -> None:
    await centres.ours.cli("dialplan set global SAMKO_RING_SECONDS 1")
    async with their_nurse(centres, reply="ring") as nurse, caller_of(centres):
        await nurse.cancelled()
        (rang_out,) = await engine.happened(ev.OfferRangOut)
        assert rang_out.agent_id == FIRST
        assert engine.state.agents[SECOND].not_ready_reason is NotReadyReason.NO_ANSWER
        await answered_by_ours(centres, engine)


@pytest.mark.parametrize("end", [16, 44])
async def test_a_gateway_gives_the_caller_back(
    centres: Centres, engine: EngineHere, end: int
) -> None:
    """By a hang-up that is too soon to be one, or with a cause that is none."""
    if end == 16:
        await centres.ours.cli("dialplan set global SAMKO_TALK_MS_MIN 60000")
    await centres.reply("nurse1", end)
    try:
        async with their_nurse(centres) as nurse, caller_of(centres) as caller:
            await nurse.talking()
            await engine.happened(ev.ContactConnected)
            await nurse.hang_up()
            await engine.happened(ev.ContactReturned)
            assert engine.state.agents[FIRST].presence is Presence.NOT_READY
            assert not caller.was_dropped()
            await centres.ours.cli("dialplan set global SAMKO_TALK_MS_MIN 1")
            await answered_by_ours(centres, engine)
    finally:
        await centres.ours.cli("dialplan set global SAMKO_TALK_MS_MIN 1")


# --- the trunk drops ------------------------------------------------------------------------


async def test_the_trunk_to_a_gateway_is_dead(centres: Centres, engine: EngineHere) -> None:
    """It is known before the next caller is offered there; and when it is back."""
    centres.theirs.freeze()
    await engine.happened(ev.GatewayLost)
    assert not engine.state.agents
    async with caller_of(centres):
        await engine.happened(ev.ContactSeenWaiting)
        await answered_by_ours(centres, engine)
        assert len(engine.events(ev.ContactOffered)) == 1
    centres.theirs.thaw()
    await engine.happened(ev.GatewayRestored, 2)
    assert {FIRST, SECOND} <= engine.state.agents.keys()


async def test_a_gateway_dies_as_the_caller_is_sent_there(
    centres: Centres, engine: EngineHere
) -> None:
    """Before anybody knows: the INVITE is not answered at all."""
    await centres.ours.cli("dialplan set global SAMKO_RING_SECONDS 1")
    async with caller_of(centres):
        await engine.happened(ev.ContactEnqueued)
        centres.theirs.freeze()
        (revoked, *_) = await engine.happened(ev.OfferRevoked)
        assert revoked.reason is ev.RevokeReason.TRUNK
        await answered_by_ours(centres, engine)


async def test_a_gateway_drops_while_it_rings(centres: Centres, engine: EngineHere) -> None:
    async with their_nurse(centres, reply="ring") as nurse, caller_of(centres) as caller:
        await nurse.invited()
        centres.theirs.freeze()
        await engine.happened(ev.GatewayLost)
        (revoked,) = await engine.happened(ev.OfferRevoked)
        assert revoked.reason is ev.RevokeReason.TRUNK
        await engine.happened(ev.ContactSeenWaiting, 2)
        assert not caller.was_dropped()
        await answered_by_ours(centres, engine)
        centres.theirs.thaw()


async def test_a_gateway_drops_in_the_talk(centres: Centres, engine: EngineHere) -> None:
    """No voice comes for a while, and the caller is taken back."""
    async with their_nurse(centres) as nurse, caller_of(centres) as caller:
        await nurse.talking()
        (connected,) = await engine.happened(ev.ContactConnected)
        centres.theirs.freeze()
        await engine.happened(ev.ContactReturned)
        await engine.happened(ev.ContactSeenWaiting, 2)
        assert engine.state.contacts[connected.contact_id].state is ContactState.WAITING
        assert engine.events(ev.ContactEnded) == []
        assert not caller.was_dropped()
        await answered_by_ours(centres, engine)
        centres.theirs.thaw()


# --- how many seats there are ---------------------------------------------------------------


async def test_so_many_seats_so_many_callers(centres: Centres, engine: EngineHere) -> None:
    async with (
        their_nurse(centres) as nurse,
        Callers(centres.ours, count=3, keys=QUICK_KEYS, by="info"),
    ):
        await engine.happened(ev.ContactConnected, 2)
        await engine.until(
            lambda: len(engine.state.waiting.by_id) == 1, "the third, for whom there is no seat"
        )
        assert len(nurse.invites()) == 2
        await nurse.hang_up()
        await engine.happened(ev.ContactConnected, 3)
        assert len(nurse.invites()) == 3


async def test_with_fewer_seats_no_talk_is_cut(centres: Centres, engine: EngineHere) -> None:
    async with their_nurse(centres) as nurse, caller_of(centres) as caller:
        await nurse.talking()
        await engine.happened(ev.ContactConnected)
        await engine.service.driver.submit(SetGatewaySeats(WEST, 0, "closed"))
        await engine.happened(ev.AgentSignedOff)
        assert not caller.was_dropped()
        async with Callers(centres.ours, keys=QUICK_KEYS, by="info"):
            await engine.happened(ev.ContactSeenWaiting, 2)
            await nurse.hang_up()
            (ended,) = await engine.happened(ev.ContactEnded)
            assert ended.outcome is Outcome.HANDLED
            assert not engine.state.agents
            assert len(engine.events(ev.ContactOffered)) == 1
            await engine.service.driver.submit(SetGatewaySeats(WEST, 1, "open_again"))
            await engine.happened(ev.ContactConnected, 2)


# --- no engine ------------------------------------------------------------------------------


async def test_without_an_engine_its_seats_are_rung_and_a_new_engine_knows_the_talk(
    centres: Centres, tmp_path: Path
) -> None:
    files = _files(centres, tmp_path)
    async with EngineHere(files) as engine:
        await engine.until(lambda: len(engine.state.ready) == 2, "both seats")
        await mirrored(centres.ours, {"west+1": True, "west+2": True})
    async with their_nurse(centres) as nurse, Callers(centres.ours) as caller:
        await nurse.talking()
        async with EngineHere(files) as engine:
            (connected,) = await engine.happened(ev.ContactConnected)
            assert connected.agent_id in (FIRST, SECOND)
            assert connected.phone_id == connected.agent_id
            assert engine.events(ev.ContactSeenInFallback) == []
            await nurse.hang_up()
            (ended,) = await engine.happened(ev.ContactEnded)
            assert ended.outcome is Outcome.HANDLED
            await caller.gone()
    audit(records_of(files))
