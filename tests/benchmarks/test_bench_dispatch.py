"""What the dispatch benchmark makes of what it saw."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import pytest

from benchmarks.dispatch import STEAL_MAX, Found, Round, from_arrival, from_bye, stolen_share
from benchmarks.figures import Goal, Section, quantile, spread, table
from benchmarks.wire import Capture, SipPacket

SIP, NURSES = 5060, 6001


def invite(at_s: float, phone: str, call: str, number: str = "0701740605") -> SipPacket:
    line = f"INVITE sip:{phone}@127.0.0.1:{NURSES} SIP/2.0"
    return SipPacket(at_s, SIP, NURSES, line, call, f"<sip:{number}@127.0.0.1>;tag=1")


def bye(at_s: float, call: str) -> SipPacket:
    return SipPacket(at_s, NURSES, SIP, "BYE sip:x@127.0.0.1 SIP/2.0", call, "<sip:nurse@x>")


def test_a_nurses_time_is_from_her_bye_to_the_next_invite_to_her() -> None:
    packets = [
        invite(1.0, "nurse1", "a"),
        invite(1.0, "nurse2", "b"),
        bye(2.0, "a"),
        bye(2.001, "a"),  # sent again
        bye(2.5, "b"),
        invite(2.51, "nurse1", "c"),
        invite(2.52, "nurse1", "c"),  # sent again
        invite(2.6, "nurse2", "d"),
    ]
    assert from_bye(packets, NURSES, 9.0) == pytest.approx([510, 100])


def test_a_bye_at_the_end_does_not_count_and_one_without_an_invite_is_missing() -> None:
    packets = [invite(1.0, "nurse1", "a"), invite(1.0, "nurse2", "b"), bye(2.0, "a"), bye(3.0, "b")]
    assert from_bye(packets, NURSES, 2.5) == [None]


def test_a_callers_time_is_from_his_waiting_to_the_invite_with_his_number() -> None:
    packets = [
        invite(1.0, "nurse1", "a", "0701740605"),
        invite(2.0, "nurse2", "b", "0701740606"),
        invite(20.0, "nurse1", "c", "0701740605"),
    ]
    arrived = [
        (0.99, "0701740605"),
        (2.001, "0701740606"),
        (3.0, "0701740607"),
        (19.0, "0701740605"),
    ]
    found = from_arrival(packets, arrived)
    assert found[2] is None
    assert [found[0], found[1], found[3]] == pytest.approx([10, -1, 1_000])


def test_a_capture_is_read_with_its_times_ports_and_headers(tmp_path: Path) -> None:
    text = b"BYE sip:x@127.0.0.1 SIP/2.0\r\nFrom: <sip:a@b>\r\nCall-ID: c-1\r\n\r\nbody: no"
    frame = bytes(34) + struct.pack("!HHHH", NURSES, SIP, 8 + len(text), 0) + text
    file = tmp_path / "wire.pcap"
    file.write_bytes(
        struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
        + struct.pack("<IIII", 100, 250_000, len(frame), len(frame))
        + frame
        + b"\0" * 7  # tcpdump was ended while it wrote
    )
    line = "BYE sip:x@127.0.0.1 SIP/2.0"
    assert Capture(file).packets() == [SipPacket(100.25, NURSES, SIP, line, "c-1", "<sip:a@b>")]


def test_quantiles_lie_between_their_neighbours() -> None:
    assert quantile([30.0, 10.0, 20.0], 0.5) == 20
    assert quantile([10.0, 20.0], 0.75) == 17.5
    assert math.isnan(quantile([], 0.5))
    assert spread([1.0, 2.0, 3.0])[:2] == ["3", "1.0"]


def test_a_table_is_markdown_that_can_be_read_as_it_is() -> None:
    assert table(("system", "n"), [["a", "100"]]).splitlines() == [
        "| system |   n |",
        "| :----- | --: |",
        "| a      | 100 |",
    ]


def test_a_section_tells_what_was_not_kept() -> None:
    section = Section("Title", "text", (Goal("at most 4 ms", "5 ms", False),))
    assert str(section).endswith("- NOT KEPT: at most 4 ms: 5 ms\n")


def a_round(stolen: float, samko_ms: float) -> Round:
    found = Round(stolen=stolen)
    for name, ms in (("Samkö", samko_ms), ("bare Redirect", 2.0), ("Asterisk Queue", 400.0)):
        found.add(name, 200, [ms, None])
    return found


def test_a_round_that_the_host_disturbed_does_not_count_beside_a_quiet_one() -> None:
    quiet, loud = a_round(STEAL_MAX, 4.0), a_round(STEAL_MAX + 0.01, 99.0)
    found = Found([loud, quiet])
    assert found.counted == [quiet]
    assert (found.over_bare(200, 0.5), found.queue_ratio(200)) == (2.0, 100.0)
    assert found.missing["Samkö"] == 2
    assert Found([loud]).counted == [loud]


def test_the_stolen_share_is_of_all_ticks() -> None:
    assert stolen_share([0] * 8, [60, 0, 20, 10, 0, 0, 0, 10]) == pytest.approx(0.1)
