"""Decisions on what islands did: what of it counts, and as what.

Whoever saw a caller last is right about what became of him. Nothing here changes a place in the
queue, an offer or a talk: a contact that is not over is left as it is until it is. Only who is to
be rung back, and whom nobody else knows of or sees, has his place again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev, making
from queue_engine.core.agent import WRAP_UP
from queue_engine.core.commands import Island, IslandContact, IslandText, ReportIsland
from queue_engine.core.contact import ENDED, Contact
from queue_engine.core.island_reports import StintKind
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.vocabulary import ON_SCREEN, AgentId, ContactId, Outcome

KEPT_MS: Final = 62 * 24 * 60 * 60_000
"""So long after its end an island may be told of: as long as an account may be open."""
_UNSEEN_MS: Final = 30_000
"""So soon after the island's end all others have looked at its switches: every 30 s they do. A
talk that goes on is known to them from then on, and ends as one."""
_NOT_REACHED: Final = (Outcome.NOT_REACHED, Outcome.LOST)


def report_island(turn: Turn, command: ReportIsland) -> None:
    """Takes in what does not count yet; nothing of a part that does not follow, or is too old."""
    if why_not_told(turn.state, command, turn.now_ms):
        return
    known = turn.state.told_islands.number_of(command.island)
    for fact in command.contacts:
        if known < fact.number <= command.until:
            _tell(turn, command.island, fact)
    for text in command.texts:
        _tell_text(turn, text)
    for agent_id in command.signed_off:
        _sign_off(turn, command.island, agent_id)
    until_ms = command.island.until_ms + KEPT_MS
    turn.emit(ev.IslandMerged(command.island, command.until, command.is_last, until_ms))


def why_not_told(state: State, command: ReportIsland, now_ms: int) -> str:
    """Why nothing would come of this part; empty: it counts from then on."""
    known = state.told_islands.number_of(command.island)
    if command.island.until_ms + KEPT_MS <= now_ms:
        return "it is too long ago: the accounts of then are closed"
    if command.after > known:
        return f"what it did before its record {command.after} has not been told"
    if command.until <= known:
        return "it is known already"
    return ""


def merge_awaited(turn: Turn, contact_id: ContactId) -> None:
    """The contact is over: what was done with it on islands counts from now on."""
    for found in turn.state.told_islands.awaited.get(contact_id, ()):
        if turn.state.living(contact_id) is not None:
            return  # taken: it waits to be rung back
        if not _take_promised(turn, found.island, found.fact):
            _merge(turn, found.island, found.fact)


def _tell(turn: Turn, island: Island, fact: IslandContact) -> None:
    is_living = turn.state.living(fact.contact_id) is not None
    if is_living or _take_promised(turn, island, fact):
        known = turn.state.contacts[fact.contact_id]
        continues = _continues(turn.state, fact, known)
        turn.emit(ev.IslandContactAwaited(fact.contact_id, island, fact, continues))
    else:
        _merge(turn, island, fact)


def _take_promised(turn: Turn, island: Island, fact: IslandContact) -> bool:
    """Whether the island has promised to ring him back, and nobody has seen him since: then he
    has his place, and waits for that."""
    state, contact_id = turn.state, fact.contact_id
    known = state.contacts.get(contact_id)
    if fact.promised_until_ms is None or fact.channel in ON_SCREEN:
        return False
    if known is not None and (known.outcome is not Outcome.LOST or known.is_continued):
        return False  # others have seen him since, or he has rung again
    sequence = state.next_sequence if known is None else known.sequence
    arrived_ms = min(fact.arrived_ms, turn.now_ms)
    turn.emit(ev.IslandContactTaken(contact_id, island, fact, sequence, arrived_ms))
    turn.emit(ev.CallbackPromised(contact_id, fact.promised_until_ms))
    turn.emit(ev.CallbackAwaited(contact_id))
    return True


def _merge(turn: Turn, island: Island, fact: IslandContact) -> None:
    known = turn.state.contacts.get(fact.contact_id)
    turn.emit(_merged(turn.state, island, fact, known))


def _tell_text(turn: Turn, text: IslandText) -> None:
    """One that was not sent is sent now, unless he to whom it was to go has been, or may yet be,
    reached here."""
    state = turn.state
    asked, contact = state.texts.get(text.text_id), state.contacts.get(text.contact_id)
    if asked is not None:
        if text.is_sent:
            turn.emit(ev.TextSent(text.text_id, asked.contact_id))
    elif not text.is_sent and (contact is None or contact.outcome in _NOT_REACHED):
        turn.emit(ev.IslandTextTaken(text.text_id, text.contact_id))


def _sign_off(turn: Turn, island: Island, agent_id: AgentId) -> None:
    """She went home there: nobody rings her here, unless she has been at work since.

    Whoever came to work there is not signed on: only she herself says that she is at her phone.
    A gateway's seats are nobody who goes home: they follow from what its switch says of the trunk.
    """
    agent = turn.state.agents.get(agent_id)
    if agent is None or agent.gateway is not None or agent.signed_on_ms >= island.parted_ms:
        return
    is_wrapping_up = all(held.state is WRAP_UP for held in agent.assignments.values())
    if not is_wrapping_up or agent.ready_since_ms > island.until_ms:
        return
    for contact_id, held in list(agent.assignments.items()):
        wrap_up_ms = turn.now_ms - held.since_ms
        turn.emit(making.wrap_up_ended(agent_id, contact_id, "", wrap_up_ms))
    turn.emit(ev.AgentSignedOff(agent_id))


def _merged(
    state: State, island: Island, fact: IslandContact, known: Contact | None
) -> ev.IslandContactMerged:
    there = _outcome_there(fact)
    if known is None:
        outcome, is_theirs, talk_ms = there or Outcome.LOST, True, fact.talk_ms
    else:
        assert known.outcome is not None, known.contact_id
        is_theirs = there is not None and _saw_last(island, fact, known)
        outcome = there if there is not None and is_theirs else known.outcome
        talk_ms = fact.talk_ms if is_theirs else known.talk_ms + _talked_there_ms(island, fact)
    row = None if is_theirs else known
    return ev.IslandContactMerged(
        contact_id=fact.contact_id,
        island=island,
        fact=fact,
        sequence=state.next_sequence if known is None else known.sequence,
        outcome=outcome,
        former=None if known is None else known.outcome,
        wait_ms=_wait_ms(fact, known),
        talk_ms=talk_ms,
        hold_ms=fact.hold_ms if row is None else row.hold_ms,
        ended_ms=fact.until_ms if row is None else row.ended_ms or 0,
        was_cut=fact.was_cut if row is None else row.was_cut,
        agent_id=fact.agent_id if row is None else row.agent_id,
        continues=_continues(state, fact, known),
    )


def _saw_last(island: Island, fact: IslandContact, known: Contact) -> bool:
    """Whether the island saw the caller later than all others. Whom they have lost they have not
    seen since he came, and of whom they missed the talk they saw nothing but that he had gone."""
    since_ms = known.ended_ms or 0
    if known.outcome is Outcome.LOST:
        since_ms = min(since_ms, known.enqueued_ms)
    return fact.until_ms >= since_ms or _hung_up_unseen(island, fact, known)


def _hung_up_unseen(island: Island, fact: IslandContact, known: Contact) -> bool:
    """Whether he talked when the island ended, and was gone before others knew that.

    Whom their switch has shown them since by his ticket gave up in the queue, to which he had come
    back: had he talked still, they would have known.
    """
    if not fact.was_talking or fact.outcome is not None or known.outcome is not Outcome.ABANDONED:
        return False
    if known.enqueued_ms > fact.until_ms:
        return False
    is_soon = (known.ended_ms or 0) - fact.until_ms <= _UNSEEN_MS
    return is_soon and known.talk_ms <= fact.talk_ms - _talked_there_ms(island, fact)


def _outcome_there(fact: IslandContact) -> Outcome | None:
    """What became of it as the island saw it last; None: it saw no end.

    Whom it saw talking when it ended, and nobody saw again, had his talk.
    """
    if fact.outcome is None and fact.was_talking:
        return Outcome.HANDLED
    return fact.outcome


def _talked_there_ms(island: Island, fact: IslandContact) -> int:
    """In talks that began there: those that had begun before are known."""
    return sum(
        max(0, stint.until_ms - stint.from_ms)
        for stint in fact.stints
        if stint.kind is StintKind.TALK and stint.from_ms >= island.parted_ms
    )


def _wait_ms(fact: IslandContact, known: Contact | None) -> int:
    """Until he was first answered, wherever that was."""
    waits = [fact.wait_ms] if fact.wait_ms is not None else []
    if known is not None and known.wait_ms is not None:
        was_helped = known.talk_ms > 0 or known.outcome is Outcome.HANDLED
        if was_helped or not waits:
            waits.append(known.wait_ms)
    return max(0, min(waits, default=0))


def _continues(state: State, fact: IslandContact, known: Contact | None) -> ContactId | None:
    """The contact that this one continues, if that is remembered and none else continues it.

    One that is known here by its ticket alone continues what the island knew.
    """
    if known is not None and known.continues is not None:
        return known.continues
    if fact.continues is None or fact.continues == fact.contact_id:
        return None
    earlier = state.contacts.get(fact.continues)
    if earlier is None or earlier.state is not ENDED or earlier.outcome is Outcome.REFUSED:
        return None
    is_continued = any(one.continues == fact.continues for one in state.contacts.values())
    return None if is_continued else fact.continues


DECIDERS: Final[dict[type, Callable[[Turn, Any], None]]] = {ReportIsland: report_island}
