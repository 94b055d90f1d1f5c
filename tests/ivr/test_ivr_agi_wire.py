"""AGI as text: nothing that is sent can be more than one command."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ivr.agi_wire import COMMAND_BYTES_MAX, command_line, read_reply, read_request, text_of
from ivr.errors import AgiGarbage
from queue_engine.core.errors import BadInput
from tests.ivr.fake_asterisk import headers, split_command


@given(st.lists(st.text(max_size=60), max_size=5))
def test_arguments_arrive_as_they_are_or_not_at_all(arguments: list[str]) -> None:
    try:
        line = command_line("SET VARIABLE", *arguments)
    except BadInput:
        assert any(ord(char) < 32 or ord(char) == 127 for char in "".join(arguments))
        return
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    assert b"\0" not in line
    words = split_command(line.decode()[:-1])
    sent = [argument.encode("utf-8", "replace").decode() for argument in arguments]
    assert words == ["SET", "VARIABLE", *sent]


@pytest.mark.parametrize(
    "hostile",
    ["a\nHANGUP", "a\r\nEXEC System", "a\0b", "\x7f", "\x1b[0m"],
)
def test_a_control_character_is_refused_and_not_quoted(hostile: str) -> None:
    with pytest.raises(BadInput) as refused:
        command_line("SET VARIABLE", "A", hostile)
    assert "HANGUP" not in str(refused.value)


@pytest.mark.parametrize("text", ['"', '" "EXEC', "\\", '\\"', 'a" \\" b', "Åsa 😷", " "])
def test_quotes_and_backslashes_stay_inside_their_argument(text: str) -> None:
    assert split_command(command_line("NOOP", text).decode()[:-1]) == ["NOOP", text]


def test_a_command_that_asterisk_would_cut_is_not_sent() -> None:
    command_line("NOOP", "x" * (COMMAND_BYTES_MAX - 20))
    with pytest.raises(BadInput, match="at most 2000"):
        command_line("NOOP", "å" * (COMMAND_BYTES_MAX // 2))


def test_a_request_is_read_from_its_headers() -> None:
    raw = headers("key", "9", "x", calleridname="Åsa").splitlines()[:-1]
    request = read_request(raw)
    assert (request.script, request.arguments) == ("key", ("9", "x"))
    assert request.contact_id.startswith("ast1-")
    assert request.headers["agi_calleridname"] == "Åsa"
    assert "070" not in repr(request)


@pytest.mark.parametrize("name", ["Åsa".encode("latin-1"), "Åsa".encode(), "😷".encode()])
def test_a_name_in_any_encoding_is_no_reason_to_lose_a_caller(name: bytes) -> None:
    raw = headers("call").replace(b"calleridname: unknown", b"calleridname: " + name)
    assert text_of(name) in read_request(raw.splitlines()[:-1]).headers["agi_calleridname"]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b"GET / HTTP/1.1", b"Host: x"],
        [b"agi_network_script: call"],
        [b"agi_uniqueid: ast1-1.1"],
        [b"agi_network_script: ../call", b"agi_uniqueid: ast1-1.1"],
        [b"agi_network_script: call", b"agi_uniqueid: a b"],
        [b"agi_network_script: call", b"agi_uniqueid: " + b"1" * 81],
        [b"agi_network_script: call", b"agi_uniqueid: a", b"agi_uniqueid: b"],
        [b"agi_network_script: call", b"agi_uniqueid: a", b"\xff\xfe"],
        [b"agi_network_script: call", b"agi_uniqueid: a", b"AGI_X: y"],
    ],
)
def test_headers_that_no_asterisk_sends_are_refused(lines: list[bytes]) -> None:
    with pytest.raises(AgiGarbage):
        read_request(lines)


@pytest.mark.parametrize(
    ("line", "code", "result", "value", "endpos"),
    [
        (b"200 result=1", 200, 1, None, None),
        (b"200 result=0", 200, 0, None, None),
        (b"200 result=-1", 200, -1, None, None),
        (b"200 result=49 endpos=3360", 200, 49, None, 3360),
        (b"200 result=1 (some (deep) value)", 200, 1, "some (deep) value", None),
        (b"200 result=1 ()", 200, 1, "", None),
        (b"200 result= (timeout)", 200, None, "timeout", None),
        (b"200 result=12 (timeout)", 200, 12, "timeout", None),
        (b"100 result=0 Trying...", 100, None, None, None),
        (b"510 Invalid or unknown command", 510, None, None, None),
        (b"511 Command Not Permitted on a dead channel", 511, None, None, None),
        (b"520-Invalid command syntax.  Proper usage follows:", 520, None, None, None),
    ],
)
def test_replies_are_read(
    line: bytes, code: int, result: int | None, value: str | None, endpos: int | None
) -> None:
    reply = read_reply(line)
    assert (reply.code, reply.result, reply.value, reply.endpos) == (code, result, value, endpos)
    assert reply.is_timeout is (value == "timeout")


@pytest.mark.parametrize("line", [b"", b"hello", b"200", b"200 resul", b"200 result=x", b"\xff"])
def test_replies_that_no_asterisk_sends_are_refused(line: bytes) -> None:
    with pytest.raises(AgiGarbage):
        read_reply(line)


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(line: bytes) -> None:
    try:
        read_reply(line)
        read_request([line])
    except AgiGarbage:
        pass  # the one thing it may say
