"""Every state that two nurses and three callers can come to, step by step, breadth first.

A step is something that somebody does, or the next deadline. Two orders of steps that lead to the
same state are one from there on: the numbers of records, and of those who came (but not their
order), are not looked at. After each step the invariants hold and the auditor agrees; folding the
records gives each new state again.
"""

from __future__ import annotations

import json
import pickle
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from queue_engine.core import commands as cmd
from queue_engine.core.agent import AgentState, Presence
from queue_engine.core.apply import fold
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.engine import Engine
from queue_engine.core.errors import Refused
from queue_engine.core.invariants import check, check_promise
from queue_engine.core.record import Record
from queue_engine.core.snapshot import read_snapshot, write_snapshot
from queue_engine.core.state import State
from routing.policy import Policy
from routing.vocabulary import (
    NO_LINK,
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
    Skill,
    SkillLevel,
)
from tests.core.world import ADVICE, LINK, START_MS, World
from tests.properties.auditor import Auditor

AGENTS: Final = (("a1", "22"), ("a2", "23"))
CALLERS: Final = (
    ("c1", "22", Priority.STANDARD),
    ("c2", "23", Priority.NON_MEDICAL),
    ("c3", "22", Priority.URGENT),
)
Step = tuple[str, tuple[cmd.Command, ...]]


@dataclass(frozen=True, slots=True)
class Node:
    """A state, the moment, the auditor's books, and how it was come to."""

    snapshot: bytes
    now_ms: int
    books: bytes
    path: tuple[str, ...]


class SmallWorld:
    """All that can happen under this policy.

    Args:
        policy: of the country.
        are_there: at the beginning both nurses are at work and all three call; else nobody is.
        chats: who of the callers write.
    """

    def __init__(self, policy: Policy, *, are_there: bool, chats: Sequence[str] = ()) -> None:
        self._chats = chats
        self.occurred: Counter[str] = Counter()
        self.refused = 0
        """So many commands, of which nothing came."""
        auditor = Auditor()
        world = World(policy, audit=auditor.follow)
        if are_there:
            self.begin(world)
        self._first = Node(write_snapshot(world.state), world.now_ms, pickle.dumps(auditor), ())

    def begin(self, world: World) -> None:
        """Both nurses are at work and all three call."""
        for name, region in AGENTS:
            world.agent(name, region)
        for name, region, priority in CALLERS:
            arrives = world.chat if name in self._chats else world.caller
            arrives(name, region, priority)

    def steps(self, state: State, now_ms: int) -> Iterator[Step]:
        """All that can happen next; what the engine refuses is no step."""
        yield from _steps(state, now_ms, self._chats)

    def explore(self, steps_max: int) -> int:
        """Visits all states that so many steps lead to; how many there were.

        Raises:
            AssertionError: with the steps that lead to what is wrong.
        """
        queue = deque([self._first])
        seen = {_without_numbers(self._first)}
        while queue and len(queue[0].path) < steps_max:
            node = queue.popleft()
            for label, commands in self.steps(read_snapshot(node.snapshot), node.now_ms):
                try:
                    after, records = self._take(node, label, commands)
                    key = _without_numbers(after)
                    if key not in seen:
                        seen.add(key)
                        queue.append(after)
                        _check_fold(node, records, after)
                except Refused:
                    self.refused += 1
                except AssertionError as fault:
                    steps = " | ".join((*node.path, label))
                    raise AssertionError(f"{steps}: {fault}") from fault
        return len(seen)

    def _take(
        self, node: Node, label: str, commands: tuple[cmd.Command, ...]
    ) -> tuple[Node, list[Record]]:
        engine = Engine(read_snapshot(node.snapshot), watch=check_promise)
        auditor: Auditor = pickle.loads(node.books)
        now_ms = node.now_ms
        records = []
        if not commands:
            due_ms = engine.next_deadline_ms()
            assert due_ms is not None
            now_ms = max(now_ms, due_ms)
            records.append(engine.pass_time(now_ms))
            check(engine.state)
        for command in commands:
            try:
                records.append(engine.handle(command, now_ms))
            except Refused:
                is_as_before = write_snapshot(engine.state) == node.snapshot
                assert records or is_as_before, "refused, and something has changed"
                raise
            check(engine.state)
        kept = [record for record in records if record is not None]
        for record in kept:
            auditor.follow(record)
            self.occurred.update(type(event).__name__ for event in record.events)
        snapshot, books = write_snapshot(engine.state), pickle.dumps(auditor)
        return Node(snapshot, now_ms, books, (*node.path, label)), kept


def _check_fold(before: Node, records: list[Record], after: Node) -> None:
    twin = read_snapshot(before.snapshot)
    for record in records:
        fold(twin, record)
    assert write_snapshot(twin) == after.snapshot, "folding gives another state"


def _without_numbers(node: Node) -> tuple[int, str]:
    """What makes two states one: all but the numbers of records."""
    return node.now_ms, json.dumps(_unnumbered(json.loads(node.snapshot)))


def _unnumbered(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _unnumbered(entry)
            for key, entry in value.items()
            if key not in ("record", "record_number", "sequence")
        }
    return [_unnumbered(entry) for entry in value] if isinstance(value, list) else value


# --- what can be done -----------------------------------------------------------------------


