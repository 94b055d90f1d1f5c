"""How long callers would have waited, from those who hung up and those who did not have to."""

from __future__ import annotations

import pytest

from queue_engine.core.record import Record
from routing.policy import MINUTE_MS
from routing.vocabulary import ContactId, Outcome
from simulations.draws import Draws
from simulations.what_if.books import Books
from simulations.what_if.facts import FactFinder, Facts
from simulations.what_if.model import WhatIf
from simulations.what_if.patience import Patience
from tests.core.world import World

YEAR_MS = 365 * 24 * 60 * MINUTE_MS


def test_the_estimate_is_kaplan_and_meiers() -> None:
    """Their own example: deaths at 0.8, 3.1, 5.4 and 9.2, losses at 1.0, 2.7, 7.0 and 12.1."""
    found = Patience([8, 31, 54, 92], [10, 27, 70, 121])
    shares = [found.stays_beyond(wait) for wait in (7, 8, 30, 31, 54, 92, 500)]
    assert shares == pytest.approx([1, 7 / 8, 7 / 8, 7 / 10, 21 / 40, 21 / 80, 21 / 80])
    assert found.gave_up == 4


def test_two_who_hang_up_at_once_and_one_answered_then() -> None:
    """Who was answered at that moment was still there."""
    assert Patience([5, 5], [5, 9]).stays_beyond(5) == pytest.approx(0.5)


def test_exponential_patience_is_found_again_though_most_are_answered() -> None:
    draws = Draws(1, "callers")
    patience = [round(draws.exponential(10 * MINUTE_MS)) for _ in range(4_000)]
    needed = [round(draws.exponential(3 * MINUTE_MS)) for _ in range(4_000)]
    pairs = list(zip(patience, needed, strict=True))
    found = Patience(
        [own for own, need in pairs if own < need], [need for own, need in pairs if own >= need]
    )
    drawn = [found.drawn_ms(f"c{number}", 0) for number in range(2_000)]
    assert sum(drawn) / len(drawn) == pytest.approx(10 * MINUTE_MS, rel=0.1)
    late = [found.drawn_ms(f"c{number}", 8 * MINUTE_MS) - 8 * MINUTE_MS for number in range(2_000)]
    assert min(late) > 0
    assert sum(late) / len(late) == pytest.approx(10 * MINUTE_MS, rel=0.15)


def test_who_hangs_up_when_nobody_ever_did() -> None:
    assert Patience([], [5, 9]).drawn_ms("a", 9) == YEAR_MS
    assert Patience([], []).drawn_ms("a", 0) == YEAR_MS


def test_the_same_caller_is_as_patient_under_all_rules() -> None:
    found = Patience([60, 90, 100], [10, 20, 30, 200])
    assert found.drawn_ms("a", 10) == found.drawn_ms("a", 10)
    assert len({found.drawn_ms(f"c{number}", 10) for number in range(40)}) > 3


# --- in a what-if ---------------------------------------------------------------------------


def story() -> list[Record]:
    """Ten hang up after a minute; one is answered after half of one."""
    world = World(watch=None)
    for number in range(10):
        world.caller(f"early{number}", "01")
        world.wait(MINUTE_MS)
        world.gone(f"early{number}")
    world.caller("late", "01")
    world.wait(MINUTE_MS // 2)
    world.agent("a1", "01")
    world.answer("late")
    world.wait(30 * MINUTE_MS)
    world.gone("late")
    world.wait(60 * MINUTE_MS)
    world.caller("last", "01")
    return world.records


def facts_of(records: list[Record]) -> Facts:
    finder = FactFinder()
    for record in records:
        finder.follow(record)
    return finder.facts()


def test_whoever_was_answered_hangs_up_if_it_takes_longer_now() -> None:
    """Without the nurse the answered one leaves after a minute, as ten of eleven did."""
    records = story()
    facts = facts_of(records)
    assert facts.gave_up == 10
    late = ContactId("late")
    assert MINUTE_MS // 2 < facts.patience_ms[late] < 60 * MINUTE_MS
    model, books = WhatIf(facts), Books()
    for record in records:
        books.follow(record)
        if "Agent" not in type(record.command).__name__:
            model.follow(record)
    assert books.stories[late].answered_by == "a1"
    found = model.books.stories[late]
    assert (found.outcome, found.wait_ms) == (Outcome.ABANDONED, facts.patience_ms[late])
    assert model.gave_up == 1


def test_who_holds_no_line_has_none_to_leave() -> None:
    world = World(watch=None)
    world.chat("written", "22")
    world.wait(MINUTE_MS)
    assert facts_of(world.records).patience_ms == {}
