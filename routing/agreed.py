"""May this agent ever answer this contact? By skills, switches and the agreement as they stand.

What passes by itself (a limit, a reserve, a length of the queue, a rest, the chats that she has, a
trunk that rests) stands in nobody's way here.
"""

from __future__ import annotations

from routing.may_answer import PASSING, Floor
from routing.ready_agents import AgentClass, agent_class
from routing.waiting import ContactClass


def could_answer(floor: Floor, agent: AgentClass, contact: ContactClass) -> bool:
    """Whether agents of the class could some time be offered contacts of this class.

    Args:
        contact: with all the rings in which it may come to be shared.
    """
    if agent.spared is not None or agent.room is not None:  # she will have rested, and have none
        agent = agent_class(
            agent.region, agent.unit, agent.skills, agent.link_id, is_seat=agent.is_seat
        )
    return floor.standing(agent, contact) in PASSING
