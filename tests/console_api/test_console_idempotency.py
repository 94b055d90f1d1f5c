"""Keys: once each, for a day, up to a bound, and never for what only went wrong here."""

from __future__ import annotations

import asyncio

import pytest

from queue_engine.console_api import idempotency
from queue_engine.console_api.idempotency import KEEP_S, Answer, IdempotencyKeys
from queue_engine.console_api.problems import ProblemError


class Desk:
    """Work that counts how often it is done, over keys on a clock of the test's."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.keys = IdempotencyKeys(lambda: self.now_s, answer_s_max=0.05)
        self.done = 0
        self.status = 200

    async def work(self) -> Answer:
        self.done += 1
        return Answer(self.status, b"%d" % self.done, "application/json")

    async def once(self, key: str | None, said: bytes = b"") -> bytes:
        return (await self.keys.once(key, said, self.work)).body


async def test_a_key_is_good_for_a_day() -> None:
    desk = Desk()
    assert await desk.once("k") == b"1"
    desk.now_s = KEEP_S - 1
    assert await desk.once("k") == b"1"
    desk.now_s = KEEP_S
    assert await desk.once("k") == b"2"


async def test_without_a_key_it_is_done_each_time() -> None:
    desk = Desk()
    assert [await desk.once(None), await desk.once(None)] == [b"1", b"2"]


async def test_the_oldest_keys_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "KEYS_MAX", 3)
    desk = Desk()
    for key in "abcd":
        await desk.once(key)
    assert len(desk.keys) == 3
    assert await desk.once("d") == b"4"
    assert await desk.once("a") == b"5"


async def test_what_went_wrong_here_may_be_tried_again() -> None:
    desk = Desk()
    desk.status = 503
    await desk.once("k")
    desk.status = 409
    assert await desk.once("k") == b"2"
    assert await desk.once("k") == b"2"  # a refusal is an answer


async def test_work_that_raises_is_forgotten() -> None:
    desk = Desk()

    async def fail() -> Answer:
        raise ProblemError("stopped")

    with pytest.raises(ProblemError):
        await desk.keys.once("k", b"", fail)
    assert await desk.once("k") == b"1"


async def test_slow_work_goes_on_and_the_same_key_gets_its_answer() -> None:
    desk = Desk()
    gate = asyncio.Event()

    async def slow() -> Answer:
        await gate.wait()
        return await desk.work()

    for _ in range(2):
        with pytest.raises(ProblemError) as late:
            await desk.keys.once("k", b"", slow)
        assert late.value.code == "overloaded"
        assert "same Idempotency-Key" in late.value.detail
    gate.set()
    assert (await desk.keys.once("k", b"", slow)).body == b"1"
    assert desk.done == 1
