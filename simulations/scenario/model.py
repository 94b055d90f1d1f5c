"""A scenario: who calls when, who is there to answer, and the rules that are to be compared.

House rules: frozen data, in integer milliseconds; moments count from the scenario's first midnight
(0), which is a Monday's unless its calendar says otherwise. What differs by the time of the day or
the week is a `Profile`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from routing.policy import MINUTE_MS, Policy
from routing.vocabulary import Priority, RegionCode, Requirement, SkillLevel, UnitId
from simulations.draws import Shape, Spread
from simulations.scenario.calendar import NO_CALENDAR, ScenarioCalendar

HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
WEEK_MS: Final = 7 * DAY_MS
TARGETS_MS: Final = (20_000, 3 * MINUTE_MS, 8 * MINUTE_MS, 10 * MINUTE_MS)
"""Within which calls are counted as answered, unless the scenario names others besides."""
NOTHING: Final = Spread(Shape.FIXED, 0)
TWO_MINUTES: Final = Spread(Shape.FIXED, 2 * MINUTE_MS)

HALF_HOUR_MS: Final = HOUR_MS // 2
PROFILE_LENGTHS: Final = (1, 24, 48, 168, 336)

Profile = tuple[float, ...]
"""One figure for always; 24 or 48 by the hour or half-hour of the day; 168 or 336 of the week."""


def step_ms(profile: Profile) -> int:
    """How long each of its figures holds; of a single one, an hour as well as any other time."""
    return HALF_HOUR_MS if len(profile) % 48 == 0 else HOUR_MS


def figure_at(profile: Profile, at_ms: int) -> float:
    """The figure that holds at a moment."""
    return profile[at_ms // step_ms(profile) % len(profile)]


class Channel(StrEnum):
    """How a caller meets a nurse."""

    PHONE = "phone"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class CallbackHabits:
    """Who asks to be rung back instead of waiting on the line, and whether he then answers."""

    share: float = 0.0
    """Of those who wait still after..."""
    after: Spread = NOTHING
    """...so long in the queue..."""
    told_ms: int = 0
    """...and are then told to wait so much longer at least, or that nobody can say how long."""
    reached: float = 1.0
    """Of the times that his phone rings: how often he answers..."""
    answer: Spread = NOTHING
    """...and presses the key, so long after it began to ring."""


NO_CALLBACK: Final = CallbackHabits()


@dataclass(frozen=True, slots=True)
class CallerKind:
    """Callers alike: how pressing, what they need, how long it takes, how patient they are."""

    name: str
    weight: float = 1.0
    """How many of a region's callers are of this kind, among all the weights."""
    priority: Priority = Priority.STANDARD
    rank: int = 0
    """Among callers of one priority: a lower rank goes before a higher, however long it waits."""
    needs: tuple[Requirement, ...] = ()
    handling: Spread = NOTHING
    """Talk, and what the nurse writes afterwards if `wrap_up` of the staff says nothing of it."""
    patience: Spread | None = None
    """From the arrival on; None: nobody gives up."""
    menu: Spread = NOTHING
    """In the IVR, before there is a place in the queue; the wait counts from the arrival."""
    redials: float = 0.0
    """The share of those who gave up that call again..."""
    redial_after: Spread = NOTHING
    """...after so long."""
    callback: CallbackHabits = NO_CALLBACK
    channel: Channel = Channel.PHONE


@dataclass(frozen=True, slots=True)
class Shock:
    """Between two moments so many times as many call: a storm, an outbreak, a line that is down."""

    from_ms: int
    to_ms: int
    times: float
    regions: tuple[RegionCode, ...] = ()
    """Only there; empty: everywhere."""


@dataclass(frozen=True, slots=True)
class StaffGroup:
    """Nurses of a region who are alike: how many are at work at each time."""

    nurses: Profile
    skills: tuple[SkillLevel, ...] = ()
    unit: UnitId | None = None
    speed: float = 1.0
    """2: a call takes each of them half as long."""


