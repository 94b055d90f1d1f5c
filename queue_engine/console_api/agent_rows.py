"""All agents as JSON, cheaply: a row is made anew only when the agent has changed.

A thousand agents are a third of a megabyte, of which a few rows change from one tick to the next.
"""

from __future__ import annotations

from queue_engine.console_api.json_text import to_json
from queue_engine.console_api.views import agent_view
from queue_engine.core.agent import Agent
from queue_engine.core.state import State
from routing.vocabulary import AgentId, RegionCode

_Fingerprint = tuple[object, ...]


class AgentRows:
    """Remembers each agent's row."""

    def __init__(self) -> None:
        self._rows: dict[AgentId, tuple[_Fingerprint, bytes]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def json(self, state: State, now_ms: int, region: RegionCode | None = None) -> bytes:
        """`shapes.Agents` of all at work, or of one region, by region and id."""
        found = [one for one in state.agents.values() if region is None or one.region == region]
        found.sort(key=_order)
        rows = b",".join([self._row(state, agent) for agent in found])
        if len(self._rows) > len(state.agents):
            for agent_id in self._rows.keys() - state.agents.keys():
                del self._rows[agent_id]
        return b'{"at_ms":%d,"agents":[%s]}' % (now_ms, rows)

    def _row(self, state: State, agent: Agent) -> bytes:
        fingerprint = _fingerprint(agent)
        known = self._rows.get(agent.agent_id)
        if known is not None and known[0] == fingerprint:
            return known[1]
        row = to_json(agent_view(state, agent))
        self._rows[agent.agent_id] = (fingerprint, row)
        return row


def _order(agent: Agent) -> tuple[RegionCode, AgentId]:
    return agent.region, agent.agent_id


def _fingerprint(agent: Agent) -> _Fingerprint:
    """All that her row shows and that changes while she is signed on; `sequence` is her sign-on's.

    What a contact adds to the row stays as it is for as long as she has the contact in one state.
    """
    held = [
        (contact_id, assignment.state, assignment.since_ms)
        for contact_id, assignment in agent.assignments.items()
    ]
    return (
        agent.sequence,
        agent.presence,
        agent.is_resting_seat,
        agent.not_ready_reason,
        agent.ready_since_ms,
        agent.is_signing_off,
        held,
    )
