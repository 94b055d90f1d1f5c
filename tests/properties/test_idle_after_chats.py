"""Since when a nurse is idle who writes: the engine and the auditor mean the same.

Beside chats she may be offered more before the work after one is done, so it shows when that ends.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd
from routing.room_policy import RoomPolicy
from routing.vocabulary import AgentId, ContactId, RegionCode
from tests.core.world import POLICY, World
from tests.properties.auditor import Auditor

A1, C1 = AgentId("a1"), ContactId("c1")
LEAVE_C1 = {
    "ended": cmd.EndContact(A1, C1),
    "sent back": cmd.SendBack(A1, C1, "wrong_language"),
    "transferred": cmd.TransferContact(A1, C1, to_region=RegionCode("23")),
}


@pytest.mark.parametrize("leave", LEAVE_C1.values(), ids=LEAVE_C1)
def test_however_she_leaves_a_chat_she_is_idle_from_the_end_of_the_work_after_it(
    leave: cmd.Command,
) -> None:
    world = World(replace(POLICY, rooms=RoomPolicy(chats_max=3)), audit=Auditor().follow)
    for nurse, chat in (("a1", "c1"), ("a2", "c2")):
        world.agent(nurse)
        world.chat(chat)
        world.answer(chat)
        world.wait(1_000)
    world.do(leave)
    if world.rings():
        world.answer("c1")
    world.chat("c3")
    assert world.rings() == {"a1": "c3"}
    world.answer("c3")
    world.do(cmd.EndWrapUp(A1, contact_id=C1))
    world.chat("c4")
    assert world.rings() == {"a2": "c4"}
