"""The nation and its regions at one moment, counted from the engine's rows in one pass."""

from __future__ import annotations

from collections import Counter
from typing import Final

from queue_engine.console_api.shapes import (
    AgentCounts,
    AgentStateText,
    Help,
    Load,
    Region,
    Regions,
    Waiting,
)
from queue_engine.core.agent import Agent, AgentState, Presence
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.state import State
from routing.vocabulary import UNKNOWN_REGION, RegionCode

UNKNOWN_NAME: Final = "Okänd region"

_DOING: Final[dict[AgentState, AgentStateText]] = {
    AgentState.TALKING: "talking",
    AgentState.RESERVED: "ringing",
    AgentState.WRAP_UP: "wrap_up",
}


def agent_state(agent: Agent) -> AgentStateText:
    """What she does now; her presence if that is nothing."""
    for state, text in _DOING.items():
        for held in agent.assignments.values():
            if held.state is state:
                return text
    return "ready" if agent.presence is Presence.READY else "not_ready"


def regions(state: State, now_ms: int, speed: float) -> Regions:
    """All regions of the policy in its order, then those that have somebody all the same."""
    count = _Count(state, now_ms)
    for contact in state.contacts.values():
        if contact.state not in (ContactState.ENDED, None):
            count.contact(contact)
    for agent in state.agents.values():
        count.agent(agent)
    codes = dict.fromkeys((*state.rules.regions, *sorted(count.loads)))
    return Regions(
        at_ms=now_ms,
        speed=speed,
        nation=count.nation,
        regions=[count.region(code) for code in codes],
    )


class _Count:
    def __init__(self, state: State, now_ms: int) -> None:
        self.nation = _no_load()
        self.loads: dict[RegionCode, Load] = {}
        self._state = state
        self._now_ms = now_ms
        self._answer_within_ms = {
            priority: rule.answer_within_ms for priority, rule in state.rules.priorities.items()
        }
        self._help: Counter[tuple[RegionCode, RegionCode]] = Counter()
        """Calls by (who helps, who is helped)."""

    def contact(self, contact: Contact) -> None:
        for load in (self.nation, self._load(contact.home_region)):
            match contact.state:
                case ContactState.WAITING:
                    load["waiting"][contact.priority.value] += 1
                    load["waiting_total"] += 1
                    self._unanswered(load, contact)
                case ContactState.OFFERED:
                    load["ringing"] += 1
                    self._unanswered(load, contact)
                case ContactState.CONNECTED:
                    load["talking"] += 1
        agent = self._state.agents.get(contact.agent_id) if contact.agent_id else None
        if agent is not None and agent.region != contact.home_region:
            self._help[agent.region, contact.home_region] += 1

    def _unanswered(self, load: Load, contact: Contact) -> None:
        waited_ms = self._now_ms - contact.arrived_ms
        load["longest_wait_ms"] = max(load["longest_wait_ms"], waited_ms)
        load["past_promise"] += waited_ms > self._answer_within_ms[contact.priority]

    def agent(self, agent: Agent) -> None:
        doing = agent_state(agent)
        for load in (self.nation, self._load(agent.region)):
            load["agents"][doing] += 1
            load["agents"]["total"] += 1

    def region(self, code: RegionCode) -> Region:
        policy = self._state.rules.regions.get(code)
        name = UNKNOWN_NAME if code == UNKNOWN_REGION else code
        return Region(
            **self._load(code),
            code=code,
            name=policy.name if policy else name,
            takes_part=policy is not None and policy.takes_part,
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

    def _load(self, code: RegionCode) -> Load:
        load = self.loads.get(code)
        if load is None:
            load = self.loads[code] = _no_load()
        return load


def _no_load() -> Load:
    return Load(
        waiting=Waiting(emergency=0, urgent=0, raised=0, standard=0, non_medical=0),
        waiting_total=0,
        longest_wait_ms=0,
        past_promise=0,
        ringing=0,
        talking=0,
        agents=AgentCounts(ready=0, not_ready=0, ringing=0, talking=0, wrap_up=0, total=0),
    )
