"""What agents ask for a caller whom they have or know something of, or ask one another about.

Part of `commands`, where the house rules stand. Those that name an agent are refused unless it is
she who talks with the caller.
"""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId, RegionCode, Skill, UnitId


@message
class CorrectHomeRegion:
    """The caller belongs to another region than was thought, or to another unit of it.

    Sharing, and whose account it goes to, follow from then on, whether he waits or talks.
    """

    contact_id: ContactId
    home_region: RegionCode
    home_unit: UnitId | None = None


@message
class SendBack:
    """Give the caller back to the queue, at the same place; the agent's wrap-up begins."""

    agent_id: AgentId
    contact_id: ContactId
    reason: str
    """A short code such as `misuse`; never free text about a person."""


@message
class TransferContact:
    """Send the caller on: he waits again with the same key, for whom the agent chooses.

    For a region, a unit, a service or several of these at once; or for one agent. The region
    becomes his home region, the unit his home unit, the service what he needs; the agent or the
    unit is the one he prefers, and for `preferred_wait_ms` nobody else answers him while one of
    them can be expected.
    """

    agent_id: AgentId
    contact_id: ContactId
    to_region: RegionCode | None = None
    to_unit: UnitId | None = None
    to_service: Skill | None = None
    to_agent: AgentId | None = None


@message
class HoldContact:
    """Put the caller on hold; asked twice, or in a conference, nothing changes."""

    agent_id: AgentId
    contact_id: ContactId


@message
class RetrieveContact:
    """Take the caller back from hold, and let a colleague go who was asked meanwhile."""

    agent_id: AgentId
    contact_id: ContactId


@message
class ConsultAgent:
    """Ask a colleague who is ready, while the caller is on hold.

    Anybody of a region, a unit, a service or several of these at once, chosen by the match; or
    one agent.
    """

    agent_id: AgentId
    contact_id: ContactId
    to_region: RegionCode | None = None
    to_unit: UnitId | None = None
    to_service: Skill | None = None
    to_agent: AgentId | None = None


@message
class StartConference:
    """Caller, agent and the colleague whom she asks talk together, all three."""

    agent_id: AgentId
    contact_id: ContactId


@message
class CompleteTransfer:
    """The colleague who was asked takes the caller over; the agent's wrap-up begins."""

    agent_id: AgentId
    contact_id: ContactId


@message
class EndConsult:
    """Either of the two agents ends it: the caller stays on hold, or in a talk of two."""

    agent_id: AgentId
    contact_id: ContactId


@message
class ProlongWrapUp:
    """The agent needs more time for the work after her contact; she gets what the rules allow."""

    agent_id: AgentId
    by_ms: int
    contact_id: ContactId | None = None
    """Which, if she has several: chats; None: the first."""


@message
class SetDisposition:
    """What the contact was about, in codes: while she talks, or in her wrap-up.

    Said again it replaces what was said before; what is left empty is not said.
    """

    agent_id: AgentId
    contact_id: ContactId
    care_level: str = ""
    """Where the caller is to go: `self_care`, `health_centre`."""
    urgency: str = ""
    cause: str = ""
    referred_unit: str = ""
    """To whom the caller is referred, if to a unit that has a code."""


TalkRequest = (
    CorrectHomeRegion
    | SendBack
    | TransferContact
    | HoldContact
    | RetrieveContact
    | ConsultAgent
    | StartConference
    | CompleteTransfer
    | EndConsult
    | ProlongWrapUp
    | SetDisposition
)
