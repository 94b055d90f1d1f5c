"""The nation and its regions at one moment, counted from the engine's rows in one pass.

Thousands of rows are looked at twice a second: each is counted once, where it belongs, and the
nation is the sum.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from queue_engine.console_api.gateways_view import SeatCounts
from queue_engine.console_api.region_shapes import Help, WaitBand
from queue_engine.console_api.shapes import (
    AgentCounts,
    AgentStateText,
    Load,
    Region,
    Regions,
    Waiting,
)
from queue_engine.core.agent import Agent, AgentState, Presence
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.placing import priority_rule
from queue_engine.core.region_wait import region_wait_ms
from queue_engine.core.state import State
from routing.estimate import wait_band
from routing.limits import Limit, LimitKind
from routing.vocabulary import UNKNOWN_REGION, Priority, RegionCode

UNKNOWN_NAME: Final = "Okänd region"

_DOING: Final[dict[AgentState, AgentStateText]] = {
    AgentState.TALKING: "talking",
    AgentState.RESERVED: "ringing",
    AgentState.WRAP_UP: "wrap_up",
}
"""What comes first is what she does, should she have several contacts."""


def agent_state(agent: Agent) -> AgentStateText:
    """What she does now; her presence if that is nothing."""
    held = [assignment.state for assignment in agent.assignments.values()]
    for state, text in _DOING.items() if held else ():
        if state in held:
            return text
    return "ready" if is_ready(agent) else "not_ready"


def is_ready(agent: Agent) -> bool:
    """Whether callers in general are for her, as she has said, or as her gateway takes them."""
    return agent.presence is Presence.READY and not agent.is_resting_seat


def regions(
    state: State, now_ms: int, speed: float, degraded_since_ms: int | None = None
) -> Regions:
    """All regions of the policy in its order, then those that have somebody all the same."""
    count = _Count(state, now_ms)
    for contact in state.contacts.values():
        count.contact(contact)
    for agent in state.agents.values():
        count.of(agent.region).agents[agent_state(agent)] += 1
        if agent.gateway is not None:
            count.seats.add(agent)
    codes = dict.fromkeys((*state.rules.regions, *sorted(count.tallies)))
    rows = [count.region(code) for code in codes]
    return Regions(
        at_ms=now_ms,
        speed=speed,
        island=list(state.island),
        degraded_since_ms=degraded_since_ms,
        nation=count.nation(),
        regions=rows,
    )


class _Tally:
    """What is counted in one region."""

    __slots__ = ("agents", "arrived_ms", "past_promise", "ringing", "talking", "waiting")

    def __init__(self) -> None:
        self.waiting: Counter[Priority] = Counter()
        self.agents: Counter[AgentStateText] = Counter()
        self.ringing = 0
        self.talking = 0
        self.past_promise = 0
        self.arrived_ms: int | None = None
        """Of the one who waits or rings longest."""

    def add(self, other: _Tally) -> None:
        self.waiting += other.waiting
        self.agents += other.agents
        self.ringing += other.ringing
        self.talking += other.talking
        self.past_promise += other.past_promise
        if other.arrived_ms is not None and (
            self.arrived_ms is None or other.arrived_ms < self.arrived_ms
        ):
            self.arrived_ms = other.arrived_ms

    def load(self, now_ms: int) -> Load:
        waiting, agents = self.waiting, self.agents
        arrived_ms = now_ms if self.arrived_ms is None else self.arrived_ms
        return Load(
            waiting=Waiting(
                emergency=waiting[Priority.EMERGENCY],
                urgent=waiting[Priority.URGENT],
                raised=waiting[Priority.RAISED],
                standard=waiting[Priority.STANDARD],
                non_medical=waiting[Priority.NON_MEDICAL],
            ),
            waiting_total=waiting.total(),
            longest_wait_ms=max(0, now_ms - arrived_ms),
            past_promise=self.past_promise,
            ringing=self.ringing,
            talking=self.talking,
            agents=AgentCounts(
                ready=agents["ready"],
                not_ready=agents["not_ready"],
                ringing=agents["ringing"],
                talking=agents["talking"],
                wrap_up=agents["wrap_up"],
                total=agents.total(),
            ),
        )


class _Count:
    def __init__(self, state: State, now_ms: int) -> None:
        self.tallies: dict[RegionCode, _Tally] = {}
        self._state = state
        self._rules = state.rules
        self._agents = state.agents
        self._limits = state.limits
        self._now_ms = now_ms
        self.seats = SeatCounts(state)
        self._help: Counter[tuple[RegionCode, RegionCode]] = Counter()
        """Calls by (who helps, who is helped)."""

    def of(self, code: RegionCode) -> _Tally:
        tally = self.tallies.get(code)
        if tally is None:
            tally = self.tallies[code] = _Tally()
        return tally

    def contact(self, contact: Contact) -> None:
        state = contact.state
        if state is ContactState.ENDED or state is None:
            return
        tally = self.of(contact.home_region)
        if state is ContactState.CONNECTED:
            tally.talking += 1
        else:
            arrived_ms, priority = contact.arrived_ms, contact.priority
            if tally.arrived_ms is None or arrived_ms < tally.arrived_ms:
                tally.arrived_ms = arrived_ms
            promise_ms = priority_rule(self._rules, contact).answer_within_ms
            if arrived_ms + promise_ms < self._now_ms:
                tally.past_promise += 1
            if state is ContactState.WAITING:
                tally.waiting[priority] += 1
                return
            tally.ringing += 1
        agent = self._agents.get(contact.agent_id) if contact.agent_id else None
        if agent is not None and agent.region != contact.home_region:
            self._help[agent.region, contact.home_region] += 1

    def nation(self) -> Load:
        whole = _Tally()
        for tally in self.tallies.values():
            whole.add(tally)
        return whole.load(self._now_ms)

    def region(self, code: RegionCode) -> Region:
        policy = self._rules.regions.get(code)
        name = UNKNOWN_NAME if code == UNKNOWN_REGION else code
        return Region(
            **self.tallies.get(code, _NOBODY).load(self._now_ms),
            code=code,
            name=policy.name if policy else name,
            takes_part=self._rules.takes_part(code),
            expected_wait=self._expected_wait(code),
            is_lending_cut=Limit(code, LimitKind.LOSS) in self._limits,
            gateways=self.seats.of(code),
            helps=[
                Help(region=helped, calls=calls)
                for (helper, helped), calls in sorted(self._help.items())
                if helper == code
            ],
            helped_by=[
                Help(region=helper, calls=calls)
                for (helper, helped), calls in sorted(self._help.items())
                if helped == code
            ],
        )

    def _expected_wait(self, code: RegionCode) -> WaitBand | None:
        wait_ms = region_wait_ms(self._state, code, self._now_ms)
        if wait_ms is None:
            return None
        start, end = wait_band(wait_ms)
        return WaitBand(from_minutes=start, to_minutes=end)


_NOBODY: Final = _Tally()
