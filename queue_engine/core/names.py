"""Names in requests that must stand in the rules: one that is misspelt would do nothing, silently.

Rows that are here already may have names that the rules in force no longer have; nobody is turned
away for that. What a caller's call brings with it is never checked: he is to be helped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from queue_engine.core.errors import Refused
from routing.rules import Rules
from routing.vocabulary import RegionCode, Skill, UnitId

_NAMED_MAX: Final = 25
"""So many are listed in a refusal: all regions, and most regions' units."""


def require_region(rules: Rules, region: RegionCode, place: str) -> None:
    """The region is one of the rules'.

    Args:
        place: where it stands, such as `SignOnAgent.region`.

    Raises:
        Refused: it is none of them.
    """
    if region not in rules.regions:
        sentence = f"{place}: no region {region} in the rules{_expected(rules.regions)}"
        raise Refused("unknown_region", sentence)


def require_service(rules: Rules, service: Skill, place: str) -> None:
    """The same of a service."""
    services = rules.policy.services
    if service not in services:
        sentence = f"{place}: no service {service} in the rules{_expected(services)}"
        raise Refused("unknown_service", sentence)


def require_unit(rules: Rules, region: RegionCode | None, unit: UnitId, place: str) -> None:
    """The same of a unit.

    Args:
        region: the unit must be this one's; None: any region's.
    """
    units = [
        each.unit
        for code, of_region in rules.regions.items()
        if region in (None, code)
        for each in of_region.units
    ]
    if unit not in units:
        whose = "the rules" if region is None else f"region {region}"
        raise Refused("unknown_unit", f"{place}: no unit {unit} in {whose}{_expected(units)}")


def _expected(names: Iterable[str]) -> str:
    known = sorted(set(names))
    if not known:
        return ", which has none"
    more = ", ..." if len(known) > _NAMED_MAX else ""
    return f"; expected one of {', '.join(known[:_NAMED_MAX])}{more}"
