"""Text messages: nothing is sent before the record that asks for it is written."""

from __future__ import annotations

from queue_engine.core import commands as cmd
from queue_engine.core.texts import RETRY_AFTER_MS
from routing.vocabulary import ContactId, IslandId, TextId
from tests.core.world import World

TEXT_ID = TextId("5-c1")


def test_each_try_waits_for_the_record_that_asks_for_it() -> None:
    world = World()
    island = cmd.Island(IslandId("n1-2"), "n1", 2, world.now_ms, world.now_ms)
    unsent = cmd.IslandText(TEXT_ID, ContactId("c1"), is_sent=False)
    world.do(cmd.ReportIsland(island, 2, 3, (), (unsent,), is_last=True))
    text = world.state.texts[TEXT_ID]
    assert text.number == world.state.record_number
    world.do(cmd.ReportTextFailed(TEXT_ID, 1, cmd.TextFailure.UNREPORTED))
    assert text.number < world.state.record_number
    world.wait(RETRY_AFTER_MS[0])
    assert (text.tries, text.number) == (1, world.state.record_number)
