"""Contacts and agents as the API shows them, from the engine's rows. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from queue_engine.console_api import shapes
from queue_engine.console_api.ports import Seat
from queue_engine.console_api.regions_view import agent_state, is_ready
from queue_engine.core.agent import Agent, AgentState
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.placing import priority_rule
from queue_engine.core.state import State
from queue_engine.core.texts import TextState
from routing.estimate import position
from routing.vocabulary import AgentId, ContactId, RegionCode, SkillLevel

TEXTS_MAX: Final = 1_000
"""In one answer."""
UNANSWERED: Final = (ContactState.WAITING, ContactState.OFFERED)

_STATES: Final = {
    "talking": AgentState.TALKING,
    "ringing": AgentState.RESERVED,
    "wrap_up": AgentState.WRAP_UP,
}


@dataclass(frozen=True, slots=True)
class QueueQuestion:
    """Which contacts are asked for."""

    limit: int = shapes.QUEUE_LIMIT
    offset: int = 0
    region: RegionCode | None = None
    """Only those of this home region."""
    states: tuple[ContactState, ...] = UNANSWERED


def queue(
    state: State,
    now_ms: int,
    offers_of: Callable[[ContactId], int],
    question: QueueQuestion = QueueQuestion(),
) -> shapes.Queue:
    """The contacts that are asked for, in the national order.

    Args:
        offers_of: how many times a phone has rung for a contact.
    """
    wanted = [
        contact
        for contact in state.contacts.values()
        if contact.state in question.states
        and (question.region is None or contact.home_region == question.region)
    ]
    first = heapq.nsmallest(question.offset + question.limit, wanted, key=_place)
    return shapes.Queue(
        at_ms=now_ms,
        total=len(wanted),
        offset=question.offset,
        limit=question.limit,
        contacts=[
            contact_view(state, contact, now_ms, offers_of(contact.contact_id))
            for contact in first[question.offset :]
        ],
    )


def _place(contact: Contact) -> tuple[int, int, int]:
    return contact.place


def contact_view(state: State, contact: Contact, now_ms: int, offers: int) -> shapes.Contact:
    """One contact, without its timeline."""
    rule = priority_rule(state.rules, contact)
    agent = state.agents.get(contact.agent_id) if contact.agent_id else None
    view = shapes.Contact(
        contact_id=contact.contact_id,
        state=contact.state or ContactState.ENDED,
        priority=contact.priority,
        tier=rule.tier,
        home_region=contact.home_region,
        home_region_source=contact.home_region_source,
        needs=[shapes.Need(skill=need.skill, level_max=need.level_max) for need in contact.needs],
        language=contact.language,
        channel=contact.channel,
        arrived_ms=contact.arrived_ms,
        due_ms=contact.arrived_ms + rule.due_after_ms,
        answer_by_ms=contact.arrived_ms + rule.answer_within_ms,
        waited_ms=_waited_ms(contact, now_ms),
        position=_position(state, contact),
        agent_id=contact.agent_id,
        agent_region=agent.region if agent else None,
        offers=offers,
        shared=[shapes.Shared(ring=str(one.ring), rule=one.rule) for one in contact.shared],
        connected_ms=contact.connected_ms,
    )
    if contact.promised_until_ms is not None:
        view["call_back_by_ms"] = contact.promised_until_ms
        view["is_call_back_overdue"] = contact.is_promise_overdue
    if contact.ended_ms is not None:
        view["ended_ms"] = contact.ended_ms
        view["talk_ms"] = contact.talk_ms
    if contact.outcome is not None:
        view["outcome"] = contact.outcome
    return view


def _waited_ms(contact: Contact, now_ms: int) -> int:
    if contact.state in UNANSWERED or contact.wait_ms is None:
        return max(0, now_ms - contact.arrived_ms)
    return contact.wait_ms


def _position(state: State, contact: Contact) -> int | None:
    if contact.contact_id not in state.waiting:
        return None
    return position(state.waiting, contact)


def texts(state: State, now_ms: int) -> shapes.Texts:
    """The text messages that have been asked for and not sent, those given up first."""
    rows = sorted(state.texts.values(), key=lambda text: text.state is not TextState.GIVEN_UP)
    return shapes.Texts(
        at_ms=now_ms,
        texts=[
            shapes.Text(
                text_id=text.text_id,
                contact_id=text.contact_id,
                state=text.state or TextState.ASKED,
                asked_ms=text.asked_ms,
                tries=text.tries,
                failure=text.failure,
                until_ms=state.deadlines.at_ms(DeadlineKind.TEXT, text.text_id) or now_ms,
            )
            for text in rows[:TEXTS_MAX]
        ],
    )


# --- agents ---------------------------------------------------------------------------------


def agent_view(state: State, agent: Agent) -> shapes.Agent:
    """One agent at work."""
    doing = agent_state(agent)
    contact_id = agent.assignment_in(_STATES[doing]) if doing in _STATES else None
    contact = state.contacts.get(contact_id) if contact_id else None
    return shapes.Agent(
        agent_id=agent.agent_id,
        region=agent.region,
        unit=agent.unit,
        link_id=agent.link_id,
        phone_id=agent.phone_id,
        state=doing,
        presence="ready" if is_ready(agent) else "not_ready",
        not_ready_reason=agent.not_ready_reason,
        since_ms=_since_ms(agent, contact_id),
        contact_id=contact_id,
        contact_region=contact.home_region if contact else None,
        wrap_up_until_ms=(
            state.deadlines.at_ms(DeadlineKind.WRAP_UP, agent.agent_id, contact_id)
            if contact_id
            else None
        ),
        is_signing_off=agent.is_signing_off,
        skills=skills_view(agent.skills),
    )


def _since_ms(agent: Agent, contact_id: ContactId | None) -> int | None:
    if contact_id is not None:
        return agent.assignments[contact_id].since_ms
    return agent.ready_since_ms if is_ready(agent) else None


def skills_view(skills: Iterable[SkillLevel]) -> list[shapes.Skill]:
    """Skills with their levels."""
    return [shapes.Skill(skill=one.skill, level=one.level) for one in skills]


def seats(
    state: State, now_ms: int, seats_for_people: Iterable[Seat], region: RegionCode | None = None
) -> shapes.Seats:
    """The places for people, or those of one region, by region and id."""
    rows = (seat for seat in seats_for_people if region is None or seat.region == region)
    return shapes.Seats(
        at_ms=now_ms,
        seats=[
            shapes.Seat(
                agent_id=seat.agent_id,
                region=seat.region,
                link_id=seat.link_id,
                phone_id=seat.phone_id,
                skills=skills_view(seat.skills),
                is_taken=seat.agent_id in state.agents
                or state.agent_at(seat.link_id, seat.phone_id) is not None,
            )
            for seat in sorted(rows, key=lambda seat: (seat.region, seat.agent_id))
            if seat.phone_id is not None
        ],
    )


def agent_of(state: State, agent_id: AgentId) -> shapes.Agent | None:
    """The agent as she is now; None: not at work."""
    agent = state.agents.get(agent_id)
    return None if agent is None else agent_view(state, agent)
