"""`rooms` of `config/national.yaml`: what one nurse may have at once.

House rules: those of `national_file`, whose part this is.
"""

from __future__ import annotations

from queue_engine.config.schema_parts import Schema, flag, mapping, whole
from queue_engine.config.source import Section
from routing.room_policy import CHATS_MAX, ONE_CONTACT, RoomPolicy


def read_rooms(section: Section) -> RoomPolicy:
    """Reads the section."""
    chats = section.may("chats_max").whole(ONE_CONTACT.chats_max, least=1, most=CHATS_MAX)
    return RoomPolicy(chats, section.may("pressing_calls_on_chats").flag())


def rooms_schema() -> Schema:
    """The section, as an editor is to check it."""
    return mapping(
        "What one nurse may have at once: a call, or a video, or chats; left out: one contact",
        {},
        {
            "chats_max": whole("So many chats", least=1, most=CHATS_MAX),
            "pressing_calls_on_chats": flag("A call of tier 0 or 1 may come on top of chats"),
        },
    )
