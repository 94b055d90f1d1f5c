"""What is measured now and then, and the limits that turn with it.

The runtime asks for it every ten seconds (`TakeMeasures`). Only what turns a limit becomes an
event, so most of the time nothing is journaled. What is measured hangs on the state and the moment
alone: deciding again measures the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent, AgentState
from queue_engine.core.balance import Work, window_start_ms
from queue_engine.core.commands import SetLending, TakeMeasures
from queue_engine.core.names import require_region
from queue_engine.core.sharing import share_in_region
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.estimate import own_wait_ms
from routing.limits import Levels, Limit, LimitKind
from routing.own_wait import region_wait_ms
from routing.rules import Rules
from routing.vocabulary import AgentId, RegionCode
from routing.waiting import ContactRow

MEASURE_MS: Final = 10_000
"""How often the runtime has measures taken."""


class Measures:
    """What is true of the regions at this moment; each is worked out when first asked for."""

    def __init__(self, state: State, now_ms: int) -> None:
        self._state = state
        self._now_ms = now_ms
        self._taking = state.taking
        self._count = state.ready.count
        self._own_waits: dict[RegionCode, int] = {}

    def own_wait_ms(self, region: RegionCode) -> int | None:
        """The region's expected wait if its own agents alone served its contacts.

        That of those who need the same, by the agents who can help them; the mean over all who
        wait. None: none of the region's agents takes calls, so that it has no end.
        """
        taking = self._taking.get(region)
        if taking is None:
            return None
        if region in self._waiting:
            return self._queue_ms(region, taking)
        if self._count(region, ()).ready:  # as nearly always
            return 0
        return own_wait_ms(0, 0, len(taking), self._state.rules.policy.handle_ms_assumed)

    def _queue_ms(self, region: RegionCode, taking: Collection[AgentId]) -> int:
        if region not in self._own_waits:
            state = self._state
            kinds = (state.agents[agent_id].agent_class for agent_id in taking)
            wait_ms = region_wait_ms(state.floor, state.waiting, region, kinds, len(taking))
            self._own_waits[region] = wait_ms
        return self._own_waits[region]

    def longest_waits_ms(self, region: RegionCode) -> dict[str, int]:
        """For each service and language how long one of the region's contacts has waited."""
        waits: dict[str, int] = {}
        for row in self._state.waiting.rows_of_region(region):
            part = self._state.rules.part_of(row[0][2].contact_class.needs)
            waits[part] = max(waits.get(part, 0), self._now_ms - self._first_arrival_ms(row))
        return waits

    def balance_permille(self, region: RegionCode) -> int:
        """What the region gave beyond what it took within its window, of its staffed time."""
        window_ms = self._state.rules.regions[region].lend.balance_window_ms
        start_ms = window_start_ms(self._now_ms, window_ms)
        work = self._state.balances.since(region, start_ms)
        for since_ms, part in self._under_way.get(region, ()):
            length_ms = self._now_ms - max(since_ms, start_ms)
            work += Work(*(length_ms * counts for counts in part))
        return work.permille()

    def _first_arrival_ms(self, row: ContactRow) -> int:
        """Nobody arrived earlier than the longest `due_after` before the moment he is due."""
        first_ms = self._now_ms
        for due_ms, _, entry in row:
            if due_ms - self._due_after_ms_max >= first_ms:
                break
            first_ms = min(first_ms, self._state.contacts[entry.contact_id].arrived_ms)
        return first_ms

    @cached_property
    def _due_after_ms_max(self) -> int:
        rules = self._state.rules.priorities.values()
        times = [rule.due_after_ms for rule in rules]
        return max(times + [each.due_after_ms for rule in rules for each in rule.services])

    @cached_property
    def _waiting(self) -> Collection[RegionCode]:
        return self._state.waiting.regions()

    @cached_property
    def _under_way(self) -> dict[RegionCode, list[tuple[int, Work]]]:
        """What is in no balance yet, because it has not ended: since when, and what it is."""
        found: dict[RegionCode, list[tuple[int, Work]]] = {}
        for agent in self._state.agents.values():
            for region, since_ms, work in self._work_of(agent):
                found.setdefault(region, []).append((since_ms, work))
        return found

    def _work_of(self, agent: Agent) -> Iterator[tuple[RegionCode, int, Work]]:
        yield agent.region, agent.signed_on_ms, Work(staffed=1)
        for contact_id, held in agent.assignments.items():
            home = self._state.lent_to(agent, contact_id)
            if home is not None and held.state is not AgentState.RESERVED:
                yield agent.region, held.since_ms, Work(given=1)
                yield home, held.since_ms, Work(taken=1)


def take_measures(turn: Turn, command: TakeMeasures) -> None:
    """Turns the limits that are crossed, and shares what is to be shared by that."""
    state = turn.state
    limits, measures = state.limits, Measures(state, turn.now_ms)
    for named, levels in state.rules.limits.items():
        region, kind, _ = named
        if kind is _OWN_WAIT or kind is _OVERLOAD:
            value = measures.own_wait_ms(region)
            if value is None and kind is _OVERLOAD:
                value = 0  # nobody of its own takes calls: its callers are others', not too many
            if not limits and value is not None and value <= levels.above:
                continue  # as nearly always: none is on, and this one stays off
            if levels.turns(named in limits, value):
                _turn_limit(turn, named, value)
            continue
        for limit, measured in _measured(state, measures, named):
            if levels.turns(limit in limits, measured):
                _turn_limit(turn, limit, measured)


_OWN_WAIT: Final = LimitKind.OWN_WAIT
_OVERLOAD: Final = LimitKind.OVERLOAD


def _measured(state: State, measures: Measures, named: Limit) -> list[tuple[Limit, int]]:
    """The limit with its value; the longest wait by its parts, with those that are on."""
    region, kind, _ = named
    if kind is LimitKind.BALANCE:
        return [(named, measures.balance_permille(region))]
    assert kind is LimitKind.LONGEST_WAIT, named
    waits = measures.longest_waits_ms(region)
    on = [each.part for each in state.limits if each[:2] == named[:2]]
    return [(named._replace(part=part), waits.get(part, 0)) for part in sorted({*waits, *on})]


def _turn_limit(turn: Turn, limit: Limit, value: int | None) -> None:
    is_on = limit not in turn.state.limits
    turn.emit(ev.LimitTurned(limit.region, limit.kind, limit.part, is_on, value))
    if is_on and limit.kind is LimitKind.OWN_WAIT:
        share_in_region(turn, limit.region)


def levels_of(rules: Rules, limit: Limit) -> Levels | None:
    """When it turns; None if no rule names it."""
    if limit.kind is LimitKind.LONGEST_WAIT:
        return rules.limits.get(limit._replace(part=""))
    return rules.limits.get(limit)


def drop_limits(turn: Turn) -> None:
    """Turns off what the rules in force no longer name."""
    for limit in sorted(turn.state.limits):
        if limit.kind is not LimitKind.LOSS and levels_of(turn.state.rules, limit) is None:
            turn.emit(ev.LimitTurned(limit.region, limit.kind, limit.part, False, None))


def set_lending(turn: Turn, command: SetLending) -> None:
    """Cuts a region's lending to tiers 0 and 1, or gives it back."""
    require_region(turn.state.rules, command.region, "SetLending.region")
    if (Limit(command.region, LimitKind.LOSS) in turn.state.limits) != command.is_cut:
        turn.emit(ev.LendingSet(command.region, command.is_cut, command.reason))
