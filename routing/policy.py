"""The rules in force, as loaded: priorities, regions, share and lend rules.

House rules: frozen data, validated once by `Policy.problems()` and never again; all times are
integer milliseconds; a rule not written down in a file under `config/` does not exist here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from routing.callback_policy import NO_CALLBACKS, CallbackPolicy, callback_problems
from routing.gateways import Gateway, gateway_problems
from routing.region_policy import KnownNames, RegionPolicy, region_problems
from routing.relaxing import RelaxRule, relax_problems
from routing.return_policy import NO_RETURNS, ReturnPolicy, return_problems
from routing.room_policy import ONE_CONTACT, RoomPolicy, room_problems
from routing.strain_policy import NO_STRAIN, StrainPolicy, strain_problems
from routing.talk_policy import AS_EVER, TalkPolicy, talk_problems
from routing.trunks import Trunk, trunk_problems
from routing.vocabulary import INTERPRETER, UNKNOWN_REGION, Priority, Skill

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
FAILURES_KEPT: Final = 10
"""So many failed offers of one contact are remembered, and no more can be asked for."""


class Order(StrEnum):
    """How waiting contacts are ordered."""

    DUE = "due"
    """(tier, due, sequence): the product's order."""
    STRICT = "strict"
    """(priority, arrived, sequence), for comparison."""
    FIFO = "fifo"
    """(arrived, sequence), for comparison."""


class AgentChoice(StrEnum):
    """Which of the agents at whom a contact's key is least is offered it.

    Before all else her whom it prefers, then one with no chats; of equals, her who signed on first.
    """

    LONGEST_IDLE = "longest_idle"
    """Home unit, home region, fewest skills beyond the need, longest idle."""
    MOST_IDLE_REGION = "most_idle_region"
    """Home unit, home region, the region where most are ready who meet the needs, of equally many
    the first in the policy; there fewest skills beyond the need, longest idle."""
    LONGEST_IDLE_OF_ALL = "longest_idle_of_all"
    """Longest idle, whatever her unit, region and skills."""


class ServiceTimes(NamedTuple):
    """What a priority means for callers of one service, where that differs."""

    service: Skill
    due_after_ms: int
    answer_within_ms: int


@dataclass(frozen=True, slots=True)
class PriorityRule:
    """What a priority means: its tier, its place in the order and its promise."""

    tier: int
    due_after_ms: int
    answer_within_ms: int
    services: tuple[ServiceTimes, ...] = ()
    """Services that have times of their own."""


@dataclass(frozen=True, slots=True)
class LossTolerance:
    """How much worse sharing may make a region's own callers fare than being alone would.

    Whoever compares both (DESIGN 2) cuts the region's lending beyond that: `SetLending`.
    """

    wait_ms: int = 10 * SECOND_MS
    """Longer mean wait."""
    promise_permille: int = 10
    """Fewer of a thousand answered within their promise."""


TOLERATED: Final = LossTolerance()


