"""What timelines say of callers who come back, in Swedish and English."""

from __future__ import annotations

from queue_engine.console_api.timeline_words import Words
from queue_engine.core import events as ev


def misuse_marked(event: ev.MisuseMarked) -> Words:
    """Sent back by the nurse."""
    return Words(
        f"Inte akut enligt {event.agent_id} ({event.reason}).",
        f"No emergency, {event.agent_id} found ({event.reason}).",
    )


def pressed_again(event: ev.EmergencyPressedAgain) -> Words:
    """The emergency key after a misuse."""
    return Words(
        "Akutknappen igen efter missbruk: hänvisas ännu en gång till 112.",
        "The emergency key again after a misuse: told once more to ring 112.",
    )
