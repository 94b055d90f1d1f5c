"""The index of those who wait, against a plain list."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest

from routing.order import Place
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.rules import Rules, Seller
from routing.vocabulary import ContactChannel, ContactId, RegionCode, UnitId
from routing.waiting import ContactClass, WaitingContacts, contact_class
from tests.routing.floors import CODES, REGIONS, RINGS, FakeContact, random_hall

HOMES = tuple(map(RegionCode, CODES))
SELLERS = (
    (),
    (Seller(RegionCode("23")),),
    (Seller(RegionCode("22"), (UnitId("u1"),)), Seller(RegionCode("24"))),
    (Seller(RegionCode("24"), (UnitId("u1"),)), Seller(RegionCode("24"), (UnitId("u2"),))),
)
RULES = Rules(Policy("test", DEFAULT_PRIORITIES, REGIONS))


def obvious_rows(held: list[FakeContact]) -> dict[tuple[object, ...], list[ContactId]]:
    """Each row by sorting all: with its home, abroad if it may be answered there, by wish."""
    rows: dict[tuple[object, ...], list[ContactId]] = defaultdict(list)
    for contact in sorted(held, key=lambda contact: contact.place):
        kind, rank = contact.contact_class, contact.place.rank
        written = () if kind.channel is ContactChannel.PHONE else (kind.channel,)
        at_home = (kind.link_id, kind.needs, kind.within, kind.tier, *written)
        rows["home", rank, kind.home_region, at_home].append(contact.contact_id)
        abroad: tuple[object, ...] = (kind.link_id, kind.needs, kind.rings, kind.tier, *written)
        if any(ring.waiting_min for ring in kind.rings):  # how many of its home wait matters
            abroad = (*abroad, kind.home_region)
        if kind.home_region in ("unknown", "99"):
            rows["nobodys", rank, abroad].append(contact.contact_id)
        elif kind.home_region != "01" and ((kind.rings and not kind.within) or kind.tier == 0):
            rows["shared", rank, abroad].append(contact.contact_id)
        for region in dict.fromkeys(seller.region for seller in kind.sellers):
            rows["bought", rank, region, kind].append(contact.contact_id)
        if contact.preferred_agent:
            rows["preferring", rank, contact.preferred_agent, None].append(contact.contact_id)
    return rows


def check(waiting: WaitingContacts, held: list[FakeContact]) -> None:
    assert len(waiting) == len(held)
    assert waiting.ranks() == sorted({contact.place.rank for contact in held})
    in_rows = Counter(name[0] for name, ids in waiting.rows() for _ in ids)
    assert in_rows["home"] == len(held)
    assert in_rows["preferring"] == sum(each.preferred_agent is not None for each in held)
    wanted = obvious_rows(held)
    assert dict(waiting.rows()) == dict(wanted)
    places = {contact.contact_id: contact.place for contact in held}

    def heads_of(*names: tuple[object, ...]) -> list[ContactId]:
        heads = [ids[0] for of, ids in wanted.items() if of[:-1] in names]
        return sorted(heads, key=lambda contact_id: places[contact_id])

    assert dict(waiting.heads()) == {of[:-1]: heads_of(of[:-1]) for of in wanted}
    for rank in waiting.ranks():
        for home in HOMES:
            own = [row[0][2].contact_id for _, _, row in waiting.own(rank, home)]
            assert own == heads_of(("home", rank, home), ("bought", rank, home), ("nobodys", rank))
        for _, _, row in waiting.shared(rank):
            assert not {each.contact_class.home_region for _, _, each in row} & {"99", "01"}
    for home in {contact.contact_class.home_region for contact in held}:
        alike = [each for each in held if each.contact_class.home_region == home]
        asked = Counter(length for each in alike for length in each.contact_class.lengths)
        assert waiting.lengths.get(home, {}) == asked
        assert waiting.has_reached_length(home) == (len(alike) in asked)
    assert all(waiting.lengths.values())
    for contact in held:
        assert contact.contact_id in waiting
        for code in ("22", "23", "unknown"):
            ahead = sum(
                other.contact_class.home_region == code and other.place < contact.place
                for other in held
            )
            assert waiting.ahead_in_region(contact.place, RegionCode(code)) == ahead


def other_class(draw: random.Random, kind: ContactClass, *, is_sold: bool) -> ContactClass:
    """The same contact's as it is shared otherwise; `is_sold`: and as sold, or no longer."""
    sellers = kind.sellers
    if is_sold and kind.home_region in HOMES:
        sellers = tuple(each for each in draw.choice(SELLERS) if each.region != kind.home_region)
    within = draw.choice([(), (UnitId("u1"),), (UnitId("u1"), UnitId("u2"))])
    return contact_class(
        kind.tier,
        kind.home_region,
        kind.needs,
        draw.choice(RINGS),
        kind.link_id,
        within,
        sellers,
        kind.channel,
    )


@pytest.mark.parametrize("seed", range(15))
def test_any_adding_sharing_and_removing(seed: int) -> None:
    draw = random.Random(seed)
    waiting, held = WaitingContacts(RULES), list[FakeContact]()
    for number in range(8):
        for contact in random_hall(seed * 100 + number).contacts:
            contact.contact_id = type(contact.contact_id)(f"{contact.contact_id}-{number}")
            contact.place = contact.place._replace(sequence=contact.place.sequence * 10 + number)
            contact.contact_class = other_class(draw, contact.contact_class, is_sold=True)
            waiting.add(contact)
            held.append(contact)
            if draw.random() < 0.4:
                shared = draw.choice(held)
                wider = other_class(draw, shared.contact_class, is_sold=draw.random() < 0.5)
                waiting.share(shared, wider)
                shared.contact_class = wider
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
    waiting = WaitingContacts(RULES)
    waiting.add(contact)
    with pytest.raises(AssertionError):
        waiting.add(contact)


def test_an_empty_index_has_nobody_ahead() -> None:
    assert WaitingContacts(RULES).ahead_in_region(Place(0, 0, 0), RegionCode("22")) == 0
    assert WaitingContacts(RULES).ranks() == []
