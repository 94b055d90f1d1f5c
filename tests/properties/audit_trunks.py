"""The auditor's books on switches, and the trunks between them.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from queue_engine.core import commands as cmd, events as ev
from routing.policy import Policy
from routing.vocabulary import ContactChannel
from tests.properties.books import Caller, Nurse

_ON_SCREEN: Final = (ContactChannel.CHAT, ContactChannel.VIDEO)


EMERGENCY_REST_MS_MAX: Final = 5_000
"""So long after a failure at most emergencies leave it alone, whoever's offer it was."""


@dataclass
class Rest:
    """Of one of them, in one direction."""

    until_ms: int
    emergencies_until_ms: int
    is_tried: bool = False
    """By emergencies, already."""


class Trunks:
    """Which of them are not tried now, and until when, each in one direction."""

    def __init__(self) -> None:
        self._resting: dict[tuple[str, str], Rest] = {}

    def book(
        self, event: ev.TrunkFailed | ev.TrunkRestEnded, command: cmd.Command, now_ms: int
    ) -> None:
        """One has failed, or is to be tried again."""
        trunk = (event.link_id, event.phone_link)
        if isinstance(event, ev.TrunkRestEnded):
            self._end(trunk, event.for_emergencies, now_ms)
            return
        assert isinstance(command, cmd.ReportOfferFailed), command
        assert command.failure is cmd.OfferFailure.TRUNK, command
        rest = Rest(event.rests_until_ms, event.emergencies_until_ms or event.rests_until_ms)
        assert now_ms < rest.emergencies_until_ms <= rest.until_ms <= now_ms + 30_000, event
        assert rest.emergencies_until_ms <= now_ms + EMERGENCY_REST_MS_MAX, event
        former = self._resting.get(trunk)
        if former is not None:
            is_sooner = rest.until_ms < former.until_ms
            assert is_sooner or former.is_tried, f"{trunk} rests already"
            assert rest.until_ms <= former.until_ms, f"{trunk} rests for longer"
        self._resting[trunk] = rest

    def _end(self, trunk: tuple[str, str], for_emergencies: bool, now_ms: int) -> None:
        rest = self._resting[trunk]
        if for_emergencies:
            assert not rest.is_tried, f"emergencies try {trunk} already"
            assert rest.emergencies_until_ms == now_ms, f"{trunk} is tried too early or late"
            rest.is_tried = True
            return
        assert rest.until_ms <= now_ms, f"{trunk} is tried too early"
        del self._resting[trunk]

    def can_ring(self, rules: Policy, caller: Caller, nurse: Nurse, is_emergency: bool) -> bool:
        """Whether the nurse's phone can be rung for a caller on the line."""
        if nurse.link == caller.link:
            return True
        is_joined = any({caller.link, nurse.link} == {*trunk} for trunk in rules.trunks)
        rest = self._resting.get((caller.link, nurse.link))
        return is_joined and (rest is None or (is_emergency and rest.is_tried))

    def check_times(self, now_ms: int) -> None:
        """None rests for longer than it was to."""
        for trunk, rest in self._resting.items():
            until_ms = rest.until_ms if rest.is_tried else rest.emergencies_until_ms
            assert until_ms >= now_ms, f"{trunk} rests at {now_ms}: {rest}"


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
