"""What a timeline says of a contact while it is connected, and of its way back to the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from queue_engine.console_api import timeline_words as words
from queue_engine.console_api.timeline_words import Words
from queue_engine.core import events as ev
from routing.vocabulary import AgentId, RegionCode, Skill, UnitId


class Names(NamedTuple):
    """What the agent of an event is called, and any region."""

    agent: Words
    region: Callable[[RegionCode], Words]


def _sent_back(event: ev.ContactSentBack, names: Names) -> Words:
    return Words(
        f"Lämnad tillbaka till kön av {names.agent.sv} ({event.reason}), på samma plats.",
        f"Given back to the queue by {names.agent.en} ({event.reason}), at the same place.",
    )


def _transferred(event: ev.ContactTransferred, names: Names) -> Words:
    to = _whom(event.to_region, event.to_unit, event.to_service, event.to_agent, names)
    return Words(
        f"Kopplad vidare av {names.agent.sv} till {to.sv}, på samma plats i kön.",
        f"Transferred by {names.agent.en} to {to.en}, at the same place in the queue.",
    )


def _whom(
    region: RegionCode | None,
    unit: UnitId | None,
    service: Skill | None,
    agent: AgentId | None,
    names: Names,
) -> Words:
    said = [names.region(region)] if region else []
    said += [Words(f"enheten {unit}", f"the unit {unit}")] if unit else []
    said += [Words(f"tjänsten {service}", f"the service {service}")] if service else []
    said += [Words(agent, agent)] if agent else []
    return Words(", ".join(one.sv for one in said), ", ".join(one.en for one in said))


def _prolonged(event: ev.WrapUpProlonged, names: Names) -> Words:
    return Words(
        f"Mer tid för efterarbetet hos {names.agent.sv}, på hens begäran.",
        f"More time for the wrap-up at {names.agent.en}, as she asked.",
    )


def _disposition(event: ev.DispositionSet, names: Names) -> Words:
    said = (
        (Words("vårdnivå", "care level"), event.care_level),
        (Words("brådska", "urgency"), event.urgency),
        (Words("orsak", "cause"), event.cause),
        (Words("hänvisad till", "referred to"), event.referred_unit),
    )
    sv = ", ".join(f"{what.sv} {code}" for what, code in said if code) or "inget"
    en = ", ".join(f"{what.en} {code}" for what, code in said if code) or "nothing"
    return Words(f"{names.agent.sv} noterar: {sv}.", f"{names.agent.en} notes: {en}.")


def _held(event: ev.ContactHeld, names: Names) -> Words:
    return Words(f"Parkerad av {names.agent.sv}.", f"Put on hold by {names.agent.en}.")


def _hold_overdue(event: ev.HoldOverdue, names: Names) -> Words:
    return Words(
        f"LARM: fortfarande parkerad; {names.agent.sv} påminns.",
        f"ALARM: still on hold; {names.agent.en} is reminded.",
    )


def _retrieved(event: ev.ContactRetrieved, names: Names) -> Words:
    return Words(f"Talar med {names.agent.sv} igen.", f"Talks with {names.agent.en} again.")


def _consult_offered(event: ev.ConsultOffered, names: Names) -> Words:
    return Words(
        f"{event.asking} vill fråga {names.agent.sv}, som rings upp.",
        f"{event.asking} wants to ask {names.agent.en}, whose phone rings.",
    )


def _consult_answered(event: ev.ConsultAnswered, names: Names) -> Words:
    return Words(f"{names.agent.sv} rådfrågas.", f"{names.agent.en} is being asked.")


def _conference(event: ev.ConferenceStarted, names: Names) -> Words:
    return Words(
        f"Trepartssamtal tillsammans med {names.agent.sv}.",
        f"All three talk, {names.agent.en} with them.",
    )


def _consult_ended(event: ev.ConsultEnded, names: Names) -> Words:
    why = words.CONSULT_ENDED[event.reason]
    return Words(
        f"{names.agent.sv} är inte längre med: {why.sv}.",
        f"{names.agent.en} is no longer with them: {why.en}.",
    )


def _handed_over(event: ev.ContactHandedOver, names: Names) -> Words:
    return Words(
        f"Övertagen av {names.agent.sv} från {event.former}.",
        f"Taken over by {names.agent.en} from {event.former}.",
    )


TALK: Final[dict[type, Callable[[Any, Names], Words]]] = {
    ev.ContactSentBack: _sent_back,
    ev.ContactTransferred: _transferred,
    ev.ContactHeld: _held,
    ev.HoldOverdue: _hold_overdue,
    ev.ContactRetrieved: _retrieved,
    ev.ConsultOffered: _consult_offered,
    ev.ConsultAnswered: _consult_answered,
    ev.ConferenceStarted: _conference,
    ev.ConsultEnded: _consult_ended,
    ev.ContactHandedOver: _handed_over,
    ev.WrapUpProlonged: _prolonged,
    ev.DispositionSet: _disposition,
}
"""By event: what is said of it."""
