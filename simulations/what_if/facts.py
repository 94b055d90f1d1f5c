"""How long things took in the journal: what a what-if takes over from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.commands import OfferFailure
from queue_engine.core.record import Record
from routing.gateways import gateway_of
from routing.policy import MINUTE_MS, SECOND_MS
from routing.vocabulary import AgentId, ContactChannel, ContactId, Outcome
from simulations.what_if.patience import Patience

RING_MS_ASSUMED: Final = 6 * SECOND_MS
TALK_MS_ASSUMED: Final = 8 * MINUTE_MS
WRAP_UP_MS_ASSUMED: Final = 2 * MINUTE_MS
"""For a journal that tells of none at all."""

_FAILURES: Final = {
    ev.OfferRangOut: OfferFailure.NO_ANSWER,
    ev.OfferRejected: OfferFailure.REJECTED,
    ev.OfferFailed: OfferFailure.UNREACHABLE,
}
_Pair = tuple[ContactId, AgentId]


@dataclass(slots=True)
class Facts:
    """Of contacts, and of contacts at an agent."""

    ring_ms: dict[ContactId, int] = field(default_factory=dict)
    """From the offer that was answered until the answer."""
    talk_ms: dict[ContactId, int] = field(default_factory=dict)
    """Of those who were answered and are over."""
    wrap_up_ms: dict[ContactId, int] = field(default_factory=dict)
    failures: dict[_Pair, tuple[OfferFailure, int]] = field(default_factory=dict)
    """Offers that came to nothing at this agent, and after how long."""
    ring_usual_ms: int = RING_MS_ASSUMED
    talk_usual_ms: int = TALK_MS_ASSUMED
    wrap_up_usual_ms: int = WRAP_UP_MS_ASSUMED
    """The medians, for those of whom nothing is known."""
    patience_ms: dict[ContactId, int] = field(default_factory=dict)
    """From arrival on, of callers by phone who were answered, or wait still: estimated."""
    gave_up: int = 0
    """So many hung up waiting: from them patience is known, and estimated."""


class FactFinder:
    """Reads the facts out of the records."""

    def __init__(self) -> None:
        self._facts = Facts()
        self._offered_ms: dict[ContactId, int] = {}
        self._talking_ms: dict[ContactId, int] = {}
        self._waiting: dict[ContactId, int] = {}
        """Callers by phone who have not been answered yet, and when they arrived."""
        self._gave_up_ms: list[int] = []
        self._answered_ms: dict[ContactId, int] = {}
        self._last_ms = 0

    def follow(self, record: Record) -> None:
        """Takes in the next record."""
        facts, at_ms = self._facts, record.at_ms
        self._last_ms = at_ms
        for event in record.events:
            match event:
                case ev.ContactEnqueued():
                    if event.channel is ContactChannel.PHONE:
                        self._waiting[event.contact_id] = event.arrived_ms
                case ev.CallbackPromised():
                    self._waiting.pop(event.contact_id, None)
                case ev.ContactOffered():
                    self._offered_ms[event.contact_id] = at_ms
                case ev.ContactConnected():
                    if self._waiting.pop(event.contact_id, None) is not None:
                        self._answered_ms[event.contact_id] = event.wait_ms
                    self._talking_ms.setdefault(event.contact_id, at_ms)
                    offered_ms = self._offered_ms.pop(event.contact_id, None)
                    if offered_ms is not None:
                        facts.ring_ms.setdefault(event.contact_id, at_ms - offered_ms)
                case ev.OfferRangOut() | ev.OfferRejected() | ev.OfferFailed():
                    offered_ms = self._offered_ms.pop(event.contact_id, at_ms)
                    pair = event.contact_id, event.agent_id
                    facts.failures.setdefault(pair, (_FAILURES[type(event)], at_ms - offered_ms))
                case ev.WrapUpStarted():
                    facts.talk_ms.setdefault(event.contact_id, 0)
                case ev.WrapUpEnded() if gateway_of(event.agent_id) is None:
                    facts.wrap_up_ms[event.contact_id] = event.wrap_up_ms
                case ev.ContactEnded():
                    self._offered_ms.pop(event.contact_id, None)
                    self._talking_ms.pop(event.contact_id, None)
                    is_waiting = self._waiting.pop(event.contact_id, None) is not None
                    if is_waiting and event.outcome is Outcome.ABANDONED:
                        self._gave_up_ms.append(event.wait_ms)
                    if event.talk_ms:
                        facts.talk_ms[event.contact_id] = event.talk_ms
                case _:
                    pass

    def facts(self) -> Facts:
        """All of them, once the last record is in."""
        facts = self._facts
        facts.ring_usual_ms = _median(facts.ring_ms.values(), RING_MS_ASSUMED)
        facts.talk_usual_ms = _median(facts.talk_ms.values(), TALK_MS_ASSUMED)
        facts.wrap_up_usual_ms = _median(facts.wrap_up_ms.values(), WRAP_UP_MS_ASSUMED)
        for contact_id, since_ms in self._talking_ms.items():  # longer than what was seen of them
            facts.talk_ms[contact_id] = max(facts.talk_usual_ms, self._last_ms - since_ms)
        stayed_ms = dict(self._answered_ms)
        for contact_id, arrived_ms in self._waiting.items():
            stayed_ms[contact_id] = max(0, self._last_ms - arrived_ms)
        patience = Patience(self._gave_up_ms, stayed_ms.values())
        facts.gave_up = patience.gave_up
        for contact_id, wait_ms in stayed_ms.items():
            facts.patience_ms[contact_id] = patience.drawn_ms(contact_id, wait_ms)
        return facts


def _median(values: Iterable[int], otherwise: int) -> int:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else otherwise
