"""`overload` of `config/national.yaml`: when a region's queue is too long to take one more.

House rules: those of `national_file`, whose part this is; each region's size follows from its
population.
"""

from __future__ import annotations

from dataclasses import dataclass

from queue_engine.config.schema_parts import Schema, either, mapping, matching, time
from queue_engine.config.source import PERCENT, Section
from routing.guard_policy import GuardRule
from routing.limits import Levels

_INHABITANTS = 1_000
_PERMILLE = 1_000


@dataclass(frozen=True, slots=True)
class NationalGuard:
    """What all regions' guards follow from."""

    own_wait: Levels | None = None
    waiting_permille: int = 0
    """So many waiting, in thousandths, per 1,000 inhabitants."""

    def of(self, population: int) -> GuardRule:
        """The guard of a region of so many inhabitants."""
        waiting_max = population * self.waiting_permille // (_INHABITANTS * _PERMILLE)
        if self.waiting_permille:
            waiting_max = max(1, waiting_max)
        return GuardRule(self.own_wait, waiting_max)


def read_guard(section: Section) -> NationalGuard:
    """Reads the section."""
    return NationalGuard(
        own_wait=_own_wait(section),
        waiting_permille=section.may("waiting_per_1000").share_permille(
            what='a number up to 1 such as "0.5"'
        ),
    )


def _own_wait(section: Section) -> Levels | None:
    """Both or neither."""
    if not section.has("closes") and not section.has("opens"):
        return None
    opens = section.need("opens")
    above, below = (
        section.need("closes").duration_ms(least_ms=1_000),
        opens.duration_ms(least_ms=1_000),
    )
    if above and below >= above:
        opens.expected('a time less than "closes"')
    return Levels(above, below)


def guard_schema() -> Schema:
    """The section, as an editor is to check it."""
    what = "So many waiting per 1,000 inhabitants, and none but pressing callers are taken"
    return mapping(
        "When a region's queue is too long to take one more",
        {},
        {
            "closes": time("Own expected wait above which what is not medical is refused"),
            "opens": time("Own expected wait below which it is taken again"),
            "waiting_per_1000": either(
                what,
                {"type": "number", "minimum": 0, "maximum": 1},
                matching(PERCENT, what),
            ),
        },
        dependencies={"closes": ["opens"], "opens": ["closes"]},
    )
