"""Work on islands in the books: once, as long as it was, and on whose account it belongs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queue_engine.core import events as ev
from queue_engine.core.island_reports import Island, IslandStint, StintKind
from queue_engine.core.ledger_islands import merge
from queue_engine.core.ledger_rows import (
    NATION,
    Account,
    Booked,
    ContactWork,
    LedgerRows,
    Stint,
    Sums,
    sums_of,
)
from routing.vocabulary import (
    AgentId,
    ContactId,
    IslandId,
    Outcome,
    RegionCode,
    Requirement,
    Skill,
)
from tests.core.island_facts import usual_fact

PARTED, ENDED = 100_000, 500_000
ISLAND = Island(IslandId("n1-1"), "n1", 1, PARTED, ENDED)
C1, A1, A2 = ContactId("c1"), AgentId("a1"), AgentId("a2")
ADVICE, R22, R23, R24 = Skill("advice"), RegionCode("22"), RegionCode("23"), RegionCode("24")
LENT = Account(R22, R24, ADVICE)
TALK, CONSULT, WRAP_UP = StintKind.TALK, StintKind.CONSULT, StintKind.WRAP_UP
UNTIL = 400_000
"""When the island saw the contact last."""

TOLD = IslandStint(A1, R22, TALK, 200_000, 230_000, R24, ADVICE)


def known(*booked: Booked, sold_to: dict[AgentId, RegionCode] | None = None) -> ContactWork:
    """A contact of region 24, as the books have it."""
    needs = (Requirement(ADVICE),)
    return ContactWork(R24, needs, booked=list(booked), sold_to=sold_to or {})


def booked(
    kind: StintKind, from_ms: int, until_ms: int, account: Account | None = LENT, who: AgentId = A1
) -> Booked:
    """Her work as it is booked already."""
    return Booked(Stint(who, R22, kind, from_ms, until_ms), account)


def entered(
    contact: ContactWork | None, *told: IslandStint, ended_ms: int = UNTIL, is_unseen: bool = False
) -> dict[Account, Sums]:
    """What comes to which account, if an island tells this of the contact."""
    rows = LedgerRows(regions=(R22, R23, R24), services=(ADVICE,), agents={A2: R23})
    if contact is not None:
        (rows.unseen if is_unseen else rows.contacts)[C1] = contact
    found: dict[Account, Sums] = {}

    def enter(account: Account | None, sums: Sums) -> None:
        if account is not None:
            found[account] = found.get(account, Sums()) + sums

    merge(rows, _merged(told, ended_ms), enter)
    return {account: sums for account, sums in found.items() if any(sums)}


def _merged(told: tuple[IslandStint, ...], ended_ms: int) -> ev.IslandContactMerged:
    fact = replace(
        usual_fact(C1, UNTIL),
        came_there=False,
        arrived_ms=0,
        enqueued_ms=0,
        outcome=Outcome.HANDLED,
        stints=told,
    )
    return ev.IslandContactMerged(
        contact_id=C1,
        island=ISLAND,
        fact=fact,
        sequence=1,
        outcome=Outcome.HANDLED,
        former=None,
        wait_ms=0,
        talk_ms=0,
        hold_ms=0,
        ended_ms=ended_ms,
        was_cut=False,
        agent_id=A1,
        continues=None,
    )


def at(from_ms: int, until_ms: int, kind: StintKind = TALK, **told: Any) -> IslandStint:
    return replace(TOLD, kind=kind, from_ms=from_ms, until_ms=until_ms, **told)


# --- of whom nothing is remembered ----------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "sums"),
    [
        (at(PARTED, 130_000), Sums(calls=1, talk_ms=30_000)),
        (at(PARTED, 130_000, CONSULT), Sums(consults=1, consult_ms=30_000)),
        (at(PARTED, 130_000, WRAP_UP), Sums(wrap_up_ms=30_000)),
        (at(PARTED - 1, 130_000), Sums(talk_ms=30_000)),
        (at(PARTED - 1, PARTED - 1), Sums()),
        (at(PARTED - 1, 130_000, CONSULT), Sums()),
        (at(PARTED - 1, 130_000, WRAP_UP), Sums()),
    ],
)
def test_of_a_forgotten_contact_what_came_after_the_cut_counts(
    told: IslandStint, sums: Sums
) -> None:
    """A talk that had begun before was booked here up to the cut."""
    assert entered(None, told) == ({LENT: sums} if any(sums) else {})


def test_who_is_forgotten_but_was_seen_to_no_end_is_remembered_for_this() -> None:
    was = booked(TALK, 90_000, 110_000)
    told = at(90_000, 300_000)
    assert entered(known(was), told, is_unseen=True) == {LENT: Sums(talk_ms=190_000)}


# --- on whose account -----------------------------------------------------------------------


def test_it_stands_between_the_two_regions_and_nowhere_if_they_are_one() -> None:
    assert entered(known(), at(200_000, 210_000, giver=R24)) == {}
    assert entered(known(), at(200_000, 210_000, taker=RegionCode("99"))) == {
        Account(R22, NATION, ADVICE): Sums(calls=1, talk_ms=10_000)
    }


def test_of_whom_the_island_does_not_say_where_she_works_it_is_where_she_is_signed_on() -> None:
    nobodys = RegionCode("")
    found = entered(known(), at(200_000, 210_000, agent_id=A2, giver=nobodys))
    assert found == {Account(R23, R24, ADVICE): Sums(calls=1, talk_ms=10_000)}
    assert entered(known(), at(200_000, 210_000, giver=nobodys)) == {}


@pytest.mark.parametrize(
    ("said", "sold_to", "is_sold"),
    [
        (None, R24, True),
        (None, R23, False),
        (None, None, False),
        (True, None, True),
        (False, R24, False),
    ],
)
def test_whether_it_was_sold_the_island_says_or_what_was_offered_before(
    said: bool | None, sold_to: RegionCode | None, is_sold: bool
) -> None:
    contact = known(sold_to={A1: sold_to} if sold_to else None)
    found = entered(contact, at(200_000, 210_000, is_sold=said))
    assert found == {LENT._replace(is_sold=is_sold): Sums(calls=1, talk_ms=10_000)}
    assert list(entered(None, at(200_000, 210_000, is_sold=None))) == [LENT]


# --- what had begun before the cut ----------------------------------------------------------


def test_a_talk_that_had_begun_is_as_long_as_it_was_there() -> None:
    for until_ms in (105_000, 300_000):
        contact = known(booked(TALK, 90_000, 110_000))
        found = entered(contact, at(90_000, until_ms))
        assert found == {LENT: Sums(talk_ms=until_ms - 110_000)}
        assert contact.booked[0].stint.until_ms == until_ms


def test_one_that_went_on_when_the_island_ended_is_no_shorter_than_here() -> None:
    for until_ms, more_ms in ((105_000, 0), (300_000, 190_000)):
        found = entered(known(booked(TALK, 90_000, 110_000)), at(90_000, until_ms, is_open=True))
        assert found == ({LENT: Sums(talk_ms=more_ms)} if more_ms else {})


def test_it_is_hers_of_that_kind_and_the_last_before_the_cut_that_is_made_as_long() -> None:
    others = (
        booked(TALK, 50_000, 60_000),
        booked(CONSULT, 95_000, 99_000),
        booked(TALK, 95_000, 99_000, who=A2),
        booked(TALK, PARTED, 120_000),
        booked(TALK, PARTED + 1, 140_000),
    )
    contact = known(*others)
    entered(contact, at(90_000, 300_000))
    lengths = [each.stint.until_ms for each in contact.booked]
    assert lengths == [60_000, 99_000, 99_000, 300_000, 140_000]


def test_what_began_there_and_is_known_here_from_the_same_moment_counts_once() -> None:
    contact = known(booked(TALK, 200_000, 210_000), booked(TALK, 199_999, 220_000))
    assert entered(contact, at(200_000, 230_000)) == {LENT: Sums(talk_ms=20_000)}


def test_whose_contact_it_was_says_whoever_saw_it_last() -> None:
    other = Account(R22, R23, ADVICE)
    done = Sums(calls=1, talk_ms=20_000)
    undone = sums_of(TALK, -20_000, -1)
    told = at(90_000, 110_000, taker=R23)
    was = booked(TALK, 90_000, 110_000)
    assert entered(known(was), told, ended_ms=UNTIL) == {LENT: undone, other: done}
    assert entered(known(was), told, ended_ms=UNTIL + 1) == {}


def test_a_talk_that_had_begun_and_stands_nowhere_here_is_not_added() -> None:
    """It was another's by what is known here; a wrap-up is, for here it may not be over."""
    assert entered(known(), at(PARTED - 1, 130_000)) == {}
    assert entered(known(), at(PARTED, 130_000)) == {LENT: Sums(calls=1, talk_ms=30_000)}
    found = entered(known(), at(PARTED - 1, 130_000, WRAP_UP))
    assert found == {LENT: Sums(wrap_up_ms=30_001)}


