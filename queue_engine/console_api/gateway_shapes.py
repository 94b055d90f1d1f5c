"""What the API sends and takes of contact centres elsewhere; part of `shapes`, with its rules."""

from __future__ import annotations

from typing import Annotated, TypedDict

from queue_engine.console_api.json_schema import Keywords
from routing.gateways import SEATS_MAX

SeatCount = Annotated[int, Keywords(minimum=0)]


class Gateway(TypedDict):
    """A contact centre on another telephone system, that answers callers as a group of seats."""

    gateway_id: str
    is_reached: Annotated[bool, Keywords(description="The trunk leads there.")]
    seats: Annotated[SeatCount, Keywords(description="So many callers it takes at once.")]
    busy: Annotated[
        SeatCount,
        Keywords(description="Ring or talk; those of seats that have gone since, too."),
    ]
    free: Annotated[SeatCount, Keywords(description="Can be given a caller now.")]
    away: Annotated[
        SeatCount, Keywords(description="Cannot: it has just not taken one, or is out of reach.")
    ]


class GatewaySeatsSetting(TypedDict):
    """How many seats it has from now on, and why."""

    seats: Annotated[int, Keywords(minimum=0, maximum=SEATS_MAX)]
    reason: Annotated[
        str,
        Keywords(
            pattern=r"^[a-z0-9_]{1,40}$",
            description="A short code such as `fewer_at_work`; nothing about a person.",
        ),
    ]


class GatewaySeatsAnswer(TypedDict):
    """What came of it."""

    record: Annotated[
        Annotated[int, Keywords(minimum=1)] | None,
        Keywords(description="As with agents; null: it was so already."),
    ]
    gateway_id: str
    seats: SeatCount
