"""One region's part of the agreement: whom it shares with, and what it keeps when it lends.

House rules: those of `policy`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from routing.guard_policy import NO_GUARD, GuardRule, guard_problems
from routing.lend_policy import LENDS_ALL, LendRule as LendRule
from routing.limits import Levels
from routing.vocabulary import Priority, RegionCode, Skill, UnitId


class ShareCondition(StrEnum):
    """When a share rule makes a contact answerable in a wider ring."""

    WAITED = "waited"
    """It has waited `after_ms` since it arrived; with 0, as soon as it waits."""
    PAST_DUE = "past_due"
    """Its due moment has passed."""
    UNSTAFFED = "unstaffed"
    """No agent of its home region who has the skills is signed on."""
    WINDOW = "window"
    """The named time window is on."""
    EXPECTED_WAIT = "own_wait"
    """Its home region's expected wait, by the region's own agents alone, is over a limit."""
    LINE_CLOSED = "line_closed"
    """The line that it came in at has been closed."""
    QUEUE_LENGTH = "queue_length"
    """Always; but its ring reaches others only while the home region's queue is so long."""


class RingKind(StrEnum):
    """How far a share rule reaches."""

    UNITS = "units"
    """Units of its home region; for callers whom their own unit keeps."""
    REGION = "region"
    REGIONS = "regions"
    CLUSTER = "cluster"
    NATIONAL = "national"


class Ring(NamedTuple):
    """Who may answer besides; `names` are units, region codes or one cluster, by the kind."""

    kind: RingKind
    names: tuple[str, ...] = ()
    waiting_min: int = 0
    """Only while so many of the home region can be offered; 0: however many."""

    def __str__(self) -> str:
        reach = self.kind if not self.names else f"{self.kind}:{'+'.join(self.names)}"
        return f"{reach} from {self.waiting_min} waiting" if self.waiting_min else reach


NATIONAL: Final = Ring(RingKind.NATIONAL)


@dataclass(frozen=True, slots=True)
class ShareRule:
    """A home region's rule: when `condition` holds, the contact is shared with `ring`."""

    name: str
    condition: ShareCondition
    ring: Ring
    after_ms: int = 0
    """For WAITED; 0: at once, without a moment to wait for."""
    window: str = ""
    """For WINDOW."""
    priorities: tuple[Priority, ...] = ()
    """Only these; empty: all."""
    own_wait: Levels | None = None
    """For EXPECTED_WAIT."""
    services: tuple[Skill, ...] = ()
    """Only contacts of these; empty: all."""
    units: tuple[UnitId, ...] = ()
    """Only contacts that belong to these; empty: all."""
    during: str = ""
    """Only while this window is on; what was shared by the rule ends with it. Not for WINDOW."""

    @property
    def is_timed(self) -> bool:
        """Whether it holds from a moment on that is yet to come when a contact gets its place."""
        if self.condition is ShareCondition.WAITED:
            return self.after_ms > 0
        return self.condition is ShareCondition.PAST_DUE

    @property
    def ends_with(self) -> str:
        """The window with which ends what the rule has shared; empty: it does not end."""
        return self.window if self.condition is ShareCondition.WINDOW else self.during

    def speaks_of(self, priority: Priority) -> bool:
        """Whether the rule is meant for contacts of this priority."""
        return not self.priorities or priority in self.priorities


@dataclass(frozen=True, slots=True)
class UnitPolicy:
    """A unit of a region, such as a health centre with a number of its own."""

    unit: UnitId
    name: str
    keeps_own: bool = False
    """Only its own agents answer its callers until they are shared with others, emergencies apart;
    shared with its region or wider, all of the region may."""
    share_rules: tuple[ShareRule, ...] = ()
    """For its callers, besides those of its region."""


@dataclass(frozen=True, slots=True)
class Sale:
    """A service that a region answers for others as their own nurses would."""

    service: Skill
    buyers: tuple[RegionCode, ...]
    during: tuple[str, ...] = ()
    """Only while one of these windows is on; empty: always."""
    units: tuple[UnitId, ...] = ()
    """Only agents of these; empty: all of the region."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A service that a region has answered by another, which sells it."""

    service: Skill
    seller: RegionCode
    units: tuple[UnitId, ...] = ()
    """Only for callers of these; empty: all of the region."""


@dataclass(frozen=True, slots=True)
class RegionPolicy:
    """One region's part of the agreement."""

    code: RegionCode
    name: str
    takes_part: bool = True
    takes_part_in: tuple[str, ...] = ()
    """Only while one of these windows is on; empty: always."""
    clusters: tuple[str, ...] = ()
    share_rules: tuple[ShareRule, ...] = ()
    lend: LendRule = LENDS_ALL
    units: tuple[UnitPolicy, ...] = ()
    sells: tuple[Sale, ...] = ()
    buys: tuple[Purchase, ...] = ()
    guard: GuardRule = NO_GUARD


