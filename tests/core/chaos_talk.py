"""What agents ask for while they talk, drawn at random; see `chaos`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from queue_engine.core import commands as cmd
from queue_engine.core.contact import Contact
from queue_engine.core.talk import TalkState
from routing.policy import MINUTE_MS
from routing.vocabulary import AgentId, ContactId, RegionCode, Skill, UnitId

Pick = Callable[[Sequence[Any]], Any]


def talk_command(
    pick: Pick, contact: Contact, agent_id: AgentId, is_somebody_ready: bool
) -> cmd.Command:
    """What the agent who talks with the contact may ask for."""
    contact_id, phone = contact.contact_id, contact.consulted_phone
    if contact.consult is None or phone is None:
        if is_somebody_ready and pick(range(4)):
            return cmd.ConsultAgent(agent_id, contact_id, to_service=Skill("advice"))
        if contact.talk is TalkState.HELD and pick(range(2)):
            return cmd.RetrieveContact(agent_id, contact_id)
        return any_talk_command(pick, contact_id, agent_id)
    either = pick([agent_id, contact.consulted_agent])
    failure = pick(list(cmd.OfferFailure))
    answered = cmd.ReportConsultAnswered(contact_id, phone, contact.consult)
    if contact.talk is TalkState.ASKING:
        failed = cmd.ReportOfferFailed(contact_id, contact.consult, failure)
        asked: cmd.Command = pick((answered, answered, answered, failed))
        return asked
    consulting: cmd.Command = pick(
        (
            cmd.StartConference(agent_id, contact_id),
            cmd.StartConference(agent_id, contact_id),
            cmd.CompleteTransfer(agent_id, contact_id),
            cmd.EndConsult(either, contact_id),
            cmd.ReportTalkEnded(contact_id, pick([phone, contact.phone_id])),
            cmd.RetrieveContact(agent_id, contact_id),
            any_talk_command(pick, contact_id, agent_id),
        )
    )
    return consulting


def any_talk_command(pick: Pick, contact_id: ContactId, agent_id: AgentId) -> cmd.Command:
    """Anything that an agent can ask for in a talk, whether or not it makes sense."""
    chosen: cmd.Command = pick(
        (
            cmd.TransferContact(agent_id, contact_id, *_target(pick)),
            cmd.HoldContact(agent_id, contact_id),
            cmd.ConsultAgent(agent_id, contact_id, *_target(pick)),
            cmd.ConsultAgent(agent_id, contact_id, to_service=Skill("advice")),
            cmd.StartConference(agent_id, contact_id),
            cmd.EndConsult(agent_id, contact_id),
            cmd.RetrieveContact(agent_id, contact_id),
            cmd.SendBack(agent_id, contact_id, pick(["misuse", "wrong_language", "No code"])),
            wrap_up_command(pick, contact_id, agent_id),
        )
    )
    return chosen


def wrap_up_command(pick: Pick, contact_id: ContactId, agent_id: AgentId) -> cmd.Command:
    """Work after a talk, mostly its end."""
    done = cmd.EndWrapUp(agent_id, "self_care", contact_id)
    level = pick(["", "self_care", "health_centre", "nowhere"])
    said = cmd.SetDisposition(agent_id, contact_id, level, "at_once")
    more = cmd.ProlongWrapUp(agent_id, pick([-1, 60_000, 10 * MINUTE_MS]))
    chosen: cmd.Command = pick((done, done, done, said, more))
    return chosen


def _target(pick: Pick) -> tuple[RegionCode | None, UnitId | None, Skill | None, AgentId | None]:
    region = pick([None, None, RegionCode("22"), RegionCode("23"), RegionCode("01")])
    unit, service = pick([None, None, UnitId("hamnen")]), pick([None, None, Skill("advice")])
    agent = AgentId(f"a{pick(range(7))}") if pick(range(3)) == 0 else None
    return (None, None, None, agent) if agent else (region, unit, service, None)
