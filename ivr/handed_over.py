"""What another contact centre says of a caller whom it hands over, by its trunk.

House rules: pure. The dialplan reads the SIP headers, of calls from a gateway's trunk alone, and
lets nothing through but the letters that such values have. What cannot be is as if it had not been
said: nobody is turned away for another system's mistake, and none gains a place by it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from ivr.home_region import region_told
from routing.vocabulary import Priority, RegionCode

REGION_VARIABLE: Final = "SAMKO_GIVEN_REGION"
ARRIVED_VARIABLE: Final = "SAMKO_GIVEN_ARRIVED"
PRIORITY_VARIABLE: Final = "SAMKO_GIVEN_PRIORITY"
ARRIVED_AGO_MS_MAX: Final = 24 * 60 * 60_000
"""Nobody has waited for longer anywhere."""
_SECONDS: Final = re.compile(r"\d{10}", re.ASCII)
_MS: Final = re.compile(r"\d{13}", re.ASCII)


class HandedOver(NamedTuple):
    """What of it is believed."""

    region: RegionCode | None
    """None: not said, or none of ours."""
    arrived_ms: int
    """With the other system; when the call came here, unless a moment was said that can be."""
    priority: Priority


def read_handed_over(
    region: str | None,
    arrived: str | None,
    priority: str | None,
    *,
    regions: Collection[RegionCode],
    came_ms: int,
    now_ms: int,
) -> HandedOver:
    """The values as they came, held to what can be.

    Args:
        arrived: since 1970, in seconds or milliseconds.
        regions: the codes that there are.
        came_ms: when the call was answered here.
        now_ms: the engine's clock; nobody has arrived later.
    """
    return HandedOver(
        region_told(region, regions),
        _arrived_ms(arrived or "", came_ms, now_ms),
        _PRIORITIES.get(priority or "", Priority.STANDARD),
    )


_PRIORITIES: Final = {priority.value: priority for priority in Priority}


def _arrived_ms(told: str, came_ms: int, now_ms: int) -> int:
    if _SECONDS.fullmatch(told):
        arrived = int(told) * 1000
    elif _MS.fullmatch(told):
        arrived = int(told)
    else:
        return came_ms
    return arrived if now_ms - ARRIVED_AGO_MS_MAX <= arrived <= now_ms else came_ms