@dataclass(frozen=True, slots=True)
class Policy:
    """All the rules in force. Equal policies decide equally."""

    version: str
    priorities: tuple[tuple[Priority, PriorityRule], ...]
    regions: tuple[RegionPolicy, ...] = ()
    services: tuple[Skill, ...] = ()
    """The skills that are services; a contact that needs several is of the first of these."""
    languages: tuple[Skill, ...] = ()
    """The skills that are languages."""
    relax_rules: tuple[RelaxRule, ...] = ()
    interpreter_languages: tuple[Skill, ...] = ()
    """A language that nobody at work speaks becomes the first of these that will do, and an
    interpreter; empty: it does not."""
    order: Order = Order.DUE
    agent_choice: AgentChoice = AgentChoice.LONGEST_IDLE
    home_advantage_ms: int | None = None
    """None: own region always first in tiers 2 and below; else minutes as milliseconds."""
    ring_ms: int = 20 * SECOND_MS
    """How long an offer rings."""
    loss_tolerance: LossTolerance = TOLERATED
    wrap_up_ms_max: int = 5 * MINUTE_MS
    """0: an agent is free as soon as her talk is over."""
    tried_ms: int = 60 * SECOND_MS
    """How long a contact is not offered again to an agent who did not answer it."""
    no_answer_heals_ms: int = 5 * MINUTE_MS
    """The first no_answer of an agent heals itself after this."""
    strain: StrainPolicy = NO_STRAIN
    rooms: RoomPolicy = ONE_CONTACT
    preferred_wait_ms: int = 0
    """So long at most a contact waits for the agent or unit that it prefers alone."""
    failures_max: int = 3
    """So many failed offers of one contact within `failures_window_ms`..."""
    failures_window_ms: int = 60 * SECOND_MS
    not_before_ms: int = 30 * SECOND_MS
    """...and it is not offered for so long, with an alarm."""
    emergency_alarm_ms: int = 60 * SECOND_MS
    """No emergency waits longer without an alarm."""
    returns: ReturnPolicy = NO_RETURNS
    callbacks: CallbackPolicy = NO_CALLBACKS
    talks: TalkPolicy = AS_EVER
    trunks: tuple[Trunk, ...] = ()
    """Switches whose callers can be answered at each other's phones; none: each by its own."""
    gateways: tuple[Gateway, ...] = ()
    """Contact centres on other telephone systems that answer callers as a group."""
    handle_ms_assumed: int = 10 * MINUTE_MS
    """Talk and wrap-up of one contact, for the expected wait."""

    @property
    def wrap_up_longest_ms(self) -> int:
        """So long after a talk the work after it is over, however often it is prolonged."""
        return max(self.wrap_up_ms_max, self.talks.wrap_up_prolonged_ms_max)

    def problems(self) -> Iterator[str]:
        """Yields every fault of these rules as a sentence; none: they may be loaded."""
        given = [priority for priority, _ in self.priorities]
        for priority in Priority:
            if (times := given.count(priority)) != 1:
                yield f"priorities: {priority} must be given once, is given {times} times"
        for priority, rule in self.priorities:
            if rule.tier < 0 or rule.due_after_ms < 0 or rule.answer_within_ms <= 0:
                yield f"priorities: {priority}: tier and times must not be negative"
            yield from self._problems_of_services(priority, rule)
        tiers = [rule.tier for need in Priority for given, rule in self.priorities if given is need]
        if tiers != sorted(tiers):
            yield "priorities: a more pressing priority must not have a later tier than another"
        for name in _POSITIVE:
            if getattr(self, name) <= 0:
                yield f"{name}: must be more than 0, is {getattr(self, name)}"
        if self.preferred_wait_ms < 0:
            yield f"preferred_wait_ms: must not be negative, is {self.preferred_wait_ms}"
        if self.wrap_up_ms_max < 0:
            yield f"wrap_up_ms_max: must not be negative, is {self.wrap_up_ms_max}"
        yield from return_problems(self.returns)
        yield from callback_problems(self.callbacks)
        yield from talk_problems(self.talks)
        yield from trunk_problems(self.trunks)
        if self.failures_max > FAILURES_KEPT:
            yield f"failures_max: must be at most {FAILURES_KEPT}, is {self.failures_max}"
        if self.loss_tolerance.wait_ms < 0 or not 0 <= self.loss_tolerance.promise_permille <= 1000:
            yield "loss_tolerance: a time from 0, a share from 0 to 1"
        if self.home_advantage_ms is not None and self.home_advantage_ms < 0:
            yield f"home_advantage_ms: must not be negative, is {self.home_advantage_ms}"
        named = (*self.services, *self.languages, INTERPRETER)
        for skill in dict.fromkeys(named):
            if named.count(skill) != 1:
                yield f"services, languages: {skill!r} is more than one of these"
        yield from strain_problems(self.strain)
        yield from room_problems(self.rooms)
        spoken = self.interpreter_languages
        yield from relax_problems(self.relax_rules, self.services, self.languages, spoken)
        for skill in spoken:
            if skill not in self.languages:
                yield f"interpreter_languages: {skill!r} is not a language"
        codes = [region.code for region in self.regions]
        known = KnownNames(
            regions=frozenset(codes),
            clusters=frozenset(name for region in self.regions for name in region.clusters),
            services=frozenset(self.services),
            languages=frozenset(self.languages),
            sales=frozenset(
                (region.code, sale.service, buyer)
                for region in self.regions
                for sale in region.sells
                for buyer in sale.buyers
            ),
        )
        yield from gateway_problems(self.gateways, codes)
        for region in self.regions:
            if codes.count(region.code) != 1:
                yield f"regions: {region.code} is given {codes.count(region.code)} times"
            if region.code == UNKNOWN_REGION:
                yield f"regions: {UNKNOWN_REGION!r} is not a region's code"
            yield from region_problems(region, known)

    def _problems_of_services(self, priority: Priority, rule: PriorityRule) -> Iterator[str]:
        of_service = [times.service for times in rule.services]
        for times in rule.services:
            where = f"priorities: {priority}: {times.service}"
            if times.service not in self.services:
                yield f"{where} is not a service"
            if of_service.count(times.service) != 1:
                yield f"{where} is given more than once"
            if times.due_after_ms < 0 or times.answer_within_ms <= 0:
                yield f"{where}: times must not be negative"


_POSITIVE: Final = (
    "ring_ms",
    "tried_ms",
    "no_answer_heals_ms",
    "failures_max",
    "failures_window_ms",
    "not_before_ms",
    "emergency_alarm_ms",
    "handle_ms_assumed",
)


DEFAULT_PRIORITIES: Final = (
    (Priority.EMERGENCY, PriorityRule(0, 0, 30 * SECOND_MS)),
    (Priority.URGENT, PriorityRule(1, 1 * MINUTE_MS, 1 * MINUTE_MS)),
    (Priority.RAISED, PriorityRule(2, 3 * MINUTE_MS, 3 * MINUTE_MS)),
    (Priority.STANDARD, PriorityRule(2, 8 * MINUTE_MS, 8 * MINUTE_MS)),
    (Priority.NON_MEDICAL, PriorityRule(3, 20 * MINUTE_MS, 20 * MINUTE_MS)),
)
"""DESIGN 2's table; to be signed off by medical staff before use."""
