"""Every caller is counted once, a chain of redials as one, also by who begins in the middle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.record import Record
from queue_engine.core.service_level import ServiceLevel
from routing.rules import Rules
from routing.vocabulary import AgentId, ContactId, NotReadyReason, Outcome, Requirement, Skill
from tests.core.chaos import Chaos
from tests.core.world import ADVICE, POLICY, World
from tests.properties import test_callbacks_random as callbacks

STEPS = 300


def story(seed: int) -> World:
    """A random one, in which callers redial, until everybody who has ended is forgotten."""
    world = World(watch=None)
    Chaos(world, seed, sense=0.97, crowd=5).run(STEPS)
    return world


def rules_of(world: World) -> Callable[[], Rules]:
    return lambda: world.state.rules


def chains(records: list[Record]) -> int:
    """Callers who ever rang: contacts, but those that continue one; each until it is forgotten."""
    living: set[str] = set()
    count = 0
    for record in records:
        for event in record.events:
            if isinstance(event, ev.ContactEnqueued | ev.ContactRestored | ev.ContactRefused):
                is_new = event.contact_id not in living
                is_same = getattr(event, "continues", None) is not None
                count += is_new and not is_same
                count -= is_same and not is_new
                living.add(event.contact_id)
            elif isinstance(event, ev.ContactForgotten):
                living.discard(event.contact_id)
    return count


def test_every_caller_is_counted_once_or_may_be_still() -> None:
    redials = 0
    for seed in range(18):
        world = story(seed)
        level = ServiceLevel(rules_of(world))
        for record in world.records:
            level.follow(record)
        open_still = sum(not caller.is_booked for caller in level._callers.values())
        assert level.counts.total() + open_still == chains(world.records), seed
        redials += sum(
            isinstance(event, ev.ContactEnqueued) and event.continues is not None
            for record in world.records
            for event in record.events
        )
    assert redials >= 20, redials


def open_in(level: ServiceLevel) -> dict[str, object]:
    """Those who are not counted yet, and how they have left."""
    return {name: caller for name, caller in level._callers.items() if not caller.is_booked}


def test_who_is_rung_back_is_counted_once_too() -> None:
    outcomes: Counter[Outcome] = Counter()
    for seed in range(4):
        world = World(replace(POLICY, callbacks=callbacks.CALLBACKS), watch=None)
        callbacks.run(world, seed, STEPS)
        whole = ServiceLevel(rules_of(world))
        for record in world.records:
            whole.follow(record)
        open_still = sum(not caller.is_booked for caller in whole._callers.values())
        assert whole.counts.total() + open_still == chains(world.records), seed
        late = ServiceLevel(rules_of(world), world.state.contacts.values())
        assert open_in(late) == open_in(whole), seed
        outcomes.update(
            event.outcome
            for record in world.records
            for event in record.events
            if isinstance(event, ev.ContactEnded)
        )
    assert {Outcome.NOT_REACHED, Outcome.CONTINUED} <= set(outcomes), outcomes


def test_who_begins_in_the_middle_counts_what_follows() -> None:
    for seed in range(12):
        world = World(watch=None)
        chaos = Chaos(world, seed, sense=0.97, crowd=5)
        chaos.run(STEPS // 2)
        whole = ServiceLevel(rules_of(world))
        for record in world.records:
            whole.follow(record)
        before, begun = whole.counts.copy(), len(world.records)
        late = ServiceLevel(rules_of(world), world.state.contacts.values())
        assert open_in(late) == open_in(whole), seed
        chaos.run(STEPS // 2)
        for record in world.records[begun:]:
            whole.follow(record)
            late.follow(record)
        assert late.counts == whole.counts - before, seed


def test_and_knows_what_those_asked_for_who_are_content_with_less() -> None:
    world = World(replace(POLICY, interpreter_languages=(Skill("sv"),)), watch=None)
    world.agent("a1", skills="advice sv interpreter")
    world.do(cmd.SetAgentNotReady(AgentId("a1"), NotReadyReason.BREAK))
    arabic = (*ADVICE, Requirement(Skill("ar")))
    world.caller("c1", needs=arabic)
    assert world.state.contacts[ContactId("c1")].needs != arabic
    whole = ServiceLevel(rules_of(world))
    for record in world.records:
        whole.follow(record)
    assert open_in(ServiceLevel(rules_of(world), world.state.contacts.values())) == open_in(whole)
