"""The engine dies without a word. Calls go on; a new engine finds them all where they were."""

from __future__ import annotations

from itertools import dropwhile
from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.core.contact import ContactState
from queue_engine.core.record import Record
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import ContactId, Outcome, Priority
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineHere, EngineProcess, agent_at
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse

pytestmark = pytest.mark.asterisk

SKILLS = "advice admin sv"
WAITING, OFFERED, CONNECTED = (
    ContactState.WAITING,
    ContactState.OFFERED,
    ContactState.CONNECTED,
)


async def test_killed_while_20_wait_2_ring_and_3_talk(
    patient_asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    switch = patient_asterisk
    files = EngineFiles(tmp_path, switch)
    await files.sign_on_before_start(*(agent_at(f"nurse{number}") for number in range(1, 6)))
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as leaves,
        Nurse(switch, "nurse2", voice="always") as talks_2,
        Nurse(switch, "nurse3", voice="always") as talks_3,
        Nurse(switch, "nurse4", reply="ring") as rings_4,
        Nurse(switch, "nurse5", reply="ring") as rings_5,
        EngineProcess(files) as killed,
    ):
        await lab.beating(switch)
        async with Callers(switch, count=25, rate=20) as callers:
            numbers = await lab.are_waiting(ami, 25)
            await lab.talks(ami, 3)
            for nurse in (rings_4, rings_5):
                await nurse.invited()
            await killed.kill()
            before = files.state()
            waited = lab.in_state(before, WAITING)
            assert len(waited) == 20
            await lab.all_hear(switch, "trunk", 25)
            gone, *waited = waited
            await callers.hang_up(numbers[gone.contact_id])
            await leaves.hang_up()
            await callers.gone(numbers[gone.contact_id])
            await leaves.gone()

            async with EngineHere(files) as engine, lab.always_ready(engine):
                found = engine.state
                assert found.contacts[gone.contact_id].outcome is Outcome.LOST
                assert lab.outcomes(found) == {None: 23, Outcome.LOST: 1, Outcome.HANDLED: 1}
                assert lab.places(lab.in_state(found, WAITING)) == lab.places(waited)
                assert len(lab.in_state(found, OFFERED)) == 2
                there = lab.places(lab.in_state(found, WAITING, OFFERED, CONNECTED))
                were = lab.places(lab.in_state(before, WAITING, OFFERED, CONNECTED))
                assert [place for place in were if place in there] == there
                assert len(engine.events(ev.OfferSeen)) == 2
                await rings_4.answer()
                await rings_5.decline()
                declined = (await engine.happened(ev.OfferRejected))[0].contact_id
                phones = ("nurse6", "nurse7", "nurse8", "nurse9")
                async with Nurse(switch, *phones, talk_ms=lab.TALK_MS) as others:
                    for phone in phones:
                        await engine.agent(phone)
                    await engine.happened(ev.ContactEnded, 22)
                    assert len(others.invites()) == 20
                for nurse in (talks_2, talks_3, rings_4):
                    assert len(nurse.invites()) == 1
                    await nurse.hang_up()
                await engine.happened(ev.ContactEnded, 25)
    records = lab.records_of(files)
    state = lab.audit(records, callers=25)
    assert not lab.in_state(state, WAITING, OFFERED, CONNECTED)
    assert len(lab.connections(records)) == 24
    expected = sorted([before.contacts[declined], *waited], key=lambda contact: contact.place)
    later = dropwhile(lambda record: not _rejects(record), records)
    # Whose first ring came to nothing, as on a machine with much else to do, is offered once more.
    assert list(dict.fromkeys(lab.offers(later))) == [contact.contact_id for contact in expected]
    assert lab.outcomes(state) == {Outcome.LOST: 1, Outcome.HANDLED: 24}


def _rejects(record: Record) -> bool:
    return any(isinstance(event, ev.OfferRejected) for event in record.events)


async def test_all_is_lost_but_the_calls(patient_asterisk: LocalAsterisk, tmp_path: Path) -> None:
    switch = patient_asterisk
    slow_menu = ("menus/quick.yaml", "listen: 1 s", "listen: 15 s")
    files = EngineFiles(tmp_path, switch, changes=[slow_menu])
    at_work = [agent_at(phone, skills=SKILLS) for phone in ("nurse1", "nurse2")]
    await files.sign_on_before_start(*at_work)
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1") as talks,
        Nurse(switch, "nurse2", reply="ring") as rings,
        EngineProcess(files) as killed,
    ):
        await lab.beating(switch)
        async with Callers(switch, count=4, keys=[(1_800, "1")]) as standard:
            numbers = await lab.are_waiting(ami, 4)
            await lab.talks(ami, 1)
            await rings.invited()
            since = ami.mark()
            async with Callers(switch, count=2, keys=[(1_800, "3")]) as non_medical:
                await lab.are_waiting(ami, 2, since)
                worse = list(numbers)[-1]
                await standard.press("7", numbers[worse])
                await lab.until(lambda: carries(ami, worse, Priority.RAISED), "a new ticket")
                await killed.kill()
                before = files.state()
                for path in files.var.glob("journal.sqlite*"):
                    path.unlink()
                async with EngineHere(files) as engine, lab.always_ready(engine):
                    in_line = lab.in_state(before, WAITING, OFFERED)
                    assert lab.places(lab.in_state(engine.state, WAITING)) == lab.places(in_line)
                    assert engine.state.contacts[worse].priority is Priority.RAISED
                    (talk,) = lab.in_state(engine.state, CONNECTED)
                    assert lab.places([talk]) == lab.places(lab.in_state(before, CONNECTED))
                    await rings.cancelled()  # nobody knows any more who she is
                    async with Nurse(switch, "nurse3", talk_ms=lab.TALK_MS):
                        await engine.agent("nurse3", skills=SKILLS)
                        await engine.happened(ev.ContactEnded, 5)
                        await standard.gone(numbers[worse])
                        await non_medical.gone(2)
                    await talks.hang_up()
                    await engine.happened(ev.ContactEnded, 6)
                    assert len(rings.invites()) == 1
    records = lab.records_of(files)
    state = lab.audit(records, callers=6)
    assert lab.outcomes(state) == {Outcome.HANDLED: 6}
    expected = [place[0] for place in lab.places(in_line)]
    assert lab.offers(records) == expected


async def carries(ami: Ami, contact: ContactId, priority: Priority) -> bool:
    """Whether the call's own ticket says so."""
    answer = await ami.act("Getvar", Channel=contact, Variable="SAMKO_TICKET")
    return f"|{priority}|" in answer["Value"]
