"""The stories' sentences about what an agent learns of a caller and does with him."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from queue_engine.core import commands as cmd
from queue_engine.core.state import State
from routing.vocabulary import AgentId, ContactId, RegionCode, Skill, UnitId
from tests.transcripts.sentences import FAILURES
from tests.transcripts.words import LENGTH, Words, duration_ms

_Target = tuple[RegionCode | None, UnitId | None, Skill | None, AgentId | None]
Ask = Callable[[State, Words], cmd.Command]


def _belongs(state: State, words: Words) -> cmd.Command:
    unit = UnitId(words["unit"]) if "unit" in words else None
    return cmd.CorrectHomeRegion(ContactId(words["contact"]), RegionCode(words["region"]), unit)


def _transfers(state: State, words: Words) -> cmd.Command:
    return cmd.TransferContact(
        AgentId(words["agent"]), ContactId(words["contact"]), *_target(words["target"])
    )


def _target(text: str) -> _Target:
    named = dict(zip(text.split()[::2], text.split()[1::2], strict=True))
    region, unit, service, agent = map(named.get, ("region", "unit", "service", "agent"))
    return (
        RegionCode(region) if region else None,
        UnitId(unit) if unit else None,
        Skill(service) if service else None,
        AgentId(agent) if agent else None,
    )


def _holds(state: State, words: Words) -> cmd.Command:
    return cmd.HoldContact(AgentId(words["agent"]), ContactId(words["contact"]))


def _takes_back(state: State, words: Words) -> cmd.Command:
    return cmd.RetrieveContact(AgentId(words["agent"]), ContactId(words["contact"]))


def _asks(state: State, words: Words) -> cmd.Command:
    return cmd.ConsultAgent(
        AgentId(words["agent"]), ContactId(words["contact"]), *_target(words["target"])
    )


def _picks_up(state: State, words: Words) -> cmd.Command:
    contact_id = ContactId(words["contact"])
    row = state.contacts[contact_id]
    asked = state.agents[AgentId(words["agent"])]
    offer = int(words.get("offer", row.consult or 0))
    return cmd.ReportConsultAnswered(contact_id, asked.phone_id, offer)


def _does_not_pick_up(state: State, words: Words) -> cmd.Command:
    contact_id = ContactId(words["contact"])
    offer = state.contacts[contact_id].consult or 0
    return cmd.ReportOfferFailed(contact_id, offer, FAILURES[words["how"]])


def _confers(state: State, words: Words) -> cmd.Command:
    return cmd.StartConference(AgentId(words["agent"]), ContactId(words["contact"]))


def _hands_over(state: State, words: Words) -> cmd.Command:
    return cmd.CompleteTransfer(AgentId(words["agent"]), ContactId(words["contact"]))


def _lets_be(state: State, words: Words) -> cmd.Command:
    return cmd.EndConsult(AgentId(words["agent"]), ContactId(words["contact"]))


def _prolongs(state: State, words: Words) -> cmd.Command:
    return cmd.ProlongWrapUp(AgentId(words["agent"]), duration_ms(words["length"]))


def _says_of(state: State, words: Words) -> cmd.Command:
    return cmd.SetDisposition(
        agent_id=AgentId(words["agent"]),
        contact_id=ContactId(words["contact"]),
        care_level=words.get("level", ""),
        urgency=words.get("urgency", ""),
        cause=words.get("cause", ""),
        referred_unit=words.get("unit", ""),
    )


def _gives_back(state: State, words: Words) -> cmd.Command:
    return cmd.SendBack(AgentId(words["agent"]), ContactId(words["contact"]), words["reason"])


def _forced(state: State, words: Words) -> cmd.Command:
    to = cmd.ForcedState.SIGNED_OFF if words["how"] == "signs" else cmd.ForcedState.NOT_READY
    return cmd.ForceAgent(AgentId(words["agent"]), to, words["by"], words["reason"])


TALK: Final[tuple[tuple[str, Ask], ...]] = (
    (
        r"(?P<contact>\w+) turns out to belong to (?P<region>\w+)(?: unit (?P<unit>\w+))?",
        _belongs,
    ),
    (r"(?P<agent>\w+) transfers (?P<contact>\w+) to (?P<target>.+)", _transfers),
    (r"(?P<agent>\w+) puts (?P<contact>\w+) on hold", _holds),
    (r"(?P<agent>\w+) takes (?P<contact>\w+) back from hold", _takes_back),
    (r"(?P<agent>\w+) asks about (?P<contact>\w+): (?P<target>.+)", _asks),
    (
        r"(?P<agent>\w+) picks up to be asked about (?P<contact>\w+)(?: as (?P<offer>[0-9]+))?",
        _picks_up,
    ),
    (
        rf"(?P<agent>\w+) (?P<how>{'|'.join(FAILURES)}) to be asked about (?P<contact>\w+)",
        _does_not_pick_up,
    ),
    (r"(?P<agent>\w+) lets all three talk about (?P<contact>\w+)", _confers),
    (r"(?P<agent>\w+) hands (?P<contact>\w+) over", _hands_over),
    (r"(?P<agent>\w+) ends the consultation about (?P<contact>\w+)", _lets_be),
    (rf"(?P<agent>\w+) asks for (?P<length>{LENGTH}) more of wrap-up", _prolongs),
    (
        r"(?P<agent>\w+) notes of (?P<contact>\w+):(?: care level (?P<level>[^,]+),?)?"
        r"(?: urgency (?P<urgency>[^,]+),?)?(?: cause (?P<cause>[^,]+),?)?"
        r"(?: referred to (?P<unit>.+))?",
        _says_of,
    ),
    (
        r"supervisor (?P<by>\w+) (?P<how>makes|signs) (?P<agent>\w+) (?:not ready|off):"
        r" (?P<reason>.+)",
        _forced,
    ),
    (r"(?P<agent>\w+) gives (?P<contact>\w+) back: (?P<reason>.+)", _gives_back),
)
"""Each sentence with the command that it is."""
