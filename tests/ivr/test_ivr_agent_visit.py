"""Nurses sign on and off from their phones."""

from __future__ import annotations

import asyncio

import pytest

from ivr.deps import Pace
from ivr.desk import AgentAction
from ivr.pin import LOCK_MS
from queue_engine.core.errors import EngineStopped, Refused
from routing.vocabulary import AgentId, LinkId, NotReadyReason, PhoneId
from tests.ivr.fake_asterisk import FakeChannel
from tests.ivr.fakes import Parts
from tests.ivr.lab import Lab, serving

PHONE = PhoneId("nurse1")
RIGHT = {"sv/agent_number": ["1401#"], "sv/agent_pin": ["7301#"]}


async def act(lab: Lab, action: str, presses: dict[str, list[str]] | None = None) -> FakeChannel:
    return await lab.visit(
        "agent", action, PHONE, context="agents", extension="*71", presses=presses
    )


def right() -> dict[str, list[str]]:
    return {prompt: list(keys) for prompt, keys in RIGHT.items()}


async def test_number_and_pin_sign_an_agent_on_and_it_is_confirmed(lab: Lab) -> None:
    channel = await act(lab, "sign-on", right())
    assert channel.said == ["sv/agent_number", "sv/agent_pin", "sv/agent_signed_on"]
    assert lab.parts.desk.signed_on == {(LinkId("ast1"), PHONE): AgentId("n1401")}


async def test_number_and_pin_may_be_keyed_in_one_go(lab: Lab) -> None:
    channel = await act(lab, "sign-on", {"sv/agent_number": ["1401#7301#"]})
    assert channel.said[-1] == "sv/agent_signed_on"


async def test_a_whole_day_of_an_agent(lab: Lab) -> None:
    await act(lab, "sign-on", right())
    said = [(await act(lab, action)).said[-1] for action in ("ready", "not-ready", "sign-off")]
    assert said == ["sv/agent_ready", "sv/agent_not_ready", "sv/agent_signed_off"]
    assert [action for action, *_ in lab.parts.desk.actions] == [
        AgentAction.SIGN_ON,
        AgentAction.READY,
        AgentAction.NOT_READY,
        AgentAction.SIGN_OFF,
    ]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("1", NotReadyReason.BREAK),
        ("2", NotReadyReason.MEETING),
        ("3", NotReadyReason.OTHER),
        ("8", NotReadyReason.OTHER),
        ("", NotReadyReason.OTHER),
    ],
)
async def test_not_ready_asks_for_the_reason(lab: Lab, key: str, reason: NotReadyReason) -> None:
    await act(lab, "sign-on", right())
    await act(lab, "not-ready", {"sv/agent_reason": [key]})
    assert lab.parts.desk.actions[-1] == (AgentAction.NOT_READY, None, PHONE, reason)


@pytest.mark.parametrize("action", ["ready", "not-ready", "sign-off"])
async def test_a_phone_where_nobody_is_signed_on_hears_so(lab: Lab, action: str) -> None:
    assert (await act(lab, action)).said[-1] == "sv/agent_not_signed_on"


async def test_a_refusal_and_a_silent_engine_are_told() -> None:
    parts = Parts(pace=Pace(desk_s=0.05))
    async with serving(parts) as lab:
        said = []
        for error in (Refused("phone_in_use", "in use"), EngineStopped("stopping")):
            parts.desk.failing = error
            said.append((await act(lab, "sign-on", right())).said[-1])
        parts.desk.failing, parts.desk.slow = None, asyncio.Event().wait
        said.append((await act(lab, "sign-on", right())).said[-1])
    assert said == ["sv/agent_refused", "sv/agent_failed", "sv/agent_failed"]


@pytest.mark.parametrize(
    "presses",
    [
        {"sv/agent_number": ["1401#"], "sv/agent_pin": ["7302#"]},
        {"sv/agent_number": ["9999#"], "sv/agent_pin": ["7301#"]},
        {"sv/agent_number": ["123456789"], "sv/agent_pin": ["7301#"]},
    ],
)
async def test_a_wrong_number_and_a_wrong_pin_sound_the_same(
    lab: Lab, presses: dict[str, list[str]]
) -> None:
    channel = await act(lab, "sign-on", presses)
    assert channel.said[:3] == ["sv/agent_number", "sv/agent_pin", "sv/agent_wrong"]
    assert lab.parts.desk.actions == []


async def test_three_wrong_tries_end_the_call_and_lock_the_phone(lab: Lab) -> None:
    wrong = {"sv/agent_number": ["1401#"] * 4, "sv/agent_pin": ["0000#"] * 4}
    first = await act(lab, "sign-on", wrong)
    assert first.said.count("sv/agent_wrong") == 3
    assert first.said[-1] == "sv/agent_locked"
    assert (await act(lab, "sign-on", right())).said == ["sv/agent_locked"]
    elsewhere = await lab.visit("agent", "sign-on", "nurse2", presses=right())
    assert elsewhere.said[-1] == "sv/agent_signed_on"
    lab.parts.now_ms += LOCK_MS
    assert (await act(lab, "sign-on", right())).said[-1] == "sv/agent_signed_on"


async def test_hanging_up_between_tries_does_not_help(lab: Lab) -> None:
    for _ in range(3):
        await act(lab, "sign-on", {"sv/agent_number": ["1401#"], "sv/agent_pin": ["0000#"]})
    assert (await act(lab, "sign-on", right())).said == ["sv/agent_locked"]


@pytest.mark.parametrize("keys", ["", "*", "#", "14*"])
async def test_silence_and_star_give_up(lab: Lab, keys: str) -> None:
    channel = await act(lab, "sign-on", {"sv/agent_number": [keys]})
    assert channel.said == ["sv/agent_number"]


async def test_a_storm_of_keys_is_no_pin(lab: Lab) -> None:
    channel = await act(lab, "sign-on", {"sv/agent_number": ["7" * 40]})
    assert channel.said == ["sv/agent_number", "sv/agent_pin"]
    assert lab.parts.desk.actions == []


@pytest.mark.parametrize(
    "arguments",
    [(), ("sign-on",), ("sign-on", ""), ("dance", "nurse1"), ("ready", 'nu"rse'), ("ready", "a b")],
)
async def test_what_makes_no_sense_is_closed_without_a_word(
    lab: Lab, arguments: tuple[str, ...]
) -> None:
    assert (await lab.visit("agent", *arguments)).commands == []


async def test_no_log_tells_what_was_keyed_in(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await act(lab, "sign-on", {"sv/agent_number": ["5566#"], "sv/agent_pin": ["918273#"]})
    assert "5566" not in caplog.text
    assert "918273" not in caplog.text
