"""Every message there and back; old journals stay readable; damage is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from queue_engine.core import codec
from queue_engine.core.apply import fold
from queue_engine.core.codec import (
    decode_command,
    decode_record,
    encode_command,
    encode_record,
)
from queue_engine.core.commands import EndWrapUp, Island, PassTime, ReportIsland
from queue_engine.core.errors import BadInput, Refused
from queue_engine.core.invariants import check
from queue_engine.core.record import RULES_VERSION, Origin, Record
from queue_engine.core.snapshot import digest, read_snapshot, write_snapshot
from queue_engine.core.state import State
from routing.delays import Delays
from routing.vocabulary import AgentId, ContactId, IslandId
from tests.core.messages import COMMANDS, EVENTS, records, values_of
from tests.core.world import World

GOLDEN = Path(__file__).parent / "golden"
"""Of the state after v1.jsonl: changes when a row gets a field. What must not change is that the
journal and the snapshot of then give the same state now."""


@pytest.mark.parametrize("kind", [*COMMANDS, *EVENTS], ids=lambda kind: kind.__name__)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_message_there_and_back(kind: type[Any], data: st.DataObject) -> None:
    message = data.draw(values_of(kind))
    record = Record(1, 0, RULES_VERSION, PassTime(), ())
    if kind in COMMANDS:
        record = replace(record, command=message)
    else:
        record = replace(record, events=(message, message))
    encoded = encode_record(record)
    assert b"\n" not in encoded
    assert decode_record(encoded) == record


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records())
def test_every_record_there_and_back_to_the_byte(record: Record) -> None:
    encoded = encode_record(record)
    assert encode_record(decode_record(encoded)) == encoded


def test_letters_are_kept_as_they_are() -> None:
    record = Record(1, 0, RULES_VERSION, EndWrapUp(AgentId("Åsa")), ())
    assert "Åsa".encode() in encode_record(record)


def test_half_a_character_does_no_harm() -> None:
    record = Record(1, 0, RULES_VERSION, EndWrapUp(AgentId("a1"), "\ud800 \r\n \x00 å"), ())
    assert decode_record(encode_record(record)) == record
    world = World()
    world.caller("c1")
    world.state.contacts[ContactId("c1")].language = "\udfff"
    assert digest(read_snapshot(write_snapshot(world.state))) == digest(world.state)


def test_each_version_that_is_known_is_written_and_read_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = Record(1, 0, RULES_VERSION, PassTime(), ())
    newest = codec.newest_version()
    assert newest == max(codec.VERSIONS)
    monkeypatch.setattr(codec, "VERSIONS", (newest, newest + 1))
    assert codec.newest_version() == newest + 1
    both = [encode_record(record, version) for version in (newest, newest + 1)]
    assert [json.loads(line)["v"] for line in both] == [newest, newest + 1]
    assert encode_record(record) == both[1], "the newest, if nobody says otherwise"
    assert [decode_record(line) for line in both] == [record, record]
    with pytest.raises(AssertionError, match="cannot write version 99"):
        encode_record(record, 99)
    monkeypatch.setattr(codec, "VERSIONS", (newest,))
    with pytest.raises(BadInput, match=f"expected version {newest}, found {newest + 1}"):
        decode_record(both[1])


def test_what_came_with_a_later_version_is_not_written_in_an_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In each message: whoever reads the older version refuses what he does not know."""
    assert {kind.__name__ for kind, since in codec.SINCE.items() if since == 2} == {
        "ReportIsland",
        "IslandContactMerged",
        "IslandContactAwaited",
        "IslandContactTaken",
        "IslandTextTaken",
        "IslandMerged",
        "IslandForgotten",
    }
    lines = (GOLDEN / "v3.jsonl").read_bytes().splitlines()
    found = [decode_record(line) for line in lines]
    later = [one for one in found if {type(one.command), *map(type, one.events)} & {*codec.SINCE}]
    assert len(later) > 5
    for record in later:
        assert json.loads(encode_record(record))["v"] == 2
        with pytest.raises(AssertionError, match="is not in version 1"):
            encode_record(record, 1)
    for record in found:
        if record not in later:
            codec.require_written(record.command, 1)
            assert json.loads(encode_record(record, 1))["v"] == 1


def test_a_command_of_a_later_version_is_refused_until_that_is_written() -> None:
    command = ReportIsland(Island(IslandId("n1-1"), "n1", 1, 0, 0), 1, 2, ())
    with pytest.raises(Refused, match="version 2, and 1 is written: say `samko cl"):
        codec.require_written(command, 1)
    codec.require_written(command, 2)


