"""The service level of callers of whom an island tells: each counts once, as what became of him."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd, service_level
from queue_engine.core.service_level import ServiceLevel
from routing.policy import MINUTE_MS, SECOND_MS, ServiceTimes
from routing.vocabulary import (
    AgentId,
    ContactId,
    NotReadyReason,
    Outcome,
    Priority,
    RegionCode,
    Requirement,
)
from tests.core.island_facts import ABANDONED, HANDLED, LOST, fact, rings, tell
from tests.core.island_world import come_back, levels, parted
from tests.core.world import ADVICE, CHILD, LINK, POLICY, START_MS, World

CONTINUED = Outcome.CONTINUED
C1 = ContactId("c1")
FORGOTTEN_MS = 20 * MINUTE_MS
"""After so long nobody here knows any more of one who has ended."""


def level_of(world: World) -> ServiceLevel:
    level = ServiceLevel(lambda: world.state.rules)
    for record in world.records:
        level.follow(record)
    return level


def counts(world: World) -> dict[str, int]:
    """Of region 24, without its name; of another one with it."""
    found = levels(world, world.records)
    return {name.removeprefix("24 standard "): count for name, count in found.items()}


def answer(
    at_ms: int = START_MS, home: str = "24", priority: Priority = Priority.STANDARD
) -> cmd.IslandAnswer:
    return cmd.IslandAnswer(at_ms, RegionCode(home), priority, ADVICE)


def lost(world: World, *names: str) -> None:
    """They wait when the switch is lost; when it is back nobody is there."""
    for name in names:
        world.caller(name, "24")
    come_back(world, world.now_ms + MINUTE_MS)


def helped(world: World, name: str) -> None:
    """A nurse of his region comes and talks with him."""
    world.agent("a1", "24")
    world.answer(name)
    world.nurse_hangs_up(name)


def by_ticket(world: World, name: str) -> None:
    """Nobody here has heard of him when the switch shows him."""
    elsewhere = parted(world)
    elsewhere.caller(name, "24")
    ticket = elsewhere.state.contacts[ContactId(name)].ticket()
    seen = cmd.SeenCaller(ContactId(name), cmd.CallerPlace.WAITING, world.now_ms, ticket)
    world.do(cmd.ReportCallerWaiting(LINK, seen))


def test_who_is_corrected_is_one_of_those_who_count() -> None:
    world = World()
    lost(world, "c1", "c2")
    world.wait(FORGOTTEN_MS)
    assert level_of(world).permille(RegionCode("24")) == 0
    tell(world, fact(world, "c1", came_there=False, outcome=HANDLED, answer=answer()))
    assert counts(world) == {"lost": 2, "corrected": 1, "within": 1}
    assert level_of(world).permille(RegionCode("24")) == 500


def test_nothing_is_corrected_of_whom_the_island_saw_as_he_was_counted() -> None:
    world = World()
    lost(world, "c1", "c2")
    world.wait(FORGOTTEN_MS)
    tell(world, fact(world, "c1", came_there=False, outcome=LOST))
    assert counts(world) == {"lost": 2}
    tell(world, fact(world, "c2", came_there=False, outcome=ABANDONED))
    assert counts(world) == {"lost": 2, "corrected": 1, "abandoned": 1}


def test_who_was_answered_here_counts_so_whatever_the_island_saw_but_an_answer() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", "24")
    world.answer("c1")
    world.nurse_hangs_up("c1")
    tell(world, fact(world, "c1", came_there=False, outcome=ABANDONED))
    assert counts(world) == {"within": 1}


def test_who_was_answered_there_before_he_was_here_counts_by_that() -> None:
    world = World()
    world.caller("c1", "24")
    at_ms = world.now_ms
    world.wait(9 * MINUTE_MS)
    helped(world, "c1")
    assert counts(world) == {"late": 1}
    told = fact(world, "c1", arrived_ms=at_ms, outcome=HANDLED, answer=answer(at_ms + 1))
    tell(world, told)
    assert counts(world) == {"late": 1, "corrected": 1, "within": 1}


def test_who_has_not_been_counted_is_where_and_as_what_he_was_answered_there() -> None:
    world = World()
    lost(world, "c1")
    answered = answer(world.now_ms, "22", Priority.RAISED)
    tell(world, fact(world, "c1", came_there=False, outcome=HANDLED, answer=answered))
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {"22 raised within": 1}


def test_who_was_answered_before_the_island_parted_is_counted_already() -> None:
    world = World()
    lost(world, "c1")
    tell(world, fact(world, "c1", came_there=False, outcome=HANDLED, talk_ms=SECOND_MS))
    tell(world, fact(world, "c2", came_there=False, outcome=ABANDONED, talk_ms=SECOND_MS))
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {}


def test_who_left_in_a_moment_counts_for_nothing_and_so_is_not_corrected() -> None:
    world = World()
    by_ticket(world, "c1")
    world.gone("c1")
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {"short_abandoned": 1}
    tell(world, fact(world, "c1", outcome=HANDLED, answer=answer()))
    assert counts(world) == {"short_abandoned": 1, "within": 1}


def test_who_is_known_no_more_was_lost_here_if_he_did_not_come_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_level, "FORGOTTEN_MAX", 0)
    world = World()
    lost(world, "c1")
    world.wait(FORGOTTEN_MS)
    tell(world, fact(world, "c1", came_there=False, outcome=HANDLED, answer=answer()))
    assert counts(world) == {"lost": 1, "corrected": 1, "within": 1}


def test_whoever_saw_him_last_says_where_he_counts() -> None:
    world = World()
    lost(world, "c1")
    world.caller("c2", "24")
    seen_ms = world.now_ms
    world.wait(MINUTE_MS)
    world.gone("c2")
    told = {"came_there": False, "outcome": ABANDONED}
    tell(
        world,
        fact(world, "c1", **told, home_region=RegionCode("22")),
        fact(world, "c2", **told, home_region=RegionCode("23"), until_ms=seen_ms),
    )
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {"22 standard abandoned": 1, "abandoned": 1}


def test_the_promise_is_that_of_what_he_needed_when_he_was_answered() -> None:
    times = (ServiceTimes(CHILD, 0, MINUTE_MS),)
    priorities = tuple(
        (name, replace(rule, services=times) if name is Priority.STANDARD else rule)
        for name, rule in POLICY.priorities
    )
    world = World(replace(POLICY, priorities=priorities))
    lost(world, "c1")
    needs = (Requirement(CHILD),)
    answered = replace(answer(START_MS + MINUTE_MS + 1), needs=needs)
    tell(world, fact(world, "c1", came_there=False, outcome=HANDLED, answer=answered))
    assert counts(world) == {"late": 1}


def test_who_begins_in_the_middle_counts_nobody_again_who_was_answered_before() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", "24")
    world.answer("c1")
    world.nurse_hangs_up("c1")
    begun = len(world.records)
    level = ServiceLevel(lambda: world.state.rules, world.state.contacts.values())
    tell(world, fact(world, "c1", outcome=HANDLED, answer=answer()))
    for record in world.records[begun:]:
        level.follow(record)
    assert not level.counts


# --- who rang again ------------------------------------------------------------------------


def left(world: World, name: str) -> None:
    """He waits a minute, and may ring again."""
    rings(world, name, "k1")
    world.seen(name)
    world.wait(MINUTE_MS)
    world.gone(name)


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_who_rang_again_there_counts_with_that_call(is_forgotten: bool) -> None:
    world = World()
    lost(world, "c1")
    world.wait(FORGOTTEN_MS if is_forgotten else 0)
    tell(
        world,
        fact(world, "c1", came_there=False, outcome=ABANDONED, is_continued=True),
        fact(world, "c2", outcome=HANDLED, answer=answer(world.now_ms), continues=C1),
    )
    world.wait(FORGOTTEN_MS)
    before = {"lost": 1, "corrected": 1} if is_forgotten else {}
    assert counts(world) == {**before, "within": 1}


def test_and_also_if_nobody_here_knows_any_more_that_the_first_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_level, "FORGOTTEN_MAX", 0)
    world = World()
    lost(world, "c1")
    world.wait(FORGOTTEN_MS)
    tell(
        world,
        fact(world, "c1", came_there=False, outcome=ABANDONED, is_continued=True),
        fact(world, "c2", outcome=HANDLED, answer=answer(world.now_ms), continues=C1),
    )
    assert counts(world) == {"lost": 1, "corrected": 1, "within": 1}


@pytest.mark.parametrize("was_lost", [False, True])
def test_who_rang_there_before_he_was_rung_back_counts_with_that_call(was_lost: bool) -> None:
    world = World()
    if was_lost:
        lost(world, "c1")
        world.wait(FORGOTTEN_MS)
    tell(
        world,
        fact(world, "c1", came_there=not was_lost, outcome=CONTINUED, is_continued=True),
        fact(world, "c2", outcome=HANDLED, answer=answer(world.now_ms), continues=C1),
    )
    world.wait(FORGOTTEN_MS)
    before = {"lost": 1, "corrected": 1} if was_lost else {}
    assert counts(world) == {**before, "within": 1}


def test_and_also_if_that_call_is_told_when_the_first_is_forgotten() -> None:
    world = World()
    lost(world, "c1")
    tell(world, fact(world, "c1", came_there=False, outcome=ABANDONED, is_continued=True))
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {}
    tell(world, fact(world, "c2", outcome=HANDLED, answer=answer(world.now_ms), continues=C1))
    assert counts(world) == {"within": 1}


def test_who_was_answered_there_counts_so_though_he_rang_again() -> None:
    world = World()
    lost(world, "c1")
    world.wait(FORGOTTEN_MS)
    told = {"came_there": False, "outcome": HANDLED, "is_continued": True, "answer": answer()}
    tell(world, fact(world, "c1", **told))
    assert counts(world) == {"lost": 1, "corrected": 1, "within": 1}


def test_who_rang_again_and_gave_up_in_a_moment_has_waited_before() -> None:
    """Also if what he rang before is forgotten, or if it is known here and not there."""
    world = World()
    at_once = {"outcome": ABANDONED, "arrived_ms": world.now_ms, "enqueued_ms": world.now_ms}
    tell(world, fact(world, "c2", **at_once, continues=C1))
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {"abandoned": 1}
    left(world, "c3")
    rings(world, "c4", "k1")
    tell(world, fact(world, "c4", **at_once))
    world.gone("c4")
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {"abandoned": 2}


def test_who_is_answered_here_and_rang_before_is_one_however_late_the_island_tells() -> None:
    world = World()
    lost(world, "c1")
    by_ticket(world, "c2")
    helped(world, "c2")
    tell(world, fact(world, "c2", outcome=ABANDONED, continues=C1))
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {"within": 1}


def test_who_waits_here_and_rang_before_is_one_also_if_that_is_forgotten_before_he_ends() -> None:
    world = World()
    left(world, "c1")
    by_ticket(world, "c2")
    tell(world, fact(world, "c2", continues=C1))
    world.wait(FORGOTTEN_MS)
    assert C1 not in world.state.contacts
    world.gone("c2")
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {"abandoned": 1}


def test_who_rang_before_and_is_to_be_rung_back_by_an_island_s_promise_is_one() -> None:
    world = World()
    left(world, "c1")
    promise = world.now_ms + 30 * MINUTE_MS
    tell(world, fact(world, "c2", caller_key="k1", continues=C1, promised_until_ms=promise))
    world.wait(FORGOTTEN_MS)
    assert C1 not in world.state.contacts
    rings(world, "c3", "k1")
    world.seen("c3")
    world.agent("a1", "24")
    world.answer("c3")
    assert counts(world) == {"late": 1}


def test_who_had_his_answer_before_he_was_promised_a_call_there_has_been_counted() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", "24")
    world.answer("c1")
    world.do(cmd.SetAgentNotReady(AgentId("a1"), NotReadyReason.BREAK))
    world.do(cmd.TransferContact(AgentId("a1"), C1, RegionCode("24")))
    come_back(world, world.now_ms + MINUTE_MS)
    promise = world.now_ms + 30 * MINUTE_MS
    tell(world, fact(world, "c1", caller_key="k1", promised_until_ms=promise))
    assert world.state.living(C1) is not None
    rings(world, "c2", "k1")
    world.seen("c2")
    world.agent("a2", "24")
    world.answer("c2")
    assert counts(world) == {"within": 1}


def test_who_waits_here_by_his_ticket_and_gives_up_in_a_moment_has_not_waited() -> None:
    world = World()
    by_ticket(world, "c1")
    tell(world, fact(world, "c1"))
    world.gone("c1")
    world.wait(FORGOTTEN_MS)
    assert counts(world) == {"short_abandoned": 1}


# --- whom it remembers ---------------------------------------------------------------------


def test_of_the_forgotten_the_latest_whom_an_island_may_tell_of_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who was lost, or found by his ticket: of all others it is known what became of them."""
    monkeypatch.setattr(service_level, "FORGOTTEN_MAX", 2)
    world = World()
    lost(world, "c1", "c2")
    by_ticket(world, "c3")
    world.caller("c4", "24")
    for name in ("c3", "c4"):
        world.wait(MINUTE_MS)
        world.gone(name)
    world.wait(FORGOTTEN_MS)
    level = level_of(world)
    known = [level.remembers(ContactId(name)) for name in ("c1", "c2", "c3", "c4")]
    assert known == [False, True, True, False]
