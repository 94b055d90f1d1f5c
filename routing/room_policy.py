"""The room table: which contacts one agent may have at once.

One call, or one video, fills her wholly; of chats she may have several, and one of them counts
until the work after it is done. A call of the tiers that cannot wait may come on top of chats, so
that a nurse who writes is not out of reach of those who may be dying.

House rules: those of `policy`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

CHATS_MAX: Final = 20
"""Nobody writes with more people at once, and no more can be asked for."""


@dataclass(frozen=True, slots=True)
class RoomPolicy:
    """What one agent may have at once."""

    chats_max: int = 1
    """So many chats."""
    pressing_calls_on_chats: bool = False
    """And a call of tier 0 or 1 on top of them."""

    @property
    def takes_several(self) -> bool:
        """Whether an agent may ever have more than one contact."""
        return self.chats_max > 1 or self.pressing_calls_on_chats


ONE_CONTACT: Final = RoomPolicy()
"""One contact at a time, whatever it is."""


class Room(NamedTuple):
    """What an agent who has chats may take besides; at least one of them is true."""

    chat: bool
    pressing_call: bool
    """A call of tier 0 or 1."""


def room_beside(rooms: RoomPolicy, chats: int) -> Room | None:
    """What there is room for beside so many chats; None: for nothing."""
    room = Room(chats < rooms.chats_max, rooms.pressing_calls_on_chats)
    return room if any(room) else None


def room_problems(rooms: RoomPolicy) -> Iterator[str]:
    """Yields every fault of the table as a sentence; none: it may be loaded."""
    if not 1 <= rooms.chats_max <= CHATS_MAX:
        yield f"rooms: chats_max goes from 1 to {CHATS_MAX}, is {rooms.chats_max}"
