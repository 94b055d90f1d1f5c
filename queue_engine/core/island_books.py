"""What an island did, from its own records: contact by contact, as it is told to the others.

Pure. The island's state is folded on from the snapshot that was taken when it parted, so that what
is told of a contact is what the engine itself knew of it. The snapshot holds the turn in which the
journal could not be written; what ended in that very turn is told by its events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.apply import fold
from queue_engine.core.commands import (
    Island,
    IslandAnswer,
    IslandContact,
    IslandText,
    PassTime,
    ReportIsland,
)
from queue_engine.core.contact import CONNECTED, ENDED, Contact
from queue_engine.core.island_reports import IslandDisposition
from queue_engine.core.island_stints import IslandLedger, rows_of
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.core.texts import text_id_of
from routing.vocabulary import AgentId, ContactId, TextId

PART_MAX: Final = 20
"""Contacts that are told at a time, however many were over at once, or not at all: a part is one
record, and thousands who wait when an island ends would make it larger than any journal takes."""

_BEGINS: Final = (ev.ContactEnqueued, ev.ContactRestored, ev.ContactRefused)
_ENDS: Final = (ev.ContactEnded, ev.ContactRefused)
_ANSWERED: Final = (ev.ContactConnected, ev.ConnectedUnknownPhone)
_TOLD: Final = (
    *_BEGINS,
    *_ENDS,
    *_ANSWERED,
    ev.ContactReturned,
    ev.ContactSentBack,
    ev.ContactTransferred,
    ev.ConsultAnswered,
    ev.ContactHandedOver,
    ev.WrapUpEnded,
    ev.DispositionSet,
    ev.CallbackPromised,
    ev.CallbackAwaited,
)
"""Events without which there is nothing to tell of a contact."""


@dataclass(slots=True)
class _Story:
    """What happened to one contact on the island."""

    came_there: bool
    number: int
    """Of the record with which it was over, or of the first that did something with it."""
    answer: IslandAnswer | None = None
    is_counted: bool = False
    dispositions: dict[AgentId, IslandDisposition] = field(default_factory=dict)
    fact: IslandContact | None = None
    """What is to be told of it, once the island has forgotten it."""


class IslandBooks:
    """Follows the island's records, from the first that it alone has.

    Args:
        island: which one; when it parted, and that it did not end before its last record, is found
            here.
        state: as it was when the island parted, or a turn later; changed by following.
    """

    def __init__(self, island: Island, state: State) -> None:
        self._island = island
        self._state = state
        self._begun = state.record_number
        """What came no later is in the state from the beginning."""
        self._number = island.after
        self._record: Record | None = None
        self._until_ms = island.until_ms
        self._ledger = IslandLedger(rows_of(state))
        self._stories: dict[ContactId, _Story] = {}
        self._unseen: list[ev.Event] = []
        """Of the record at hand: ends of work that was done elsewhere, if at all."""
        self._texts: dict[TextId, IslandText] = {}
        self._signed_off: dict[AgentId, None] = {}

    def follow(self, record: Record) -> None:
        """The next record.

        Raises:
            AssertionError, LookupError: it does not follow from those before it.
        """
        assert record.number == self._number + 1, (record.number, self._number)
        if self._record is None:
            self._island = replace(self._island, parted_ms=record.at_ms)
        self._number, self._record = record.number, record
        self._until_ms = max(self._until_ms, record.at_ms)
        self._unseen.clear()
        if record.number > self._begun:
            fold(self._state, record, self._see)
        else:
            for event in record.events:
                self._ledger.mend(self._state, event, record.at_ms)
                self._see(None, event)
        seen = tuple(event for event in record.events if event not in self._unseen)
        self._ledger.follow(replace(record, events=seen))

    def parts(self, part_max: int = PART_MAX) -> Iterator[ReportIsland]:
        """All that is to be told, in order; one part at least."""
        assert self._number >= self._begun, (self._number, self._begun)
        island = replace(self._island, until_ms=self._until_ms)
        after, part = island.after, list[IslandContact]()
        for fact in self._in_order():
            if len(part) >= part_max:
                yield ReportIsland(island, after, part[-1].number, tuple(part))
                after, part = part[-1].number, []
            part.append(fact)
        until = max(self._number, part[-1].number if part else after)
        texts, signed_off = tuple(self._texts.values()), tuple(self._signed_off)
        yield ReportIsland(island, after, until, tuple(part), texts, signed_off, is_last=True)

    # --- what events say ------------------------------------------------------------------

    def _see(self, state: State | None, event: ev.Event) -> None:
        """One event, before it is applied to the state; without one it is in the state already."""
        record = self._record
        assert record is not None
        if isinstance(event, ev.WrapUpEnded) and self._is_unseen(event, record):
            self._unseen.append(event)
            return
        if isinstance(event, _TOLD):
            self._note(state, event, record)
        elif isinstance(event, ev.ContactForgotten):
            story = self._stories.get(event.contact_id)
            if story is not None and state is not None:
                story.fact = _fact(state.contacts[event.contact_id], story, 0, 0)
        elif isinstance(event, ev.CallbackTextAsked):
            text_id = text_id_of(record.number, event.contact_id)
            self._texts[text_id] = IslandText(text_id, event.contact_id, is_sent=False)
        elif isinstance(event, ev.AgentSignedOff):
            self._signed_off[event.agent_id] = None
        elif isinstance(event, ev.AgentSignedOn):
            self._signed_off.pop(event.agent_id, None)
        elif isinstance(event, ev.TextSent):
            self._texts[event.text_id] = IslandText(event.text_id, event.contact_id, is_sent=True)

    def _is_unseen(self, event: ev.WrapUpEnded, record: Record) -> bool:
        """Whether her switch was another's, and nobody said it: its time was up, here as there."""
        agent = self._state.agents.get(event.agent_id)
        is_here = agent is None or self._state.is_link_up(agent.link_id)
        return not is_here and isinstance(record.command, PassTime)

    def _note(self, state: State | None, event: ev.Event, record: Record) -> None:
        contact_id: ContactId = getattr(event, "contact_id")  # noqa: B009  all of them have one
        known = None if state is None else state.contacts.get(contact_id)
        story = self._stories.get(contact_id)
        if story is None:
            came_there = isinstance(event, _BEGINS) and known is None
            story = self._stories[contact_id] = _Story(came_there, record.number)
        if isinstance(event, _ENDS):
            story.number = record.number
        if isinstance(event, _BEGINS):
            story.fact = None
        if isinstance(event, ev.ContactEnqueued):
            story.is_counted = event.is_counted
        elif isinstance(event, _ANSWERED):
            self._answered(story, event, known, record)
        elif isinstance(event, ev.DispositionSet):
            said = (event.care_level, event.urgency, event.cause, event.referred_unit)
            story.dispositions[event.agent_id] = IslandDisposition(event.agent_id, *said)
        elif isinstance(event, ev.WrapUpEnded) and event.disposition:
            noted = story.dispositions.get(event.agent_id, IslandDisposition(event.agent_id))
            noted = replace(noted, care_level=event.disposition)
            story.dispositions[event.agent_id] = noted

    def _answered(
        self,
        story: _Story,
        event: ev.ContactConnected | ev.ConnectedUnknownPhone,
        known: Contact | None,
        record: Record,
    ) -> None:
        """The first answer, if nobody had answered before."""
        if story.answer is not None:
            return
        row = known or self._state.contacts.get(event.contact_id)
        if row is None or (row.wait_ms is not None if known else row.talk_ms):
            return
        needs = row.asked or row.needs
        story.answer = IslandAnswer(record.at_ms, row.home_region, row.priority, needs)

    # --- what is told ---------------------------------------------------------------------

    def _in_order(self) -> Iterator[IslandContact]:
        """Each under a number of its own, so that a part may end after any of them."""
        number = 0
        for fact in sorted(self._facts(), key=lambda fact: (fact.number, fact.contact_id)):
            number = max(number + 1, fact.number)
            yield replace(fact, number=number)

    def _facts(self) -> Iterator[IslandContact]:
        stints = self._ledger.told(self._state, self._until_ms)
        for contact_id, story in self._stories.items():
            fact, row = story.fact, self._state.contacts.get(contact_id)
            if fact is None and row is not None:
                fact = _fact(row, story, self._number, self._until_ms)
            if fact is not None:
                yield replace(fact, stints=tuple(stints.get(contact_id, ())))


