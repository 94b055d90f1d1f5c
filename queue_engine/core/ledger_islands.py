"""How the ledger takes in what was done on islands; see `ledger`.

What began on an island is added. What had begun before it parted is known here as well, up to some
moment after that: it is made as long as it was there, and counts no second time. A talk that ended
on the island seems to end here when the island is back, and a wrap-up to follow: that was none.
"""

from __future__ import annotations

from collections.abc import Callable

from queue_engine.core.island_events import IslandContactMerged
from queue_engine.core.island_reports import IslandStint, StintKind
from queue_engine.core.ledger_rows import (
    NATION,
    Account,
    Booked,
    ContactWork,
    LedgerRows,
    Sums,
    sums_of,
)

Enter = Callable[[Account | None, Sums], None]
"""Adds to an account; to none, nothing."""


def merge(rows: LedgerRows, event: IslandContactMerged, enter: Enter) -> None:
    """All work of the island on this contact counts from now on."""
    contact = rows.contacts.get(event.contact_id) or rows.unseen.get(event.contact_id)
    island = event.island
    for told in event.fact.stints:
        account = _account(rows, contact, told)
        if contact is None:
            _enter_unknown(told, account, island.parted_ms, enter)
        elif (begun := _begun(contact, told, island.parted_ms)) is not None:
            is_later = event.ended_ms == event.fact.until_ms
            _lengthen(contact, told, begun, account if is_later else begun.account, enter)
        elif told.from_ms >= island.parted_ms or told.kind is StintKind.WRAP_UP:
            goes_on = told.is_open and _goes_on(contact, told, island.until_ms)
            enter(account, _sums(told, told.from_ms, 0 if goes_on else 1))
            if told.kind is StintKind.WRAP_UP and not told.is_open:
                _mark(contact, told)  # it may go on here still
    if contact is not None:
        _void_wrap_ups(contact, event, enter)


def _account(rows: LedgerRows, contact: ContactWork | None, told: IslandStint) -> Account | None:
    is_sold = told.is_sold
    if is_sold is None:
        is_sold = contact is not None and contact.sold_to.get(told.agent_id) == told.taker
    giver = told.giver or rows.agents.get(told.agent_id)
    taker = told.taker if told.taker in rows.regions else NATION
    if giver is None or giver == taker:
        return None
    return Account(giver, taker, told.service, is_sold)


def _enter_unknown(
    told: IslandStint, account: Account | None, parted_ms: int, enter: Enter
) -> None:
    """Nothing of the contact is remembered: a talk that had begun before ended here when the
    island was last seen, and of other work nobody knows how much counts already."""
    if told.from_ms >= parted_ms:
        enter(account, _sums(told, told.from_ms, 1))
    elif told.kind is StintKind.TALK:
        enter(account, _sums(told, parted_ms, 0))


def _begun(contact: ContactWork, told: IslandStint, parted_ms: int) -> Booked | None:
    """The same work as it is booked here, if it had begun before the island parted."""
    same = [each for each in contact.booked if _is_of(each, told, told.kind)]
    if told.from_ms < parted_ms:
        begun = [each for each in same if each.stint.from_ms <= parted_ms]
    else:
        begun = [each for each in same if each.stint.from_ms == told.from_ms]
    return max(begun, key=lambda each: each.stint.until_ms, default=None)


def _lengthen(
    contact: ContactWork,
    told: IslandStint,
    begun: Booked,
    account: Account | None,
    enter: Enter,
) -> None:
    """As long as it was, and for the region whose contact it turned out to be."""
    was = begun.stint
    until_ms = max(was.until_ms, told.until_ms) if told.is_open else told.until_ms
    stint = was._replace(until_ms=max(was.from_ms, until_ms))
    contact.booked[contact.booked.index(begun)] = Booked(stint, account)
    enter(begun.account, sums_of(told.kind, -was.length_ms, -1))
    enter(account, sums_of(told.kind, stint.length_ms))


def _void_wrap_ups(contact: ContactWork, event: IslandContactMerged, enter: Enter) -> None:
    island = event.island
    for told in event.fact.stints:
        if told.kind is not StintKind.TALK or told.is_open:
            continue
        if _goes_on(contact, told, island.until_ms):
            continue
        wrap_ups = [each for each in contact.booked if _is_of(each, told, StintKind.WRAP_UP)]
        for each in wrap_ups:
            if each.stint.from_ms >= island.parted_ms:
                contact.booked.remove(each)
                enter(each.account, Sums(wrap_up_ms=-each.stint.length_ms))
        _mark(contact, told)


def _mark(contact: ContactWork, told: IslandStint) -> None:
    """The wrap-up that ends here next is none of hers."""
    if told.agent_id not in contact.ended_elsewhere:
        contact.ended_elsewhere.append(told.agent_id)


def _is_of(booked: Booked, told: IslandStint, kind: StintKind) -> bool:
    return booked.stint.agent_id == told.agent_id and booked.stint.kind is kind


def _goes_on(contact: ContactWork, told: IslandStint, until_ms: int) -> bool:
    """Whether she did the same here after the island's end."""
    same = (each.stint for each in contact.booked if _is_of(each, told, told.kind))
    return any(stint.from_ms >= until_ms for stint in same)


def _sums(told: IslandStint, from_ms: int, count: int) -> Sums:
    return sums_of(told.kind, max(0, told.until_ms - from_ms), count)
