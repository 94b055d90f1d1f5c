"""Feeds: in order, bounded, and cut off when behind."""

from __future__ import annotations

import asyncio

from queue_engine.core.commands import PassTime
from queue_engine.core.record import Record
from queue_engine.runtime.feed import Feed


def record(number: int) -> Record:
    return Record(number, number, 1, PassTime(), ())


async def collect(feed: Feed) -> list[int]:
    return [each.number async for each in feed]


async def test_records_come_in_order_and_iterating_ends_when_it_is_closed() -> None:
    feed = Feed("all")
    reader = asyncio.create_task(collect(feed))
    for number in range(1, 4):
        feed.put(record(number))
        await asyncio.sleep(0)
    feed.put(record(4))
    feed.close()
    assert await reader == [1, 2, 3, 4]
    assert not feed.was_cut_off


async def test_a_follower_that_falls_behind_is_cut_off_and_holds_nothing() -> None:
    feed = Feed("slow", records_max=3)
    for number in range(1, 5):
        feed.put(record(number))
    assert feed.was_cut_off
    assert not feed.is_open
    assert await collect(feed) == []


async def test_one_that_reads_in_time_may_read_for_ever() -> None:
    feed = Feed("quick", records_max=3)
    got: list[int] = []
    reader = feed.__aiter__()
    for number in range(1, 20):
        feed.put(record(number))
        got.append((await reader.__anext__()).number)
    assert got == list(range(1, 20))
    assert not feed.was_cut_off


async def test_what_comes_after_the_end_is_not_kept() -> None:
    feed = Feed("closed")
    feed.close()
    feed.put(record(1))
    assert await collect(feed) == []


async def test_a_reader_that_stops_reading_closes_its_feed() -> None:
    feed = Feed("left")
    feed.put(record(1))
    reader = feed.__aiter__()
    await reader.__anext__()
    await reader.aclose()  # type: ignore[attr-defined]  # an asynchronous generator
    assert not feed.is_open
