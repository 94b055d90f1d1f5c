"""What agents ask for while they talk, drawn at random; see `chaos`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from queue_engine.core import commands as cmd
from queue_engine.core.contact import Contact
from routing.policy import MINUTE_MS
from routing.vocabulary import AgentId, ContactId, RegionCode, Skill, UnitId

Pick = Callable[[Sequence[Any]], Any]


def talk_command(pick: Pick, contact: Contact, agent_id: AgentId) -> cmd.Command:
    """What the agent who talks with the contact may ask for."""
    return any_talk_command(pick, contact.contact_id, agent_id)


def any_talk_command(pick: Pick, contact_id: ContactId, agent_id: AgentId) -> cmd.Command:
    """Anything that an agent can ask for in a talk, whether or not it makes sense."""
    chosen: cmd.Command = pick(
        (
            cmd.TransferContact(agent_id, contact_id, *_target(pick)),
            cmd.HoldContact(agent_id, contact_id),
            cmd.HoldContact(agent_id, contact_id),
            cmd.RetrieveContact(agent_id, contact_id),
            cmd.SendBack(agent_id, contact_id, pick(["misuse", "wrong_language", "No code"])),
            wrap_up_command(pick, contact_id, agent_id),
        )
    )
    return chosen


def wrap_up_command(pick: Pick, contact_id: ContactId, agent_id: AgentId) -> cmd.Command:
    """Work after a talk, mostly its end."""
    done = cmd.EndWrapUp(agent_id, "self_care")
    level = pick(["", "self_care", "health_centre", "nowhere"])
    said = cmd.SetDisposition(agent_id, contact_id, level, "at_once")
    more = cmd.ProlongWrapUp(agent_id, pick([-1, 60_000, 10 * MINUTE_MS]))
    chosen: cmd.Command = pick((done, done, done, said, more))
    return chosen


def _target(pick: Pick) -> tuple[RegionCode | None, UnitId | None, Skill | None, AgentId | None]:
    region = pick([None, None, RegionCode("22"), RegionCode("23"), RegionCode("01")])
    unit, service = pick([None, None, UnitId("u1")]), pick([None, None, Skill("advice")])
    agent = AgentId(f"a{pick(range(7))}") if pick(range(3)) == 0 else None
    return (None, None, None, agent) if agent else (region, unit, service, None)
