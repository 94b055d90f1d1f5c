"""The lease: one node decides, and what another writes is refused."""

from __future__ import annotations

import time

import pytest

from queue_engine.core.errors import AppendRefused, JournalError
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import RedisLease
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

LONG_MS, SHORT_MS = 60_000, 150


def test_one_has_it_until_it_is_given_up(server: RedisServer) -> None:
    first, second = (RedisLease(server.place(), who, LONG_MS) for who in ("n1-1", "n2-1"))
    assert first.held_by() is None
    assert first.take()
    assert not second.take()
    assert first.take(), "renewed"
    held = second.held_by()
    assert held is not None
    assert held[0] == "n1-1"
    assert 0 < held[1] <= LONG_MS
    assert not second.give(), "it is not its to give"
    assert first.give()
    given_up = second.held_by()
    assert given_up is not None
    assert given_up[0] == "", "and not lost"
    assert second.take()
    assert not first.take()
    for lease in (first, second):
        lease.close()


def test_only_who_has_it_renews_it(server: RedisServer) -> None:
    first, second = (RedisLease(server.place(), who, LONG_MS) for who in ("a", "b"))
    assert not first.renew(), "it is nobody's, and stays so"
    assert first.take()
    assert not second.renew()
    with server.client() as client:
        client.pexpire(server.place().key("lease"), LONG_MS // 4)
    assert first.renew()
    held = second.held_by()
    assert held is not None
    assert LONG_MS // 4 < held[1] <= LONG_MS
    assert first.give()
    assert not first.renew(), "what was given up is another's to take"
    for lease in (first, second):
        lease.close()


def test_no_more_than_a_lease_is_left_of_it_and_less_stays_as_it_is(server: RedisServer) -> None:
    key = server.place().key("lease")
    first, second = (RedisLease(server.place(), who, LONG_MS) for who in ("a", "b"))
    second.cap()
    assert first.take()
    with server.client() as client:
        for left_ms, rest_ms in ((3 * LONG_MS, LONG_MS), (LONG_MS // 4, LONG_MS // 4)):
            client.pexpire(key, left_ms)
            second.cap()
            assert rest_ms - 10_000 < client.pttl(key) <= rest_ms
    held = second.held_by()
    assert held is not None
    assert held[0] == "a"
    for lease in (first, second):
        lease.close()


def test_it_is_handed_over_without_a_moment_in_between(server: RedisServer) -> None:
    first, second, third = (RedisLease(server.place(), who, LONG_MS) for who in ("a", "b", "c"))
    assert first.take()
    assert first.give(to="b")
    assert not third.take()
    assert not first.take()
    assert second.take()
    for lease in (first, second, third):
        lease.close()


def test_who_does_not_renew_it_has_lost_it(server: RedisServer) -> None:
    first, second = (RedisLease(server.place(), who, SHORT_MS) for who in ("a", "b"))
    assert first.take()
    until_s = time.monotonic() + 20
    while not second.take():
        assert time.monotonic() < until_s
    assert not first.take()
    for lease in (first, second):
        lease.close()


def test_only_who_has_it_writes(server: RedisServer) -> None:
    lease, other = (RedisLease(server.place(), who, LONG_MS) for who in ("a", "b"))
    journals = {who: RedisJournal(server.place(), who) for who in ("", "a", "b")}

    def refused(who: str) -> None:
        last = journals[who].last_number()
        with pytest.raises(AppendRefused, match="another node decides"):
            journals[who].append(last, [b"x"])

    with pytest.raises(JournalError, match="nobody has the lease") as free:
        journals["a"].append(0, [b"x"])
    assert not isinstance(free.value, AppendRefused), "it may be taken again, and then it is well"
    journals[""].append(0, [b"1"])
    assert lease.take()
    journals["a"].append(1, [b"2"])
    refused("b")
    refused("")
    assert lease.give(to="b")
    refused("a")
    journals["b"].append(2, [b"3"])
    assert [record.data for record in journals["a"].read(0)] == [b"1", b"2", b"3"]
    for held in (lease, other):
        held.close()
    for journal in journals.values():
        journal.close()


def test_a_server_that_is_gone_is_told(server: RedisServer) -> None:
    lease = RedisLease(server.place(), "a", LONG_MS)
    assert lease.take()
    server.kill()
    for ask in (lease.take, lease.give, lease.held_by):
        with pytest.raises(JournalError, match="lease"):
            ask()
    server.start()
    assert lease.take()
    lease.close()
