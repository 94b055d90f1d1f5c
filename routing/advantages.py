"""What counts when the policy chooses between agents who may answer a contact."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from routing.policy import AgentChoice


class Advantage(StrEnum):
    """What sets one agent before another for a contact: the parts of `agent_rank`."""

    ORDER = "order"
    """At her the contact's key is less."""
    PREFERRED = "preferred"
    FREE = "free"
    """She has no contact, and the other has chats."""
    HOME_UNIT = "home_unit"
    HOME_REGION = "home_region"
    MOST_IDLE = "most_idle"
    """In her region most are ready who meet its needs."""
    FIRST_REGION = "first_region"
    """Her region is the first of these in the policy."""
    FEWEST_SKILLS = "fewest_skills"
    """Those whom other contacts need as well stay free."""
    LONGEST_IDLE = "longest_idle"
    FIRST_SIGNED_ON = "first_signed_on"


ADVANTAGES: Final = {
    AgentChoice.LONGEST_IDLE: (
        Advantage.ORDER,
        Advantage.PREFERRED,
        Advantage.FREE,
        Advantage.HOME_UNIT,
        Advantage.HOME_REGION,
        Advantage.FEWEST_SKILLS,
        Advantage.LONGEST_IDLE,
        Advantage.FIRST_SIGNED_ON,
    ),
    AgentChoice.MOST_IDLE_REGION: tuple(Advantage),
    AgentChoice.LONGEST_IDLE_OF_ALL: (
        Advantage.ORDER,
        Advantage.PREFERRED,
        Advantage.FREE,
        Advantage.LONGEST_IDLE,
        Advantage.FIRST_SIGNED_ON,
    ),
}
"""What counts under each choice, in the order in which it does."""
