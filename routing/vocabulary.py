"""The words of the queue as types.

House rules: ids are opaque strings that come from outside; a priority is a word, everywhere;
nothing here has behaviour beyond comparing and printing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple, NewType

ContactId = NewType("ContactId", str)
"""The caller channel's Uniqueid, with `systemname` set per Asterisk; unique in the nation."""
AgentId = NewType("AgentId", str)
RegionCode = NewType("RegionCode", str)
"""Two digits of the county code (`"14"`), or `UNKNOWN_REGION`."""
UnitId = NewType("UnitId", str)
LinkId = NewType("LinkId", str)
"""One telephone switch: the `systemname` of its Asterisk."""
NO_LINK: Final = LinkId("")
"""In place of a switch: no call is at any; whoever is rung for it can be at every one."""
PhoneId = NewType("PhoneId", str)
"""The endpoint name of an agent's phone at its switch, e.g. `nurse17`; of a talk with a caller at
another switch `nurse17@ast2` (see `trunks`)."""
GatewayId = NewType("GatewayId", str)
"""A contact centre on another telephone system, whose agents answer callers as one group."""
LineId = NewType("LineId", str)
"""A called number's entry in the configuration: menu, region, unit and services."""
TextId = NewType("TextId", str)
"""One text message that was asked for: the record in which it was, and the contact."""
IslandId = NewType("IslandId", str)
"""One time that a node was an island: its start, and the last record that it shared with others."""
Skill = NewType("Skill", str)
"""A service (`advice`, `child`) or a language (`sv`, `en`), lower case."""

INTERPRETER: Final = Skill("interpreter")
"""Can call in an interpreter: neither a service nor a language, and stands in for any language."""

UNKNOWN_REGION: Final = RegionCode("unknown")
"""Home region of a caller whose place is not known: shared with all at once."""

SKILL_LEVEL_BEST: Final = 1
SKILL_LEVEL_MIN: Final = 9
"""Levels run from 1 (best) to 9."""


class Priority(StrEnum):
    """Medical need as a word; its tier and limits are configuration (DESIGN 2)."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    RAISED = "raised"
    STANDARD = "standard"
    NON_MEDICAL = "non_medical"


class ContactChannel(StrEnum):
    """How the caller and the agent meet."""

    PHONE = "phone"
    CALLBACK = "callback"
    CHAT = "chat"
    VIDEO = "video"

    @property
    def is_on_screen(self) -> bool:
        """Whether both meet on their screens: no phone rings, and no switch knows of it."""
        return self in ON_SCREEN


ON_SCREEN: Final = (ContactChannel.CHAT, ContactChannel.VIDEO)


class HomeRegionSource(StrEnum):
    """Why we believe a contact belongs to its home region, strongest first."""

    AGENT = "agent"
    NETWORK = "network"
    CALLER_KEY = "caller_key"
    AREA_CODE = "area_code"
    LINE = "line"
    NONE = "none"


class NotReadyReason(StrEnum):
    """Why an agent is signed on and yet not to be offered contacts."""

    SIGNED_ON = "signed_on"
    """Signed on and not yet asked to be ready."""
    BREAK = "break"
    MEETING = "meeting"
    OTHER = "other"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    FORCED = "forced"
    """Set by a supervisor."""


class Outcome(StrEnum):
    """How a contact ended; each contact ends exactly once."""

    HANDLED = "handled"
    ABANDONED = "abandoned"
    LOST = "lost"
    """The call was cut, or we learned only afterwards that the caller was gone."""
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    NOT_REACHED = "not_reached"
    """Was rung back in vain, as often as the rules say."""
    CONTINUED = "continued"
    """Was to be rung back and rang again: another contact has his place."""


class Requirement(NamedTuple):
    """A skill that a contact needs, with the worst level that will do."""

    skill: Skill
    level_max: int = SKILL_LEVEL_MIN


class SkillLevel(NamedTuple):
    """A skill that an agent has, and how well: 1 is best."""

    skill: Skill
    level: int = SKILL_LEVEL_BEST
