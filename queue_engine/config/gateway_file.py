"""`config/gateways.yaml`: contact centres on other telephone systems that answer as a group.

House rules: without the file there are none. Where a gateway is, and the number dialled there, is
Asterisk's to know (`pjsip_gateways.conf`), so that nothing else can be dialled by its trunk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queue_engine.config.engine_file import LINK_ID
from queue_engine.config.region_file import REGION_CODE, REGION_CODE_SHOWN
from queue_engine.config.schema_parts import (
    Schema,
    list_of,
    mapping,
    matching,
    name,
    named,
    region_code,
    whole,
)
from queue_engine.config.source import Faults, Item, Section
from queue_engine.config.staff_file import SKILLS_MAX, read_skills
from queue_engine.config.wording import did_you_mean, quoted
from routing.gateways import SEATS_MAX, Gateway
from routing.vocabulary import (
    SKILL_LEVEL_BEST,
    SKILL_LEVEL_MIN,
    GatewayId,
    LinkId,
    RegionCode,
    Skill,
    UnitId,
)

GATEWAYS_MAX: Final = 100
GATEWAY_ID: Final = re.compile(r"[a-z][a-z0-9_-]{0,23}")
GATEWAY_ID_SHOWN: Final = 'a name of at most 24 lower-case letters, digits, "-" and "_"'


@dataclass(frozen=True, slots=True)
class GatewaysFile:
    """All of the file, with the places that checks across files need."""

    gateways: tuple[Gateway, ...] = ()
    region_items: tuple[tuple[RegionCode, Item], ...] = ()
    skill_items: tuple[tuple[Skill, Item], ...] = ()
    unit_items: tuple[tuple[RegionCode, UnitId, Item], ...] = ()
    """Each with the gateway's region."""


def read_gateways(faults: Faults, config_dir: Path, links: Sequence[LinkId]) -> GatewaysFile:
    """Reads the file if there is one; what is wrong with it goes to `faults`.

    Args:
        links: the Asterisks, of which each gateway hangs on one.
    """
    path = config_dir / "gateways.yaml"
    if not path.exists():
        return GatewaysFile()
    item = faults.read(path).need("gateways")
    sections = item.sections()
    if len(sections) > GATEWAYS_MAX:
        item.fault(f"expected at most {GATEWAYS_MAX} gateways, found {len(sections)}")
    sections = sections[:GATEWAYS_MAX]
    gateways = tuple(_gateway(section, links) for section in sections)
    known: dict[GatewayId, int] = {}
    for gateway, section in zip(gateways, sections, strict=True):
        line = known.setdefault(gateway.gateway_id, section.line)
        if gateway.gateway_id and line != section.line:
            named = quoted(gateway.gateway_id)
            section.need("id").fault(f"the gateway on line {line} has {named} already")
    return _with_items(gateways, sections)


def _with_items(gateways: tuple[Gateway, ...], sections: Iterable[Section]) -> GatewaysFile:
    both = list(zip(gateways, sections, strict=True))
    return GatewaysFile(
        gateways,
        tuple((gateway.region, section.need("region")) for gateway, section in both),
        tuple(
            (level.skill, section.need("skills").section().may(level.skill))
            for gateway, section in both
            for level in gateway.skills
        ),
        tuple(
            (gateway.region, gateway.unit, section.may("unit"))
            for gateway, section in both
            if gateway.unit
        ),
    )


def _gateway(section: Section, links: Sequence[LinkId]) -> Gateway:
    return Gateway(
        gateway_id=GatewayId(section.need("id").matching(GATEWAY_ID, GATEWAY_ID_SHOWN)),
        link_id=_link(section, links),
        region=RegionCode(section.need("region").matching(REGION_CODE, REGION_CODE_SHOWN)),
        skills=tuple(sorted(read_skills(section.need("skills")))),
        seats=section.need("seats").whole(most=SEATS_MAX),
        unit=UnitId(unit) if (unit := section.may("unit").identifier()) else None,
    )


def _link(section: Section, links: Sequence[LinkId]) -> LinkId:
    """The only link there is need not be named."""
    item = section.may("link") if len(links) == 1 else section.need("link")
    default = links[0] if len(links) == 1 else ""
    link_id = item.matching(LINK_ID, "the id of a link of samko.yaml", default)
    if link_id and link_id not in links and all(links):
        item.fault(f"samko.yaml has no such link{did_you_mean(link_id, links)}")
    return LinkId(link_id)


def gateways_schema() -> Schema:
    """`gateways.yaml`."""
    level = whole("1 is best, 9 the least", least=SKILL_LEVEL_BEST, most=SKILL_LEVEL_MIN)
    gateway = mapping(
        "A contact centre on another telephone system",
        {
            "id": matching(GATEWAY_ID, "Unique; the trunk there is the endpoint gateway-ID"),
            "region": region_code("Whose own callers it answers first"),
            "skills": named(
                level, "Services and languages of all who answer", least=1, most=SKILLS_MAX
            ),
            "seats": whole("So many callers it takes at once", most=SEATS_MAX),
        },
        {
            "link": matching(LINK_ID, "The Asterisk from which the trunk leads there"),
            "unit": name("The unit that it works for"),
        },
    )
    what = "Those that answer callers as a group"
    return mapping("The gateways", {"gateways": list_of(gateway, what, most=GATEWAYS_MAX)})
