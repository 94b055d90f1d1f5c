"""Nurses sign on and off, ready and not ready, from their phones; the fallback queue follows."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Final

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import AgentId, NotReadyReason, Outcome
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import mirrored
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.played import Played

pytestmark = pytest.mark.asterisk

NURSE: Final = AgentId("n1401")
NUMBER: Final = "1401"
PIN: Final = "7301"
WRONG_PIN: Final = "7302"
"""The demonstration staff's first nurse."""


async def dial(
    asterisk: LocalAsterisk,
    code: str,
    *answers: tuple[str, str],
    told: str,
    phone: str = "nurse1",
) -> None:
    """A feature code from a nurse's phone: key what is asked for, until it is told how it went.

    Args:
        asterisk: where the phone is.
        code: such as `*71`.
        answers: what is asked (a prompt), and the keys for it.
        told: the prompt that must come last.
        phone: which phone.
    """
    heard = Played(asterisk)
    counts: dict[str, int] = {}
    async with Callers(asterisk, code, shown=[phone]) as line:
        for prompt, keys in answers:
            counts[prompt] = counts.get(prompt, 0) + 1
            await heard.said(prompt, counts[prompt])
            await line.press(keys, by="info")
        await heard.said(told)
        await line.gone()
        assert line.was_dropped(), "the phone is let go when all has been said"
    assert heard.prompts()[-1] == f"sv:{told}"


async def test_a_day_at_work_by_phone(
    asterisk: LocalAsterisk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number, pin = ("agent_number", f"{NUMBER}#"), ("agent_pin", f"{PIN}#")
    wrong = ("agent_pin", f"{WRONG_PIN}#")
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Nurse(asterisk, "nurse1") as nurse,
    ):
        await dial(asterisk, "*71", number, wrong, number, pin, told="agent_signed_on")
        (signed_on,) = await engine.happened(ev.AgentSignedOn)
        assert (signed_on.agent_id, signed_on.phone_id) == (NURSE, "nurse1")
        assert (signed_on.region, signed_on.unit) == ("14", "hamnen")
        await mirrored(asterisk, {"nurse1": False})

        await dial(asterisk, "*73", told="agent_ready")
        await engine.happened(ev.AgentBecameReady)
        await mirrored(asterisk, {"nurse1": True})

        await dial(asterisk, "*74", ("agent_reason", "2"), told="agent_not_ready")
        (not_ready,) = await engine.happened(ev.AgentBecameNotReady)
        assert not_ready.reason is NotReadyReason.MEETING
        await mirrored(asterisk, {"nurse1": False})

        async with Callers(asterisk, keys=QUICK_KEYS, by="info") as caller:
            await engine.happened(ev.ContactSeenWaiting)
            assert nurse.invites() == []
            await dial(asterisk, "*73", told="agent_ready")
            await nurse.talking()
            await engine.happened(ev.ContactConnected)
            await dial(asterisk, "*72", told="agent_signed_off")
            assert engine.events(ev.SignOffAwaited), "not before the talk and its wrap-up"
            assert not caller.was_dropped()
            await nurse.hang_up()
            (ended,) = await engine.happened(ev.ContactEnded)
            assert ended.outcome is Outcome.HANDLED
        await dial(asterisk, "*73", told="agent_ready")
        await engine.happened(ev.AgentSignedOff)
        await mirrored(asterisk, {})
        await dial(asterisk, "*73", told="agent_not_signed_on")
    assert re.search(rf"\b({PIN}|{WRONG_PIN})\b", caplog.text) is None


async def test_three_wrong_pins_lock_the_phone_and_no_other(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    number, pin = ("agent_number", f"{NUMBER}#"), ("agent_pin", f"{PIN}#")
    wrong = (number, ("agent_pin", f"{WRONG_PIN}#"))
    async with EngineHere(EngineFiles(tmp_path, asterisk)) as engine:
        await dial(asterisk, "*71", *wrong, *wrong, *wrong, told="agent_locked")
        await dial(asterisk, "*71", told="agent_locked")
        assert engine.events(ev.AgentSignedOn) == []
        await dial(asterisk, "*71", number, pin, told="agent_signed_on", phone="nurse2")
        (signed_on,) = await engine.happened(ev.AgentSignedOn)
        assert (signed_on.agent_id, signed_on.phone_id) == (NURSE, "nurse2")
