"""The core as its driver sees it."""

from __future__ import annotations

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.apply import fold
from queue_engine.core.bounds import TEXT_MAX
from queue_engine.core.engine import Engine
from queue_engine.core.errors import Refused
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import RULES_VERSION
from queue_engine.core.state import State
from routing.vocabulary import AgentId, ContactId
from tests.core.world import LINK, POLICY, START_MS, World


def test_records_are_numbered_without_gaps_and_carry_the_rules_version() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.wait(30_000)
    assert [record.number for record in world.records] == list(range(1, len(world.records) + 1))
    assert {record.rules_version for record in world.records} == {RULES_VERSION}
    assert all(record.events for record in world.records)


def test_what_gives_nothing_is_no_record_and_takes_no_number() -> None:
    engine = Engine()
    assert engine.pass_time(START_MS) is None
    assert engine.handle(cmd.PassTime(), START_MS) is None
    assert engine.handle(cmd.ReportCallerGone(ContactId("c1")), START_MS) is None
    record = engine.handle(cmd.LoadPolicy(write_policy(POLICY)), START_MS)
    assert record is not None
    assert record.number == 1


def test_the_rules_that_are_in_force_loaded_again_are_no_record() -> None:
    assert World().do(cmd.LoadPolicy(write_policy(POLICY))) == ()


def test_a_request_too_long_for_any_journal_is_refused() -> None:
    with pytest.raises(Refused, match="agent_id is too long"):
        Engine().handle(cmd.SetAgentReady(AgentId("a" * (TEXT_MAX + 1))), START_MS)


def test_the_next_deadline_is_said_and_kept() -> None:
    world = World()
    assert world.engine.next_deadline_ms() is None
    world.agent("a1")
    world.caller("c1")
    ring_until_ms = START_MS + POLICY.ring_ms + 3_000
    assert world.engine.next_deadline_ms() == ring_until_ms
    assert world.engine.pass_time(ring_until_ms - 1) is None
    record = world.engine.pass_time(ring_until_ms)
    assert record is not None
    assert type(record.command) is cmd.PassTime
    assert world.engine.next_deadline_ms() is not None


def test_time_does_not_go_back() -> None:
    world = World()
    with pytest.raises(AssertionError):
        world.engine.handle(cmd.ReportLinkLost(LINK), START_MS - 1)


def test_who_watches_sees_each_event_before_it_is_written() -> None:
    seen: list[tuple[str, bool]] = []

    def watch(state: State, event: ev.Event) -> None:
        if isinstance(event, ev.AgentSignedOn | ev.AgentSignedOff):
            seen.append((type(event).__name__, event.agent_id in state.agents))

    world = World(watch=watch)
    world.agent("a1")
    world.do(cmd.SignOffAgent(AgentId("a1")))
    assert seen == [("AgentSignedOn", False), ("AgentSignedOff", True)]
    seen.clear()
    state = State()
    for record in world.records:
        fold(state, record, watch)
        assert not state.touched, "what is folded is settled"
    assert seen == [("AgentSignedOn", False), ("AgentSignedOff", True)]


def test_a_refusal_says_what_is_wrong_for_people_and_for_programs() -> None:
    with pytest.raises(Refused, match="agent a1 is not signed on") as refused:
        Engine().handle(cmd.SetAgentReady(AgentId("a1")), START_MS)
    assert refused.value.code == "not_signed_on"
