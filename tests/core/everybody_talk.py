"""What any agent may ask of any contact; see `everybody`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from queue_engine.core import commands as cmd
from routing.vocabulary import AgentId, ContactId, RegionCode, Skill, UnitId


def asked_in_talks(contacts: Sequence[str], agents: Sequence[str]) -> Iterator[cmd.Command]:
    """By everybody and of everybody, sensible or not."""
    for contact_id in map(ContactId, contacts):
        for region in ("22", "23", "unknown", "99"):
            yield cmd.CorrectHomeRegion(contact_id, RegionCode(region))
        for agent_id in map(AgentId, agents):
            yield cmd.SendBack(agent_id, contact_id, "misuse")
            yield cmd.HoldContact(agent_id, contact_id)
            yield cmd.StartConference(agent_id, contact_id)
            yield cmd.CompleteTransfer(agent_id, contact_id)
            yield cmd.EndConsult(agent_id, contact_id)
            yield cmd.RetrieveContact(agent_id, contact_id)
    yield from _sent_on()
    for agent_id in map(AgentId, agents):
        yield cmd.ProlongWrapUp(agent_id, 60_000)
        yield cmd.ProlongWrapUp(agent_id, 0)
        for contact_id in map(ContactId, contacts):
            yield cmd.SetDisposition(agent_id, contact_id, "self_care", "at_once", "injury", "u1")
    yield cmd.SetDisposition(AgentId("wraps"), ContactId("over"), "somewhere")
    yield cmd.SetDisposition(AgentId("wraps"), ContactId("over"), referred_unit="Doctor Svensson")
    yield cmd.SendBack(AgentId("talker"), ContactId("talks"), "Mrs Svensson again")


def _sent_on() -> Iterator[cmd.Command]:
    for contact_id in map(ContactId, ("talks", "lone", "waits")):
        for target in targets():
            yield cmd.TransferContact(AgentId("talker"), contact_id, *target)
            yield cmd.ConsultAgent(AgentId("talker"), contact_id, *target)
    yield cmd.ConsultAgent(AgentId("asking"), ContactId("asked"), to_agent=AgentId("idle"))


def targets() -> Iterator[tuple[RegionCode | None, UnitId | None, Skill | None, AgentId | None]]:
    """Whom an agent may name, sensible or not."""
    for region in (None, RegionCode("23"), RegionCode("99")):
        for service in (None, Skill("child"), Skill("surgery")):
            yield region, None, service, None
            yield region, UnitId("kullen"), service, None
            yield region, None, service, AgentId("idle")
    for region in (None, RegionCode("23"), RegionCode("24")):
        yield region, UnitId("u1"), None, None
    for agent in ("idle", "talker", "off"):
        yield None, None, None, AgentId(agent)
