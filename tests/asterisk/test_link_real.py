"""The link on a real Asterisk, with the real core behind it and real phones before it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import SetAgentNotReady, SignOffAgent
from queue_engine.core.contact import ContactState
from queue_engine.journal.memory import MemoryJournal
from queue_engine.telephony.ami_connection import AmiConnection
from queue_engine.telephony.errors import LoginRefused
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import AgentId, NotReadyReason, Outcome, Priority
from tests.asterisk.link_lab import KeptJournal, LinkedEngine, until
from tests.asterisk.phones import Callers, Nurse

pytestmark = pytest.mark.asterisk


async def test_a_call_from_invite_to_wrap_up(asterisk: LocalAsterisk) -> None:
    async with LinkedEngine(asterisk) as engine, Nurse(asterisk, "nurse1") as nurse:
        await engine.at_work("nurse1")
        async with Callers(asterisk):
            connected = await engine.happened(ev.ContactConnected)
            assert connected.phone_id == "nurse1"
            await nurse.talking()
            await nurse.hang_up()
            assert (await engine.happened(ev.ContactEnded)).outcome is Outcome.HANDLED
            await engine.happened(ev.WrapUpStarted)
        assert engine.all_of(ev.LateReport) == []
        assert len(engine.all_of(ev.ContactOffered)) == 1
        assert engine.link.inbound.odd == 0
        assert engine.link.redirects.counts.not_landed == 0


async def test_the_caller_hangs_up_waiting_ringing_and_talking(asterisk: LocalAsterisk) -> None:
    async with LinkedEngine(asterisk) as engine:
        async with Callers(asterisk) as caller:
            await engine.happened(ev.ContactSeenWaiting)
            await caller.hang_up()
            assert (await engine.happened(ev.ContactEnded)).outcome is Outcome.ABANDONED
        await engine.at_work("nurse1")
        async with Nurse(asterisk, "nurse1", reply="ring") as nurse:
            async with Callers(asterisk) as caller:
                await nurse.invited()
                await caller.hang_up()
                ended = await engine.happened(ev.ContactEnded, 2)
                assert ended.outcome is Outcome.ABANDONED
                await nurse.cancelled()
            async with Callers(asterisk) as caller:
                await nurse.invited(count=2)
                await nurse.answer()
                await engine.happened(ev.ContactConnected)
                await caller.hang_up()
                assert (await engine.happened(ev.ContactEnded, 3)).outcome is Outcome.HANDLED
        assert engine.all_of(ev.AgentBecameNotReady) == []


async def test_one_who_hangs_up_before_he_is_enqueued_is_not_waited_for(
    asterisk: LocalAsterisk,
) -> None:
    async with LinkedEngine(asterisk) as engine:
        engine.menus_end.clear()
        async with Callers(asterisk) as caller:
            call = await engine.agi.visited("call")
            await caller.hang_up()
            contact = call.headers["agi_uniqueid"]
            await until(lambda: engine.link.board.has_hung_up(contact), 5.0, "Hangup", engine)
            engine.menus_end.set()
            ended = await engine.happened(ev.ContactEnded)
            assert (ended.contact_id, ended.outcome) == (contact, Outcome.ABANDONED)
        assert engine.link.errands.counts.found_gone == 1


async def test_a_phone_that_is_busy_or_declines_costs_its_agent(asterisk: LocalAsterisk) -> None:
    async with (
        LinkedEngine(asterisk) as engine,
        Nurse(asterisk, "nurse1", reply="busy"),
        Nurse(asterisk, "nurse2", reply="decline"),
        Nurse(asterisk, "nurse4") as answers,
        Callers(asterisk),
    ):
        await engine.happened(ev.ContactSeenWaiting)
        await engine.at_work("nurse1", "nurse2", "nurse4")
        connected = await engine.happened(ev.ContactConnected)
        assert connected.phone_id == "nurse4"
        await answers.talking()
        reasons = {event.agent_id: event.reason for event in engine.all_of(ev.AgentBecameNotReady)}
        assert reasons == {"nurse1": NotReadyReason.REJECTED, "nurse2": NotReadyReason.REJECTED}
        assert engine.all_of(ev.OfferRevoked) == []


async def test_a_phone_that_is_not_there_costs_its_agent(asterisk: LocalAsterisk) -> None:
    async with LinkedEngine(asterisk) as engine, Callers(asterisk) as caller:
        await engine.at_work("nurse3")
        reason = (await engine.happened(ev.AgentBecameNotReady)).reason
        assert reason is NotReadyReason.UNREACHABLE
        await engine.happened(ev.ContactSeenWaiting, 2)
        assert not caller.was_dropped()


async def test_a_phone_that_rings_out(asterisk: LocalAsterisk) -> None:
    async with (
        LinkedEngine(asterisk) as engine,
        Nurse(asterisk, "nurse1", reply="ring"),
        Callers(asterisk) as caller,
    ):
        await engine.at_work("nurse1")
        await engine.happened(ev.OfferRangOut)
        await engine.happened(ev.ContactSeenWaiting, 2)
        assert not caller.was_dropped()


async def test_an_offer_is_withdrawn_for_an_emergency_and_the_phone_is_not_busy(
    asterisk: LocalAsterisk,
) -> None:
    order = [Priority.STANDARD, Priority.EMERGENCY]
    async with (
        LinkedEngine(asterisk, priorities=order) as engine,
        Nurse(asterisk, "nurse1", reply="ring") as nurse,
        Callers(asterisk) as first,
    ):
        await engine.at_work("nurse1")
        await nurse.invited()
        standard = (await engine.happened(ev.ContactOffered)).contact_id
        async with Callers(asterisk):
            await nurse.invited(count=2)
            await nurse.answer()
            connected = await engine.happened(ev.ContactConnected)
            assert connected.contact_id != standard
            (revoked,) = engine.all_of(ev.OfferRevoked)
            assert revoked.reason is ev.RevokeReason.WITHDRAWN
            await nurse.talking()
            await nurse.hang_up()
            await engine.happened(ev.ContactEnded)
        assert engine.driver.state.contacts[standard].state is ContactState.WAITING
        assert not first.was_dropped()
        assert engine.all_of(ev.AgentBecameNotReady) == []


async def test_the_fallback_mirrors_who_is_at_work(asterisk: LocalAsterisk) -> None:
    async def shows(*wanted: tuple[str, bool]) -> None:
        """Wait until the queue has these phones, each paused or not."""
        async with asyncio.timeout(5):
            while True:
                lines = (await asterisk.cli("queue show samko-national")).splitlines()
                shown = [
                    (phone, "paused" in line.lower())
                    for line in lines
                    for phone in ("nurse1", "nurse2")
                    if phone in line
                ]
                if sorted(shown) == sorted(wanted):
                    return

    async with LinkedEngine(asterisk) as engine:
        await engine.at_work("nurse1", "nurse2")
        await shows(("nurse1", False), ("nurse2", False))
        nurse2 = AgentId("nurse2")
        await engine.driver.submit(SetAgentNotReady(nurse2, NotReadyReason.BREAK))
        await shows(("nurse1", False), ("nurse2", True))
        await engine.driver.submit(SignOffAgent(nurse2))
        await shows(("nurse1", False))
    async with LinkedEngine(asterisk):
        await shows()


async def test_a_new_engine_finds_all_callers_in_their_order(asterisk: LocalAsterisk) -> None:
    journal = KeptJournal()
    async with Callers(asterisk, count=5, rate=20):
        async with LinkedEngine(asterisk, journal) as engine:
            await engine.happened(ev.ContactSeenWaiting, 5)
            before = [contact.contact_id for contact in engine.driver.state.contacts.values()]
        for known in (journal, MemoryJournal()):
            async with LinkedEngine(asterisk, known) as engine:
                contacts = sorted(
                    engine.driver.state.contacts.values(), key=lambda contact: contact.sequence
                )
                assert [contact.contact_id for contact in contacts] == before
                assert all(contact.state is ContactState.WAITING for contact in contacts)
                assert len(engine.all_of(ev.ContactRestored)) == (0 if known is journal else 5)


async def test_a_new_engine_finds_who_rings_and_who_talks(asterisk: LocalAsterisk) -> None:
    journal = KeptJournal()
    async with (
        Nurse(asterisk, "nurse1") as talks,
        Nurse(asterisk, "nurse2", reply="ring") as rings,
    ):
        async with Callers(asterisk), Callers(asterisk):
            async with LinkedEngine(asterisk, journal) as engine:
                await engine.at_work("nurse1")
                await engine.happened(ev.ContactConnected)
                await talks.talking()
                await engine.at_work("nurse2")
                await rings.invited()
                await engine.happened(ev.ContactOffered, 2)
            async with LinkedEngine(asterisk, journal) as engine:
                states = [contact.state for contact in engine.driver.state.contacts.values()]
                assert sorted(states, key=str) == [ContactState.CONNECTED, ContactState.OFFERED]
                await engine.happened(ev.OfferSeen)
                await rings.answer()
                await engine.happened(ev.ContactConnected)
                await talks.hang_up()
                ended = await engine.happened(ev.ContactEnded)
                assert ended.outcome is Outcome.HANDLED
        assert len(rings.invites()) == 1


async def test_asterisk_frozen_killed_and_restarted_is_seen_and_reconciled(
    asterisk_tree: Path,
) -> None:
    async with LocalAsterisk(asterisk_tree, phones=("nurse1",)) as lab, LinkedEngine(lab) as engine:
        async with Callers(lab):
            await engine.happened(ev.ContactSeenWaiting)
            lab.freeze()
            await engine.happened(ev.LinkLost)
            lab.thaw()
            await engine.live(2)
            (contact,) = engine.driver.state.contacts.values()
            assert contact.state is ContactState.WAITING
            await lab.kill()
            await engine.happened(ev.LinkLost, 2)
            await lab.start()
            await engine.live(3)
            assert (await engine.happened(ev.ContactEnded)).outcome is Outcome.LOST
        await engine.at_work("nurse1")
        await lab.stop()
        await engine.happened(ev.LinkLost, 3)
        await lab.start()
        await engine.live(4)
        assert "nurse1" in await lab.cli("queue show samko-national")
        async with Nurse(lab, "nurse1"), Callers(lab):
            await engine.happened(ev.ContactConnected)


async def test_a_wrong_secret_is_named(asterisk: LocalAsterisk) -> None:
    connection = AmiConnection("127.0.0.1", asterisk.ami_port, asterisk.ami_user, "wrong")
    try:
        with pytest.raises(LoginRefused, match=f":{asterisk.ami_port} refused the login"):
            await connection.connect()
    finally:
        await connection.close()


async def test_what_asterisk_says_to_redirects_and_variables_of_calls_that_are_gone(
    asterisk: LocalAsterisk,
) -> None:
    async with LinkedEngine(asterisk) as engine:
        gone = {"Channel": "ast1-1795282147.1"}
        redirect = {"Action": "Redirect", "Context": "waiting", "Exten": "s", "Priority": "1"}
        answers = await asyncio.gather(
            engine.link._send({**redirect, **gone}),
            engine.link._send({"Action": "Setvar", "Variable": "A", "Value": "Öberg", **gone}),
        )
        sentences = [answer.sentence.lower() for answer in answers]
        assert "does not exist" in sentences[0]
        assert "no such channel" in sentences[1]