@dataclass(frozen=True, slots=True)
class StaffHabits:
    """How nurses answer."""

    answer: Spread = NOTHING
    """From the ring until she answers."""
    misses: float = 0.0
    """The share of rings that nobody hears."""
    notices: Spread = TWO_MINUTES
    """Until one who was made not ready by that says that she is there."""
    wrap_up: Spread = NOTHING
    """After each talk; the caller is gone by then."""
    lateness: Spread = NOTHING
    """Of those who come after the first moment."""
    break_ms: int = 0
    """How long each break is; those who have one are among the nurses at work."""
    break_after_ms: int = 3 * HOUR_MS
    """After so long at work, more or less, when her call is over."""


@dataclass(frozen=True, slots=True)
class EngineFaults:
    """What goes wrong with the engine and with what it is told."""

    crash_every_ms: int = 0
    """The engine dies so often, and is built anew from its records; 0: never."""
    late: float = 0.0
    """The share of the switch's reports that are late, with all behind them..."""
    late_by: Spread = NOTHING
    """...by so much."""
    twice: float = 0.0
    """The share that come twice."""
    lost: float = 0.0
    """The share that never come..."""
    reconcile_every_ms: int = 0
    """...until the engine is shown all that the switch has, so often; 0: never."""

    @property
    def disturbs_reports(self) -> bool:
        """Whether reports are late, come twice or never."""
        return self.late > 0 or self.twice > 0 or self.lost > 0


NO_FAULTS: Final = EngineFaults()


@dataclass(frozen=True, slots=True)
class RegionPlan:
    """One region's callers and nurses."""

    code: RegionCode
    name: str
    calls_per_hour: Profile
    staff: tuple[StaffGroup, ...]
    kinds: tuple[CallerKind, ...] = ()
    """Its own; empty: those of the scenario."""
    queue_places: int | None = None
    """A caller who is not answered at once and finds so many waiting is turned away."""


class End(StrEnum):
    """When a run is over."""

    CALLS = "calls"
    """So many calls have come, and all are done with."""
    TIME = "time"
    """So much time has passed; what still waits or talks then is done to its end."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long a run is, and from where on it counts."""

    end: End
    amount: int
    """Calls, or milliseconds."""
    warm_up: int = 0
    """Calls, or milliseconds; whoever arrives in these is not counted."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything about some days but chance."""

    name: str
    length: Length
    regions: tuple[RegionPlan, ...]
    kinds: tuple[CallerKind, ...]
    policies: tuple[tuple[str, Policy], ...]
    """By name, in the file's order; the first is run if none is chosen."""
    staff: StaffHabits = StaffHabits()
    shocks: tuple[Shock, ...] = ()
    faults: EngineFaults = NO_FAULTS
    targets_ms: tuple[int, ...] = TARGETS_MS
    """Ascending."""
    main_target_ms: int = 3 * MINUTE_MS
    """One of these: the one that the course of the day is told by."""
    interval_ms: int = HALF_HOUR_MS
    """Of the course of the day, in the report."""
    contacts: Path | None = None
    """The calls one by one, instead of `calls_per_hour`."""
    calendar: ScenarioCalendar = NO_CALENDAR
    windows: Mapping[str, Profile] = field(default_factory=dict)
    """Time windows by name: where the figure is not 0 they are on."""

    def policy(self, name: str) -> Policy:
        """The policy of this name.

        Raises:
            LookupError: there is none.
        """
        return dict(self.policies)[name]

    @property
    def has_chats(self) -> bool:
        """Whether anybody writes instead of calling."""
        return any(
            kind.channel is Channel.CHAT
            for region in self.regions
            for kind in self.kinds_of(region)
        )

    @property
    def asks_callbacks(self) -> bool:
        """Whether anybody may ask to be rung back."""
        return any(
            kind.callback.share > 0 for region in self.regions for kind in self.kinds_of(region)
        )

    def kinds_of(self, region: RegionPlan) -> tuple[CallerKind, ...]:
        """The kinds of callers of a region."""
        return region.kinds or self.kinds
