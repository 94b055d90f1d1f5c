"""The auditor's books on what islands did.

House rules: those of `auditor`, whose part this is. An island tells in order and each thing once;
what it tells of a contact waits until that is over; whoever saw the caller last is believed.
"""

from __future__ import annotations

from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.commands import Command, IslandContact, ReportIsland
from routing.vocabulary import Outcome
from tests.properties.books import Caller

KEPT_MS: Final = 62 * 24 * 60 * 60_000
UNSEEN_MS: Final = 30_000
"""So soon after an island's end others may have missed a talk, and heard that he hung up."""


class IslandBooks:
    """Each island by how far it has told, and what waits."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        self._counted: set[tuple[str, str, int]] = set()
        self._awaited: dict[tuple[str, str, int], IslandContact] = {}

    def see(self, event: ev.Event, command: Command, now_ms: int) -> None:
        """One more event, before the caller's own row is changed."""
        match event:
            case ev.IslandMerged():
                self._merged(event, command, now_ms)
            case ev.IslandForgotten():
                del self._told[event.island_id]
            case ev.IslandContactAwaited():
                self._require_told(event, command)
                self._awaited[_key(event)] = event.fact
            case ev.IslandContactTaken():
                assert event.fact.promised_until_ms is not None, event
            case ev.IslandContactMerged():
                if _key(event) in self._awaited:
                    del self._awaited[_key(event)]
                else:
                    self._require_told(event, command)
                assert _key(event) not in self._counted, f"{event} counts twice"
                self._counted.add(_key(event))

    def check_settled(self, callers: dict[str, Caller]) -> None:
        """At the end of a record: what waits, waits for somebody."""
        for _, name, _ in self._awaited:
            assert callers[name].place != "over", f"{name} is over, and the island's word waits"

    def _merged(self, event: ev.IslandMerged, command: Command, now_ms: int) -> None:
        assert isinstance(command, ReportIsland), command
        island = command.island
        told = self._told.get(island.island_id, island.after)
        assert command.after <= told < command.until == event.number, event
        assert event.kept_until_ms == island.until_ms + KEPT_MS > now_ms, event
        self._told[island.island_id] = event.number

    def _require_told(
        self, event: ev.IslandContactAwaited | ev.IslandContactMerged, command: Command
    ) -> None:
        assert isinstance(command, ReportIsland), command
        assert event.fact in command.contacts, event
        told = self._told.get(command.island.island_id, command.island.after)
        assert told < event.fact.number <= command.until, f"{event}: it counts already"


def _key(event: ev.IslandContactAwaited | ev.IslandContactMerged) -> tuple[str, str, int]:
    return event.island.island_id, event.contact_id, event.fact.number


def book(
    callers: dict[str, Caller], event: ev.IslandContactMerged | ev.IslandContactTaken
) -> Caller:
    """The caller as he is in the books from now on."""
    fact, known = event.fact, callers.get(event.contact_id)
    assert known is None or known.place == "over", f"{event.contact_id} is not over"
    if isinstance(event, ev.IslandContactTaken):
        assert known is None or known.outcome is Outcome.LOST, f"{known} is not lost"
        caller = _new(event)
        caller.owed_ms = fact.promised_until_ms
        if known is not None:
            caller.key, caller.is_continued = known.key, known.is_continued
        return caller
    assert event.wait_ms >= 0, event
    there = fact.outcome or (Outcome.HANDLED if fact.was_talking else None)
    if known is None:
        assert event.outcome is (there or Outcome.LOST), event
        assert (event.former, event.ended_ms) == (None, fact.until_ms), event
        known = _new(event)
        known.place = "over"
    else:
        assert known.ended_ms is not None, known
        seen_ms = known.ended_ms
        if known.outcome is Outcome.LOST:
            seen_ms = min(seen_ms, known.entered_ms)
        is_later = there is not None and fact.until_ms >= seen_ms
        if fact.was_talking and fact.outcome is None and known.outcome is Outcome.ABANDONED:
            is_missed = known.entered_ms <= fact.until_ms and seen_ms - fact.until_ms <= UNSEEN_MS
            if known.has_talked and is_missed:  # before the island parted, or since it ended
                is_later = event.outcome is Outcome.HANDLED
            else:
                is_later = is_later or is_missed
        assert event.ended_ms == (fact.until_ms if is_later else known.ended_ms), event
        if is_later:
            assert event.outcome is there, event
    known.ended_ms, known.outcome = event.ended_ms, event.outcome
    known.key = known.key or fact.caller_key
    known.is_continued = known.is_continued or fact.is_continued
    known.was_lost = event.was_cut or event.outcome in (
        Outcome.ABANDONED,
        Outcome.LOST,
        Outcome.NOT_REACHED,
    )
    note_chain(callers, event)
    return known


def note_chain(
    callers: dict[str, Caller], event: ev.IslandContactAwaited | ev.IslandContactMerged
) -> None:
    """Whoever is continued is not lost by himself."""
    if event.continues is not None and event.continues in callers:
        callers[event.continues].is_continued = True


def _new(event: ev.IslandContactMerged | ev.IslandContactTaken) -> Caller:
    fact = event.fact
    is_taken = isinstance(event, ev.IslandContactTaken)
    return Caller(
        name=event.contact_id,
        arrived_ms=event.arrived_ms
        if isinstance(event, ev.IslandContactTaken)
        else fact.arrived_ms,
        sequence=event.sequence,
        priority=fact.priority,
        needs=fact.needs,
        home=fact.home_region,
        link=fact.link_id,
        channel=fact.channel,
        line=fact.line_id,
        entered_ms=fact.enqueued_ms,
        unit=fact.home_unit,
        key=fact.caller_key,
        place="waiting" if is_taken else "over",
    )
