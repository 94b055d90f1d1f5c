"""The policy, indexed for asking: what a priority means, which regions a ring covers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from routing.gateways import Gateway
from routing.guard_policy import NO_GUARD, GuardRule
from routing.lend_policy import LendRule
from routing.limits import Levels, Limit, LimitKind
from routing.order import EMERGENCY_TIER
from routing.policy import Policy, PriorityRule
from routing.region_policy import (
    RegionPolicy,
    Ring,
    RingKind,
    ShareCondition,
    ShareRule,
)
from routing.relaxing import RelaxRule
from routing.skills import first_needed
from routing.trunks import reach_of
from routing.vocabulary import (
    UNKNOWN_REGION,
    GatewayId,
    LinkId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    UnitId,
)

_NO_WINDOWS: Final[Mapping[str, bool]] = {}


class Seller(NamedTuple):
    """Agents who answer a service for another region; of these units, or all of the region."""

    region: RegionCode
    units: tuple[UnitId, ...] = ()


class _Deal(NamedTuple):
    service: Skill
    units: tuple[UnitId, ...]
    """Whose callers; empty: all of the buyer."""
    seller: Seller


class Rules:
    """A `Policy` with its look-ups. Immutable; made anew for another policy, and when windows
    turn on which membership or sales hang."""

    def __init__(self, policy: Policy, windows: Mapping[str, bool] = _NO_WINDOWS) -> None:
        """Args:
        windows: those that are on are true.
        """
        self.policy = policy
        self.members = frozenset(
            region.code for region in policy.regions if _takes_part(region, windows)
        )
        """The regions that take part now."""
        self.deals = {
            region.code: deals
            for region in policy.regions
            if (deals := tuple(_deals(region, policy, windows)))
        }
        """By buyer, what is sold to it now."""
        self._buyers: dict[RegionCode, dict[RegionCode, None]] = {}
        for buyer, deals in self.deals.items():
            for deal in deals:
                self._buyers.setdefault(deal.seller.region, {})[buyer] = None
        self.priorities: dict[Priority, PriorityRule] = dict(policy.priorities)
        self.regions: dict[RegionCode, RegionPolicy] = {
            region.code: region for region in policy.regions
        }
        self._region_places = {region.code: n for n, region in enumerate(policy.regions)}
        self.homes = frozenset(self.regions) - {UNKNOWN_REGION}
        """The regions that can be expected to answer for their own."""
        self._of_service: dict[Priority, dict[Skill, PriorityRule]] = {
            priority: {
                times.service: replace(
                    rule,
                    due_after_ms=times.due_after_ms,
                    answer_within_ms=times.answer_within_ms,
                )
                for times in rule.services
            }
            for priority, rule in policy.priorities
        }
        """Where a service has times of its own."""
        self._interpretable: dict[tuple[Requirement, ...], Skill] = {}
        self._relaxing: dict[tuple[Requirement, ...], tuple[RelaxRule, ...]] = {}
        self._units = {
            (region.code, unit.unit): unit for region in policy.regions for unit in region.units
        }
        self._shares = {region.code: _Shares(region.share_rules) for region in policy.regions}
        self._unit_shares = {
            (region.code, unit.unit): _Shares((*unit.share_rules, *region.share_rules))
            for region in policy.regions
            for unit in region.units
            if unit.share_rules
        }
        self.reserving: dict[RegionCode, LendRule] = {
            region.code: region.lend for region in policy.regions if region.lend.has_reserve
        }
        """The regions of whose agents some have to stay at home."""
        self.limits: dict[Limit, Levels] = dict(_limits(policy))
        """Those that are measured, in the policy's order; LONGEST_WAIT for all its parts."""
        self.reach = reach_of(policy.trunks)
        self.gateways: dict[GatewayId, Gateway] = {
            gateway.gateway_id: gateway for gateway in policy.gateways
        }
        self.takes_several = policy.rooms.takes_several
        """Whether an agent may ever have more than one contact."""
        self.keeps_balances = any(limit.kind is LimitKind.BALANCE for limit in self.limits)
        self.guards: dict[RegionCode, GuardRule] = {
            region.code: region.guard for region in policy.regions if region.guard != NO_GUARD
        }
        """Of the regions that have one."""
        self._covered: dict[tuple[Ring, RegionCode], frozenset[RegionCode]] = {}

    def priority_rule(self, priority: Priority, needs: tuple[Requirement, ...]) -> PriorityRule:
        """What the priority means for one who needs this."""
        of_service = self._of_service[priority]
        if of_service:
            found = of_service.get(self.service_of(needs))
            if found is not None:
                return found
        return self.priorities[priority]

    def can_ring(self, caller_link: LinkId, phone_link: LinkId) -> bool:
        """Whether phones of one switch can be rung for callers at the other."""
        if caller_link == phone_link or not caller_link:
            return True
        reached = self.reach.get(caller_link)
        return reached is not None and phone_link in reached

    def are_as(self, other: Rules) -> bool:
        """Whether of the same policy the same regions take part and the same is sold now."""
        return self.members == other.members and self.deals == other.deals

    def takes_part(self, code: RegionCode) -> bool:
        """Whether the region shares and lends now; one that no file describes does not."""
        return code in self.members

    def service_of(self, needs: tuple[Requirement, ...]) -> Skill:
        """The service that is needed, the first by the policy's order; empty if none is."""
        return first_needed(needs, self.policy.services)

    def language_of(self, needs: tuple[Requirement, ...]) -> Skill:
        """The language that is needed, the first by the policy's order; empty if none is."""
        return first_needed(needs, self.policy.languages)

    def part_of(self, needs: tuple[Requirement, ...]) -> str:
        """The service and language that are needed, as one word: `advice/ar`, `advice`."""
        service, language = self.service_of(needs), self.language_of(needs)
        return f"{service}/{language}" if language else service

    def reserve_of(self, region: RegionCode, needs: tuple[Requirement, ...], signed_on: int) -> int:
        """How many of a region who meet the needs stay at home of so many who are signed on."""
        lend = self.reserving.get(region)
        if lend is None:
            return 0
        if not lend.reserves:
            return lend.common_reserve_of(signed_on)
        return lend.reserve_of(self.service_of(needs), self.language_of(needs), signed_on)

    def interpretable(self, needs: tuple[Requirement, ...]) -> Skill:
        """The needed language that an interpreter could stand in for; empty if none is."""
        found = self._interpretable.get(needs)
        if found is None:
            if len(self._interpretable) >= _REMEMBERED_MAX:
                self._interpretable.clear()
            languages = self.policy.interpreter_languages
            language = self.language_of(needs) if languages else _NO_SKILL
            found = self._interpretable[needs] = _NO_SKILL if language in languages else language
        return found

    def relaxing(self, needs: tuple[Requirement, ...]) -> tuple[RelaxRule, ...]:
        """The relax rules that have something to relax in these needs."""
        if not self.policy.relax_rules:
            return ()
        found = self._relaxing.get(needs)
        if found is None:
            if len(self._relaxing) >= _REMEMBERED_MAX:
                self._relaxing.clear()
            found = self._relaxing[needs] = tuple(
                rule for rule in self.policy.relax_rules if rule.relaxed(needs) != needs
            )
        return found

    def relax_rule(self, name: str) -> RelaxRule:
        """The relax rule of this name."""
        for rule in self.policy.relax_rules:
            if rule.name == name:
                return rule
        raise LookupError(f"there is no relax rule {name!r}")

    def is_nobodys(self, home_region: RegionCode) -> bool:
        """Whether no region can be expected to answer for this home: unknown, or not in the files.

        A region may vanish from the files while its callers wait; they must not wait for ever.
        """
        return home_region not in self.homes

    def region_place(self, code: RegionCode) -> int:
        """Which in the policy the region is, from 0; one that no file describes comes last."""
        return self._region_places.get(code, len(self._region_places))

    def share_rule(self, home: RegionCode, unit: UnitId | None, name: str) -> ShareRule:
        """The share rule of this home that has this name."""
        shares = self._shares_of(home, unit)
        for rule in () if shares is None else shares.rules:
            if rule.name == name:
                return rule
        raise LookupError(f"region {home} has no share rule {name!r}")

    def timed(
        self, home: RegionCode, unit: UnitId | None, priority: Priority
    ) -> tuple[ShareRule, ...]:
        """The share rules of this home for this priority that hold from a moment on."""
        shares = self._shares.get(home) if unit is None else self._shares_of(home, unit)
        return () if shares is None else shares.timed[priority]

    def factual(
        self, home: RegionCode, unit: UnitId | None, priority: Priority
    ) -> tuple[ShareRule, ...]:
        """The share rules of this home for this priority that hang on facts, not on moments."""
        shares = self._shares.get(home) if unit is None else self._shares_of(home, unit)
        return () if shares is None else shares.factual[priority]

    def _shares_of(self, home: RegionCode, unit: UnitId | None) -> _Shares | None:
        if unit is not None and self._unit_shares:
            shares = self._unit_shares.get((home, unit))
            if shares is not None:
                return shares
        return self._shares.get(home)

    def is_units_own(self, home: RegionCode, unit: UnitId | None, rule: ShareRule) -> bool:
        """Whether the rule is the unit's and not its whole region's."""
        policy = self._units.get((home, unit)) if unit is not None else None
        return policy is not None and any(rule is each for each in policy.share_rules)

    def keepers(
        self, home: RegionCode, unit: UnitId | None, tier: int, rings: tuple[Ring, ...]
    ) -> tuple[UnitId, ...]:
        """The units of its home that keep a contact to themselves; none: its home does not.

        Rings that hang on how many wait change nothing of that.

        Args:
            rings: with which it is shared.
        """
        policy = self._units.get((home, unit)) if unit is not None else None
        if policy is None or not policy.keeps_own or tier == EMERGENCY_TIER:
            return ()
        units = [policy.unit]
        for ring in rings:
            if ring.waiting_min:
                continue
            if ring.kind is not RingKind.UNITS:
                return ()
            units += map(UnitId, ring.names)
        return tuple(dict.fromkeys(units))

    def sellers(
        self, home: RegionCode, unit: UnitId | None, needs: tuple[Requirement, ...]
    ) -> tuple[Seller, ...]:
        """Whose agents answer a contact of this home as their own, because its home pays them."""
        deals = self.deals.get(home)
        if deals is None:
            return ()
        service = self.service_of(needs)
        return tuple(
            deal.seller
            for deal in deals
            if deal.service == service and (not deal.units or unit in deal.units)
        )

    def buyers(self, seller: RegionCode) -> Iterable[RegionCode]:
        """The regions that have a service answered by this one now."""
        return self._buyers.get(seller, ())

    def regions_hanging_on(self, window: str) -> list[RegionCode]:
        """The regions with a share rule that holds, or can hold, only while the window is on."""
        return self._regions_with(lambda rule: rule.ends_with == window)

    def regions_sharing_when(self, condition: ShareCondition) -> list[RegionCode]:
        """The regions with a share rule of this condition."""
        return self._regions_with(lambda rule: rule.condition is condition)

    def _regions_with(self, is_wanted: Callable[[ShareRule], bool]) -> list[RegionCode]:
        found = [code for code, each in self._shares.items() if any(map(is_wanted, each.rules))]
        found += [
            code for (code, _), each in self._unit_shares.items() if any(map(is_wanted, each.rules))
        ]
        return list(dict.fromkeys(found))

    def covers(self, ring: Ring, home_region: RegionCode, code: RegionCode) -> bool:
        """Whether `ring`, drawn by `home_region`, reaches the region `code`."""
        key = (ring, home_region)
        covered = self._covered.get(key)
        if covered is None:
            covered = self._covered[key] = frozenset(
                region.code
                for region in self.policy.regions
                if region.code in self.members and _reaches(ring, home_region, region)
            )
        return code in covered


