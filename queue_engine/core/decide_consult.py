"""Decisions on a colleague who is asked about a caller.

She is chosen as the match would choose, among those who are ready and may answer: the rules on
sharing and lending hold for her time as well. She is free as soon as she is let go; the work after
the talk is that of whoever has the caller last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    CompleteTransfer,
    ConsultAgent,
    EndConsult,
    OfferFailure,
    ReportConsultAnswered,
    SeenCaller,
    StartConference,
)
from queue_engine.core.contact import Contact
from queue_engine.core.decide_contacts import (
    RING_GRACE_MS,
    end,
    end_consult,
    not_ready,
    start_wrap_up,
)
from queue_engine.core.decide_talk import LEFT_ON_HOLD, call_of, give_back, hold, talk_of
from queue_engine.core.errors import Refused
from queue_engine.core.placing import place_and_class
from queue_engine.core.state import State
from queue_engine.core.talk import TALKS_TOO, WITH_COLLEAGUE, TalkState
from queue_engine.core.talk_target import Target, needs_with, target_of
from queue_engine.core.turn import Turn
from routing.matching import agent_rank
from routing.may_answer import class_obstacle, is_sold_to, obstacle
from routing.ready_agents import AgentClass, ReadyAgent
from routing.trunks import seen_from
from routing.vocabulary import ContactId, LinkId, NotReadyReason, Outcome


def consult_agent(turn: Turn, command: ConsultAgent) -> None:
    """The caller is on hold, if he was not, and the colleague's phone is to ring."""
    contact = call_of(turn, command.agent_id, command.contact_id)
    target = target_of(turn.state, command)
    if contact.talk in WITH_COLLEAGUE:
        raise Refused("consulting", f"agent {command.agent_id} asks a colleague already")
    if not turn.state.is_link_up(contact.link_id):
        raise Refused("link_lost", f"switch {contact.link_id}, where the call is, is out of reach")
    found = _colleague_for(turn.state, contact, target)
    if found is None:
        raise Refused("nobody_ready", "nobody is ready who could be asked about this")
    if contact.talk is None:
        hold(turn, contact, command.agent_id)
    colleague = turn.state.agents[found.agent_id]
    turn.emit(
        ev.ConsultOffered(
            contact_id=contact.contact_id,
            agent_id=colleague.agent_id,
            asking=command.agent_id,
            link_id=contact.link_id,
            phone_id=seen_from(contact.link_id, colleague.link_id, colleague.phone_id),
            offer=turn.state.next_offer,
            ring_until_ms=turn.now_ms + turn.state.rules.policy.ring_ms + RING_GRACE_MS,
            is_sold=is_sold_to(contact.contact_class, colleague.agent_class),
        )
    )


def _colleague_for(state: State, contact: Contact, target: Target) -> ReadyAgent | None:
    """Whom the match would choose for it, among those who are what is asked for."""
    floor = state.floor
    asked = replace(
        contact,
        needs=needs_with(state, contact.needs, target.service),
        preferred_agent=None,
    )
    asked.place, asked.contact_class = place_and_class(state.rules, asked)
    if target.agent is not None:
        agent = floor.agents.get(target.agent)
        return agent if agent is not None and obstacle(floor, agent, asked) is None else None
    first = (
        next(floor.agents.members(kind))
        for kind in floor.agents.classes()
        if _is_of(kind, target) and class_obstacle(floor, kind, asked.contact_class) is None
    )
    return min(first, key=lambda agent: agent_rank(floor, asked, agent), default=None)


def _is_of(kind: AgentClass, target: Target) -> bool:
    """Nobody asks at a gateway's seat: it is put through to callers and to nobody else."""
    is_there = target.region in (None, kind.region) and target.unit in (None, kind.unit)
    return is_there and not kind.is_seat


def start_conference(turn: Turn, command: StartConference) -> None:
    """All three talk; asked twice, nothing changes."""
    contact = talk_of(turn, command.agent_id, command.contact_id)
    if contact.talk is TalkState.CONFERENCE:
        return
    _require_consulting(contact)
    assert contact.consulted_agent is not None, contact.contact_id
    turn.emit(ev.ConferenceStarted(contact.contact_id, contact.consulted_agent))


def complete_transfer(turn: Turn, command: CompleteTransfer) -> None:
    """The colleague has the caller from now on."""
    contact = talk_of(turn, command.agent_id, command.contact_id)
    if contact.talk is not TalkState.CONFERENCE:
        _require_consulting(contact)
    hand_over(turn, contact)


def _require_consulting(contact: Contact) -> None:
    if contact.talk is not TalkState.CONSULTING:
        raise Refused("no_consult", f"nobody is asked about contact {contact.contact_id}")