def test_a_talk_that_went_on_here_after_the_island_is_the_same_call() -> None:
    here = booked(TALK, 300_000, ENDED)
    told = at(200_000, 300_000, is_open=True)
    assert entered(known(here), told) == {LENT: Sums(talk_ms=100_000)}
    one_more = {LENT: Sums(calls=1, talk_ms=100_000)}
    before = booked(TALK, 300_000, ENDED - 1)
    for others in ((before,), (booked(TALK, 300_000, ENDED, who=A2),), (before, before)):
        assert entered(known(*others), told) == one_more
    assert entered(known(here), replace(told, is_open=False)) == one_more
    assert entered(known(before, here), told) == {LENT: Sums(talk_ms=100_000)}


def test_times_that_run_backwards_are_no_time() -> None:
    assert entered(known(), at(200_000, 199_000)) == {LENT: Sums(calls=1)}
    assert entered(known(booked(TALK, 90_000, 90_001)), at(90_000, 80_000)) == {
        LENT: Sums(talk_ms=-1)
    }


# --- the wrap-up that was none --------------------------------------------------------------


def test_the_wrap_up_that_seemed_to_follow_here_was_none() -> None:
    """Her talk had ended on the island already; here it seemed to end when the island was back."""
    wrap_ups = [
        booked(WRAP_UP, PARTED - 1, 105_000),
        booked(WRAP_UP, PARTED, 107_000),
        booked(WRAP_UP, 200_000, 209_000, who=A2),
    ]
    contact = known(booked(TALK, 90_000, 100_000), *wrap_ups)
    found = entered(contact, at(90_000, 100_000))
    assert found == {LENT: Sums(wrap_up_ms=-7_000)}
    assert [each.stint.kind for each in contact.booked] == [TALK, WRAP_UP, WRAP_UP]
    assert contact.ended_elsewhere == [A1]


