"""For every state and every request: refused without a trace, or carried out with all in order.

Reports are facts: none is ever refused, however senseless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.engine import Engine
from queue_engine.core.errors import Refused
from queue_engine.core.invariants import check, check_promise
from queue_engine.core.snapshot import digest, read_snapshot, write_snapshot
from tests.core import everybody_gateway
from tests.core.everybody import AGENTS, everybody, reports, requests
from tests.forms import LONG


def test_a_refused_request_leaves_no_trace() -> None:
    world = everybody()
    before = write_snapshot(world.state)
    codes: Counter[str] = Counter()
    accepted = 0
    engine = Engine(read_snapshot(before), watch=check_promise)
    for command in requests():
        try:
            record = engine.handle(command, world.now_ms)
        except Refused as refused:
            codes[refused.code] += bool(str(refused))
            assert write_snapshot(engine.state) == before, command
            assert not engine.state.touched, command
        else:
            accepted += 1
            check(engine.state)
            changed = digest(engine.state) != digest(world.state)
            assert changed == (record is not None), command
            engine = Engine(read_snapshot(before), watch=check_promise)
    assert set(codes) == {
        "bad_channel",
        "bad_code",
        "bad_policy",
        "bad_priority",
        "bad_name",
        "bad_need_level",
        "bad_seats",
        "bad_skill_level",
        "bad_skills",
        "bad_target",
        "bad_time",
        "bad_word",
        "connected",
        "consulting",
        "emergency",
        "gateway_seat",
        "has_contact",
        "is_call",
        "known_contact",
        "no_call",
        "no_emergency",
        "no_offer",
        "no_consult",
        "no_wrap_up",
        "nobody_ready",
        "not_signed_on",
        "not_talking",
        "phone_in_use",
        "too_long",
        "unknown_code",
        "unknown_contact",
        "unknown_gateway",
        "unknown_region",
        "unknown_service",
        "unknown_unit",
    }
    assert accepted > 100


def _some(commands: Iterable[cmd.Command]) -> Iterator[cmd.Command]:
    """All in the long form; in the short one every sixth of those of which there are many."""
    seen: Counter[type] = Counter()
    for command in commands:
        seen[type(command)] += 1
        count = seen[type(command)]
        if LONG > 1 or count <= 200 or count % 6 == 0:
            yield command


@pytest.mark.parametrize("kind", cmd.Report.__args__, ids=lambda kind: kind.__name__)
def test_reports_are_never_refused_and_never_break_anything(kind: type[cmd.Report]) -> None:
    world = everybody()
    before = write_snapshot(world.state)
    mattered = 0
    for command in _some(each for each in reports() if type(each) is kind):
        engine = Engine(read_snapshot(before), watch=check_promise)
        record = engine.handle(command, world.now_ms)
        check(engine.state)
        mattered += record is not None
        again = engine.handle(command, world.now_ms)  # repeated
        check(engine.state)
        assert again is None or again.number == engine.state.record_number
    assert mattered


def test_each_request_is_refused_for_its_reason() -> None:
    before = write_snapshot(everybody().state)

    def code(command: cmd.Command) -> str:
        try:
            Engine(read_snapshot(before)).handle(command, 2**60)
        except Refused as refused:
            return refused.code
        return "-"

    found = {
        (type(command).__name__, subject): code(command)
        for command in requests()
        if isinstance(command, cmd.SignOffAgent | cmd.SetAgentReady | cmd.EndWrapUp)
        and getattr(command, "contact_id", None) is None
        and command.agent_id != everybody_gateway.SEAT
        for subject in (command.agent_id,)
    }
    everybody_else = AGENTS[:-1]
    assert found == {
        **{(name, "off"): "not_signed_on" for name in ("SignOffAgent", "SetAgentReady")},
        ("EndWrapUp", "off"): "not_signed_on",
        **{("SignOffAgent", name): "-" for name in everybody_else},
        **{("SetAgentReady", name): "-" for name in everybody_else},
        **{("EndWrapUp", name): "no_wrap_up" for name in everybody_else},
        ("EndWrapUp", "wraps"): "-",
    }
