"""The machines are their tables: every entry happens, and every other event raises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from queue_engine.core.agent import ASSIGNMENT, PRESENCE, Agent, AgentState, Assignment, Presence
from queue_engine.core.callback import CALLBACK
from queue_engine.core.contact import TRANSITIONS, Contact, ContactState, Role
from queue_engine.core.talk import TALK, TalkState
from queue_engine.core.texts import TEXT, Text, TextState
from routing.vocabulary import AgentId, ContactId, LinkId, PhoneId, Priority, RegionCode, TextId
from tests.core.everybody import everybody, reports, requests
from tests.core.everybody_callback import TEXT_ID
from tests.core.messages import EVENTS
from tests.core.world import World
from tests.transcripts.story import play

STORIES = sorted((Path(__file__).parents[1] / "transcripts").glob("*.txt"))


def contact(state: ContactState | None) -> Contact:
    return Contact(
        contact_id=ContactId("c1"),
        sequence=1,
        link_id=LinkId("ast1"),
        arrived_ms=0,
        enqueued_ms=0,
        priority=Priority.STANDARD,
        needs=(),
        home_region=RegionCode("22"),
        state=state,
    )


def agent() -> Agent:
    return Agent(AgentId("a1"), 1, LinkId("ast1"), PhoneId("p1"), RegionCode("22"), ())


@pytest.mark.parametrize("state", list(TRANSITIONS))
@pytest.mark.parametrize("event", EVENTS, ids=lambda kind: kind.__name__)
def test_a_contact_goes_where_its_table_says(state: ContactState | None, event: type) -> None:
    row = contact(state)
    if event in TRANSITIONS[state]:
        row.step(event)
        assert row.state is TRANSITIONS[state][event]
    else:
        with pytest.raises(AssertionError, match=event.__name__):
            row.step(event)
        assert row.state is state


@pytest.mark.parametrize("state", [Presence.NOT_READY, Presence.READY])
@pytest.mark.parametrize("event", EVENTS, ids=lambda kind: kind.__name__)
def test_presence_goes_where_its_table_says(state: Presence, event: type) -> None:
    row = agent()
    row.presence = state
    if event in PRESENCE[state]:
        row.step(event)
        assert row.presence is (PRESENCE[state][event] or state)
    else:
        with pytest.raises(AssertionError, match=event.__name__):
            row.step(event)


@pytest.mark.parametrize("state", list(ASSIGNMENT))
@pytest.mark.parametrize("event", EVENTS, ids=lambda kind: kind.__name__)
def test_an_assignment_goes_where_its_table_says(state: AgentState | None, event: type) -> None:
    row, contact_id = agent(), ContactId("c1")
    if state is not None:
        row.assignments[contact_id] = Assignment(state, 0)
    if event not in ASSIGNMENT[state]:
        with pytest.raises(AssertionError, match=event.__name__):
            row.step_assignment(contact_id, event, 5)
        return
    row.step_assignment(contact_id, event, 5)
    held = row.assignments.get(contact_id)
    assert (held and held.state) is ASSIGNMENT[state][event]
    assert held is None or held.since_ms == 5


@pytest.mark.parametrize("state", list(TALK))
@pytest.mark.parametrize("event", EVENTS, ids=lambda kind: kind.__name__)
def test_a_talk_goes_where_its_table_says(state: TalkState | None, event: type) -> None:
    row = contact(ContactState.CONNECTED)
    row.talk = state
    if event in TALK[state]:
        row.step_talk(event)
        assert row.talk is TALK[state][event]
    else:
        with pytest.raises(AssertionError, match=event.__name__):
            row.step_talk(event)


@pytest.mark.parametrize("state", list(TEXT))
@pytest.mark.parametrize("event", EVENTS, ids=lambda kind: kind.__name__)
def test_a_text_message_goes_where_its_table_says(state: TextState | None, event: type) -> None:
    row = Text(TextId("1-c1"), ContactId("c1"), 0, 1, state)
    if event in TEXT[state]:
        row.step(event)
        assert row.state is TEXT[state][event]
    else:
        with pytest.raises(AssertionError, match=event.__name__):
            row.step(event)


@pytest.mark.timeout(600)  # plays every story: a minute and more on a machine with much else to do
def test_every_entry_of_every_table_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: set[tuple[str, Any, type]] = set()
    step, presence, assignment = Contact.step, Agent.step, Agent.step_assignment
    talk, callback, text = Contact.step_talk, Contact.step_callback, Text.step

    def contact_step(row: Contact, event: type) -> None:
        happened.add(("contact", row.state, event))
        step(row, event)

    def talk_step(row: Contact, event: type) -> None:
        happened.add(("talk", row.talk, event))
        talk(row, event)

    def callback_step(row: Contact, event: type) -> None:
        happened.add(("callback", row.callback, event))
        callback(row, event)

    def text_step(row: Text, event: type) -> None:
        happened.add(("text", row.state, event))
        text(row, event)

    def presence_step(row: Agent, event: type) -> None:
        happened.add(("presence", row.presence, event))
        presence(row, event)

    def assignment_step(row: Agent, contact_id: ContactId, event: type, *rest: Any) -> None:
        held = row.assignments.get(contact_id)
        happened.add(("assignment", held.state if held else None, event))
        assignment(row, contact_id, event, *rest)

    monkeypatch.setattr(Contact, "step", contact_step)
    monkeypatch.setattr(Contact, "step_talk", talk_step)
    monkeypatch.setattr(Contact, "step_callback", callback_step)
    monkeypatch.setattr(Text, "step", text_step)
    monkeypatch.setattr(Agent, "step", presence_step)
    monkeypatch.setattr(Agent, "step_assignment", assignment_step)
    for path in STORIES:
        play(path.read_text())
    tables: dict[str, dict[Any, dict[type, Any]]] = {
        "contact": TRANSITIONS,
        "talk": TALK,
        "callback": CALLBACK,
        "text": TEXT,
        "presence": {state: row for state, row in PRESENCE.items() if state is not None},
        "assignment": ASSIGNMENT,
    }
    wanted = {
        (name, state, event)
        for name, table in tables.items()
        for state, row in table.items()
        for event in row
    }
    assert happened == wanted, "no story tells of " + ", ".join(
        f"{name}: {event.__name__} in {state}" for name, state, event in wanted - happened
    )


def test_participants_and_their_legs() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    row = world.state.contacts[ContactId("c1")]
    assert [each.role for each in row.participants()] == [Role.CALLER]
    world.answer("c1")
    caller, nurse = row.participants()
    assert (caller.leg, nurse.leg, nurse.agent_id) == ("c1", "phone-a1", "a1")
    world.gone("c1")
    assert [each.role for each in row.participants()] == [Role.CALLER]


def test_everybody_is_in_the_state_that_names_them() -> None:
    """The fixture of the refusals: were it to drift, they would test less than they say."""
    world = everybody()
    state = world.state
    assert {c: state.contacts[ContactId(c)].state for c in ("waits", "rings", "talks", "over")} == {
        "waits": ContactState.WAITING,
        "rings": ContactState.OFFERED,
        "talks": ContactState.CONNECTED,
        "over": ContactState.ENDED,
    }
    assert not state.contacts[ContactId("unseen")].seen_waiting
    assert state.contacts[ContactId("rests")].is_postponed
    assert state.contacts[ContactId("lone")].agent_id is None
    assert state.texts[TEXT_ID].state is TextState.ASKED
    agents = state.agents
    assert agents[AgentId("rung")].assignment_in(AgentState.RESERVED) == "rings"
    assert agents[AgentId("talker")].assignment_in(AgentState.TALKING) == "talks"
    assert agents[AgentId("wraps")].assignment_in(AgentState.WRAP_UP) == "over"
    assert agents[AgentId("leaver")].is_signing_off
    assert agents[AgentId("idle")].is_ready
    assert agents[AgentId("on")].presence is Presence.NOT_READY
    assert len(list(requests())) > 300
    assert len(list(reports())) > 1000
