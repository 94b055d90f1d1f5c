"""The auditor's books on switches, and the trunks between them.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from typing import Final

from queue_engine.core import commands as cmd, events as ev
from routing.policy import Policy
from routing.vocabulary import ContactChannel
from tests.properties.books import Caller, Nurse

_ON_SCREEN: Final = (ContactChannel.CHAT, ContactChannel.VIDEO)


class Trunks:
    """Which of them are not tried now, and until when, each in one direction."""

    def __init__(self) -> None:
        self._resting: dict[tuple[str, str], int] = {}

    def book(
        self, event: ev.TrunkFailed | ev.TrunkRestEnded, command: cmd.Command, now_ms: int
    ) -> None:
        """One has failed, or is to be tried again."""
        trunk = (event.link_id, event.phone_link)
        if isinstance(event, ev.TrunkRestEnded):
            assert self._resting.pop(trunk) <= now_ms, f"{trunk} is tried too early"
            return
        assert isinstance(command, cmd.ReportOfferFailed), command
        assert command.failure is cmd.OfferFailure.TRUNK, command
        assert now_ms < event.rests_until_ms <= now_ms + 30_000, event
        former_ms = self._resting.get(trunk)
        assert former_ms is None or event.rests_until_ms < former_ms, f"{trunk} rests already"
        self._resting[trunk] = event.rests_until_ms

    def can_ring(self, rules: Policy, caller: Caller, nurse: Nurse) -> bool:
        """Whether the nurse's phone can be rung for a caller on the line."""
        if nurse.link == caller.link:
            return True
        is_joined = any({caller.link, nurse.link} == {*trunk} for trunk in rules.trunks)
        return is_joined and (caller.link, nurse.link) not in self._resting

    def check_times(self, now_ms: int) -> None:
        """None rests for longer than it was to."""
        late = {trunk for trunk, until_ms in self._resting.items() if until_ms < now_ms}
        assert not late, f"{late} rest at {now_ms}"


def check_offer(caller: Caller, nurse: Nurse, event: ev.ContactOffered) -> None:
    """The caller's own switch rings her, and is told where her phone hangs."""
    if caller.channel in _ON_SCREEN:
        return
    if caller.is_away:
        caller.link = nurse.link
    check_phone(caller, nurse, event)


def check_phone(caller: Caller, nurse: Nurse, event: ev.ContactOffered | ev.ConsultOffered) -> None:
    """The same, of whoever is rung for a caller on the line."""
    assert event.link_id == caller.link, event
    name, _, other = event.phone_id.partition("@")
    assert name, event
    assert other == ("" if nurse.link == caller.link else nurse.link), event
