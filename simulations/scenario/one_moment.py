"""What happens within one millisecond, in the order that days of calls are worked out by.

Live nothing happens at once with anything else, and what is due is done first. In a day whose times
are whole seconds much does: there the hour comes first, then ends of calls, then callers whose wait
has become so long that anybody may take them, then arrivals. A nurse who becomes free may take such
a caller before those of other regions who have been free for longer. So these are not ready until
hours and ends are over; then they are again, those of the region first in which most are.

House rules: only which region answers is kept to, not who of its nurses.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from queue_engine.core.commands import SetAgentNotReady, SetAgentReady
from routing.policy import AgentChoice, Policy
from routing.region_policy import ShareCondition
from routing.vocabulary import AgentId, NotReadyReason, RegionCode
from simulations.scenario.model import Scenario
from simulations.world import World

_ASIDE: Final = NotReadyReason.OTHER


def goes_by_reference(scenario: Scenario, policy: Policy) -> bool:
    """Whether a run is of a day of calls, under rules that such a day is worked out by."""
    return (
        scenario.contacts is not None
        and policy.agent_choice is AgentChoice.MOST_IDLE_REGION
        and any(
            rule.condition is ShareCondition.WAITED and rule.after_ms
            for region in policy.regions
            for rule in region.share_rules
        )
    )


class OneMoment:
    """Nurses who are free while others become it."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._world = world
        self._order = {region.code: index for index, region in enumerate(scenario.regions)}
        self._aside: dict[RegionCode, deque[AgentId]] = {}

    @property
    def is_on(self) -> bool:
        """Whether somebody is to be ready again."""
        return bool(self._aside)

    def set_aside(self) -> None:
        """Before what is due at this moment."""
        state = self._world.state
        for agent_id in list(state.ready.by_id):
            self._aside.setdefault(state.agents[agent_id].region, deque()).append(agent_id)
            self._world.do_before_due(SetAgentNotReady(agent_id, _ASIDE))

    def bring_back_in(self, region: RegionCode) -> None:
        """The hour has come for this region, or one of its nurses becomes free."""
        for agent_id in self._aside.pop(region, ()):
            self._ready(agent_id)

    def bring_back(self) -> None:
        """All; each takes who waits, if anybody does whom she may."""
        while self._aside:
            region = min(self._aside, key=lambda code: (-len(self._aside[code]), self._order[code]))
            agents = self._aside[region]
            self._ready(agents.popleft())
            if not agents:
                del self._aside[region]

    def _ready(self, agent_id: AgentId) -> None:
        """Unless she has gone home meanwhile."""
        agent = self._world.state.agents.get(agent_id)
        if agent is not None and agent.not_ready_reason is _ASIDE:
            self._world.do(SetAgentReady(agent_id))
