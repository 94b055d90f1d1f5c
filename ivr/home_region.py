"""Which region a caller belongs to, from the strongest source that says anything.

House rules: pure. Network (the line's region, or what the network tells in a variable), then the
caller's key, then the area code of a fixed phone, else unknown. The source is always kept: it
says how far to trust the region, and the nurse may correct it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.phone_number import e164, national
from routing.vocabulary import UNKNOWN_REGION, HomeRegionSource, RegionCode

_AREA_LENGTH_MAX: Final = 4


@dataclass(frozen=True, slots=True)
class HomeRegion:
    """A region and why we believe in it."""

    region: RegionCode
    source: HomeRegionSource


UNKNOWN: Final = HomeRegion(UNKNOWN_REGION, HomeRegionSource.NONE)


def home_region(
    *,
    network: RegionCode | None = None,
    caller_key: RegionCode | None = None,
    caller_number: str | None = None,
    area_codes: Mapping[str, RegionCode],
) -> HomeRegion:
    """The caller's home region by its strongest source.

    Args:
        network: of the line, or as told by the network.
        caller_key: as chosen in the menu.
        caller_number: in any form; None when withheld.
        area_codes: from area code with its 0 (`08`, `0500`) to region.
    """
    if network is not None:
        return HomeRegion(network, HomeRegionSource.NETWORK)
    if caller_key is not None:
        return HomeRegion(caller_key, HomeRegionSource.CALLER_KEY)
    if caller_number is not None:
        area = region_of_number(caller_number, area_codes)
        if area is not None:
            return HomeRegion(area, HomeRegionSource.AREA_CODE)
    return UNKNOWN


def region_told(value: str | None, regions: Collection[RegionCode]) -> RegionCode | None:
    """The region that the network tells in a variable, if it is the code of one of `regions`."""
    code = RegionCode((value or "").strip())
    return code if code in regions else None


def region_of_number(number: str, area_codes: Mapping[str, RegionCode]) -> RegionCode | None:
    """The region of a Swedish fixed phone by its area code, the longest that fits; else None.

    Areas seldom follow county borders, so this is a hint. Mobiles and 010 have no area code.
    """
    public = e164(number)
    digits = national(public) if public is not None else None
    if digits is None:
        return None
    for length in range(_AREA_LENGTH_MAX, 1, -1):
        if (region := area_codes.get(digits[:length])) is not None:
            return region
    return None
