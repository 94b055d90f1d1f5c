"""The announcements and the keys of a caller who waits."""

from __future__ import annotations

import asyncio

import pytest

from ivr.deps import Pace
from queue_engine.core.errors import EngineStopped
from routing.vocabulary import ContactId, Priority
from tests.ivr.fake_asterisk import FakeChannel, contact_id, headers
from tests.ivr.fakes import Parts
from tests.ivr.lab import Lab, serving


async def enqueued(lab: Lab) -> tuple[str, dict[str, str]]:
    """A caller in the queue: his channel's id and what his call left on it."""
    caller = contact_id()
    channel = await lab.visit("call", uniqueid=caller)
    assert channel.variables["SAMKO_IVR"] == "done"
    return caller, channel.variables


async def pressed(lab: Lab, key: str, caller: str, variables: dict[str, str]) -> FakeChannel:
    return await lab.visit("key", key, uniqueid=caller, variables=variables)


async def test_the_emergency_key_says_112_before_it_raises(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    raised_when_112_was_said: list[int] = []

    def react(channel: FakeChannel, words: list[str]) -> None:
        if words[:2] == ["STREAM", "FILE"] and words[2].endswith("ring_112_now"):
            raised_when_112_was_said.append(len(lab.parts.desk.raised))

    channel = await lab.visit("key", "9", uniqueid=caller, variables=variables, react=react)
    assert raised_when_112_was_said == [0]
    assert channel.said == ["sv/ring_112_now", "sv/emergency_first"]
    assert lab.parts.desk.raised == [(ContactId(caller), Priority.EMERGENCY, "emergency_key")]
    assert channel.variables["SAMKO_PRIO"] == "0"


async def test_the_112_message_cannot_be_cut_short(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    channel = await pressed(lab, "9", caller, variables)
    (told,) = [words for words in channel.commands if words[2].endswith("ring_112_now")]
    assert told[3] == ""


async def test_an_emergency_pressed_again_is_answered_again(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    for _ in range(3):
        channel = await pressed(lab, "9", caller, variables)
        assert channel.said == ["sv/ring_112_now", "sv/emergency_first"]
    assert lab.parts.desk.waiting[ContactId(caller)].priority is Priority.EMERGENCY


async def test_a_misused_emergency_hears_112_and_that_it_was_noted(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    lab.parts.desk.misused.add(ContactId(caller))
    channel = await pressed(lab, "9", caller, variables)
    assert channel.said == ["sv/ring_112_now", "sv/emergency_noted"]
    assert channel.variables["SAMKO_PRIO"] == "1"


async def test_worse_is_noted_and_raises(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    channel = await pressed(lab, "7", caller, variables)
    assert channel.said == ["sv/worse_noted"]
    assert lab.parts.desk.raised == [(ContactId(caller), Priority.RAISED, "worse_key")]


async def test_worse_never_lowers_an_emergency(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    await pressed(lab, "9", caller, variables)
    channel = await pressed(lab, "7", caller, variables)
    assert channel.variables["SAMKO_PRIO"] == "0"


@pytest.mark.parametrize("key", ["9", "7"])
async def test_an_engine_that_cannot_raise_is_told_of_and_112_too(key: str) -> None:
    parts = Parts(pace=Pace(desk_s=0.05))
    async with serving(parts) as lab:
        caller, variables = await enqueued(lab)
        parts.desk.failing = EngineStopped("stopping")
        refused = await pressed(lab, key, caller, variables)
        parts.desk.failing, parts.desk.slow = None, asyncio.Event().wait
        silent = await pressed(lab, key, caller, variables)
    assert refused.said[-1] == silent.said[-1] == "sv/raise_failed"


async def test_the_place_is_told_and_one_that_rose_is_not(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    lab.parts.desk.places = [21, 21, 22, 20]
    lab.parts.desk.wait_ms = 7 * 60_000
    heard = [(await pressed(lab, "5", caller, variables)).said for _ in range(4)]
    assert heard == [
        ["sv/place_21", "sv/wait_5_10"],
        ["sv/place_21", "sv/wait_5_10"],
        ["sv/place_overtaken", "sv/wait_5_10"],
        ["sv/place_20", "sv/wait_5_10"],
    ]


async def test_a_place_that_cannot_be_told_is_not_guessed(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    lab.parts.desk.places = [None]
    assert (await pressed(lab, "5", caller, variables)).said == ["sv/place_unknown"]


async def test_a_far_place_is_told_as_at_least(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    lab.parts.desk.places = [512]
    assert (await pressed(lab, "5", caller, variables)).said == ["sv/place_over_60"]


@pytest.mark.parametrize("key", ["0", "1", "8", "*", "#"])
async def test_other_keys_tell_which_there_are(lab: Lab, key: str) -> None:
    caller, variables = await enqueued(lab)
    channel = await pressed(lab, key, caller, variables)
    assert channel.said == ["sv/waiting_keys"]


async def test_keys_that_come_too_fast_are_one_press(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    channel = FakeChannel(headers("key", "7", uniqueid=caller), {}, variables)
    channel.press("5" * 40)
    await channel.visit(lab.server.port)
    assert channel.said == ["sv/worse_noted"]


async def test_a_key_during_the_answer_is_answered_next(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    lab.parts.desk.places = [3]
    channel = await lab.visit(
        "key", "0", uniqueid=caller, variables=variables, presses={"sv/waiting_keys": ["5"]}
    )
    assert channel.said == ["sv/waiting_keys", "sv/place_3"]


async def test_a_visit_answers_a_few_keys_and_then_the_music_goes_on(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    channel = await lab.visit(
        "key", "0", uniqueid=caller, variables=variables, presses={"sv/waiting_keys": ["0"] * 50}
    )
    assert channel.said == ["sv/waiting_keys"] * 5


@pytest.mark.parametrize("arguments", [(), ("",), ("A",), ("99",), ("9\\",)])
async def test_what_is_no_key_changes_nothing(lab: Lab, arguments: tuple[str, ...]) -> None:
    caller, variables = await enqueued(lab)
    channel = await lab.visit("key", *arguments, uniqueid=caller, variables=variables)
    assert channel.commands == []
    assert lab.parts.desk.raised == []


async def test_an_announcement_tells_the_band_and_at_times_the_keys(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    lab.parts.desk.wait_ms = 4 * 60_000
    told = []
    for _ in range(5):
        channel = await lab.visit("announce", uniqueid=caller, variables=variables)
        told.append(channel.said)
    plain = ["sv/still_waiting", "sv/wait_0_5"]
    with_keys = [*plain, "sv/waiting_keys"]
    assert told == [with_keys, plain, plain, plain, with_keys]


async def test_an_announcement_speaks_the_callers_language(lab: Lab) -> None:
    caller = contact_id()
    channel = await lab.visit("call", uniqueid=caller, presses={"en/choose_language": ["2"]})
    announced = await lab.visit("announce", uniqueid=caller, variables=channel.variables)
    assert announced.said[0] == "en/still_waiting"


async def test_an_announcement_for_one_whom_the_engine_does_not_know_says_no_wait(
    lab: Lab,
) -> None:
    lab.parts.desk.wait_ms = 60_000
    channel = await lab.visit("announce")
    assert channel.said == ["sv/still_waiting", "sv/waiting_keys"]


async def test_a_key_in_an_announcement_is_answered(lab: Lab) -> None:
    caller, variables = await enqueued(lab)
    channel = await lab.visit(
        "announce", uniqueid=caller, variables=variables, presses={"sv/still_waiting": ["9"]}
    )
    assert channel.said == ["sv/still_waiting", "sv/ring_112_now", "sv/emergency_first"]


@pytest.mark.parametrize(
    "variables",
    [
        {"SAMKO_LANGUAGE": "../../etc", "SAMKO_LINE": "gone", "SAMKO_ANNOUNCED": "many"},
        {"SAMKO_LANGUAGE": "xx", "SAMKO_PLACE": "-1", "SAMKO_ANNOUNCED": "9" * 30},
    ],
)
async def test_variables_that_make_no_sense_mean_the_defaults(
    lab: Lab, variables: dict[str, str]
) -> None:
    channel = await lab.visit("announce", variables=variables)
    assert channel.said == ["sv/still_waiting", "sv/waiting_keys"]