_NO_SKILL: Final = Skill("")
_REMEMBERED_MAX: Final = 65_536


def _takes_part(region: RegionPolicy, windows: Mapping[str, bool]) -> bool:
    if not region.takes_part_in:
        return region.takes_part
    return region.takes_part and any(windows.get(name, False) for name in region.takes_part_in)


def _deals(buyer: RegionPolicy, policy: Policy, windows: Mapping[str, bool]) -> Iterator[_Deal]:
    """The region's purchases whose sale is on now."""
    for purchase in buyer.buys:
        for region in policy.regions:
            for sale in region.sells if region.code == purchase.seller else ():
                is_on = not sale.during or any(windows.get(name, False) for name in sale.during)
                if is_on and sale.service == purchase.service and buyer.code in sale.buyers:
                    seller = Seller(region.code, sale.units)
                    yield _Deal(purchase.service, purchase.units, seller)


def _limits(policy: Policy) -> Iterator[tuple[Limit, Levels]]:
    for region in policy.regions:
        for rule in region.share_rules:
            if rule.own_wait is not None:
                yield Limit(region.code, LimitKind.OWN_WAIT, rule.name), rule.own_wait
        if region.lend.own_wait is not None:
            yield Limit(region.code, LimitKind.LONGEST_WAIT), region.lend.own_wait
        if region.lend.balance is not None:
            yield Limit(region.code, LimitKind.BALANCE), region.lend.balance
        if region.guard.own_wait is not None:
            yield Limit(region.code, LimitKind.OVERLOAD), region.guard.own_wait


class _Shares:
    """The share rules for the contacts of a region or of one of its units."""

    __slots__ = ("factual", "rules", "timed")

    def __init__(self, rules: tuple[ShareRule, ...]) -> None:
        self.rules = rules
        self.timed: dict[Priority, tuple[ShareRule, ...]] = {}
        self.factual: dict[Priority, tuple[ShareRule, ...]] = {}
        for priority in Priority:
            spoken = [each for each in rules if each.speaks_of(priority)]
            self.timed[priority] = tuple(each for each in spoken if each.is_timed)
            self.factual[priority] = tuple(each for each in spoken if not each.is_timed)


def _reaches(ring: Ring, home_region: RegionCode, region: RegionPolicy) -> bool:
    match ring.kind:
        case RingKind.UNITS:
            return False
        case RingKind.REGION:
            return region.code == home_region
        case RingKind.REGIONS:
            return region.code in ring.names
        case RingKind.CLUSTER:
            return any(name in region.clusters for name in ring.names)
        case RingKind.NATIONAL:
            return True
