"""By what those are known who ring again: over the real keys of the days."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from queue_engine.journal.lookup_keys import DAY_MS, LookupKeys
from queue_engine.serve.caller_keys import CallerKeys
from routing.vocabulary import ContactId

CALL = ContactId("ast1-1795290000.1")
NUMBER, OTHER = "+46701740605", "+46701740606"


class Known:
    """The keys, and a clock that a test sets."""

    def __init__(self, folder: Path) -> None:
        self.now_ms = 20_000 * DAY_MS
        self.keys = CallerKeys(LookupKeys(folder, self.now_ms), lambda: self.now_ms)


@pytest.fixture
async def known(tmp_path: Path) -> AsyncIterator[Known]:
    known = Known(tmp_path / "keys")
    yield known
    await known.keys.close()


async def test_the_same_number_has_the_same_key_and_nobody_else_has(known: Known) -> None:
    (first,) = await known.keys.of(CALL, NUMBER)
    assert await known.keys.of(CALL, NUMBER) == (first,)
    assert await known.keys.of(CALL, OTHER) != (first,)
    assert NUMBER[1:] not in first


async def test_tomorrow_he_has_another_key_and_is_still_found_by_the_old_one(known: Known) -> None:
    (first,) = await known.keys.of(CALL, NUMBER)
    known.now_ms += DAY_MS
    today, *earlier = await known.keys.of(CALL, NUMBER)
    assert today != first
    assert earlier == [first]


async def test_after_96_hours_and_the_day_he_is_nobody(known: Known) -> None:
    (first,) = await known.keys.of(CALL, NUMBER)
    known.now_ms += 5 * DAY_MS
    assert first not in await known.keys.of(CALL, NUMBER)


async def test_a_key_that_is_due_goes_though_nobody_calls(tmp_path: Path) -> None:
    known = Known(tmp_path / "keys")
    await known.keys.of(CALL, NUMBER)
    assert list((tmp_path / "keys").iterdir()) != []
    known.now_ms += 5 * DAY_MS
    destroying = asyncio.create_task(known.keys.destroy_now_and_then())
    await asyncio.sleep(0)
    await known.keys.close()  # in the same thread, after what was begun there
    destroying.cancel()
    assert list((tmp_path / "keys").iterdir()) == []


async def test_people_who_share_a_number_are_told_apart_where_that_is_known(
    tmp_path: Path,
) -> None:
    people = {"a": "Ada", "b": "Bo", "c": "Ada"}
    keys = CallerKeys(
        LookupKeys(tmp_path / "keys", 0), lambda: 0, lambda contact, _number: people[contact]
    )
    ada, bo, ada_again = [await keys.of(ContactId(name), NUMBER) for name in people]
    await keys.close()
    assert ada == ada_again != bo
