"""Wrong versions of what is measured and limited; see `mutants`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from queue_engine.core import measures
from queue_engine.core.agent import Agent
from queue_engine.core.balance import Work
from queue_engine.core.measures import Measures
from queue_engine.core.state import State
from routing.estimate import own_wait_ms
from routing.lend_policy import PartReserve
from routing.limits import Levels, LimitKind
from routing.may_answer import Floor, Obstacle
from routing.policy import MINUTE_MS
from routing.ready_agents import AgentClass, ReadyAgents, ReserveOf
from routing.vocabulary import RegionCode, Requirement

Patch = pytest.MonkeyPatch


def own_wait_is_never_short_again(patch: Patch) -> None:
    patch.setattr(Levels, "turns", lambda self, is_on, value: not is_on and value is None)


def nurses_on_a_break_count_for_the_own_wait(patch: Patch) -> None:
    def wrong(self: Measures, region: RegionCode) -> int | None:
        state = self._state
        staff = state.ready.signed_on_count(region, ())
        return own_wait_ms(state.waiting.count_in_region(region), 0, staff, MINUTE_MS)

    patch.setattr(Measures, "own_wait_ms", wrong)


def own_wait_by_nurses_of_any_skill(patch: Patch) -> None:
    def wrong(self: Measures, region: RegionCode) -> int | None:
        state, own = self._state, len(self._state.taking.get(region, ()))
        waiting, ready = state.waiting.count_in_region(region), state.ready.ready_count(region, ())
        return own_wait_ms(waiting, ready, own, state.rules.policy.handle_ms_assumed)

    patch.setattr(Measures, "own_wait_ms", wrong)


def long_own_wait_shares_newcomers_only(patch: Patch) -> None:
    patch.setattr(measures, "share_in_region", lambda turn, limit: None)


def _limits_of_lending(patch: Patch, tier_min: int, *without: LimitKind) -> None:
    """The limits count from this tier on, and those without do not count at all."""
    monkey = Floor.lend_obstacle

    def wrong(
        self: Floor, region: RegionCode, needs: tuple[Requirement, ...], tier: int
    ) -> Obstacle | None:
        limits = self._limits
        self._limits = [limit for limit in limits if limit.kind not in without]
        try:
            return monkey(self, region, needs, tier + 2 - tier_min)
        finally:
            self._limits = limits

    patch.setattr(Floor, "lend_obstacle", wrong)


def urgent_callers_are_not_lent_to_either(patch: Patch) -> None:
    _limits_of_lending(patch, 1)


def lent_though_own_callers_wait(patch: Patch) -> None:
    _limits_of_lending(patch, 2, LimitKind.LONGEST_WAIT)


def lent_though_over_balance(patch: Patch) -> None:
    _limits_of_lending(patch, 2, LimitKind.BALANCE)


def lending_that_is_cut_goes_on(patch: Patch) -> None:
    _limits_of_lending(patch, 2, LimitKind.LOSS)


def taken_is_forgotten(patch: Patch) -> None:
    patch.setattr(Work, "permille", lambda self: self.given * 1000 // max(1, self.staffed))


def open_talks_are_in_no_balance(patch: Patch) -> None:
    def wrong(self: Measures, agent: Agent) -> Iterator[tuple[RegionCode, int, Work]]:
        yield agent.region, agent.signed_on_ms, Work(staffed=1)

    patch.setattr(Measures, "_work_of", wrong)


def one_reserve_for_all_services(patch: Patch) -> None:
    patch.setattr(PartReserve, "fits", lambda self, service, language: False)


def reserve_stays_as_many_come_and_go(patch: Patch) -> None:
    def wrong(self: ReadyAgents, kind: AgentClass, more: int) -> None:
        for count in self._counts_of(kind):
            count.signed_on += more

    patch.setattr(ReadyAgents, "_count_staff", wrong)


def reserve_stays_under_new_rules(patch: Patch) -> None:
    def wrong(self: ReadyAgents, reserve_of: ReserveOf) -> None:
        self._reserve_of = reserve_of

    patch.setattr(ReadyAgents, "keep_back", wrong)


def nobody_looks_again_when_lending_goes_on(patch: Patch) -> None:
    patch.setattr(State, "touch_agents_of", lambda self, region: None)


MUTANTS: Final = {
    urgent_callers_are_not_lent_to_either: "story lend_limits",
    lent_though_own_callers_wait: "story lend_limits",
    lent_though_over_balance: "story lend_limits",
    lending_that_is_cut_goes_on: "story lend_limits",
    taken_is_forgotten: "story lend_limits",
    open_talks_are_in_no_balance: "story lend_limits",
    one_reserve_for_all_services: "story lend_limits",
    reserve_stays_as_many_come_and_go: "invariants",
    reserve_stays_under_new_rules: "story lend_reserve",
    nobody_looks_again_when_lending_goes_on: "story lend_limits",
    own_wait_by_nurses_of_any_skill: "story share_own_wait",
    own_wait_is_never_short_again: "story share_own_wait",
    nurses_on_a_break_count_for_the_own_wait: "auditor",
    long_own_wait_shares_newcomers_only: "invariants",
}
