"""What a timeline says of a contact while it is connected, and of its way back to the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.console_api.timeline_words import Words
from queue_engine.core import events as ev


def _sent_back(event: ev.ContactSentBack, agent: Words) -> Words:
    return Words(
        f"Lämnat tillbaka till kön av {agent.sv} ({event.reason}), på samma plats.",
        f"Given back to the queue by {agent.en} ({event.reason}), at the same place.",
    )


def _prolonged(event: ev.WrapUpProlonged, agent: Words) -> Words:
    return Words(
        f"Mer tid för efterarbetet hos {agent.sv}, på hens begäran.",
        f"More time for the wrap-up at {agent.en}, as she asked.",
    )


def _disposition(event: ev.DispositionSet, agent: Words) -> Words:
    said = (
        (Words("vårdnivå", "care level"), event.care_level),
        (Words("brådska", "urgency"), event.urgency),
        (Words("orsak", "cause"), event.cause),
        (Words("hänvisad till", "referred to"), event.referred_unit),
    )
    sv = ", ".join(f"{what.sv} {code}" for what, code in said if code) or "inget"
    en = ", ".join(f"{what.en} {code}" for what, code in said if code) or "nothing"
    return Words(f"{agent.sv} noterar: {sv}.", f"{agent.en} notes: {en}.")


TALK: Final[dict[type, Callable[[Any, Words], Words]]] = {
    ev.ContactSentBack: _sent_back,
    ev.WrapUpProlonged: _prolonged,
    ev.DispositionSet: _disposition,
}
"""By event: what is said of it, given the name of the agent whom it names."""
