"""The whole state as bytes and back, and its digest.

A snapshot is what folding all records up to its number would give. It holds the rows; the
indexes are built anew. Equal states give equal bytes, so two nodes, or a replay and the live
engine, are compared by digest.

It says the version of records without which its rows would not be (`codec.VERSIONS`), so that none
is written that a node on the journal could not read: what is of a later version is in rows of its
own, and they are left out while there are none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from queue_engine.core import codec
from queue_engine.core.agent import Agent
from queue_engine.core.balance import Work
from queue_engine.core.codec import FIRST_VERSION
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.errors import BadInput
from queue_engine.core.gateways import GatewayRow
from queue_engine.core.json_bytes import from_bytes, to_bytes
from queue_engine.core.origins import Origins
from queue_engine.core.plain import from_plain, to_plain
from queue_engine.core.policy_codec import read_policy
from queue_engine.core.state import State
from queue_engine.core.talk import TalkState
from queue_engine.core.texts import Text
from queue_engine.core.told_islands import AwaitedContact, IslandRow
from routing.delays import Delay
from routing.limits import Limit
from routing.trunks import Trunk
from routing.vocabulary import AgentId, ContactId, LineId, LinkId, RegionCode

_LATER: Final = (
    "origins",
    "resting_trunks",
    "gateways",
    "island",
    "told_islands",
    "awaited",
    "sold",
)
"""Rows that there were not always."""
_TOLD_ISLANDS_SINCE: Final = 2
"""The version of records that rows of told islands came with."""


@dataclass(slots=True)
class _Rows:
    """What a snapshot holds, by type, so that a damaged one is told with its place."""

    record_number: int
    now_ms: int
    next_sequence: int
    next_offer: int
    policy: str
    links: list[tuple[LinkId, bool]]
    links_seen_ms: list[tuple[LinkId, int]]
    windows: list[tuple[str, bool]]
    contacts: list[Contact]
    agents: list[Agent]
    deadlines: list[tuple[int, DeadlineKind, str, str]]
    limits: list[Limit] = field(default_factory=list)
    closed_lines: list[LineId] = field(default_factory=list)
    balances: list[tuple[RegionCode, int, Work]] = field(default_factory=list)
    delays: list[tuple[RegionCode, int, Delay]] = field(default_factory=list)
    calls: list[tuple[int, list[tuple[str, tuple[int, ...]]]]] = field(default_factory=list)
    origins: list[tuple[str, int]] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    resting_trunks: list[Trunk] = field(default_factory=list)
    island: list[LinkId] = field(default_factory=list)
    told_islands: list[IslandRow] = field(default_factory=list)
    awaited: list[AwaitedContact] = field(default_factory=list)
    gateways: list[GatewayRow] = field(default_factory=list)
    sold: list[tuple[ContactId, AgentId, RegionCode]] = field(default_factory=list)


def write_snapshot(state: State) -> bytes:
    """The state as bytes."""
    rows = _Rows(
        record_number=state.record_number,
        now_ms=state.now_ms,
        next_sequence=state.next_sequence,
        next_offer=state.next_offer,
        policy=state.policy_text,
        links=sorted(state.links.items()),
        links_seen_ms=sorted(state.links_seen_ms.items()),
        windows=sorted(state.windows.items()),
        contacts=sorted(state.contacts.values(), key=lambda contact: contact.sequence),
        agents=sorted(state.agents.values(), key=lambda agent: agent.sequence),
        deadlines=[(*row,) for row in state.deadlines.rows()],
        limits=sorted(state.limits),
        closed_lines=sorted(state.closed_lines),
        balances=list(state.balances.rows()),
        delays=list(state.delays.rows()),
        resting_trunks=sorted(state.resting_trunks),
        gateways=[row for _, row in sorted(state.gateways.items())],
        calls=[(day, sorted(calls.items())) for day, calls in sorted(state.calls.items())],
        origins=state.origins.rows(),
        texts=list(state.texts.values()),
        island=list(state.island),
        told_islands=list(state.told_islands.rows.values()),
        awaited=state.told_islands.all_awaited(),
        sold=[
            (contact_id, *offered)
            for contact_id, agents in sorted(state.sold.items())
            for offered in sorted(agents.items())
        ],
    )
    plain = {"v": version_needed(state), **to_plain(rows)}
    for name in _LATER:
        if not plain[name]:  # as before there were any: so digests of then stay true
            del plain[name]
    return to_bytes(plain)


def version_needed(state: State) -> int:
    """The version of records that must have been written for there to be such a state."""
    told = state.told_islands
    return _TOLD_ISLANDS_SINCE if told.rows or told.awaited else FIRST_VERSION


def read_snapshot(data: bytes) -> State:
    """The state that `write_snapshot` wrote.

    Raises:
        BadInput: it is not a snapshot, or of a version that this code does not know.
    """
    return from_bytes(data, "snapshot", _state)


def _state(plain: Any) -> State:
    if not isinstance(plain, dict) or plain.pop("v", None) not in codec.VERSIONS:
        raise BadInput(f"snapshot: expected version {' or '.join(map(str, codec.VERSIONS))}")
    try:
        rows: _Rows = from_plain(_Rows, plain)
        return _build(rows)
    except (AssertionError, BadInput) as fault:
        raise BadInput(f"snapshot: {fault}") from fault


def digest(state: State) -> str:
    """A short name of everything in the state; equal for equal states only."""
    return hashlib.sha256(write_snapshot(state)).hexdigest()


def _build(rows: _Rows) -> State:
    state = State()
    state.windows = dict(rows.windows)
    if rows.policy:
        state.load_rules(rows.policy, read_policy(rows.policy))
    state.links = dict(rows.links)
    state.links_seen_ms = dict(rows.links_seen_ms)
    state.island = tuple(rows.island)
    state.limits.update(dict.fromkeys(rows.limits))
    state.resting_trunks.update(dict.fromkeys(rows.resting_trunks))
    state.gateways = {row.gateway_id: row for row in rows.gateways}
    state.closed_lines = dict.fromkeys(rows.closed_lines)
    for balance in rows.balances:
        state.balances.put(*balance)
    for contact_id, agent_id, buyer in rows.sold:
        state.sold.setdefault(contact_id, {})[agent_id] = buyer
    for delay in rows.delays:
        state.delays.put(*delay)
    for agent in rows.agents:
        phone = (agent.link_id, agent.phone_id)
        assert agent.agent_id not in state.agents, f"agent {agent.agent_id} twice"
        assert phone not in state.phones, f"two agents at {agent.phone_id}"
        state.sign_on(agent)
    for contact in rows.contacts:
        assert contact.contact_id not in state.contacts, f"contact {contact.contact_id} twice"
        assert contact.sequence not in state.sequences, f"sequence {contact.sequence} twice"
        state.contacts[contact.contact_id] = contact
        state.sequences[contact.sequence] = contact.contact_id
        state.reindex_contact(contact)
        state.returning.note(contact)
        if contact.talk is TalkState.ASKING:
            state.asking[contact.contact_id] = contact
        if contact.callback is not None:
            state.promised[contact.contact_id] = contact
    state.calls = {day: dict(calls) for day, calls in rows.calls}
    for text in rows.texts:
        assert text.text_id not in state.texts, f"text {text.text_id} twice"
        state.texts[text.text_id] = text
    for island in rows.told_islands:
        assert island.island_id not in state.told_islands.rows, f"island {island.island_id} twice"
        state.told_islands.rows[island.island_id] = island
    for found in rows.awaited:
        state.told_islands.await_contact(found)
    for at_ms, kind, subject, detail in rows.deadlines:
        state.deadlines.set(at_ms, kind, subject, detail)
    state.origins = Origins(rows.origins)
    state.record_number = rows.record_number
    state.now_ms = rows.now_ms
    state.next_sequence = rows.next_sequence
    state.next_offer = rows.next_offer
    state.touched.clear()
    return state
