"""A caller at one Asterisk, a contact centre elsewhere that hangs on another: by both trunks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk, Setting
from routing.vocabulary import AgentId, Outcome
from tests.asterisk.conftest import LAB_PHONES, QUICK
from tests.asterisk.contact_centre import NUMBER, Centres, lead_to, their_asterisk
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import tidy
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.test_calls_hangup import no_channel_is_left
from tests.asterisk.two_switches import Switches, joined

pytestmark = pytest.mark.asterisk

FIRST = AgentId("west+1")
AGREED = """gateways:
  - id: west
    link: ast2
    region: "14"
    skills: {advice: 1, sv: 1}
    seats: 2
"""
_RINGS = Setting("extensions.conf", "globals", "SAMKO_RING_SECONDS", "20")
_NOTICES = Setting("pjsip.conf", "sibling-aor", "qualify_frequency", "2")


class Three(NamedTuple):
    """The caller's Asterisk, the one whose trunk leads to the gateway, and the gateway's own."""

    near: LocalAsterisk
    far: LocalAsterisk
    theirs: LocalAsterisk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def all_three(asterisk_tree: Path) -> AsyncIterator[Three]:
    theirs = their_asterisk(asterisk_tree, LAB_PHONES)
    settings = [each for each in QUICK if each.key != "SAMKO_RING_SECONDS"]

    def prepare(switches: Switches) -> None:
        lead_to(switches.far, theirs)

    async with (
        theirs,
        joined(asterisk_tree, LAB_PHONES, (*settings, _RINGS, _NOTICES), prepare) as switches,
    ):
        yield Three(*switches, theirs)


@pytest_asyncio.fixture
async def three(all_three: Three) -> AsyncIterator[Three]:
    """All of them, without calls."""
    yield all_three
    for switch in all_three:
        await tidy(switch)


@pytest_asyncio.fixture
async def engine(three: Three, tmp_path: Path) -> AsyncIterator[EngineHere]:
    """One engine for ours, and two seats of theirs at the far one."""
    changes = [("gateways.yaml", "gateways: []\n", AGREED)]
    files = EngineFiles(tmp_path, three.near, changes=changes, siblings=[three.far])
    async with EngineHere(files) as engine:
        await engine.until(lambda: len(engine.state.ready) == 2, "both seats")
        yield engine


def caller_of(three: Three) -> Callers:
    return Callers(three.near, keys=QUICK_KEYS, by="info")


async def test_it_is_told_of_the_caller_all_the_way(three: Three, engine: EngineHere) -> None:
    await Centres(three.far, three.theirs).reply("nurse1")
    async with (
        Ami(three.theirs) as theirs,
        Nurse(three.theirs, "nurse1", voice="always") as nurse,
        caller_of(three) as caller,
    ):
        await nurse.talking()
        (connected,) = await engine.happened(ev.ContactConnected)
        assert (connected.agent_id, connected.phone_id) == (FIRST, "west+1@ast2")
        told = await theirs.told("Told")
        (enqueued,) = engine.events(ev.ContactEnqueued)
        assert (told["Number"], told["Arrived"]) == (NUMBER, str(enqueued.arrived_ms))
        assert told["Need"] == "standard"
        await nurse.hang_up()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.HANDLED
        await caller.gone()
    for switch in three:
        await no_channel_is_left(switch)


@pytest.mark.parametrize(("reply", "revoked"), [("busy", 0), ("full", 1)])
async def test_it_is_full(three: Three, engine: EngineHere, reply: str, revoked: int) -> None:
    """The trunk between our own two is none the worse for it."""
    await Centres(three.far, three.theirs).reply(reply)
    async with Nurse(three.near, "nurse2"), caller_of(three):
        await engine.happened(ev.AgentBecameNotReady, 2)
        assert len(engine.events(ev.OfferRevoked)) == revoked
        assert engine.events(ev.TrunkFailed) == []
        await engine.agent("nurse2")
        (connected,) = await engine.happened(ev.ContactConnected)
        assert connected.phone_id == "nurse2"


async def test_it_gives_the_caller_back(three: Three, engine: EngineHere) -> None:
    """Or drops in the talk: the far one of ours says so to the near one."""
    await Centres(three.far, three.theirs).reply("nurse1", end=44)
    async with (
        Nurse(three.theirs, "nurse1", voice="always") as nurse,
        Nurse(three.near, "nurse2"),
        caller_of(three) as caller,
    ):
        await nurse.talking()
        await engine.happened(ev.ContactConnected)
        await nurse.hang_up()
        await engine.happened(ev.ContactReturned)
        assert not caller.was_dropped()
        await engine.agent("nurse2")
        (_, again) = await engine.happened(ev.ContactConnected, 2)
        assert again.phone_id == "nurse2"
        assert engine.events(ev.ContactEnded) == []


async def test_who_comes_by_our_trunk_reaches_gateways_and_nothing_else(three: Three) -> None:
    """From its sibling's address, with any number that a dialplan might be fooled by."""
    for number in ("p-trunk+1", "p-nurse1+1", "p-samko-ast1+1", "p-west+1+1", "p-west+", "p-+1"):
        async with Callers(three.far, number, voice="none") as caller:
            answer = await caller.refused()
            assert answer.code in (404, 410, 484), (number, answer.line)
