"""Any commands where many ask to be rung back: nobody who was promised it is lost."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Final, get_args

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.agent import AgentState, Presence
from queue_engine.core.callback import CallbackState
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.errors import Refused
from routing.callback_policy import CallbackPolicy
from routing.policy import MINUTE_MS
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    NotReadyReason,
    Outcome,
    PhoneId,
    Priority,
    RegionCode,
    Skill,
    SkillLevel,
)
from tests.core.chaos_callback import callback_command
from tests.core.chaos_screen import screen_command
from tests.core.chaos_texts import text_command
from tests.core.world import ADVICE, LINK, POLICY, World
from tests.properties.auditor import Auditor

SEEDS: Final = 12
STEPS: Final = 200
CROWD: Final = 6
CALLBACK_EVENTS: Final = {*get_args(ev.CallbackEvent), *get_args(ev.TextEvent)}
OTHER_LINK: Final = LinkId("ast2")
NURSES: Final = {"a0": LINK, "a1": LINK, "a2": OTHER_LINK}
WAITS_MS: Final = (0, 0, 1_000, 1_000, 20_000, 60_000, 5 * MINUTE_MS)
A_DAY_MS: Final = 24 * 60 * MINUTE_MS
CALLBACKS: Final = CallbackPolicy(10 * MINUTE_MS, 30_000, (20_000, 40_000))


def test_nobody_who_was_promised_to_be_rung_back_is_lost() -> None:
    occurred: Counter[type] = Counter()
    outcomes: Counter[Outcome] = Counter()
    for seed in range(SEEDS):
        world = World(replace(POLICY, callbacks=CALLBACKS), audit=Auditor().follow)
        run(world, seed, STEPS)
        world.wait(A_DAY_MS)
        world.wait(A_DAY_MS)
        assert not world.state.texts, "a text message is kept for ever"
        world.check_replay()
        occurred.update(type(event) for record in world.records for event in record.events)
        outcomes.update(
            event.outcome
            for record in world.records
            for event in record.events
            if isinstance(event, ev.ContactEnded)
        )
    missing = {kind.__name__ for kind in CALLBACK_EVENTS - set(occurred)}
    assert not missing, f"never happened: {sorted(missing)}"
    for outcome in (Outcome.HANDLED, Outcome.NOT_REACHED, Outcome.CONTINUED, Outcome.ABANDONED):
        assert outcomes[outcome] >= SEEDS / 2, outcomes


def _new_name(world: World, step: int) -> str:
    """Of the contact that may come with this step.

    Known ones may be asked for twice. No switch gives a call the name of an earlier one, though:
    not even that of one that was forgotten, while it is known who continued it.
    """
    name, contacts = f"c{step}", world.state.contacts
    while name not in contacts and any(one.continues == name for one in contacts.values()):
        name += "'"
    return name


def run(world: World, seed: int, steps: int) -> None:
    """A story of so many commands over two switches."""
    draw, of_texts = random.Random(seed), random.Random(1_000 + seed)
    world.do(cmd.ReportSwitch(OTHER_LINK, world.now_ms, ()))
    for name, link_id in NURSES.items():
        skills = (SkillLevel(Skill("advice")),)
        phone_id = PhoneId(f"phone-{name}")
        world.do(cmd.SignOnAgent(AgentId(name), link_id, phone_id, RegionCode("22"), skills))
    for step in range(steps):
        world.wait(draw.choice(WAITS_MS))
        if draw.random() < 0.02:
            world.begin_from_snapshot()
        texts = list(world.state.texts.values())
        if texts and of_texts.random() < 0.3:
            world.do(text_command(of_texts.choice, of_texts.choice(texts)))
        try:
            world.do(_command(world, draw, _new_name(world, step)))
        except Refused:
            pass  # as people ask for what cannot be


def _command(world: World, draw: random.Random, name: str) -> cmd.Command:
    living = world.state.living_contacts()
    chance = draw.random()
    if chance < 0.06 or not all(world.state.links.values()):
        return _of_switch(world, draw, living)
    if chance < 0.4:
        found = _of_agent(world, draw)
        if found is not None:
            return found
    if (chance < 0.5 and len(living) < CROWD) or not living:
        return _call(world, draw, name)
    busy = [contact for contact in living if contact.state is not ContactState.WAITING]
    return _of_contact(world, draw, draw.choice([*busy, *busy, *living]))


def _of_agent(world: World, draw: random.Random) -> cmd.Command | None:
    agent = draw.choice(list(world.state.agents.values()) or [None])
    missing = [name for name in NURSES if name not in world.state.agents]
    if missing:
        skills = (SkillLevel(Skill("advice")),)
        name = missing[0]
        phone_id = PhoneId(f"phone-{name}")
        return cmd.SignOnAgent(AgentId(name), NURSES[name], phone_id, RegionCode("22"), skills)
    if agent is None:
        return None
    if agent.presence is Presence.NOT_READY or agent.assignment_in(AgentState.WRAP_UP):
        return cmd.SetAgentReady(agent.agent_id)
    if agent.assignments and draw.random() < 0.15:
        force = cmd.ForceAgent(agent.agent_id, draw.choice(list(cmd.ForcedState)), "s1", "test")
        pause = cmd.SetAgentNotReady(agent.agent_id, NotReadyReason.BREAK)
        return draw.choice((cmd.SignOffAgent(agent.agent_id), force, pause))
    return None


def _call(world: World, draw: random.Random, name: str) -> cmd.Command:
    channel = draw.choice((ContactChannel.PHONE, *ContactChannel))
    return cmd.EnqueueContact(
        contact_id=ContactId(name),
        link_id=draw.choice((LINK, OTHER_LINK)),
        line_id=LineId("1177"),
        arrived_ms=world.now_ms,
        priority=draw.choice((*Priority, Priority.STANDARD)),
        needs=ADVICE,
        home_region=RegionCode(draw.choice(("22", "23"))),
        home_region_source=HomeRegionSource.AREA_CODE,
        channel=channel,
        caller_key=draw.choice(("", "", "", "k1", "k2", "k3", "k4")),
        has_chosen=True,
    )


def _of_contact(world: World, draw: random.Random, contact: Contact) -> cmd.Command:
    contact_id = contact.contact_id
    if contact.callback is not None and draw.random() < 0.8:
        return callback_command(draw.choice, contact, world.now_ms)
    if contact.channel.is_on_screen:
        return screen_command(draw.choice, contact)
    if contact.state is ContactState.OFFERED and contact.phone_id is not None:
        return cmd.ReportConnected(contact_id, contact.link_id, contact.phone_id, contact.offer)
    if contact.state is ContactState.CONNECTED and contact.phone_id is not None:
        return draw.choice(
            (
                cmd.ReportTalkEnded(contact_id, contact.phone_id),
                cmd.ReportCallerWaiting(contact.link_id, _seen(world, contact)),
            )
        )
    if contact.state is ContactState.WAITING and not contact.is_away:
        emergency = cmd.SetContactPriority(contact_id, Priority.EMERGENCY, cmd.Actor.CALLER, "key")
        seen = cmd.ReportCallerWaiting(contact.link_id, _seen(world, contact))
        asks, gone = cmd.RequestCallback(contact_id), cmd.ReportCallerGone(contact_id)
        return draw.choice((seen, seen, seen, asks, asks, asks, gone, emergency))
    return cmd.PassTime()


def _of_switch(world: World, draw: random.Random, living: list[Contact]) -> cmd.Command:
    link_id = draw.choice((LINK, OTHER_LINK))
    if world.state.is_link_up(link_id) and draw.random() < 0.3:
        return cmd.ReportLinkLost(link_id)
    shown = [
        _seen(world, contact)
        for contact in living
        if contact.link_id == link_id
        and draw.random() < 0.8
        and (not contact.is_away or contact.state is ContactState.OFFERED or draw.random() < 0.05)
    ]
    return cmd.ReportSwitch(link_id, world.now_ms, tuple(shown))


def _seen(world: World, contact: Contact) -> cmd.SeenCaller:
    place = cmd.CallerPlace.WAITING
    if contact.state is ContactState.OFFERED:
        place = cmd.CallerPlace.RINGING
    elif contact.state is ContactState.CONNECTED and contact.phone_id is not None:
        place = cmd.CallerPlace.TALKING
    return cmd.SeenCaller(
        contact.contact_id, place, world.now_ms, None, contact.phone_id, contact.offer
    )


def test_who_has_the_promise_is_somewhere_until_it_is_kept() -> None:
    world = World()
    run(world, 1, 50)
    for contact in world.state.promised.values():
        assert contact.state in (ContactState.WAITING, ContactState.OFFERED)
        assert contact.callback in list(CallbackState)
