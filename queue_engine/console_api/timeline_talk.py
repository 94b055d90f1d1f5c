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


TALK: Final[dict[type, Callable[[Any, Words], Words]]] = {
    ev.ContactSentBack: _sent_back,
}
"""By event: what is said of it, given the name of the agent whom it names."""
