"""May this agent ever answer this contact? By skills, switches and the agreement as they stand.

What passes by itself (a limit, a reserve, a length of the queue, a rest, the chats that she has, a
trunk that rests) stands in nobody's way here.
"""

from __future__ import annotations

from routing.may_answer import PASSING, standing_obstacle
from routing.ready_agents import AgentClass, agent_class
from routing.rules import Rules
from routing.waiting import ContactClass


def could_answer(rules: Rules, agent: AgentClass, contact: ContactClass) -> bool:
    """Whether agents of the class could some time be offered contacts of this class.

    Args:
        contact: with all the rings in which it may come to be shared.
    """
    rested = agent_class(
        agent.region, agent.unit, agent.skills, agent.link_id, is_seat=agent.is_seat
    )
    return standing_obstacle(rules, rested, contact) in PASSING
