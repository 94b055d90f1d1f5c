"""The room table: what there is room for, and what is wrong with a table."""

from __future__ import annotations

import pytest

from routing.room_policy import CHATS_MAX, ONE_CONTACT, Room, RoomPolicy, room_beside, room_problems

SEVERAL = RoomPolicy(chats_max=3, pressing_calls_on_chats=True)


@pytest.mark.parametrize(
    ("rooms", "chats", "room"),
    [
        (ONE_CONTACT, 1, None),
        (SEVERAL, 1, Room(chat=True, pressing_call=True)),
        (SEVERAL, 2, Room(chat=True, pressing_call=True)),
        (SEVERAL, 3, Room(chat=False, pressing_call=True)),
        (SEVERAL, 4, Room(chat=False, pressing_call=True)),
        (RoomPolicy(2), 1, Room(chat=True, pressing_call=False)),
        (RoomPolicy(2), 2, None),
        (RoomPolicy(1, pressing_calls_on_chats=True), 1, Room(chat=False, pressing_call=True)),
    ],
)
def test_the_room_beside_chats(rooms: RoomPolicy, chats: int, room: Room | None) -> None:
    assert room_beside(rooms, chats) == room


def test_whether_anybody_may_ever_have_several() -> None:
    assert not ONE_CONTACT.takes_several
    assert RoomPolicy(2).takes_several
    assert RoomPolicy(1, pressing_calls_on_chats=True).takes_several


@pytest.mark.parametrize("chats", [0, -1, CHATS_MAX + 1])
def test_a_table_that_cannot_be(chats: int) -> None:
    (sentence,) = room_problems(RoomPolicy(chats))
    assert sentence == f"rooms: chats_max goes from 1 to 20, is {chats}"
    assert not list(room_problems(RoomPolicy(CHATS_MAX)))
