"""A phone that does not answer costs its nurse, never the caller: he keeps his place."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.core.agent import Presence
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import AgentId, NotReadyReason, Outcome
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import always_ready, are_waiting
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse, Reply

pytestmark = pytest.mark.asterisk


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        ("ring", ev.OfferRangOut, NotReadyReason.NO_ANSWER),
        ("nothing", ev.OfferRangOut, NotReadyReason.NO_ANSWER),
        ("busy", ev.OfferRejected, NotReadyReason.REJECTED),
        ("decline", ev.OfferRejected, NotReadyReason.REJECTED),
        (None, ev.OfferFailed, NotReadyReason.UNREACHABLE),
    ],
    ids=["rings-out", "never-replies", "busy", "declines", "unregistered"],
)
async def test_the_caller_keeps_his_place_and_the_next_nurse_rings(
    asterisk: LocalAsterisk,
    tmp_path: Path,
    reply: Reply | None,
    kind: type[ev.Event],
    reason: NotReadyReason,
) -> None:
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(EngineHere(EngineFiles(tmp_path, asterisk)))
        await stack.enter_async_context(always_ready(engine))
        if reply is not None:
            await stack.enter_async_context(Nurse(asterisk, "nurse1", reply=reply))
        answers = await stack.enter_async_context(Nurse(asterisk, "nurse2", talk_ms=400))
        ami = await stack.enter_async_context(Ami(asterisk))
        callers = await stack.enter_async_context(
            Callers(asterisk, count=2, rate=5, keys=QUICK_KEYS, by="info")
        )
        numbers = await are_waiting(ami, 2)
        await engine.happened(ev.ContactSeenWaiting, 2)

        await engine.agent("nurse1")
        (failed,) = await engine.happened(kind)
        (cost,) = await engine.happened(ev.AgentBecameNotReady)
        assert (cost.agent_id, cost.reason) == (AgentId("a-nurse1"), reason)
        assert (cost.heals_at_ms is not None) == (reason is NotReadyReason.NO_ANSWER)
        contact_ids = engine.arrivals()
        assert failed.contact_id == contact_ids[0]
        await engine.happened(ev.ContactSeenWaiting, 3)

        await engine.agent("nurse2")
        connected = await engine.happened(ev.ContactConnected, 2)
        assert [event.contact_id for event in connected] == contact_ids
        assert {event.agent_id for event in connected} == {AgentId("a-nurse2")}
        ended = await engine.happened(ev.ContactEnded, 2)
        assert {event.outcome for event in ended} == {Outcome.HANDLED}
        gone = [(await callers.gone(numbers[contact_id])).time_s for contact_id in contact_ids]
        assert gone == sorted(gone)
        assert len(answers.invites()) == 2
        assert len(engine.events(ev.ContactOffered)) == 3


async def test_a_busy_phones_caller_rings_the_next_ready_nurse_at_once(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Nurse(asterisk, "nurse1", reply="busy") as busy,
        Nurse(asterisk, "nurse2") as answers,
    ):
        await engine.agent("nurse1")
        await engine.agent("nurse2")
        async with Callers(asterisk, keys=QUICK_KEYS, by="info"):
            refused = await busy.sipp.until(lambda m: m.code == 486, "486 Busy Here")
            invited = await answers.invited()
            await answers.talking()
        assert 0 < invited.time_s - refused.time_s < 1.0
        assert len(busy.invites()) == 1


async def test_the_only_nurse_is_ready_again_by_herself_and_rung_once_more(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    soon = ("national.yaml", "no_answer_heals: 5 min", "no_answer_heals: 1 s")
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk, changes=[soon])) as engine,
        Nurse(asterisk, "nurse1", reply="ring") as nurse,
    ):
        await engine.agent("nurse1")
        async with Callers(asterisk, keys=QUICK_KEYS, by="info") as caller:
            await engine.happened(ev.OfferRangOut)
            await nurse.cancelled()
            await nurse.invited(count=2)
            await nurse.answer()
            (connected,) = await engine.happened(ev.ContactConnected)
            assert connected.contact_id == engine.events(ev.ContactEnqueued)[0].contact_id
            assert engine.state.agents[connected.agent_id].presence is Presence.READY
            assert not caller.was_dropped()
