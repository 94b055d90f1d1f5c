"""What a message about a caller's channel says of him: his id, his ticket, when he began.

House rules: pure, and never raises: what cannot be understood is None or the second-best answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from queue_engine.core.commands import CallTicket
from queue_engine.core.ticket import read_ticket
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.dialplan import ARRIVED, TICKET

_LEG_ID: Final = re.compile(r"[A-Za-z0-9_.\-]{1,80}")
_STARTED: Final = re.compile(r"(?:.*-)?(?P<second>[0-9]{9,11})\.(?P<call>[0-9]{1,12})")
_ARRIVED: Final = re.compile(r"[0-9]{12,14}")


def leg_id_of(message: AmiMessage, prefix: str = "") -> str | None:
    """The channel that a message is about; `prefix` is `dest` for the dialled one."""
    leg_id = message.get(f"{prefix}uniqueid")
    return leg_id if _LEG_ID.fullmatch(leg_id) else None


def own_ticket(leg_id: str, text: str) -> CallTicket | None:
    """The ticket in `text`, if it is this very call's."""
    ticket = read_ticket(text) if text else None
    return ticket if ticket is not None and ticket.contact_id == leg_id else None


def ticket_among(leg_id: str, variables: Mapping[str, str]) -> CallTicket | None:
    """The call's own ticket among its channel variables."""
    return own_ticket(leg_id, variables.get(TICKET, ""))


def started_ms(leg_id: str, variables: Mapping[str, str], now_ms: int) -> int:
    """When the channel began: from its Uniqueid, else as the dialplan noted it, else now."""
    match = _STARTED.fullmatch(leg_id)
    if match:
        return int(match["second"]) * 1000
    arrived = variables.get(ARRIVED, "")
    return int(arrived) if _ARRIVED.fullmatch(arrived) else now_ms


def call_order(leg_id: str) -> tuple[int, int, str]:
    """Sorts channels by when they began, as their Uniqueids tell."""
    match = _STARTED.fullmatch(leg_id)
    return (int(match["second"]), int(match["call"]), leg_id) if match else (0, 0, leg_id)
