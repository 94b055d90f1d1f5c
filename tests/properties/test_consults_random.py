"""Any commands where most nurses are ready: they ask one another about few callers."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import get_args

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.agent import Presence
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.errors import Refused
from queue_engine.core.invariants import check_promise
from queue_engine.core.turn import Watch
from routing.policy import MINUTE_MS
from routing.region_policy import Purchase, RegionPolicy, Sale
from routing.strain_policy import NO_STRAIN, StrainPolicy
from routing.vocabulary import NotReadyReason, Priority, RegionCode, Skill
from tests.core.chaos_talk import talk_command
from tests.core.world import LINK, POLICY, World
from tests.properties.auditor import Auditor

SEEDS = 10
STEPS = 150
TALK_EVENTS = {
    *get_args(ev.ConsultEvent),
    ev.ContactHeld,
    ev.HoldOverdue,
    ev.ContactRetrieved,
    ev.ContactSentBack,
    ev.ContactTransferred,
}
NURSES = ("a0", "a1", "a2", "a3")
_ADVICE = Skill("advice")


def run(seed: int, watch: Watch | None = None) -> tuple[World, Auditor]:
    """One story: in each other one limits of strain are in force, in two of four callers are kept
    for those to whom they are sent on, and in one of three all nurses but one are a seller's."""
    auditor = Auditor()
    strain = StrainPolicy(seed % 4 * 60_000, 1, 20_000, 400, 2) if seed % 2 else NO_STRAIN
    wait_ms = MINUTE_MS if seed % 4 > 1 else 0
    policy = replace(POLICY, strain=strain, preferred_wait_ms=wait_ms)
    seller = None if seed % 3 else RegionCode("24")
    if seller is not None:
        policy = replace(policy, regions=tuple(map(_with_deal, policy.regions)))
    world = World(policy, watch=watch, audit=auditor.follow)
    draw = random.Random(seed)
    for number, name in enumerate(NURSES):
        world.agent(name, seller if seller and number else "22")
    for step in range(STEPS):
        world.wait(draw.choice((0, 0, 1_000, 5_000, 30_000)))
        try:
            world.do(_command(world, draw, f"c{step}"))
        except Refused:
            pass  # as people ask for what cannot be
    return world, auditor


def _with_deal(region: RegionPolicy) -> RegionPolicy:
    if region.code == "22":
        return replace(region, buys=(Purchase(_ADVICE, RegionCode("24")),))
    if region.code == "24":
        return replace(region, sells=(Sale(_ADVICE, (RegionCode("22"),)),))
    return region


def test_consultations_lose_nobody_and_every_event_of_a_talk_occurs() -> None:
    occurred: Counter[type] = Counter()
    withdrawn = sold = 0
    for seed in range(SEEDS):
        world, auditor = run(seed, check_promise)
        world.check_replay()
        auditor.ledger.check(world.records)
        events = [event for record in world.records for event in record.events]
        occurred.update(type(event) for event in events)
        withdrawn += sum(
            isinstance(event, ev.ConsultEnded) and event.reason is ev.ConsultEnd.WITHDRAWN
            for event in events
        )
        sold += sum(isinstance(event, ev.ConsultOffered) and event.is_sold for event in events)
    assert sold, "no nurse of a seller was asked"
    assert withdrawn, "no emergency ended a question"
    missing = {kind.__name__ for kind in TALK_EVENTS - set(occurred)}
    assert not missing, f"never happened: {sorted(missing)}"


def _command(world: World, draw: random.Random, name: str) -> cmd.Command:
    state = world.state
    living = state.living_contacts()
    chance = draw.random()
    if not state.is_link_up(LINK) or chance < 0.03:
        return cmd.ReportSwitch(LINK, world.now_ms, tuple(_seen(world, draw, c) for c in living))
    if chance < 0.05:
        return cmd.ReportLinkLost(LINK)
    for agent in state.agents.values():
        if agent.presence is Presence.NOT_READY or (agent.assignments and chance < 0.08):
            return cmd.SetAgentReady(agent.agent_id)
    if chance < 0.1:
        agent = draw.choice(list(state.agents.values()))
        return cmd.SetAgentNotReady(agent.agent_id, NotReadyReason.BREAK)
    if len(living) < (5 if chance < 0.3 else 2):
        region = draw.choice(("22", "22", "24"))
        priority = draw.choice((Priority.STANDARD, Priority.STANDARD, Priority.EMERGENCY))
        world.caller(name, region, priority)
        return cmd.PassTime()
    contact = draw.choice(living)
    if chance < 0.15:
        return cmd.ReportCallerGone(contact.contact_id)
    if contact.state is ContactState.OFFERED and contact.phone_id is not None:
        return cmd.ReportConnected(contact.contact_id, LINK, contact.phone_id, contact.offer)
    if contact.state is ContactState.CONNECTED and contact.agent_id is not None:
        return talk_command(draw.choice, contact, contact.agent_id, bool(state.ready))
    return cmd.ReportCallerWaiting(LINK, _waiting(world, contact))


def _waiting(world: World, contact: Contact) -> cmd.SeenCaller:
    return cmd.SeenCaller(contact.contact_id, cmd.CallerPlace.WAITING, world.now_ms)


def _seen(world: World, draw: random.Random, contact: Contact) -> cmd.SeenCaller:
    phone = draw.choice([contact.phone_id, contact.phone_id, contact.consulted_phone])
    if phone is None:
        return _waiting(world, contact)
    asked = draw.choice([contact.consulted_phone, None])
    place = draw.choice([cmd.CallerPlace.TALKING, cmd.CallerPlace.HELD])
    return cmd.SeenCaller(
        contact.contact_id, place, contact.arrived_ms, None, phone, contact.offer, asked
    )
