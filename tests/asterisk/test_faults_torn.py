"""The end of the journal is torn off: what nobody wrote down, the calls themselves still know."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineHere, EngineProcess, agent_at
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.two_engines import CONNECTED, SKILLS, WAITING

pytestmark = pytest.mark.asterisk

CALLERS = 5


async def test_a_torn_journal_has_everybody_wait_on_in_the_same_order(
    patient_asterisk: LocalAsterisk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is missing: that one has a talk, and that the others came at all."""
    switch = patient_asterisk
    files = EngineFiles(tmp_path, switch)
    await files.sign_on_before_start(agent_at("nurse1", skills=SKILLS))
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as talks,
        EngineProcess(files) as killed,
    ):
        await lab.beating(switch)
        async with Callers(switch, count=CALLERS, rate=20):
            await lab.are_waiting(ami, CALLERS)
            await lab.talks(ami, 1)
            await killed.kill()
            before = files.state()
            _tear(files)
            async with EngineHere(files) as engine, lab.always_ready(engine):
                assert "cut off" in caplog.text
                in_line = lab.in_state(before, WAITING)
                assert lab.places(lab.in_state(engine.state, WAITING)) == lab.places(in_line)
                assert len(lab.in_state(engine.state, CONNECTED)) == 1
                async with Nurse(switch, "nurse2", talk_ms=lab.TALK_MS):
                    await engine.agent("nurse2", skills=SKILLS)
                    await engine.happened(ev.ContactEnded, CALLERS - 1)
                await talks.hang_up()
                await engine.happened(ev.ContactEnded, CALLERS)
    records = lab.records_of(files)
    assert lab.outcomes(lab.audit(records, callers=CALLERS)) == {Outcome.HANDLED: CALLERS}
    assert lab.offers(records) == [place[0] for place in lab.places(in_line)]


def _tear(files: EngineFiles) -> None:
    """From the first caller's record on every row is damaged, as by a disk that lied."""
    first = next(
        record.number
        for record in lab.records_of(files)
        if any(isinstance(event, ev.ContactEnqueued) for event in record.events)
    )
    with closing(sqlite3.connect(files.var / "journal.sqlite")) as journal, journal:
        journal.execute(
            "UPDATE record SET data = CAST(data || x'00' AS BLOB) WHERE number >= ?", (first,)
        )