class KnownNames(NamedTuple):
    """What regions may name that does not stand in their own part."""

    regions: frozenset[str]
    clusters: frozenset[str]
    services: frozenset[str]
    languages: frozenset[str]
    units: frozenset[str] = frozenset()
    """Those of its own."""
    sales: frozenset[tuple[RegionCode, Skill, RegionCode]] = frozenset()
    """Seller, service, buyer."""


def region_problems(region: RegionPolicy, known: KnownNames) -> Iterator[str]:
    """Yields every fault of one region's part as a sentence; none: it may be loaded."""
    where = f"regions: {region.code}"
    if region.takes_part_in and not region.takes_part:
        yield f"{where}: it does not take part, and names windows in which it does"
    names = [rule.name for rule in region.share_rules]
    known = known._replace(units=frozenset(unit.unit for unit in region.units))
    if len(known.units) < len(region.units):
        yield f"{where}: a unit is given twice"
    yield from _rules_problems(where, region.share_rules, names, known)
    for problem in _deal_problems(region, known):
        yield f"{where}: {problem}"
    for unit in region.units:
        its_names = [*names, *(rule.name for rule in unit.share_rules)]
        where_unit = f"{where}: unit {unit.unit}"
        yield from _rules_problems(where_unit, unit.share_rules, its_names, known)
        if any(rule.condition is ShareCondition.EXPECTED_WAIT for rule in unit.share_rules):
            yield f"{where_unit}: {ShareCondition.EXPECTED_WAIT} is measured for whole regions"
        if any(rule.condition is ShareCondition.QUEUE_LENGTH for rule in unit.share_rules):
            yield f"{where_unit}: {ShareCondition.QUEUE_LENGTH} is counted for whole regions"
    for problem in _lend_problems(region.lend, known):
        yield f"{where}: {problem}"
    yield from guard_problems(region.guard, where)


def _lend_problems(lend: LendRule, known: KnownNames) -> Iterator[str]:
    parts = lend.reserves
    yield from lend.problems()
    yield from _unknown("service", (part.service for part in parts if part.service), known.services)
    languages = (part.language for part in parts if part.language)
    yield from _unknown("language", languages, known.languages)


def _deal_problems(region: RegionPolicy, known: KnownNames) -> Iterator[str]:
    for sale in region.sells:
        yield from _unknown("service", (sale.service,), known.services)
        yield from _unknown("regions", sale.buyers, known.regions)
        if region.code in sale.buyers:
            yield f"it sells {sale.service} to itself"
    for purchase in region.buys:
        yield from _unknown("service", (purchase.service,), known.services)
        if (purchase.seller, purchase.service, region.code) not in known.sales:
            yield f"it buys {purchase.service} from {purchase.seller}, which does not sell it to it"


def _rules_problems(
    where: str, rules: Iterable[ShareRule], names: list[str], known: KnownNames
) -> Iterator[str]:
    for rule in rules:
        if names.count(rule.name) != 1:
            yield f"{where}: share rule {rule.name!r} is given {names.count(rule.name)} times"
        for problem in _rule_problems(rule, known):
            yield f"{where}: share rule {rule.name!r}: {problem}"


def _rule_problems(rule: ShareRule, known: KnownNames) -> Iterator[str]:
    if rule.condition is ShareCondition.WINDOW and not rule.window:
        yield "a window rule names its window"
    if rule.condition is ShareCondition.WINDOW and rule.during:
        yield "a window rule has its hours already"
    if rule.after_ms < 0:
        yield "a waited rule says after how long, or 0 for at once"
    if (rule.condition is ShareCondition.EXPECTED_WAIT) != (rule.own_wait is not None):
        yield "limits belong to own_wait, and it to them"
    if (rule.condition is ShareCondition.QUEUE_LENGTH) != (rule.ring.waiting_min > 0):
        yield "a ring that hangs on how many wait belongs to queue_length, and it to that"
    if rule.ring.waiting_min and rule.ring.kind in (RingKind.UNITS, RingKind.REGION):
        yield "queue_length shares with other regions"
    if rule.own_wait is not None:
        yield from rule.own_wait.problems("own_wait", least=1)
    if rule.ring.kind is RingKind.REGIONS:
        yield from _unknown("regions", rule.ring.names, known.regions)
    if rule.ring.kind is RingKind.CLUSTER:
        yield from _unknown("cluster", rule.ring.names, known.clusters)
    if rule.ring.kind is RingKind.UNITS:
        yield from _unknown("unit", rule.ring.names, known.units)
    yield from _unknown("service", rule.services, known.services)
    if known.units:
        yield from _unknown("unit", rule.units, known.units)


def _unknown(kind: str, names: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    for name in sorted(set(names) - known):
        yield f"no such {kind}: {name!r}"
