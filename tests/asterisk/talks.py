"""Who talked at nurses' phones, by what these phones saw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from tests import fault_table
from tests.asterisk.sipp import SipMessage

ANSWERED_IN_VAIN_S: Final = 0.5
RUNG_AT_ONCE_S: Final = 0.05


def have_talked_once_each(phones: Iterable[Sequence[SipMessage]], calls: int) -> None:
    """By what the nurses' phones saw: so many talks, none cut, and never two at one phone.

    Args:
        phones: what those of one switch saw, in order.
    """
    talks, cuts = map(sum, zip(*map(_talks_of, phones), strict=True))
    fault_table.note(fault_table.Row(calls, talks - cuts, cuts, 0, 0, calls - talks))
    assert not cuts, f"{cuts} talks were cut"
    assert talks == calls, "everybody talks once"


def _talks_of(messages: Sequence[SipMessage]) -> tuple[int, int]:
    """How many talks, and how many of them were cut; never two at one phone.

    Who answers Asterisk's own queue at the moment in which an engine takes the caller out of it
    finds nobody: that was no talk, and he has his. An engine's call may ring beside it, or in the
    very moment in which that queue's does: people answer one, these phones answer both.
    """
    phones: dict[str, str] = {}
    rung_s: dict[str, float] = {}
    since_s: dict[str, float] = {}
    talking: dict[str, list[str]] = defaultdict(list)
    talks = cut = 0
    for message in messages:
        call = message.call_id
        if message.is_request("INVITE"):
            phones[call] = message.line.split("@")[0]
            rung_s.setdefault(call, message.time_s)
        elif message.is_request("ACK") and not message.is_sent:
            since_s.setdefault(call, message.time_s)
            if call not in talking[phones[call]]:
                talking[phones[call]].append(call)
        elif message.is_request("BYE"):
            at_phone = talking[phones[call]]
            if call in at_phone:
                at_phone.remove(call)
            for other in at_phone:
                both_s = message.time_s - max(since_s[call], since_s[other])
                is_one = abs(rung_s[call] - rung_s[other]) < RUNG_AT_ONCE_S
                told = f"{both_s:.3f} s two at {phones[call]}{_told(messages, call, other)}"
                assert is_one or both_s < ANSWERED_IN_VAIN_S, told
            is_talk = message.is_sent or message.time_s - since_s[call] > ANSWERED_IN_VAIN_S
            talks += is_talk
            cut += is_talk and not message.is_sent
    return talks, cut


def _told(messages: Iterable[SipMessage], *calls: str) -> str:
    """All that the phone sent and got in these calls."""
    return "".join(
        f"\n{message.time_s:.3f} {'sent' if message.is_sent else 'got '} {message.line}"
        f" ({calls.index(message.call_id) + 1})"
        for message in messages
        if message.call_id in calls
    )