def hand_over(turn: Turn, contact: Contact) -> None:
    """The colleague who talks already takes the caller over; the first agent wraps up."""
    former, colleague, phone_id = contact.agent_id, contact.consulted_agent, contact.consulted_phone
    assert former is not None, contact.contact_id
    assert colleague is not None, contact.contact_id
    assert phone_id is not None, contact.contact_id
    turn.emit(ev.ContactHandedOver(contact.contact_id, colleague, former, phone_id))
    start_wrap_up(turn, former, contact.contact_id)


def end_consult_now(turn: Turn, command: EndConsult) -> None:
    """Either of the two lets it be."""
    contact = turn.state.living(command.contact_id)
    if contact is None:
        raise Refused("unknown_contact", f"no contact {command.contact_id} in the queue")
    both = (contact.agent_id, contact.consulted_agent)
    if contact.talk not in WITH_COLLEAGUE or command.agent_id not in both:
        raise Refused("no_consult", f"agent {command.agent_id} asks nobody and is not asked")
    end_consult(turn, contact, ev.ConsultEnd.ENDED)


def report_consult_answered(turn: Turn, command: ReportConsultAnswered) -> None:
    """The colleague has picked up; if she is no longer asked, that is only noted."""
    contact = turn.state.contacts.get(command.contact_id)
    if contact is None:
        return
    if contact.talk is TalkState.ASKING and contact.consult == command.offer:
        answered(turn, contact)
        return
    turn.emit(ev.LateReport(command.contact_id, type(command).__name__, command.offer))


def answered(turn: Turn, contact: Contact) -> None:
    """The two agents talk."""
    assert contact.consulted_agent is not None, contact.contact_id
    turn.emit(ev.ConsultAnswered(contact.contact_id, contact.consulted_agent))


def consult_failed(turn: Turn, contact_id: ContactId, failure: OfferFailure) -> None:
    """The colleague did not answer: it costs her what an offer would, and the caller stays held."""
    contact = turn.state.contacts[contact_id]
    colleague = contact.consulted_agent
    assert colleague is not None, contact_id
    reason, cost = _FAILED[failure]
    end_consult(turn, contact, reason)
    if cost is not None:
        not_ready(turn, colleague, cost)


_FAILED: Final[dict[OfferFailure, tuple[ev.ConsultEnd, NotReadyReason | None]]] = {
    OfferFailure.NO_ANSWER: (ev.ConsultEnd.NO_ANSWER, NotReadyReason.NO_ANSWER),
    OfferFailure.REJECTED: (ev.ConsultEnd.REJECTED, NotReadyReason.REJECTED),
    OfferFailure.UNREACHABLE: (ev.ConsultEnd.UNREACHABLE, NotReadyReason.UNREACHABLE),
    OfferFailure.CANCELLED: (ev.ConsultEnd.ENDED, None),
    OfferFailure.TRUNK: (ev.ConsultEnd.UNREACHABLE, None),
}


_HANDLED: Final = Outcome.HANDLED


def agent_left(turn: Turn, contact: Contact) -> None:
    """Her phone has left the talk for good, and so the contact is over and her wrap-up begins.

    Unless a colleague talks: she has the caller then. Or he was on hold: he has not been told
    goodbye, and waits again.
    """
    if contact.talk is None:
        end(turn, contact, _HANDLED)
    elif contact.talk in TALKS_TOO:
        hand_over(turn, contact)
    else:
        assert contact.agent_id is not None, contact.contact_id
        give_back(turn, contact, contact.agent_id, LEFT_ON_HOLD)


def seen_with_colleague(turn: Turn, contact: Contact) -> None:
    """The switch shows the caller talking at her phone: if they are not all three, she has him."""
    if contact.talk is TalkState.ASKING:
        answered(turn, contact)
    if contact.talk is TalkState.CONSULTING:
        hand_over(turn, contact)


def end_unseen(turn: Turn, link_id: LinkId, callers: tuple[SeenCaller, ...]) -> None:
    """After a gap: colleagues whom the picture does not show with the caller are let go."""
    shown = {caller.contact_id: caller.consulted_phone_id for caller in callers}
    for contact in turn.state.living_contacts():
        if contact.link_id == link_id:
            rings = contact.talk is TalkState.ASKING
            if rings or shown.get(contact.contact_id) != contact.consulted_phone:
                end_consult(turn, contact, ev.ConsultEnd.UNSEEN)


DECIDERS: Final[dict[type, Callable[[Turn, Any], None]]] = {
    ConsultAgent: consult_agent,
    StartConference: start_conference,
    CompleteTransfer: complete_transfer,
    EndConsult: end_consult_now,
    ReportConsultAnswered: report_consult_answered,
}
