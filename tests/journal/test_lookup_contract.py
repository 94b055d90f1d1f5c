"""What the keys of the days promise, in files or in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_engine.core.errors import SamkoError
from queue_engine.journal.caller_seal import Seal
from queue_engine.journal.lookup_keys import DAY_MS, LOOKUP_MS, LookupKeys
from queue_engine.journal.redis_lookup_keys import RedisLookupKeys
from tests.journal.test_lookup_keys import MIDNIGHT, PHONE
from tests.redis_places import Cluster
from tests.redis_server import RedisServer

AnyKeys = LookupKeys | RedisLookupKeys
_KINDS = ["file", *(pytest.param(kind, marks=pytest.mark.redis) for kind in ("redis", "cluster"))]


@pytest.fixture(params=_KINDS)
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyKeys]:
    keys: AnyKeys
    if request.param == "file":
        keys = LookupKeys(tmp_path / "keys", MIDNIGHT)
    else:
        name = "redis_server" if request.param == "redis" else "redis_cluster"
        server: RedisServer | Cluster = request.getfixturevalue(name)
        keys = RedisLookupKeys(server.place(tmp_path.name), Seal(bytes(32)))
    yield keys
    keys.close()


def test_the_same_number_has_one_hash_a_day(keys: AnyKeys) -> None:
    first = keys.hash_today("phone", PHONE, MIDNIGHT)
    assert keys.hash_today("phone", PHONE, MIDNIGHT + DAY_MS - 1) == first
    assert first.day == 20_778
    assert len(first.digest) == 32
    assert PHONE not in repr(first)


def test_other_numbers_kinds_and_days_have_other_hashes(keys: AnyKeys) -> None:
    hashes = {
        keys.hash_today("phone", PHONE, MIDNIGHT).digest,
        keys.hash_today("phone", "0701740606", MIDNIGHT).digest,
        keys.hash_today("person", PHONE, MIDNIGHT).digest,
        keys.hash_today("phone", PHONE, MIDNIGHT + DAY_MS).digest,
    }
    assert len(hashes) == 4


def test_a_call_is_found_again_for_96_hours(keys: AnyKeys) -> None:
    rang_at = MIDNIGHT + DAY_MS - 1
    kept = keys.hash_today("phone", PHONE, rang_at)
    for later in range(0, LOOKUP_MS + 1, DAY_MS // 4):
        now_ms = rang_at + later
        assert kept in keys.hashes("phone", PHONE, now_ms)
        keys.hash_today("phone", PHONE, now_ms)


def test_destroying_is_counted(keys: AnyKeys) -> None:
    for day in range(3):
        keys.hash_today("phone", PHONE, MIDNIGHT + day * DAY_MS)
    assert keys.destroy_due(MIDNIGHT + 3 * DAY_MS) == 0
    assert keys.destroy_due(MIDNIGHT + 2 * DAY_MS + LOOKUP_MS) == 2
    assert keys.destroy_due(MIDNIGHT + 2 * DAY_MS + LOOKUP_MS) == 0


def test_closed_keys_do_nothing(keys: AnyKeys) -> None:
    keys.close()
    keys.close()
    with pytest.raises(SamkoError, match=r"(is|are) closed"):
        keys.hash_today("phone", PHONE, MIDNIGHT)
    with pytest.raises(SamkoError, match=r"(is|are) closed"):
        keys.hashes("phone", PHONE, MIDNIGHT)


def test_after_96_hours_nobody_finds_it(keys: AnyKeys) -> None:
    kept = keys.hash_today("phone", PHONE, MIDNIGHT)
    over = MIDNIGHT + DAY_MS + LOOKUP_MS
    assert kept in keys.hashes("phone", PHONE, over - 1)
    assert keys.hashes("phone", PHONE, over) == ()
    assert keys.hash_today("phone", PHONE, MIDNIGHT) != kept, "what is destroyed never comes back"


def test_hashes_come_newest_first_and_make_no_key(keys: AnyKeys) -> None:
    assert keys.hashes("phone", PHONE, MIDNIGHT) == ()
    made = [keys.hash_today("phone", PHONE, MIDNIGHT + day * DAY_MS) for day in range(3)]
    assert keys.hashes("phone", PHONE, MIDNIGHT + 3 * DAY_MS) == tuple(reversed(made))
