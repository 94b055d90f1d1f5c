"""The conversation: every way in which an answer can be wrong, late or missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from ivr.agi_wire import read_request
from ivr.errors import AgiGarbage, AgiRejected, AgiSilent, CallLeft
from ivr.prompts import Sound
from ivr.session import AgiSession, SessionLimits
from queue_engine.core.errors import BadInput, SamkoError
from tests.ivr.fake_asterisk import headers

OK = b"200 result=1\n"
SOUND_A = Sound("a", "sv", "/p/a")
SOUND_B = Sound("b", "sv", "/p/b")


@dataclass
class Peer:
    """An Asterisk that answers each command with the next of `answers`, then says nothing."""

    session: AgiSession
    writer: asyncio.StreamWriter
    answers: list[bytes] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    accepted: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    server = await asyncio.start_server(lambda r, w: accepted.put_nowait((r, w)), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    reader, writer = await accepted.get()
    request = read_request(headers("call").splitlines()[:-1])
    limits = SessionLimits(answer_s=0.1, play_s=0.1)
    peer = Peer(AgiSession(request, reader, writer, limits), far_writer)

    async def answer() -> None:
        while line := await far_reader.readline():
            peer.lines.append(line.decode().rstrip("\n"))
            peer.heard.set()
            if peer.answers:
                far_writer.write(peer.answers.pop(0))

    task = asyncio.create_task(answer())
    yield peer
    writer.close()
    far_writer.close()
    server.close()
    await asyncio.gather(task, writer.wait_closed(), far_writer.wait_closed())


async def test_a_variable_is_read_and_set(peer: Peer) -> None:
    peer.answers = [b"200 result=1 (hangup)\n", b"200 result=0\n", OK]
    assert await peer.session.get_variable("A") == "hangup"
    assert await peer.session.get_variable("B") is None
    await peer.session.set_variable("C", 'x "y" \\')
    assert peer.lines[-1] == 'SET VARIABLE "C" "x \\"y\\" \\\\"'


async def test_a_file_is_played_until_a_key(peer: Peer) -> None:
    peer.answers = [OK, b"200 result=53 endpos=800\n", OK, b"200 result=0 endpos=8000\n"]
    assert await peer.session.stream_file("/p/sv/opening", "12345") == ("5", True)
    assert await peer.session.stream_file("/p/sv/opening") == (None, True)
    assert peer.lines[0] == 'SET VARIABLE "TIMEOUT(absolute)" "30"'
    assert peer.lines[1] == 'STREAM FILE "/p/sv/opening" "12345"'
    assert peer.lines[3] == 'STREAM FILE "/p/sv/opening" ""'


async def test_a_file_that_is_not_there_is_told_and_skipped(
    peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    peer.answers = [OK, b"200 result=0 endpos=0\n", OK, b"200 result=0 endpos=800\n"]
    assert await peer.session.say([SOUND_A, SOUND_B]) is None
    assert f"call {peer.session.contact_id}: /p/a cannot be played" in caplog.text
    assert "/p/b" not in caplog.text


async def test_digits_are_collected_up_to_an_end_a_number_or_silence(peer: Peer) -> None:
    def keys(text: str) -> list[bytes]:
        return [part for key in text for part in (OK, b"200 result=%d\n" % ord(key))]

    async def collected(first: str | None = None) -> str:
        return await peer.session.collect_digits(first, count_max=3, first_ms=10, next_ms=10)

    peer.answers = keys("12#")
    assert await collected() == "12#"
    peer.answers = keys("234")
    assert await collected() == "234"
    peer.answers = [*keys("2"), OK, b"200 result=0\n"]
    assert await collected("1") == "12"
    peer.answers = [OK, b"200 result=0\n"]
    assert await collected() == ""


async def test_keys_are_drained_but_not_for_ever(peer: Peer) -> None:
    peer.answers = [OK, b"200 result=49\n", OK, b"200 result=50\n", OK, b"200 result=0\n"]
    assert await peer.session.drain_digits(10) == 2
    peer.answers = [OK, b"200 result=49\n"] * 3
    assert await peer.session.drain_digits(10, count_max=3) == 3


@pytest.mark.parametrize("result", [b"7", b"300", b"65"])
async def test_a_result_that_is_no_key_is_none(peer: Peer, result: bytes) -> None:
    peer.answers = [OK, b"200 result=" + result + b"\n"]
    assert await peer.session.wait_for_digit(10) is None


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([b"HANGUP\n"], CallLeft),
        ([b"HANGUP\n200 result=1\n"], CallLeft),
        ([b"200 result=-1\n"], CallLeft),
        ([b"200 result=-1\nHANGUP\n"], CallLeft),
        ([b"511 Command Not Permitted on a dead channel\n"], CallLeft),
        ([b"510 Invalid or unknown command\n"], AgiRejected),
        ([b"520-Invalid\nUsage: X\n520 End of proper usage.\n"], AgiRejected),
        ([b"520-Invalid\n" + b"x\n" * 200], AgiGarbage),
        ([b"hello\n"], AgiGarbage),
        ([b"\n"], AgiGarbage),
        ([b"\x00\xff\n"], AgiGarbage),
        ([b"x" * 200_000], AgiGarbage),
        ([b"200 resu"], AgiSilent),
        ([], AgiSilent),
    ],
)
async def test_after_trouble_there_is_no_further_command(
    peer: Peer, answers: list[bytes], error: type[SamkoError]
) -> None:
    peer.answers = list(answers)
    with pytest.raises(error):
        await peer.session.get_variable("A")
    sent = len(peer.lines)
    with pytest.raises(error):
        await peer.session.get_variable("B")
    assert len(peer.lines) == sent


@pytest.mark.parametrize("partial", [b"", b"200 result=1", b"200 result=1 (half"])
async def test_the_end_of_the_stream_means_that_the_call_left(peer: Peer, partial: bytes) -> None:
    peer.writer.write(partial)
    peer.writer.write_eof()
    with pytest.raises(CallLeft):
        await peer.session.get_variable("A")


@pytest.mark.parametrize("first", [b"100 result=0 Trying...\n", b"100 Trying\n"])
async def test_trying_is_not_the_answer(peer: Peer, first: bytes) -> None:
    peer.answers = [first + b"200 result=1 (x)\n"]
    assert await peer.session.get_variable("A") == "x"


async def test_a_cancelled_command_passes_and_ends_the_conversation(peer: Peer) -> None:
    asking = asyncio.create_task(peer.session.get_variable("A"))
    await peer.heard.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(AgiGarbage, match="earlier command is missing"):
        await peer.session.get_variable("B")


async def test_what_cannot_be_sent_leaves_the_conversation_as_it_is(peer: Peer) -> None:
    with pytest.raises(BadInput):
        await peer.session.set_variable("A", "x\ny")
    peer.answers = [OK]
    await peer.session.set_variable("A", "y")
    assert peer.lines == ['SET VARIABLE "A" "y"']


Ask = Callable[[AgiSession], Awaitable[object]]


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.rearm(),
        lambda s: s.stream_file("/p/a"),
        lambda s: s.wait_for_digit(10),
        lambda s: s.say([SOUND_A]),
        lambda s: s.collect_digits(None, count_max=3, first_ms=10, next_ms=10),
        lambda s: s.drain_digits(10),
    ],
)
async def test_every_wait_has_a_deadline(peer: Peer, ask: Ask) -> None:
    async with asyncio.timeout(5):
        with pytest.raises(AgiSilent):
            await ask(peer.session)


async def test_a_step_is_as_long_as_the_limits_say(peer: Peer) -> None:
    session = AgiSession(
        peer.session.request,
        peer.session._reader,
        peer.session._writer,
        SessionLimits(step_s=7),
    )
    peer.answers = [OK]
    await session.rearm()
    assert peer.lines == ['SET VARIABLE "TIMEOUT(absolute)" "7"']
