"""Each region's days with sharing beside the same days alone: what cooperation gave it, or took.

The same callers and the regions' own nurses, twice through one model: by the journal's own rules,
and by the same rules with no region taking part. What differs is what sharing did; what the first
differs by from the journal is the model's error. A caller belongs to the day, in Sweden, on which
he arrived, and to his home region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Final

from queue_engine.core.commands import LoadPolicy
from queue_engine.core.errors import BadInput
from queue_engine.core.policy_codec import read_policy, write_policy
from queue_engine.core.record import Record
from queue_engine.runtime.swedish_days import sweden
from routing.policy import LossTolerance
from routing.vocabulary import Priority, RegionCode
from simulations.what_if.books import Books, Story
from simulations.what_if.comparison import Stories
from simulations.what_if.facts import FactFinder
from simulations.what_if.model import WhatIf

DAYS: Final = 7
"""Over which a loss is held against the tolerance."""
_FOLLOWED_ON: Final = timedelta(hours=3)
"""After midnight, so that who came late has been answered."""
_MS: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fared:
    """How a region's callers fared."""

    contacts: int
    wait_ms_total: int
    """Until answered or gone; of those who still waited at the journal's end, until then."""
    in_promise: int
    """Answered within what their priority promises."""
    in_vain: int

    @property
    def mean_wait_ms(self) -> int | None:
        """Of all of them; None: there are none."""
        return self.wait_ms_total // self.contacts if self.contacts else None

    @property
    def promise_permille(self) -> int | None:
        """The share answered within the promise."""
        return self.in_promise * 1000 // self.contacts if self.contacts else None


@dataclass(frozen=True, slots=True)
class Compared:
    """A region's callers of some days, told three times."""

    then: Fared
    """By the journal."""
    shared: Fared
    """The model, by the journal's rules."""
    alone: Fared
    """The model, with no region taking part."""

    @property
    def longer_ms(self) -> int:
        """By what sharing made the mean wait longer; negative: shorter."""
        return (self.shared.mean_wait_ms or 0) - (self.alone.mean_wait_ms or 0)

    @property
    def fewer_permille(self) -> int:
        """By what sharing made fewer be answered within the promise; negative: more."""
        return (self.alone.promise_permille or 0) - (self.shared.promise_permille or 0)

    def is_loss(self, tolerated: LossTolerance) -> bool:
        """Whether sharing cost this region more than is tolerated."""
        return (
            self.longer_ms > tolerated.wait_ms or self.fewer_permille > tolerated.promise_permille
        )


@dataclass(frozen=True, slots=True)
class RegionShadow:
    """One region, the day and the last days."""

    name: str
    day: Compared
    days: Compared


@dataclass(frozen=True, slots=True)
class Shadow:
    """All regions; `model` and `other` say what was taken for granted."""

    day: date
    days: tuple[date, ...]
    """The last seven that the journal has callers of, this one included."""
    tolerated: LossTolerance
    regions: dict[RegionCode, RegionShadow]
    losing: tuple[RegionCode, ...]
    """Over tolerance in the last days."""
    shared: WhatIf
    alone: WhatIf


def shadow(read: Callable[[], Iterator[Record]], day: date | None = None) -> Shadow:
    """Lives the journal up to this day twice more.

    Args:
        read: the journal's records from the first on; it is read three times.
        day: None: the last day on which somebody called.

    Raises:
        BadInput: nobody called on that day, or at all, or the journal names no rules.
    """
    records = read if day is None else partial(_until, read, day)
    books, finder, policy, ends_ms = Books(), FactFinder(), None, 0
    for record in records():
        ends_ms = record.at_ms
        books.follow(record)
        finder.follow(record)
        if isinstance(record.command, LoadPolicy) and record.events:
            policy = read_policy(record.command.policy)
    called = sorted({day_of(story.arrived_ms) for story in books.stories.values()})
    if policy is None or not called or (day is not None and day not in called):
        seen = f"; before it there is {called[-1]}" if called else ""
        raise BadInput(f"nobody called {'in this journal' if day is None else f'on {day}'}{seen}")
    day = day or called[-1]
    facts = finder.facts()
    shared, alone = WhatIf(facts), WhatIf(facts, changed=all_alone)
    for model in (shared, alone):
        for record in records():
            model.follow(record)
    days = tuple(each for each in called if day - timedelta(days=DAYS) < each <= day)
    tellings = [
        _by_region(one) for one in (books.stories, shared.books.stories, alone.books.stories)
    ]
    promises = {priority: rule.answer_within_ms for priority, rule in policy.priorities}
    regions = {}
    for region in policy.regions:
        told = [one.get(region.code, []) for one in tellings]
        of_day, of_days = (
            Compared(*(_fared(promises, _of(stories, chosen), ends_ms) for stories in told))
            for chosen in ((day,), days)
        )
        regions[region.code] = RegionShadow(region.name, of_day, of_days)
    tolerated = policy.loss_tolerance
    losing = tuple(code for code, one in regions.items() if one.days.is_loss(tolerated))
    return Shadow(day, days, tolerated, regions, losing, shared, alone)


def all_alone(policy: str) -> str:
    """The same rules, but no region takes part."""
    read = read_policy(policy)
    regions = tuple(replace(each, takes_part=False, takes_part_in=()) for each in read.regions)
    return write_policy(replace(read, version=f"{read.version} (alone)", regions=regions))


def day_of(at_ms: int) -> date:
    """The day in Sweden."""
    return (_EPOCH + at_ms * _MS).astimezone(sweden()).date()


def _until(read: Callable[[], Iterator[Record]], day: date) -> Iterator[Record]:
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=sweden()) + _FOLLOWED_ON
    ends_ms = (ends - _EPOCH) // _MS
    for record in read():
        if record.at_ms > ends_ms:
            return
        yield record


_Dated = tuple[date, Story]


def _by_region(stories: Stories) -> dict[RegionCode, list[_Dated]]:
    found: dict[RegionCode, list[_Dated]] = {}
    for story in stories.values():
        found.setdefault(story.home_region, []).append((day_of(story.arrived_ms), story))
    return found


def _of(stories: Iterable[_Dated], days: Sequence[date]) -> list[Story]:
    return [story for day, story in stories if day in days]


def _fared(promises: Mapping[Priority, int], stories: Sequence[Story], ends_ms: int) -> Fared:
    waits_ms = [ends_ms - one.arrived_ms if one.wait_ms is None else one.wait_ms for one in stories]
    return Fared(
        contacts=len(stories),
        wait_ms_total=sum(waits_ms),
        in_promise=sum(
            one.answered_by is not None and wait_ms <= promises[one.priority]
            for one, wait_ms in zip(stories, waits_ms, strict=True)
        ),
        in_vain=sum(one.answered_by is None for one in stories),
    )
