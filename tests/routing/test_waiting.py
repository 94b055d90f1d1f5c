"""The index of those who wait, against a plain list."""

from __future__ import annotations

import random

import pytest

from routing.order import Place
from routing.vocabulary import RegionCode
from routing.waiting import WaitingContacts
from tests.routing.floors import FakeContact, random_hall


def check(waiting: WaitingContacts, held: list[FakeContact]) -> None:
    assert len(waiting) == len(held)
    assert waiting.ranks() == sorted({contact.place.rank for contact in held})
    found = [
        contact
        for rank in waiting.ranks()
        for kind, _ in waiting.heads(rank)
        for contact in waiting.members(rank, kind)
    ]
    assert sorted(each.contact_id for each in found) == sorted(each.contact_id for each in held)
    for rank in waiting.ranks():
        for kind, head in waiting.heads(rank):
            row = list(waiting.members(rank, kind))
            assert row == sorted(row, key=lambda contact: contact.place)
            assert row[0] is head
    for contact in held:
        assert contact.contact_id in waiting
        for code in ("22", "23", "unknown"):
            ahead = sum(
                other.contact_class.home_region == code and other.place < contact.place
                for other in held
            )
            assert waiting.ahead_in_region(contact.place, RegionCode(code)) == ahead


@pytest.mark.parametrize("seed", range(15))
def test_any_adding_and_removing(seed: int) -> None:
    draw = random.Random(seed)
    waiting, held = WaitingContacts(), list[FakeContact]()
    for number in range(8):
        for contact in random_hall(seed * 100 + number).contacts:
            contact.contact_id = type(contact.contact_id)(f"{contact.contact_id}-{number}")
            contact.place = contact.place._replace(sequence=contact.place.sequence * 10 + number)
            waiting.add(contact)
            held.append(contact)
            if draw.random() < 0.4:
                gone = held.pop(draw.randrange(len(held)))
                waiting.remove(gone)
                assert gone.contact_id not in waiting
            check(waiting, held)
    for contact in held:
        waiting.remove(contact)
    check(waiting, [])


def test_nobody_stands_there_twice() -> None:
    contact = next(hall.contacts[0] for hall in map(random_hall, range(50)) if hall.contacts)
    waiting = WaitingContacts()
    waiting.add(contact)
    with pytest.raises(AssertionError):
        waiting.add(contact)


def test_an_empty_index_has_nobody_ahead() -> None:
    assert WaitingContacts().ahead_in_region(Place(0, 0, 0), RegionCode("22")) == 0
    assert list(WaitingContacts().heads(2)) == []