def test_a_command_of_another_node_and_whose_it_was_are_read_as_they_were_written() -> None:
    command = EndWrapUp(AgentId("a1"), "referred")
    assert decode_command(encode_command(command)) == command
    record = Record(1, 0, RULES_VERSION, command, (), Origin("n1-7", 12))
    assert json.loads(encode_record(record))["o"] == ["n1-7", 12]
    assert decode_record(encode_record(record)) == record
    for data, says in ((b"{", "command: not JSON"), (b'["Fly",{}]', "known message")):
        with pytest.raises(BadInput, match=says):
            decode_command(data)


# --- the golden journal ---------------------------------------------------------------------


def golden() -> list[Record]:
    return [decode_record(line) for line in (GOLDEN / "v1.jsonl").read_bytes().splitlines()]


def test_the_journal_of_version_1_is_readable_and_folds_to_the_same_state() -> None:
    state = State()
    for record in golden():
        fold(state, record)
    check(state)
    then = read_snapshot((GOLDEN / "v1.snapshot").read_bytes())
    for agent in state.agents.values():
        agent.signed_on_ms = 0  # version 1 did not keep it
    state.delays = Delays()  # nor this
    for contact in state.contacts.values():
        contact.foretold_ms = 0
    assert write_snapshot(then) == write_snapshot(state)


def test_the_journals_of_version_2_are_readable_and_fold() -> None:
    """One after another; each begins with record 1. Text messages were asked for and then left."""
    state = State()
    for line in (GOLDEN / "v2.jsonl").read_bytes().splitlines():
        record = decode_record(line)
        assert record.rules_version == 2
        if record.number == 1:
            state = State()
        fold(state, record)
        check(state)


def test_its_records_say_by_which_rules_they_were_decided() -> None:
    assert {record.rules_version for record in golden()} == {1}


def test_a_field_added_later_takes_its_default() -> None:
    lines = (GOLDEN / "v1.jsonl").read_bytes().splitlines()
    line = next(line for line in lines if b'"ContactPriorityChanged"' in line)
    older = json.loads(line)
    for name, fields in older["e"]:
        if name == "ContactPriorityChanged":
            del fields["record"]
    assert decode_record(json.dumps(older).encode()) == decode_record(line)


# --- damage ---------------------------------------------------------------------------------

GOOD = json.loads(encode_record(Record(1, 2, 1, PassTime(), ())))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"v": True}, "expected version 1 or 2, found True"),
        ({"o": ["n1"]}, "expected an origin, found"),
        ({"v": 3}, "expected version 1 or 2, found 3"),
        ({"v": None}, "expected version 1 or 2, found None"),
        ({"n": "1"}, "expected a number, found '1'"),
        ({"t": 1.5}, "expected a number, found 1.5"),
        ({"r": True}, "expected a number, found True"),
        ({"c": ["Fly", {}]}, "known message"),
        ({"c": "PassTime"}, "known message"),
        ({"c": ["PassTime", {"x": 1}]}, "PassTime: has no field 'x'"),
        ({"c": ["PassTime", []]}, r"PassTime: expected a mapping, found \[\]"),
        ({"c": ["SetWindow", {"window": "a"}]}, "SetWindow: .*is_on"),
        ({"c": ["SetWindow", {"window": 1, "is_on": True}]}, "SetWindow.window: expected str"),
        ({"e": [["PassTime", {}]]}, "known message"),
        ({"e": 7}, "expected a list of events"),
        ({"c": [["PassTime"], {}]}, "known message"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        decode_record(json.dumps({**GOOD, **change}).encode())


@pytest.mark.parametrize("missing", ["n", "t", "r", "c", "e"])
def test_what_is_missing_is_said(missing: str) -> None:
    line = {key: value for key, value in GOOD.items() if key != missing}
    with pytest.raises(BadInput, match=f"'{missing}' is missing"):
        decode_record(json.dumps(line).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"1", b"\xff\xfe", b'{"v":1', b"[" * 100_000])
def test_what_is_no_record_is_bad_input_and_nothing_else(data: bytes) -> None:
    with pytest.raises(BadInput):
        decode_record(data)


@pytest.mark.parametrize("depth", [200, 960, 1_000, 1_024, 5_000])
@pytest.mark.parametrize("read", [decode_record, decode_command, read_snapshot])
def test_what_is_nested_deeper_than_a_message_can_be_is_told_so(
    read: Callable[[bytes], object], depth: int
) -> None:
    """One of the libraries reads it, and then it is too deep to be shown."""
    nest = b"[" * depth + b"]" * depth
    for data in (nest, b'["EndWrapUp",%b]' % nest, b'["EndWrapUp",{"agent_id":%b}]' % nest):
        with pytest.raises(BadInput):
            read(data)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_a_damaged_line_is_bad_input_or_another_record(at: int, by: bytes) -> None:
    line = encode_record(golden()[3])
    damaged = line[: at % len(line)] + by + line[at % len(line) + len(by) :]
    try:
        decode_record(damaged)
    except BadInput:
        pass  # this, or a record that happens to be well formed; nothing else may be raised
