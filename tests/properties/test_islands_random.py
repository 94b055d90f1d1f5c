"""Islands that part from any story, and are merged: as if nobody had ever been cut off.

The truth is told by one world to its end. The others have only what was before the cut, and see the
switches again when everybody is gone; then the island tells. Accounts and service level must be as
in truth, whichever island tells first and however often.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.errors import Refused
from queue_engine.core.snapshot import digest
from routing.policy import MINUTE_MS
from routing.vocabulary import AgentId, ContactId, LinkId
from tests.core.chaos import OTHER_LINK, Chaos
from tests.core.chaos_islands import AnyIsland
from tests.core.island_world import accounts, come_back, levels, parted, told, wind_down
from tests.core.world import LINK, POLICY, World
from tests.forms import examples
from tests.properties.auditor import Auditor
from tests.properties.test_callbacks_random import CALLBACKS, run

LINKS = (LINK, OTHER_LINK)
BEFORE, ALONE = 60, 80


def story(seed: int) -> World:
    """Some hours of a small country."""
    world = World(watch=None)
    Chaos(world, seed, sense=0.97, crowd=5).run(BEFORE)
    return world


def go_on(world: World, seed: int, name: int, steps: int = ALONE) -> None:
    """On its own from here: its contacts have names of their own."""
    chaos = Chaos(world, seed, sense=0.97, crowd=5)
    chaos._number = name
    chaos.run(steps)


class Alone(Chaos):
    """An island that has one of two switches: of the other one nothing is seen."""

    def __init__(self, world: World, seed: int, link: LinkId) -> None:
        super().__init__(world, seed, sense=0.97, crowd=5)
        self._own = link

    def _command(self) -> cmd.Command:
        state = self.world.state
        while True:
            command = super()._command()
            shown: object = getattr(command, "caller", command)
            contact = state.contacts.get(getattr(shown, "contact_id", ContactId("")))
            agent = state.agents.get(getattr(command, "agent_id", AgentId("")))
            links = {row.link_id for row in (contact, agent) if row is not None}
            links |= {getattr(command, "link_id", self._own)}
            if links == {self._own}:
                return command


def tell(world: World, parts: Iterable[cmd.ReportIsland]) -> None:
    for part in parts:
        world.do(part)


def merged(seed: int, late: int = 0) -> tuple[World, World]:
    """The truth, and the others after the island has told them."""
    truth = story(seed)
    after, others = truth.state.record_number, parted(truth)
    go_on(truth, seed + 1_000, 1_000)
    wind_down(truth)
    come_back(others, truth.now_ms, LINKS)
    others.wait((5_000, 6 * MINUTE_MS)[seed % 2])
    parts = told(truth, after, part_max=1 + seed % 20, late=late)
    tell(others, parts)
    tell(others, parts)
    for world in (others, truth):
        world.wait(30 * MINUTE_MS)
    return truth, others


@pytest.mark.parametrize("seed", range(examples(6)))
def test_the_accounts_are_as_if_nobody_had_been_cut_off(seed: int) -> None:
    as_in_truth(seed)


def as_in_truth(seed: int) -> None:
    """Unless what was before the cut has been forgotten: an island may last for days here."""
    truth, others = merged(seed, late=seed % 3)
    wanted, found = accounts(truth.records), accounts(others.records)
    if not _forgotten(others):
        assert found == wanted
    assert sum(sums.calls for sums in found.values()) == sum(sums.calls for sums in wanted.values())


@pytest.mark.parametrize("seed", range(examples(6)))
def test_everybody_counts_once_as_what_became_of_him(seed: int) -> None:
    truth, others = merged(seed)
    if not _forgotten(others):
        assert levels(others, others.records) == levels(truth, truth.records)


def _forgotten(world: World) -> bool:
    """Whether anybody was forgotten before the island told of him."""
    gone: set[str] = set()
    for event in chain.from_iterable(record.events for record in world.records):
        if isinstance(event, ev.ContactForgotten):
            gone.add(event.contact_id)
        elif isinstance(event, ev.IslandContactMerged):
            earlier = {event.contact_id, event.fact.continues}
            if earlier & gone:
                return True
    return False


@pytest.mark.parametrize("seed", range(examples(4)))
def test_told_twice_and_by_two_at_once_it_counts_once(seed: int) -> None:
    truth = story(seed)
    after, others = truth.state.record_number, parted(truth)
    go_on(truth, seed + 1_000, 1_000)
    come_back(others, truth.now_ms, LINKS)
    once, twice = others, parted(others)
    tell(once, told(truth, after))
    parts = told(truth, after, part_max=3)
    for first, second in zip(parts, [parts[0], *parts], strict=False):
        tell(twice, (first, second))
    tell(twice, [*told(truth, after, part_max=7), *parts])
    assert accounts(twice.records) == accounts(once.records)
    assert set(twice.state.contacts) == set(once.state.contacts)
    before = digest(twice.state)
    tell(twice, parts)
    assert digest(twice.state) == before


@pytest.mark.parametrize("seed", range(examples(4)))
def test_which_of_two_islands_tells_first_is_nothing_to_the_accounts(seed: int) -> None:
    common = story(seed)
    after = common.state.record_number
    islands = [parted(common) for _ in range(2)]
    for number, (island, link) in enumerate(zip(islands, LINKS, strict=True), start=1):
        island.do(cmd.ReportLinkLost(LINKS[number % 2]))
        alone = Alone(island, seed + number * 1_000, link)
        alone._number = number * 1_000
        alone.run(ALONE)
    until_ms = max(island.now_ms for island in islands)
    come_back(common, until_ms, LINKS)
    first, second = (
        told(island, after, f"n{number}") for number, island in enumerate(islands, start=1)
    )
    other = parted(common)
    tell(common, [*first, *second])
    tell(other, [*second, *first])
    assert accounts(common.records) == accounts(other.records)


@pytest.mark.parametrize("seed", range(examples(4)))
def test_the_auditor_finds_nothing_wrong_with_a_merge(seed: int) -> None:
    """The others go on meanwhile and afterwards, and see some of the island's callers again."""
    auditor = Auditor()
    others = World(audit=auditor.follow)
    Chaos(others, seed, sense=0.97, crowd=5).run(BEFORE)
    after, island = others.state.record_number, parted(others)
    island._audit = None
    go_on(island, seed + 1_000, 1_000)
    others.do(cmd.ReportLinkLost(LINK))
    _try(others, seed + 2_000, 2_000)
    if others.now_ms < island.now_ms:
        others.wait(island.now_ms - others.now_ms)
    parts = told(island, after, part_max=4)
    shown = [contact for contact in island.state.living_contacts() if contact.link_id == LINK]
    tell(others, parts[: len(parts) // 2])
    callers = tuple(
        cmd.SeenCaller(
            contact.contact_id, cmd.CallerPlace.WAITING, contact.arrived_ms, contact.ticket()
        )
        for contact in shown
    )
    others.do(cmd.ReportSwitch(LINK, others.now_ms, callers))
    tell(others, parts)
    _try(others, seed + 3_000, 3_000)
    tell(others, parts)
    wind_down(others)
    others.wait(30 * MINUTE_MS)
    auditor.ledger.check(others.records)
    others.check_replay()
    found = {type(event) for record in others.records for event in record.events}
    assert ev.IslandContactMerged in found


@pytest.mark.parametrize("seed", range(examples(4)))
def test_whatever_an_island_tells_the_invariants_hold(seed: int) -> None:
    """Of anybody, living or not, and of times that cannot be: where no book could say what is
    right, nothing breaks, and nobody is in two places."""
    world = World(replace(POLICY, callbacks=CALLBACKS))
    island = AnyIsland(seed)
    for _ in range(20):
        run(world, seed, 10)
        for _ in range(3):
            world.do(island.part(world.state))
        world.begin_from_snapshot()
    world.check_replay()
    happened = {type(event) for record in world.records for event in record.events}
    assert {ev.IslandContactMerged, ev.IslandContactAwaited} <= happened
    assert min(map(min, accounts(world.records).values()), default=0) >= 0


def _try(world: World, seed: int, name: int) -> None:
    try:
        go_on(world, seed, name, 30)
    except Refused:
        pytest.fail("chaos catches its own refusals")
