"""Who calls: everything about one caller, drawn when he is made up and never again.

House rules: pure but for chance. Each person has a stream of his own, named after his region, the
hour, and his number in it. Telephone numbers are only those that the Swedish telecom authority
(PTS) keeps free for fiction. Nobody has published how callers are; what is assumed says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from ivr.home_region import region_of_number
from routing.policy import MINUTE_MS, SECOND_MS
from routing.vocabulary import RegionCode, Skill
from simulations.crowd.wishes import Wishes
from simulations.draws import Draws, Shape, Spread

_FIXED: Final = ("0846500400", "0313900600", "0406280400", "0980319200")
"""The first of each hundred fixed numbers for fiction: Stockholm, Göteborg, Malmö, Kiruna."""
_FIXED_COUNT: Final = 100
_MOBILE: Final = 701740605
_MOBILE_COUNT: Final = 95
_TEST_PERSONS: Final = ("191212121212", "201212121212", "197010632391")
"""Of the tax agency's published test numbers: nobody's."""

_REACTION: Final = Spread(Shape.LOGNORMAL, 1_400, 0.4)
_PATIENCE: Final = Spread(Shape.EXPONENTIAL, 25 * MINUTE_MS)
_REDIAL: Final = Spread(Shape.EXPONENTIAL, 12 * MINUTE_MS)
CONTENT: Final = Spread(Shape.LOGNORMAL, 715 * SECOND_MS, 0.6)
"""Assumption: how long one of two people has something to say. A talk lasts until one of them has
had enough: of two such times the shorter has a mean of eight minutes."""
_ACT: Final = Spread(Shape.EXPONENTIAL, 3 * MINUTE_MS)


class Act(StrEnum):
    """What a waiting caller may do."""

    ASK_PLACE = "ask_place"
    GET_WORSE = "get_worse"
    CRY_FOR_HELP = "cry_for_help"
    """The emergency key."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How callers are; assumptions all, but for the emergency key's share (3 % in Denmark)."""

    cries_for_help: float = 0.03
    """Of all, in the menu."""
    presses_nothing: float = 0.08
    """Waits through the menu in silence."""
    knows_menu: float = 0.15
    """Presses before the question is over."""
    withholds_number: float = 0.02
    has_fixed_phone: float = 0.25
    """Where the numbers for fiction have an area code of the region."""
    speaks_english: float = 0.05
    child: float = 0.22
    fees: float = 0.10
    gives_personal_number: float = 0.10
    skips_personal_number: float = 0.60
    """The others wait until the question has passed."""
    asks_place: float = 0.12
    gets_worse: float = 0.03
    cries_late: float = 0.004
    """While waiting."""
    redials: float = 0.45
    """Of those who gave up."""
    reaction: Spread = _REACTION
    """From the end of a question until a key."""
    patience: Spread = _PATIENCE
    """From the IVR's answer."""
    redial: Spread = _REDIAL
    content: Spread = CONTENT
    act: Spread = _ACT
    """From waiting until an act."""


@dataclass(frozen=True, slots=True)
class Person:
    """One caller, with all that will be so of the call."""

    name: str
    """Nobody else's."""
    number: str | None = field(repr=False)
    """He calls from there; None: withheld."""
    wishes: Wishes
    cries_for_help: bool
    presses_nothing: bool
    knows_menu: bool
    personal_number: str = field(repr=False)
    """The keys he presses when asked for it; empty: none."""
    reaction_ms: int
    patience_ms: int
    content_ms: int
    acts: tuple[tuple[int, Act], ...]
    """So long after he began to wait."""
    redials_ms: int | None
    """So long after he gave up he calls again; None: he does not."""


class Population:
    """Makes up people.

    Args:
        area_codes: from area code with its 0 to region, as configured.
    """

    def __init__(self, habits: Habits, area_codes: Mapping[str, RegionCode]) -> None:
        self._habits = habits
        self._fixed = {region_of_number(first, area_codes): first for first in _FIXED}

    def person(self, region: RegionCode, draws: Draws) -> Person:
        """Somebody of this region."""
        habits = self._habits
        return Person(
            name=draws.name,
            number=self._number(region, draws),
            wishes=_wishes(habits, region, draws),
            cries_for_help=draws.chance(habits.cries_for_help),
            presses_nothing=draws.chance(habits.presses_nothing),
            knows_menu=draws.chance(habits.knows_menu),
            personal_number=_personal_number(habits, draws),
            reaction_ms=draws.duration_ms(habits.reaction),
            patience_ms=draws.duration_ms(habits.patience),
            content_ms=draws.duration_ms(habits.content),
            acts=_acts(habits, draws),
            redials_ms=_maybe_ms(habits.redials, habits.redial, draws),
        )

    def again(self, person: Person, draws: Draws) -> Person:
        """The same one at his next call: as patient, perhaps, as he was not the first time."""
        habits = self._habits
        return replace(
            person,
            knows_menu=True,
            patience_ms=draws.duration_ms(habits.patience),
            content_ms=draws.duration_ms(habits.content),
            acts=_acts(habits, draws),
            redials_ms=_maybe_ms(habits.redials, habits.redial, draws),
        )

    def _number(self, region: RegionCode, draws: Draws) -> str | None:
        habits = self._habits
        withheld, fixed = (
            draws.chance(habits.withholds_number),
            draws.chance(habits.has_fixed_phone),
        )
        place = draws.unit()
        if withheld:
            return None
        if fixed and region in self._fixed:
            first = self._fixed[region]
            return f"0{int(first) + int(place * _FIXED_COUNT)}"
        return f"0{_MOBILE + int(place * _MOBILE_COUNT)}"


def _wishes(habits: Habits, region: RegionCode, draws: Draws) -> Wishes:
    service = draws.choice(
        (
            ("child", habits.child),
            ("admin", habits.fees),
            ("advice", 1 - habits.child - habits.fees),
        )
    )
    language = "en" if draws.chance(habits.speaks_english) else "sv"
    return Wishes(Skill(service), Skill(language), region)


def _personal_number(habits: Habits, draws: Draws) -> str:
    given = draws.choice(tuple((number, 1.0) for number in _TEST_PERSONS))
    return draws.choice(
        (
            (given, habits.gives_personal_number),
            ("*", habits.skips_personal_number),
            ("", 1 - habits.gives_personal_number - habits.skips_personal_number),
        )
    )


def _acts(habits: Habits, draws: Draws) -> tuple[tuple[int, Act], ...]:
    chances = (
        (Act.ASK_PLACE, habits.asks_place),
        (Act.GET_WORSE, habits.gets_worse),
        (Act.CRY_FOR_HELP, habits.cries_late),
    )
    drawn = [(_maybe_ms(chance, habits.act, draws), act) for act, chance in chances]
    return tuple((at_ms, act) for at_ms, act in drawn if at_ms is not None)


def _maybe_ms(chance: float, spread: Spread, draws: Draws) -> int | None:
    """A duration, so often; as many draws in either case."""
    is_so, wait_ms = draws.chance(chance), draws.duration_ms(spread)
    return wait_ms if is_so else None
