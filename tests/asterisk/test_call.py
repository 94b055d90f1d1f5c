"""One call from INVITE to wrap-up, on a real Asterisk with real SIP."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import Outcome
from tests.asterisk.engine import EngineFiles, EngineHere
from tests.asterisk.phones import Callers, Nurse

pytestmark = pytest.mark.asterisk


async def test_a_caller_waits_is_answered_and_the_next_one_comes(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Callers(asterisk, keys=[(900, "1")]) as first,
        Callers(asterisk) as second,
        Nurse(asterisk, "nurse1", talk_ms=300) as nurse,
    ):
        await engine.happened(ev.ContactSeenWaiting, 2)
        await engine.agent("nurse1")
        await nurse.invited()
        await engine.happened(ev.ContactConnected)
        ended = await engine.happened(ev.ContactEnded)
        assert ended[0].outcome is Outcome.HANDLED
        await engine.happened(ev.WrapUpStarted)
        assert len(nurse.invites()) == 1
        await engine.agent("nurse1")
        await nurse.invited(count=2)
        await engine.happened(ev.ContactEnded, 2)
        await first.gone()
        await second.gone()
