"""The same callers and nurses under other rules: true to the journal under its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.config.load import Configuration
from queue_engine.core import commands as cmd
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.runtime.windows import TimeWindow, WindowDays
from routing.gateways import Gateway
from routing.policy import MINUTE_MS, Order
from routing.vocabulary import (
    AgentId,
    ContactId,
    GatewayId,
    Outcome,
    Priority,
    RegionCode,
    Skill,
    SkillLevel,
)
from simulations.what_if.books import Books, Story
from simulations.what_if.comparison import (
    changes,
    waits_by_priority,
    waits_by_region,
    waits_of_all,
)
from simulations.what_if.facts import RING_MS_ASSUMED, FactFinder, Facts
from simulations.what_if.model import WhatIf
from tests.core.chaos import Chaos
from tests.core.world import LINK, POLICY, World
from tests.simulations.kept_day import kept_day


@pytest.fixture(scope="module")
def day(country: Configuration) -> list[Record]:
    return kept_day(country, seed=3, part=10)


def facts_of(records: list[Record]) -> tuple[Books, Facts]:
    books, finder = Books(), FactFinder()
    for record in records:
        books.follow(record)
        finder.follow(record)
    return books, finder.facts()


def lived(records: list[Record], model: WhatIf) -> WhatIf:
    for record in records:
        model.follow(record)
    return model


def test_under_its_own_rules_the_model_is_true_to_the_journal(day: list[Record]) -> None:
    books, facts = facts_of(day)
    model = lived(day, WhatIf(facts))
    was, now = waits_of_all(books.stories), waits_of_all(model.books.stories)
    assert was.contacts == now.contacts > 100
    assert abs(was.answered - now.answered) <= was.answered // 20
    assert was.mean_wait_ms is not None
    assert now.mean_wait_ms is not None
    assert abs(was.mean_wait_ms - now.mean_wait_ms) <= was.mean_wait_ms // 10
    assert sum(model.left_out.values()) < len(day) // 50, model.left_out


def test_the_same_rules_written_down_change_nothing_and_others_do(
    day: list[Record], country: Configuration
) -> None:
    _, facts = facts_of(day)
    own = lived(day, WhatIf(facts)).books.stories
    same = lived(day, WhatIf(facts, write_policy(country.policy))).books.stories
    found = changes(own, same)
    assert (found.other_agent, found.sooner, found.later, found.first) == (0, 0, 0, None)

    fifo = replace(country.policy, version="fifo", order=Order.FIFO)
    other = lived(day, WhatIf(facts, write_policy(fifo))).books.stories
    found = changes(own, other)
    assert found.contacts == len(own)
    assert found.other_agent > 0
    assert found.later > 0
    assert found.first is not None
    assert found.first.before != found.first.after
    fees = [waits_by_priority(one)[Priority.NON_MEDICAL].answered for one in (own, other)]
    assert fees[0] < fees[1], "need does not count any more"
    assert set(waits_by_region(own)) == set(waits_by_region(other))


@pytest.mark.parametrize("seed", range(4))
def test_no_story_is_too_strange_for_it(seed: int) -> None:
    world = World(watch=None)
    Chaos(world, seed).run(120)
    _, facts = facts_of(world.records)
    for policy in (None, write_policy(replace(POLICY, version="x", home_advantage_ms=60_000))):
        model = lived(world.records, WhatIf(facts, policy))
        assert model.books.offers


def test_the_windows_are_those_of_the_other_rules() -> None:
    window = TimeWindow("night_22_07", WindowDays.EVERY_DAY, 22 * 60, 7 * 60)
    world = World(watch=None)
    world.caller("noon", "22")
    world.wait(12 * 60 * MINUTE_MS)
    world.caller("midnight", "22")
    _, facts = facts_of(world.records)
    model, told = WhatIf(facts, write_policy(POLICY), (window,)), []
    for record in world.records:
        model.follow(record)
        told.append(model.state.windows.get("night_22_07", False))
    assert (told[0], told[-1]) == (False, True)
    rings = model.state.contacts[ContactId("midnight")].shared
    assert "night" in {shared.rule for shared in rings}


def test_waits_and_changes_are_counted() -> None:
    home = RegionCode("22")

    def story(wait_ms: int | None, agent: str | None, region: str = "22") -> Story:
        one = Story(home, Priority.STANDARD, arrived_ms=0, offered_ms=10, wait_ms=wait_ms)
        if agent is None:
            one.outcome = Outcome.ABANDONED
        else:
            one.offered_to = one.answered_by = AgentId(agent)
            one.answered_in = RegionCode(region)
        return one

    a, b, c = map(ContactId, "abc")
    before = {a: story(5_000, "n1"), b: story(9_000, None), c: story(100, "n2")}
    after = {a: story(7_000, "n3", "23"), b: story(8_000, "n1"), c: story(100, "n2")}
    found = changes(before, after)
    assert (found.contacts, found.other_agent, found.other_region) == (3, 1, 1)
    assert (found.answered_only_after, found.answered_only_before) == (1, 0)
    assert (found.sooner, found.later) == (0, 1)
    assert found.first is not None
    assert (found.first.contact_id, found.first.after) == ("a", (10, "n3"))
    waits = waits_of_all(before)
    assert (waits.contacts, waits.answered, waits.in_vain) == (3, 2, 1)
    assert (waits.mean_wait_ms, waits.wait_ms_max) == (2_550, 5_000)
    assert waits_of_all({}).mean_wait_ms is None


def test_a_journal_that_tells_of_nothing_has_usual_lengths_all_the_same() -> None:
    assert facts_of([])[1].ring_usual_ms == RING_MS_ASSUMED


def test_a_gateways_seats_answer_and_their_missing_wrap_up_tells_nothing_of_nurses() -> None:
    west = Gateway(GatewayId("west"), LINK, RegionCode("22"), (SkillLevel(Skill("advice")),), 1)
    world = World(replace(POLICY, gateways=(west,)))
    world.do(cmd.ReportGateway(LINK, GatewayId("west"), True))
    world.agent("a1")
    for name in ("c1", "c2"):
        world.caller(name)
        world.wait(5_000)
        world.answer(name)
        world.wait(60_000)
        world.nurse_hangs_up(name)
        world.wait(10_000)
    world.do(cmd.EndWrapUp(AgentId("a1")))
    books, facts = facts_of(world.records)
    answered = {story.answered_by for story in books.stories.values()}
    assert answered == {AgentId("west+1"), AgentId("a1")}
    assert set(facts.wrap_up_ms.values()) == {facts.wrap_up_usual_ms}
    assert facts.wrap_up_usual_ms > 0
    model = lived(world.records, WhatIf(facts))
    assert not model.left_out, model.left_out
    again = {story.answered_by for story in model.books.stories.values()}
    assert again == answered