def test_of_a_talk_that_went_on_here_the_wrap_up_is_one() -> None:
    wrap_up = booked(WRAP_UP, 510_000, 520_000)
    for told, more in (
        (at(90_000, 100_000, is_open=True), ()),
        (at(90_000, 100_000), (booked(TALK, ENDED, 510_000),)),
        (at(90_000, 100_000), (booked(TALK, 150_000, 160_000), booked(TALK, ENDED, 510_000))),
    ):
        contact = known(booked(TALK, 90_000, 100_000), *more, wrap_up)
        assert entered(contact, told) == {}
        assert contact.ended_elsewhere == []
    contact = known(booked(TALK, 90_000, 100_000), booked(TALK, ENDED - 1, 510_000), wrap_up)
    assert entered(contact, at(90_000, 100_000)) == {LENT: Sums(wrap_up_ms=-10_000)}


def test_each_talk_is_looked_at_by_itself() -> None:
    """Hers went on; a colleague's did not, nor did what came before on the list."""
    hers, wrap_up = booked(TALK, ENDED, 510_000), booked(WRAP_UP, 200_000, 203_000, who=A2)
    contact = known(hers, wrap_up)
    told = (
        at(210_000, 220_000, WRAP_UP, is_open=True),
        at(200_000, 210_000),
        at(200_000, 210_000, agent_id=A2),
    )
    found = entered(contact, *told)
    assert contact.ended_elsewhere == [A2]
    assert found == {LENT: Sums(calls=2, talk_ms=20_000, wrap_up_ms=7_000)}


def test_a_wrap_up_that_was_over_there_is_not_over_here_once_more() -> None:
    contact = known()
    entered(contact, at(200_000, 210_000), at(210_000, 220_000, WRAP_UP))
    assert contact.ended_elsewhere == [A1]
    contact = known()
    entered(contact, at(210_000, 220_000, WRAP_UP, is_open=True))
    assert contact.ended_elsewhere == []
    contact = known()
    entered(contact, at(210_000, 220_000, CONSULT))
    assert contact.ended_elsewhere == []
