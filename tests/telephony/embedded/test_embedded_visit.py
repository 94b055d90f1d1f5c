"""One visit of a script: which keys stop a prompt, which are kept, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from queue_engine.telephony.embedded import call_news
from queue_engine.telephony.embedded.call import EmbeddedCall
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from queue_engine.telephony.embedded.visit import KEYS_AHEAD_MAX, CallVisit
from routing.vocabulary import LinkId
from tests.telephony.embedded.hand_time import HandTime


class World:
    """A call whose visit is in the test's hands."""

    def __init__(self) -> None:
        self.time = HandTime()
        self.news: list[call_news.CallNews] = []
        self.network = EmbeddedNetwork(
            LinkId("net1"),
            now_ms=lambda: self.time.ms,
            sleep_ms=self.time.sleep_ms,
            visit=self._visit,
        )
        self.call: EmbeddedCall
        self.visit: CallVisit

    async def _visit(self, _script: str, visit: CallVisit, *_arguments: str) -> None:
        self.visit = visit
        await asyncio.Event().wait()

    async def begin(self) -> None:
        """Somebody dials, and the visit has begun."""
        self.call = self.network.dial("1177", "070-174 06 05", listener=self.news.append)
        await self.time.pass_ms(0)

    def play(self, barge_in: str = "", duration_ms: int = 5_000) -> asyncio.Task[str | None]:
        """A prompt begins to play."""
        return asyncio.create_task(
            self.visit.play(
                name="opening",
                text="hej",
                text_sv="hej",
                text_en="hello",
                language="sv",
                duration_ms=duration_ms,
                barge_in=barge_in,
            )
        )

    def listen(self, wait_ms: int = 5_000) -> asyncio.Task[str | None]:
        """A key is waited for."""
        return asyncio.create_task(self.visit.next_key(wait_ms))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    await world.begin()
    yield world
    await world.network.close()


async def test_a_prompt_plays_to_its_end(world: World) -> None:
    playing = world.play("9")
    await world.time.pass_ms(4_999)
    assert not playing.done()
    await world.time.pass_ms(1)
    assert await playing is None
    assert world.news == [call_news.Prompt("opening", "hej", "hej", "hello", "sv", 5_000)]


async def test_only_the_keys_it_names_stop_a_prompt_and_others_are_lost(world: World) -> None:
    playing = world.play("9")
    await world.time.pass_ms(100)
    world.call.press("1")
    await world.time.pass_ms(100)
    assert not playing.done()
    world.call.press("9")
    world.call.press("2")
    assert await playing == "9"
    assert await world.listen() == "2", "pressed after it: the next question's"


async def test_keys_pressed_ahead_stop_the_next_prompt_at_once_if_it_names_them(
    world: World,
) -> None:
    for key in "129":
        world.call.press(key)
    assert await world.play("9") == "9"
    assert world.time.ms == 0
    listening = world.listen()
    await world.time.pass_ms(5_000)
    assert await listening is None, "1 and 2 were lost"


async def test_a_key_is_waited_for_and_the_wait_ends(world: World) -> None:
    listening = world.listen()
    await world.time.pass_ms(100)
    world.call.press("#")
    assert await listening == "#"
    listening = world.listen(2_000)
    await world.time.pass_ms(1_999)
    assert not listening.done()
    await world.time.pass_ms(1)
    assert await listening is None
    assert world.news == [call_news.Listening(5_000), call_news.Listening(2_000)]


async def test_of_very_many_keys_the_last_are_kept(world: World) -> None:
    for _ in range(KEYS_AHEAD_MAX):
        world.call.press("1")
    world.call.press("2")
    kept = [await world.listen() for _ in range(KEYS_AHEAD_MAX)]
    assert kept == ["1"] * (KEYS_AHEAD_MAX - 1) + ["2"]


async def test_a_visit_that_was_left_ends_every_wait_at_once_and_says_nothing(
    world: World,
) -> None:
    playing = world.play("9")
    await world.time.pass_ms(100)
    world.call.hang_up()
    assert await playing is None
    assert world.visit.has_left
    async with asyncio.timeout(5):
        assert await world.listen(60_000) is None
        assert await world.play("9", 60_000) is None
    assert world.time.ms == 100
    assert [type(news).__name__ for news in world.news] == ["Prompt", "Ended"]


async def test_variables_stay_with_the_call(world: World) -> None:
    assert world.visit.get("A") is None
    world.visit.set("A", "1")
    assert world.call.variables["A"] == world.visit.get("A") == "1"
    assert world.visit.caller_number == "070-174 06 05"
    assert world.visit.called_number == "1177"