def _fact(row: Contact, story: _Story, last: int, until_ms: int) -> IslandContact:
    """What is to be told of it.

    Args:
        last: the island's last record, and
        until_ms: its moment, for a contact that was not over.
    """
    has_ended = row.state is ENDED
    talks_ms = 0 if row.connected_ms is None or has_ended else until_ms - row.connected_ms
    return IslandContact(
        contact_id=row.contact_id,
        number=story.number if has_ended else last,
        came_there=story.came_there,
        link_id=row.link_id,
        line_id=row.line_id,
        channel=row.channel,
        language=row.language,
        home_region=row.home_region,
        home_region_source=row.home_region_source,
        home_unit=row.home_unit,
        priority=row.priority,
        needs=row.asked or row.needs,
        arrived_ms=row.arrived_ms,
        enqueued_ms=row.enqueued_ms,
        until_ms=(row.ended_ms or until_ms) if has_ended else until_ms,
        outcome=row.outcome if has_ended else None,
        was_talking=row.state is CONNECTED,
        answer=story.answer,
        wait_ms=row.wait_ms,
        talk_ms=row.talk_ms + talks_ms,
        hold_ms=row.hold_ms,
        was_cut=row.was_cut,
        agent_id=row.agent_id,
        promised_until_ms=row.promised_until_ms if row.is_away else None,
        caller_key=row.caller_key,
        continues=row.continues,
        is_continued=row.is_continued,
        is_counted=story.is_counted,
        dispositions=tuple(story.dispositions.values()),
    )
