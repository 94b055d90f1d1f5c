"""A message in and out: text in UTF-8, one rule for repeated headers, nothing smuggled in."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from queue_engine.telephony.ami_message import AmiMessage, parse_message, to_wire
from queue_engine.telephony.errors import ActionInvalid


def parsed(text: str, encoding: str = "utf-8") -> AmiMessage:
    message = parse_message(text.replace("\n", "\r\n").encode(encoding))
    assert message is not None
    return message


def test_headers_are_found_in_any_case_and_an_absent_one_is_empty() -> None:
    message = parsed("Event: Hangup\nUniqueID: ast1-1.2\nCause: 16")
    assert message.event == "Hangup"
    assert message.get("uniqueid") == "ast1-1.2"
    assert message.get("nothing") == ""
    assert message.all("nothing") == ()


def test_of_a_repeated_header_the_first_stands_and_all_can_be_had() -> None:
    one = parsed("Event: X\nChanVariable: A=1")
    two = parsed("Event: X\nChanVariable: A=1\nChanVariable: B=2=3")
    assert one.all("chanvariable") == ("A=1",)
    assert one.variables() == {"A": "1"}
    assert two.get("chanvariable") == "A=1"
    assert two.variables() == {"A": "1", "B": "2=3"}


def test_a_repeated_event_header_is_no_surprise() -> None:
    assert parsed("Event: Hangup\nEvent: Newchannel").event == "Hangup"


def test_unset_variables_are_absent() -> None:
    message = parsed("Event: Status\nVariable: SAMKO_TICKET=(null)\nVariable: SAMKO_IVR=")
    assert message.variables() == {}


def test_values_are_utf_8_and_else_latin_1() -> None:
    assert parsed("Event: X\nName: Öberg 🙂").get("name") == "Öberg 🙂"
    assert parsed("Event: X\nName: Öberg", "latin-1").get("name") == "Öberg"


def test_values_are_taken_as_they_are() -> None:
    message = parsed("Event: X\nResult: %E2%82%AC\nExten: \nAppData:\nURI: sip:a@b:5060 \n  ")
    assert message.get("result") == "%E2%82%AC"
    assert message.all("exten") == message.all("appdata") == ("",)
    assert message.get("uri") == "sip:a@b:5060 "


def test_text_that_is_no_message_is_none() -> None:
    assert parse_message(b"") is None
    assert parse_message(b"GET / HTTP/1.1\r\nHost: x") is None


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    message = parse_message(data)
    if message is not None:
        message.variables()


def test_values_go_out_as_utf_8() -> None:
    wire = to_wire({"Action": "Setvar", "Value": "Öberg 🙂"})
    value = wire["Value"]
    assert isinstance(value, str)
    assert value.encode("latin-1").decode("utf-8") == "Öberg 🙂"


def test_a_sequence_repeats_its_header() -> None:
    assert to_wire({"Action": "X", "Variable": ["a=1", "b=2"]})["Variable"] == ["a=1", "b=2"]


@pytest.mark.parametrize("sign", ["\r", "\n", "\0", "\r\n\r\nAction: Originate"])
def test_nothing_that_ends_a_line_gets_in_and_the_value_is_not_told(sign: str) -> None:
    with pytest.raises(ActionInvalid, match="action Setvar, header Value") as refused:
        to_wire({"Action": "Setvar", "Value": f"Anna{sign}"})
    assert "Anna" not in str(refused.value)
    with pytest.raises(ActionInvalid, match="line break"):
        to_wire({"Action": "Setvar", "Variable": ["fine", f"not{sign}"]})


@pytest.mark.parametrize("header", ["", "A b", "Value\r\nX", "A: b", "Ö", "ActionID", "commandid"])
def test_header_names_are_plain_and_not_ours(header: str) -> None:
    with pytest.raises(ActionInvalid, match="cannot be a header's name"):
        to_wire({"Action": "Setvar", header: "x"})


@pytest.mark.parametrize("action", [{}, {"Action": ""}, {"Action": "a\r\nb"}, {"Action": ["a"]}])
def test_an_action_has_one_name(action: dict[str, str]) -> None:
    with pytest.raises(ActionInvalid, match="needs one header 'Action'"):
        to_wire(action)


def test_text_that_utf_8_cannot_hold_is_refused() -> None:
    with pytest.raises(ActionInvalid, match="cannot be written as UTF-8"):
        to_wire({"Action": "Setvar", "Value": "\ud800"})


def test_a_line_longer_than_asterisk_reads_is_refused() -> None:
    with pytest.raises(ActionInvalid, match="1000 bytes"):
        to_wire({"Action": "Setvar", "Value": "å" * 600})


def test_more_headers_than_asterisk_reads_are_refused() -> None:
    with pytest.raises(ActionInvalid, match="reads 120"):
        to_wire({"Action": "Setvar", "Variable": ["a"] * 200})