def _steps(state: State, now_ms: int, chats: Sequence[str]) -> Iterator[Step]:
    if state.deadlines.next_ms() is not None:
        yield "time passes", ()
    for name, region, priority in CALLERS:
        row = state.contacts.get(ContactId(name))
        if row is None:
            calls = _call(name, region, priority, now_ms)
            yield f"{name} comes", _writes(calls[0]) if name in chats else calls
        elif row.channel.is_on_screen and row.state in _ON_SCREEN:
            yield from ((label, (command,)) for label, command in _ON_SCREEN[row.state](row))
        elif row.state is not None:
            yield from ((label, (command,)) for label, command in _OF[row.state](row, now_ms))
    for name, region in AGENTS:
        yield from _of_agent(state, name, region)


def _writes(call: cmd.EnqueueContact) -> tuple[cmd.Command, ...]:
    return (replace(call, channel=ContactChannel.CHAT, link_id=NO_LINK),)


def _call(
    name: str, region: str, priority: Priority, now_ms: int
) -> tuple[cmd.EnqueueContact, cmd.Command]:
    enqueue = cmd.EnqueueContact(
        ContactId(name),
        LINK,
        LineId("1177"),
        START_MS,
        priority,
        ADVICE,
        RegionCode(region),
        HomeRegionSource.AREA_CODE,
    )
    return enqueue, _seen(name, now_ms)


def _seen(name: str, now_ms: int) -> cmd.Command:
    caller = cmd.SeenCaller(ContactId(name), cmd.CallerPlace.WAITING, now_ms)
    return cmd.ReportCallerWaiting(LINK, caller)


def _of_waiting(row: Contact, now_ms: int) -> Iterator[tuple[str, cmd.Command]]:
    name = row.contact_id
    if not row.seen_waiting and not row.channel.is_on_screen:
        yield f"{name} is seen", _seen(name, now_ms)
    if row.priority is not Priority.EMERGENCY:
        key = cmd.SetContactPriority(name, Priority.EMERGENCY, cmd.Actor.CALLER, "emergency_key")
        yield f"{name} presses", key
    yield f"{name} hangs up", cmd.ReportCallerGone(name)


def _of_offered(row: Contact, now_ms: int) -> Iterator[tuple[str, cmd.Command]]:
    assert row.phone_id is not None
    assert row.offer is not None
    name = row.contact_id
    connected = cmd.ReportConnected(name, row.link_id, row.phone_id, row.offer)
    yield f"{name} is answered", connected
    for failure in (cmd.OfferFailure.NO_ANSWER, cmd.OfferFailure.REJECTED):
        yield f"{name}: {failure}", cmd.ReportOfferFailed(name, row.offer, failure)
    yield f"{name} hangs up", cmd.ReportCallerGone(name)


def _of_connected(row: Contact, now_ms: int) -> Iterator[tuple[str, cmd.Command]]:
    assert row.phone_id is not None
    yield f"the talk with {row.contact_id} ends", cmd.ReportTalkEnded(row.contact_id, row.phone_id)
    yield f"{row.contact_id} is seen again", _seen(row.contact_id, now_ms)


def _of_offered_chat(row: Contact) -> Iterator[tuple[str, cmd.Command]]:
    assert row.agent_id is not None
    assert row.offer is not None
    name = row.contact_id
    yield f"{name} is accepted", cmd.AcceptOffer(row.agent_id, name, row.offer)
    yield f"{name} is rejected", cmd.RejectOffer(row.agent_id, name, row.offer)
    yield f"{name} leaves", cmd.ReportCallerGone(name)


def _of_chat(row: Contact) -> Iterator[tuple[str, cmd.Command]]:
    assert row.agent_id is not None
    yield f"{row.contact_id} is closed", cmd.EndContact(row.agent_id, row.contact_id)
    yield f"{row.contact_id} is given back", cmd.SendBack(row.agent_id, row.contact_id, "test")


_OnScreen = Callable[[Contact], Iterator[tuple[str, cmd.Command]]]
_ON_SCREEN: Final[dict[ContactState | None, _OnScreen]] = {
    ContactState.OFFERED: _of_offered_chat,
    ContactState.CONNECTED: _of_chat,
}

_OF: Final[dict[ContactState, Callable[[Contact, int], Iterator[tuple[str, cmd.Command]]]]] = {
    ContactState.WAITING: _of_waiting,
    ContactState.OFFERED: _of_offered,
    ContactState.CONNECTED: _of_connected,
    ContactState.ENDED: lambda _row, _now_ms: iter(()),
}


def _of_agent(state: State, name: str, region: str) -> Iterator[Step]:
    agent_id = AgentId(name)
    agent = state.agents.get(agent_id)
    if agent is None:
        skills = (SkillLevel(Skill("advice")),)
        phone = PhoneId(f"phone-{name}")
        sign_on = cmd.SignOnAgent(agent_id, LINK, phone, RegionCode(region), skills)
        yield f"{name} comes", (sign_on, cmd.SetAgentReady(agent_id))
        return
    if agent.presence is Presence.READY:
        away = cmd.SetAgentNotReady(agent_id, NotReadyReason.BREAK)
        yield f"{name} takes a break", (away,)
    else:
        yield f"{name} is ready", (cmd.SetAgentReady(agent_id),)
    for wraps in agent.assignments_in(AgentState.WRAP_UP):
        yield f"{name} is done with {wraps}", (cmd.EndWrapUp(agent_id, contact_id=wraps),)
    if not agent.is_signing_off:
        yield f"{name} goes home", (cmd.SignOffAgent(agent_id),)
