"""Worlds that part: one goes on as an island, another as all others, and the island tells."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from queue_engine.core import commands as cmd
from queue_engine.core.apply import fold
from queue_engine.core.contact import ContactState
from queue_engine.core.engine import Engine
from queue_engine.core.island_books import PART_MAX, IslandBooks
from queue_engine.core.ledger import Account, Ledger, Sums
from queue_engine.core.record import Record
from queue_engine.core.service_level import ServiceLevel
from queue_engine.core.snapshot import read_snapshot, write_snapshot
from queue_engine.core.state import State
from routing.vocabulary import IslandId, LinkId
from tests.core.world import LINK, World


def parted(world: World) -> World:
    """Another world that has come to where this one is, and goes its own way from here."""
    other = copy.copy(world)
    snapshot = write_snapshot(world.state)
    other.engine = Engine(read_snapshot(snapshot), watch=world._watch)
    other.twin = read_snapshot(snapshot)
    other.records = list(world.records)
    return other


def told(
    world: World,
    after: int,
    name: str = "n1",
    part_max: int = PART_MAX,
    *,
    late: int = 0,
    until_ms: int | None = None,
) -> list[cmd.ReportIsland]:
    """What an island tells that has gone its own way since record `after`.

    Args:
        late: so many records later its snapshot was taken.
        until_ms: when it was no island any more; None: now.
    """
    ended_ms = world.now_ms if until_ms is None else until_ms
    island = cmd.Island(IslandId(f"{name}-{after}"), name, after, 0, ended_ms)
    books = IslandBooks(island, state_after(world.records, after + late))
    for record in world.records:
        if record.number > after:
            books.follow(record)
    return list(books.parts(part_max))


def state_after(records: Iterable[Record], number: int) -> State:
    """The state that the first records make."""
    state = State()
    for record in records:
        if record.number <= number:
            fold(state, record)
    return state


def come_back(world: World, until_ms: int, links: Iterable[LinkId] = (LINK,)) -> None:
    """Others have lost the island's switches, and see them again when nobody is there."""
    for link in links:
        world.do(cmd.ReportLinkLost(link))
    world.wait(max(0, until_ms - world.now_ms))
    for link in links:
        world.do(cmd.ReportSwitch(link, world.now_ms, ()))


def wind_down(world: World, links: Iterable[LinkId] = (LINK,)) -> None:
    """Everybody hangs up, and all work is done."""
    for contact in list(world.state.contacts.values()):
        if contact.state is not ContactState.ENDED:
            world.do(cmd.ReportCallerGone(contact.contact_id))
    for agent in list(world.state.agents.values()):
        for _ in range(3):
            if any(held.state == "wrap_up" for held in agent.assignments.values()):
                world.do(cmd.EndWrapUp(agent.agent_id))


def accounts(records: Iterable[Record]) -> dict[Account, Sums]:
    """What the ledger says of them; accounts without anything on them left out."""
    ledger = Ledger()
    for record in records:
        ledger.follow(record)
    return {account: sums for account, sums in ledger.accounts() if any(sums)}


def levels(world: World, records: Iterable[Record]) -> dict[str, int]:
    """How many callers there were of each result; who was corrected is counted once."""
    level = ServiceLevel(lambda: world.state.rules)
    for record in records:
        level.follow(record)
    found: dict[str, int] = {}
    for cell, count in level.counts.items():
        key = f"{cell.region} {cell.priority} {cell.result}"
        found[key] = found.get(key, 0) + count
    return found
