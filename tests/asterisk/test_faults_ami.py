"""The connection to Asterisk's manager is cut, stands still, or carries garbage."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.ami_session import MESSAGE_BYTES_MAX
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineHere
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.proxy import Direction, Proxy

pytestmark = pytest.mark.asterisk

GARBAGE = (
    b"\x00\xff\xfe\x80\r\n\r\n",
    b"no colon, no sense\r\n\r\n",
    b"Event\r\n: \r\nEvent: \r\n\r\n",
    b"Event: BridgeEnter\r\nUniqueid: \r\nChannel: PJSIP/\r\nBridgeUniqueid: x\r\n\r\n",
    b"Event: UserEvent\r\nUserEvent: SamkoOfferEnd\r\nOffer: " + b"9" * 500 + b"\r\n\r\n",
    b"Response: Success\r\nActionID: nobody/1\r\n\r\n",
)
"""None of which is a reason to lose the connection."""


@pytest.mark.parametrize("lost", ["actions", "answers"])
async def test_a_cut_while_an_offer_is_on_its_way(
    patient_asterisk: LocalAsterisk, tmp_path: Path, lost: Direction
) -> None:
    switch = patient_asterisk
    async with Proxy(switch.ami_port) as proxy:
        files = EngineFiles(tmp_path, switch, ami_port=proxy.port)
        async with (
            EngineHere(files) as engine,
            lab.always_ready(engine),
            Nurse(switch, "nurse1", reply="ring") as nurse,
            Callers(switch, count=2) as callers,
        ):
            await engine.happened(ev.ContactSeenWaiting, 2)
            proxy.hold(lost)
            await engine.agent("nurse1")
            if lost == "actions":
                await proxy.holds(b"Action: Redirect")
            else:
                await nurse.invited()
            proxy.cut()
            await engine.happened(ev.LinkLost)
            await engine.live()
            for number in (1, 2):
                await nurse.invited(count=number)
                await nurse.answer()
                await engine.happened(ev.ContactConnected, number)
                await nurse.hang_up()
                await callers.gone(number)
                await engine.happened(ev.ContactEnded, number)
            assert len(nurse.invites()) == 2
            assert proxy.let_through("Redirect") == 2
    records = lab.records_of(files)
    assert lab.outcomes(lab.audit(records, callers=2)) == {Outcome.HANDLED: 2}
    connected = lab.connections(records)
    assert connected == sorted(connected, key=lab.call_number)


async def test_a_connection_that_stands_still_is_left_and_nothing_comes_of_it_later(
    patient_asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with Proxy(switch.ami_port) as proxy:
        files = EngineFiles(tmp_path, switch, ami_port=proxy.port)
        async with (
            EngineHere(files) as engine,
            Nurse(switch, "nurse1") as nurse,
            Callers(switch, count=2) as callers,
        ):
            await engine.happened(ev.ContactSeenWaiting, 2)
            proxy.hold("actions", "answers")
            await engine.agent("nurse1")
            await proxy.holds(b"Action: Redirect")
            await engine.happened(ev.LinkLost)
            await engine.live()
            await engine.happened(ev.ContactConnected)
            proxy.release()
            await nurse.hang_up()
            await engine.happened(ev.WrapUpStarted)
            await engine.agent("nurse1")
            await engine.happened(ev.ContactConnected, 2)
            await nurse.hang_up()
            await engine.happened(ev.ContactEnded, 2)
            await callers.gone(1)
            await callers.gone(2)
            assert len(nurse.invites()) == 2
            assert proxy.let_through("Redirect") == 2
    records = lab.records_of(files)
    assert lab.outcomes(lab.audit(records, callers=2)) == {Outcome.HANDLED: 2}


async def test_garbage_is_counted_and_text_without_end_is_left(
    patient_asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with Proxy(switch.ami_port) as proxy:
        files = EngineFiles(tmp_path, switch, ami_port=proxy.port)
        async with (
            EngineHere(files) as engine,
            lab.always_ready(engine),
            Nurse(switch, "nurse1", talk_ms=lab.TALK_MS) as nurse,
            Callers(switch) as first,
        ):
            await engine.happened(ev.ContactSeenWaiting)
            for data in GARBAGE:
                proxy.inject(data)
            await engine.agent("nurse1")
            await first.gone()
            assert not engine.events(ev.LinkLost)
            async with Callers(switch) as second:
                await second.answered()
                proxy.inject(b"x" * (MESSAGE_BYTES_MAX + 1))
                await engine.happened(ev.LinkLost)
                await second.gone()
            await engine.happened(ev.ContactEnded, 2)
            assert len(nurse.invites()) == 2
    records = lab.records_of(files)
    assert lab.outcomes(lab.audit(records, callers=2)) == {Outcome.HANDLED: 2}
