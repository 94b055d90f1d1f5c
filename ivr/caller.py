"""Who calls whom, from what Asterisk says at the start of a visit.

House rules: pure. A number that is withheld, or is none, is no number; a time that cannot be is
now; nothing a caller's phone can say is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr.errors import AgiGarbage
from ivr.line import Line, Lines
from ivr.phone_number import e164
from routing.vocabulary import ContactId, LinkId

ARRIVED_VARIABLE: Final = "SAMKO_ARRIVED"
MENU_MS_MAX: Final = 60 * 60_000
"""Nobody has been in a menu for longer: an older arrival is a wrong clock's."""
_NOT_PRESENTED: Final = 0x60
"""Bits of the calling presentation that are set when a number is withheld or not available."""
_EPOCH_MS: Final = re.compile(r"(\d{10})\.?(\d{3})", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller's call, as far as the switch knows it."""

    contact_id: ContactId
    link_id: LinkId
    line: Line
    number: str | None = field(repr=False)
    """E.164; None when withheld."""


def read_caller(contact_id: ContactId, headers: Mapping[str, str], lines: Lines) -> Caller:
    """The caller of a `call` visit.

    Raises:
        AgiGarbage: the switch has no name, so that its calls cannot be told from another's.
    """
    called = (headers.get("agi_extension", ""), headers.get("agi_dnid", ""))
    line = lines.called(called[0]) or lines.called(called[1]) or lines.default
    presentation = headers.get("agi_callingpres", "0")
    is_told = _WHOLE.fullmatch(presentation) and not int(presentation) & _NOT_PRESENTED
    number = e164(headers.get("agi_callerid", "")) if is_told else None
    return Caller(contact_id, link_of(contact_id), line, number)


def link_of(contact_id: ContactId) -> LinkId:
    """The switch that a channel lives on: `ast1` of `ast1-1795282147.12`.

    Raises:
        AgiGarbage: `systemname` is not set in its asterisk.conf.
    """
    name, _, _ = contact_id.rpartition("-")
    if not name:
        raise AgiGarbage("the channel's id has no system name: set systemname in asterisk.conf")
    return LinkId(name)


def arrived_ms(told: str | None, now_ms: int) -> int:
    """When the call was answered, by the switch's `SAMKO_ARRIVED`; now if that cannot be."""
    found = _EPOCH_MS.fullmatch((told or "").strip())
    if found is None:
        return now_ms
    arrived = int(found[1] + found[2])
    return arrived if now_ms - MENU_MS_MAX <= arrived <= now_ms else now_ms
