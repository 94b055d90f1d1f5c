"""Whole calls under attack: storms, broken ends, odd names, and five hundred at once."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ivr.fastagi import ServerLimits
from ivr.menu import NumberStep
from routing.vocabulary import Priority
from tests.ivr.fake_asterisk import FakeChannel, headers
from tests.ivr.fakes import shipped
from tests.ivr.lab import Lab, serving

NATIONAL = shipped()[0]["national"]
PROMPTS = sorted(
    f"{prompt.language or 'sv'}/{prompt.name}"
    for step in NATIONAL.steps.values()
    for prompt in step.ask
)


async def test_five_hundred_calls_at_once() -> None:
    async with serving() as lab:
        channels = [FakeChannel(headers("call"), {"sv/choose_service": ["1"]}) for _ in range(500)]
        await asyncio.gather(*(channel.visit(lab.server.port) for channel in channels))
        assert all(channel.variables["SAMKO_IVR"] == "done" for channel in channels)
        assert len(lab.parts.desk.waiting) == 500


async def test_five_hundred_calls_into_room_for_fifty() -> None:
    async with serving(limits=ServerLimits(sessions_max=50)) as lab:
        channels = [FakeChannel(headers("call")) for _ in range(500)]
        await asyncio.gather(*(channel.visit(lab.server.port) for channel in channels))
        done = sum(channel.variables.get("SAMKO_IVR") == "done" for channel in channels)
        refused = sum(channel.commands == [] for channel in channels)
        assert done + refused == 500
        assert done >= 50
        again = await lab.visit("call")
        assert again.variables["SAMKO_IVR"] == "done"


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("storm", ["1234567890" * 4, "9" * 40, "*" * 40, "19121212" * 5])
async def test_a_storm_of_keys_is_one_answer_and_the_caller_comes_to_a_nurse(
    lab: Lab, prompt: str, storm: str
) -> None:
    presses = {"sv/choose_part_of_country": [way_to(prompt)], prompt: [storm]}
    if prompt != "sv/silence_is_nurse":
        presses.setdefault("sv/choose_service", ["1"])
    channel = await lab.visit("call", presses=presses)
    assert prompt in channel.said
    assert channel.variables["SAMKO_IVR"] == "done"
    (command,) = lab.parts.desk.commands
    is_emergency = command.priority is Priority.EMERGENCY
    assert is_emergency is (storm[0] == "9")


def way_to(prompt: str) -> str:
    regions = {"north": "1", "middle": "2", "west": "3", "south": "4"}
    return regions.get(prompt.rpartition("_")[2], "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(alphabet="0123456789*#", max_size=45), max_size=12))
def test_whatever_is_pressed_at_whatever_prompt_the_call_is_done(storms: list[str]) -> None:
    async def call() -> None:
        remaining = iter(storms)

        def react(channel: FakeChannel, words: list[str]) -> None:
            if words[:2] == ["STREAM", "FILE"]:
                channel.press(next(remaining, ""))

        async with serving() as lab:
            channel = await lab.visit("call", react=react)
            assert channel.variables["SAMKO_IVR"] == "done"
            assert len(lab.parts.desk.commands) == 1

    asyncio.run(call())


async def recorded_answers(lab: Lab) -> bytes:
    """Every byte that Asterisk answers in one good call."""
    answers = bytearray()

    def react(channel: FakeChannel, words: list[str]) -> bytes:
        answer = channel.usual_answer(words)
        answers.extend(answer)
        return answer

    channel = await lab.visit("call", presses={"sv/choose_language": ["19"]}, react=react)
    assert channel.variables["SAMKO_IVR"] == "done"
    return bytes(answers)


async def replayed(port: int, header: bytes, answers: bytes, end: int) -> int:
    """Sends the bytes up to `end`, then the end of the stream; returns how many commands came."""
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write((header + answers)[:end])
        writer.write_eof()
        commands = await reader.read()
        writer.transport.abort()
    return commands.count(b"\n")


async def test_the_stream_may_end_after_each_byte_of_a_conversation(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    answers = await recorded_answers(lab)
    commands = answers.count(b"\n")
    header = headers("call", uniqueid=f"ast1-{0:014}")
    for start in range(0, len(header + answers), 50):
        ends = range(start, min(start + 50, len(header + answers)))
        runs = (
            replayed(lab.server.port, headers("call", uniqueid=f"ast1-{end:014}"), answers, end)
            for end in ends
        )
        assert await asyncio.gather(*runs) == [
            min(commands, 1 + (header + answers)[len(header) : end].count(b"\n"))
            if end >= len(header)
            else 0
            for end in ends
        ]
    assert (await lab.visit("call")).variables["SAMKO_IVR"] == "done"
    assert "ERROR" not in {record.levelname for record in caplog.records}


async def test_garbage_after_each_command_of_a_conversation() -> None:
    async with serving() as lab:
        good = await lab.visit("call", presses={"sv/choose_service": ["1"]})
        for position in range(len(good.commands)):
            for garbage in (b"\xff\xfe\n", b"HANGUP\n", b"520-x\n520 End\n", b"200 result=-1\n"):

                def react(
                    channel: FakeChannel,
                    _words: list[str],
                    position: int = position,
                    garbage: bytes = garbage,
                ) -> bytes | None:
                    return garbage if len(channel.commands) == position + 1 else None

                channel = await lab.visit("call", presses={"sv/choose_service": ["1"]}, react=react)
                assert len(channel.commands) == position + 1


NAMES = [
    "Åsa Öberg",
    "O'Brien",
    'Anna "Nurse" Ek',
    "back\\slash",
    "semi;colon|pipe",
    "${SYSTEM(reboot)}",
    "😷🚑",
    "x" * 5_000,
    "\x1b[31mred",
]


@pytest.mark.parametrize("name", NAMES)
async def test_odd_names_are_served_like_all_others(lab: Lab, name: str) -> None:
    channel = await lab.visit("call", calleridname=name, presses={"sv/choose_service": ["1"]})
    assert channel.variables["SAMKO_IVR"] == "done"
    assert name not in str(channel.commands)


@pytest.mark.parametrize(
    "name",
    [
        "x\nagi_arg_1: sign-on",
        "x\n\nSET VARIABLE",
        "x\r\nagi_uniqueid: ast1-1.1",
        "x\n200 result=57",
    ],
)
async def test_a_name_that_smuggles_lines_costs_only_its_own_menu(lab: Lab, name: str) -> None:
    channel = await lab.visit("call", calleridname=name)
    assert channel.variables.get("SAMKO_IVR") in (None, "done")
    assert (await lab.visit("call")).variables["SAMKO_IVR"] == "done"
    assert all(command.priority is Priority.STANDARD for command in lab.parts.desk.commands)


async def test_a_latin_1_name_is_served(lab: Lab) -> None:
    header = headers("call").replace(b"name: unknown", b"name: \xc5sa \xd6berg")
    channel = await FakeChannel(header).visit(lab.server.port)
    assert channel.variables["SAMKO_IVR"] == "done"


@pytest.mark.parametrize(
    "number", ["", "x" * 300, "0701740605; DROP", "'", "+46" + "7" * 50, "\u0660\u0661\u0662"]
)
async def test_odd_numbers_are_no_numbers(lab: Lab, number: str) -> None:
    channel = await lab.visit(
        "call", callerid=number, presses={"sv/choose_service": ["4"]}, extension=number or "s"
    )
    assert channel.said[-1] == "sv/link_needs_mobile"
    assert channel.variables["SAMKO_IVR"] == "done"


def test_every_key_of_the_menu_is_announced_with_its_digit() -> None:
    """A caller can only press what he has been told."""
    _, prompts, _ = shipped()
    for name, menu in shipped()[0].items():
        for step in menu.steps.values():
            if isinstance(step, NumberStep):
                continue
            told = " ".join(
                prompts[prompt.language or "sv"].texts[prompt.name] for prompt in step.ask
            )
            for key, _ in step.keys:
                word = {"*": "stjärna"}.get(key, key)
                assert word in told, (name, key)
