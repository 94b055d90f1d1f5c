"""The regions' agreement as the auditor reads it: who shares what with whom, and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from queue_engine.core import events as ev
from queue_engine.core.policy_codec import read_policy
from routing.limits import LimitKind
from routing.policy import Policy
from routing.region_policy import (
    NATIONAL,
    RegionPolicy,
    Ring,
    RingKind,
    ShareCondition,
    ShareRule,
    UnitPolicy,
)
from routing.vocabulary import UNKNOWN_REGION, Priority
from tests.properties.books import Caller, Nurse, due_after_ms, has_skills

Event = ev.PolicyLoaded | ev.WindowSet | ev.LineOpened | ev.LineClosed


class Agreement:
    """The rules in force, with the windows and lines that they hang on."""

    rules: Policy

    def __init__(self, limits_on: Collection[tuple[str, LimitKind, str]]) -> None:
        """Args:
        limits_on: region, kind and part of the limits that are on.
        """
        self._limits_on = limits_on
        self._windows: dict[str, bool] = {}
        self._closed_lines: set[str] = set()

    def note(self, event: Event) -> None:
        """It is so from now on."""
        match event:
            case ev.PolicyLoaded():
                self.rules = read_policy(event.policy)
            case ev.WindowSet():
                self._windows[event.window] = event.is_on
            case ev.LineOpened():
                self._closed_lines.remove(event.line_id)
            case ev.LineClosed():
                self._closed_lines.add(event.line_id)

    def region(self, code: str) -> RegionPolicy | None:
        """The region's part, if it has one."""
        return next((region for region in self.rules.regions if region.code == code), None)

    def takes_part(self, region: RegionPolicy) -> bool:
        """Whether the region shares and lends now."""
        hours = [self._windows.get(name, False) for name in region.takes_part_in]
        return region.takes_part and (any(hours) or not hours)

    def is_kept_from(self, caller: Caller, nurse: Nurse) -> bool:
        """Whether the caller's unit keeps him from this nurse of his region."""
        keepers = self._keepers(caller)
        return bool(keepers) and nurse.unit not in keepers

    def is_kept(self, caller: Caller) -> bool:
        """Whether his unit keeps him to itself."""
        return bool(self._keepers(caller))

    def _keepers(self, caller: Caller) -> set[str]:
        unit = self._unit(caller)
        rings = [ring for ring, _ in caller.rings if not ring.waiting_min]
        if unit is None or not unit.keeps_own:
            return set()
        if any(ring.kind is not RingKind.UNITS for ring in rings):
            return set()
        return {unit.unit, *(name for ring in rings for name in ring.names)}

    def is_sold(self, caller: Caller, nurse: Nurse, is_emergency: bool) -> bool:
        """Whether the caller's home buys the service that he needs from the nurse's region now."""
        buyer, seller = self.region(caller.home), self.region(nurse.region)
        kept = self._keepers(caller) and not is_emergency
        if buyer is None or seller is None or kept:
            return False
        needed = [need.skill for need in caller.needs]
        service = next((one for one in self.rules.services if one in needed), None)
        return any(
            buyer.code in sale.buyers
            and purchase.seller == seller.code
            and purchase.service == sale.service == service
            and (not purchase.units or caller.unit in purchase.units)
            and (not sale.units or nurse.unit in sale.units)
            and (not sale.during or any(self._windows.get(name, False) for name in sale.during))
            for sale in seller.sells
            for purchase in buyer.buys
        )

    def _unit(self, caller: Caller) -> UnitPolicy | None:
        home = self.region(caller.home)
        units = home.units if home else ()
        return next((unit for unit in units if unit.unit == caller.unit), None)

    def could_reach(self, caller: Caller, nurse: Nurse) -> bool:
        """Whether she could come to answer him, once all that shares him has shared him.

        Windows as they stand; her skills and the switches of both are another question.
        """
        own, home, unit = self.region(nurse.region), self.region(caller.home), self._unit(caller)
        tier = dict(self.rules.priorities)[caller.priority].tier
        rules = (*(home.share_rules if home else ()), *(unit.share_rules if unit else ()))
        rings = [
            (rule.ring, rule.name)
            for rule in rules
            if self._speaks_of(rule, caller)
            and (rule.condition is not ShareCondition.WINDOW or self._windows.get(rule.window))
        ]
        if tier == 1 and home is not None and self.takes_part(home):
            rings.append((NATIONAL, "tier_1"))
        widest = replace(caller, rings=[*caller.rings, *rings])
        if nurse.region == caller.home:
            return tier == 0 or not self.is_kept_from(widest, nurse)
        if self.is_sold(widest, nurse, tier == 0):
            return True
        if own is None or not self.takes_part(own):
            return False
        if home is None or home.code == UNKNOWN_REGION:
            return True
        if not self.takes_part(home):
            return False
        is_reached = any(reaches(ring, home, own) for ring, _ in widest.rings)
        return tier == 0 or (is_reached and not self.is_kept(widest))

    def check_shared(
        self, caller: Caller, event: ev.ContactShared, staff: Iterable[Nurse], now_ms: int
    ) -> None:
        """A rule of the caller's home said so, and its condition held.

        Args:
            staff: all who are at work.
        """
        home, unit = self.region(caller.home), self._unit(caller)
        rules = (*(home.share_rules if home else ()), *(unit.share_rules if unit else ()))
        rule = next((rule for rule in rules if rule.name == event.rule), None)
        assert rule is not None, f"{caller} shared by no rule: {event.rule}"
        assert (rule.ring, self._end_of(rule)) == (event.ring, event.window), f"{event}, {rule}"
        assert self._speaks_of(rule, caller), f"{caller} is none of {rule}"
        assert self._holds(rule, caller, staff, now_ms), f"{caller} shared too early by {rule}"

    def _end_of(self, rule: ShareRule) -> str:
        return rule.window if rule.condition is ShareCondition.WINDOW else rule.during

    def _speaks_of(self, rule: ShareRule, caller: Caller) -> bool:
        needed = [need.skill for need in caller.needs]
        services = [service for service in self.rules.services if service in needed]
        return (
            (not rule.priorities or caller.priority in rule.priorities)
            and (not rule.services or services[:1] in [[service] for service in rule.services])
            and (not rule.units or caller.unit in rule.units)
            and (not rule.during or self._windows.get(rule.during, False))
        )

    def _holds(self, rule: ShareRule, caller: Caller, staff: Iterable[Nurse], now_ms: int) -> bool:
        waited_ms = now_ms - caller.arrived_ms
        match rule.condition:
            case ShareCondition.WAITED:
                return rule.after_ms == 0 or waited_ms >= rule.after_ms
            case ShareCondition.PAST_DUE:
                return waited_ms >= due_after_ms(self.rules, caller)
            case ShareCondition.UNSTAFFED:
                own = [
                    nurse
                    for nurse in staff
                    if nurse.region == caller.home
                    or self.is_sold(caller, nurse, caller.priority is Priority.EMERGENCY)
                ]
                unit = self._unit(caller)
                if unit is not None and rule in unit.share_rules:
                    own = [
                        nurse
                        for nurse in own
                        if (nurse.region, nurse.unit) == (caller.home, unit.unit)
                    ]
                return not any(has_skills(nurse, caller.needs) for nurse in own)
            case ShareCondition.WINDOW:
                return self._windows.get(rule.window, False)
            case ShareCondition.EXPECTED_WAIT:
                return (caller.home, LimitKind.OWN_WAIT, rule.name) in self._limits_on
            case ShareCondition.QUEUE_LENGTH:
                return True
            case ShareCondition.LINE_CLOSED:
                return caller.line in self._closed_lines


def reaches(ring: Ring, home: RegionPolicy, region: RegionPolicy) -> bool:
    """Whether the ring, drawn by `home`, has the region in it."""
    match ring.kind:
        case RingKind.UNITS:
            return False
        case RingKind.NATIONAL:
            return True
        case RingKind.CLUSTER:
            return bool(set(ring.names) & set(region.clusters))
        case RingKind.REGIONS:
            return region.code in ring.names
        case RingKind.REGION:
            return region.code == home.code
