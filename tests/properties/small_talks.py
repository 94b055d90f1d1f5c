"""A small world of what happens in a talk, at the switch, and with the rules.

Two nurses of one region, one of them of a unit, and two callers, one of whom a unit keeps: each is
transferred, put on hold, asked about, given another priority or need; the switch is lost, and shows
when it is back what was there, or nobody; other rules come into force, and the former ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from queue_engine.core import commands as cmd
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.state import State
from queue_engine.core.talk import TalkState
from routing.policy import Policy
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
    UnitId,
)
from tests.core.world import ADVICE, LINK, World
from tests.properties.small_world import SmallWorld, Step

HOME: Final = RegionCode("23")
KULLEN, HAMNEN = UnitId("kullen"), UnitId("hamnen")
NURSES: Final = (("a1", KULLEN, "advice"), ("a2", None, "advice child"))
CALLERS: Final = (("c1", None), ("c2", HAMNEN))
CHILD: Final = (Requirement(Skill("child")),)


class SmallTalks(SmallWorld):
    """All that can happen to two who call, of whom the first has an answer at the beginning.

    Args:
        policy: that is in force at first.
        other: that may come into force.
    """

    def __init__(self, policy: Policy, other: Policy) -> None:
        self._texts = (write_policy(policy), write_policy(other))
        super().__init__(policy, are_there=True)

    def begin(self, world: World) -> None:
        """One talks; the other waits, or rings."""
        for name, unit, skills in NURSES:
            agent_id, phone_id = AgentId(name), PhoneId(f"phone-{name}")
            levels = tuple(SkillLevel(Skill(skill)) for skill in skills.split())
            world.do(cmd.SignOnAgent(agent_id, LINK, phone_id, HOME, levels, unit))
            world.do(cmd.SetAgentReady(agent_id))
        for name, unit in CALLERS:
            enqueue = cmd.EnqueueContact(
                ContactId(name),
                LINK,
                LineId("1177"),
                world.now_ms,
                Priority.STANDARD,
                ADVICE,
                HOME,
                HomeRegionSource.AREA_CODE,
            )
            world.do(replace(enqueue, home_unit=unit))
            world.seen(name)
        world.answer("c1")

    def steps(self, state: State, now_ms: int) -> Iterator[Step]:
        """Of both callers, both nurses, the switch and the rules."""
        if state.deadlines.next_ms() is not None:
            yield "time passes", ()
        for contact in state.living_contacts():
            for label, command in _of(state, contact, now_ms):
                yield f"{contact.contact_id} {label}", (command,)
        for agent in state.agents.values():
            yield f"{agent.agent_id} is ready", (cmd.SetAgentReady(agent.agent_id),)
            yield f"{agent.agent_id} goes home", (cmd.SignOffAgent(agent.agent_id),)
        for text in self._texts:
            if text != state.policy_text:
                yield "other rules", (cmd.LoadPolicy(text),)
        yield from _of_the_switch(state, now_ms)


_Act = tuple[str, cmd.Command]


def _of(state: State, contact: Contact, now_ms: int) -> Iterator[_Act]:
    contact_id = contact.contact_id
    yield "hangs up", cmd.ReportCallerGone(contact_id)
    for priority, needs in ((Priority.URGENT, None), (contact.priority, CHILD)):
        yield (
            f"is {priority} {needs}",
            cmd.SetContactPriority(contact_id, priority, cmd.Actor.AGENT, "judged", needs),
        )
    if contact.state is ContactState.CONNECTED:
        yield from _of_talk(state, contact)
    elif contact.state is ContactState.OFFERED:
        assert contact.phone_id is not None
        yield "is answered", cmd.ReportConnected(contact_id, LINK, contact.phone_id, contact.offer)
    elif not contact.seen_waiting:
        seen = cmd.SeenCaller(contact_id, cmd.CallerPlace.WAITING, now_ms)
        yield "is seen", cmd.ReportCallerWaiting(LINK, seen)


def _of_talk(state: State, contact: Contact) -> Iterator[_Act]:
    agent_id, contact_id = contact.agent_id, contact.contact_id
    assert contact.phone_id is not None
    assert agent_id is not None
    yield "and she hang up", cmd.ReportTalkEnded(contact_id, contact.phone_id)
    yield "is sent to kullen", cmd.TransferContact(agent_id, contact_id, to_unit=KULLEN)
    for other in state.agents:
        if other != agent_id:
            yield f"is sent to {other}", cmd.TransferContact(agent_id, contact_id, to_agent=other)
            yield f"{other} is asked", cmd.ConsultAgent(agent_id, contact_id, to_agent=other)
    if contact.talk is None:
        yield "is held", cmd.HoldContact(agent_id, contact_id)
    else:
        yield "is taken back", cmd.RetrieveContact(agent_id, contact_id)
    phone, asked = contact.consulted_phone, contact.consult
    if phone is None or asked is None:
        return
    if contact.talk is TalkState.ASKING:
        failure = cmd.OfferFailure.NO_ANSWER
        yield "she picks up", cmd.ReportConsultAnswered(contact_id, phone, asked)
        yield "she does not", cmd.ReportOfferFailed(contact_id, asked, failure)
    else:
        yield "all three talk", cmd.StartConference(agent_id, contact_id)
        yield "is handed over", cmd.CompleteTransfer(agent_id, contact_id)
        yield "she leaves", cmd.ReportTalkEnded(contact_id, phone)


def _of_the_switch(state: State, now_ms: int) -> Iterator[Step]:
    if state.is_link_up(LINK):
        yield "the switch is lost", (cmd.ReportLinkLost(LINK),)
        return
    living = state.living_contacts()
    as_it_was = tuple(_seen(contact, now_ms) for contact in living)
    waiting = tuple(
        cmd.SeenCaller(contact.contact_id, cmd.CallerPlace.WAITING, contact.arrived_ms)
        for contact in living
    )
    for label, callers in (("as it was", as_it_was), ("all wait", waiting), ("nobody", ())):
        yield f"the switch is back: {label}", (cmd.ReportSwitch(LINK, now_ms, callers),)


def _seen(contact: Contact, now_ms: int) -> cmd.SeenCaller:
    place = {
        ContactState.CONNECTED: cmd.CallerPlace.TALKING,
        ContactState.OFFERED: cmd.CallerPlace.RINGING,
    }.get(contact.state or ContactState.WAITING, cmd.CallerPlace.WAITING)
    is_held = contact.talk is not None and contact.talk is not TalkState.CONFERENCE
    return cmd.SeenCaller(
        contact.contact_id,
        cmd.CallerPlace.HELD if is_held else place,
        contact.arrived_ms,
        None,
        contact.phone_id,
        contact.offer,
        contact.consulted_phone,
    )
