"""The ticket in the channel variable."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from queue_engine.core.commands import CallTicket
from queue_engine.core.ticket import can_carry, read_ticket, write_ticket
from routing.vocabulary import ContactId, Priority, RegionCode, Requirement, Skill
from tests.core.messages import LEVELS

WORDS = st.from_regex(r"[A-Za-z0-9_.\-]{1,80}", fullmatch=True)
NUMBERS = st.integers(0, 10**15 - 1)
TICKETS = st.builds(
    CallTicket,
    record=NUMBERS,
    contact_id=WORDS.map(ContactId),
    arrived_ms=NUMBERS,
    sequence=NUMBERS,
    priority=st.sampled_from(list(Priority)),
    home_region=WORDS.map(RegionCode),
    needs=st.lists(st.builds(Requirement, WORDS.map(Skill), LEVELS), max_size=4).map(tuple),
)
GOOD = "1|7|ast1-5.1|123|4|raised|22|advice:9+sv:5"


@given(TICKETS)
def test_there_and_back(ticket: CallTicket) -> None:
    text = write_ticket(ticket)
    assert read_ticket(text) == ticket
    assert not set(text) & set("\r\n,;\"'()${}[]\\ "), "safe in a dialplan"


def test_as_written() -> None:
    ticket = read_ticket(GOOD)
    assert ticket is not None
    assert (ticket.record, ticket.arrived_ms, ticket.sequence) == (7, 123, 4)
    assert ticket.needs == (Requirement(Skill("advice"), 9), Requirement(Skill("sv"), 5))
    assert write_ticket(ticket) == GOOD


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(null)",
        GOOD.replace("1|7", "2|7", 1),
        GOOD + "|more",
        GOOD.rpartition("|")[0],
        GOOD.replace("|7|", "|-7|"),
        GOOD.replace("|7|", "|" + "9" * 16 + "|"),
        GOOD.replace("|7|", "|٧|"),
        GOOD.replace("raised", "important"),
        GOOD.replace("ast1-5.1", ""),
        GOOD.replace("ast1-5.1", "ast1 5.1"),
        GOOD.replace("ast1-5.1", "x" * 81),
        GOOD.replace("|22|", "||"),
        GOOD.replace("sv:5", "sv:0"),
        GOOD.replace("sv:5", "sv:10"),
        GOOD.replace("sv:5", "sv:٥"),
        GOOD.replace("sv:5", "sv:" + "9" * 5000),
        GOOD.replace("sv:5", "sv"),
        GOOD.replace("sv:5", ":5"),
        GOOD + "+",
    ],
)
def test_what_is_none_of_ours_is_none(text: str) -> None:
    assert read_ticket(text) is None


@given(st.text())
def test_no_text_whatever_raises(text: str) -> None:
    read_ticket(text)
    read_ticket("1|" + text)


def test_what_it_cannot_carry() -> None:
    assert can_carry("ast1-17.2", "22", "advice")
    assert not can_carry("ast1-17.2", "2|2")
    ticket = read_ticket(GOOD)
    assert ticket is not None
    with pytest.raises(AssertionError):
        write_ticket(CallTicket(1, ContactId("a b"), 0, 0, Priority.RAISED, ticket.home_region, ()))
