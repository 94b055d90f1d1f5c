"""The whole state as bytes and back, and its digest.

A snapshot is what folding all records up to its number would give. It holds the rows; the
indexes are built anew. Equal states give equal bytes, so two nodes, or a replay and the live
engine, are compared by digest.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from queue_engine.core.agent import Agent
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.errors import BadInput
from queue_engine.core.plain import from_plain, to_plain
from queue_engine.core.policy_codec import read_policy
from queue_engine.core.state import State
from routing.vocabulary import LinkId

VERSION: Final = 1


def write_snapshot(state: State) -> bytes:
    """The state as bytes."""
    plain = {
        "v": VERSION,
        "record_number": state.record_number,
        "now_ms": state.now_ms,
        "next_sequence": state.next_sequence,
        "next_offer": state.next_offer,
        "policy": state.policy_text,
        "links": sorted(state.links.items()),
        "links_seen_ms": sorted(state.links_seen_ms.items()),
        "windows": sorted(state.windows.items()),
        "contacts": [to_plain(c) for c in sorted(state.contacts.values(), key=_sequence)],
        "agents": [to_plain(a) for a in sorted(state.agents.values(), key=_sequence)],
        "deadlines": [list(row) for row in state.deadlines.rows()],
    }
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def read_snapshot(data: bytes) -> State:
    """The state that `write_snapshot` wrote.

    Raises:
        BadInput: it is not a snapshot, or of a version that this code does not know.
    """
    try:
        plain = json.loads(data)
    except ValueError as fault:
        raise BadInput(f"snapshot: not JSON: {fault}") from None
    if not isinstance(plain, dict) or plain.get("v") != VERSION:
        raise BadInput(f"snapshot: expected version {VERSION}")
    try:
        return _build(plain)
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as fault:
        raise BadInput(f"snapshot: damaged: {fault!r}") from fault


def digest(state: State) -> str:
    """A short name of everything in the state; equal for equal states only."""
    return hashlib.sha256(write_snapshot(state)).hexdigest()


def _build(plain: dict[str, Any]) -> State:
    state = State()
    if plain["policy"]:
        state.load_rules(plain["policy"], read_policy(plain["policy"]))
    state.links = {LinkId(link): is_up for link, is_up in plain["links"]}
    state.links_seen_ms = {LinkId(link): at_ms for link, at_ms in plain["links_seen_ms"]}
    state.windows = dict(plain["windows"])
    for row in plain["agents"]:
        agent: Agent = from_plain(Agent, row)
        state.agents[agent.agent_id] = agent
        state.phones[agent.link_id, agent.phone_id] = agent.agent_id
        state.ready.sign_on(agent.agent_class)
        state.reindex_agent(agent)
    for row in plain["contacts"]:
        contact: Contact = from_plain(Contact, row)
        state.contacts[contact.contact_id] = contact
        state.sequences[contact.sequence] = contact.contact_id
        state.reindex_contact(contact)
    for at_ms, kind, subject, detail in plain["deadlines"]:
        state.deadlines.set(at_ms, DeadlineKind(kind), subject, detail)
    state.record_number = plain["record_number"]
    state.now_ms = plain["now_ms"]
    state.next_sequence = plain["next_sequence"]
    state.next_offer = plain["next_offer"]
    state.touched.clear()
    return state


def _sequence(row: Contact | Agent) -> int:
    return row.sequence
