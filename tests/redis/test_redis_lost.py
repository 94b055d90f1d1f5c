"""A journal in Redis that lacks what was written: its writer gives it again, or begins anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from queue_engine.core.errors import AppendRefused, JournalError, JournalLost
from queue_engine.journal.base import LeftForArchive, Snapshot
from queue_engine.journal.recent import RECORDS_MAX
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import RedisLease
from tests.redis_relay import Relay
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis


@pytest.fixture
def journal(server: RedisServer) -> Iterator[RedisJournal]:
    opened = RedisJournal(server.place())
    yield opened
    opened.close()


def contents(journal: RedisJournal, after: int = 0) -> list[bytes]:
    return [record.data for record in journal.read(after)]


def cut_short(server: RedisServer, after: int) -> None:
    """As a replica that lagged behind, or a file that lost its end: what follows is gone."""
    key = server.place().key("journal")
    with server.client() as client:
        rows = client.xrange(key, "-", f"{after}-0") if after else []
        client.delete(key)
        for entry, fields in rows:
            client.xadd(key, fields, id=entry)


def lose_all(server: RedisServer, how: str) -> None:
    """What is there is gone."""
    if how == "emptied":
        with server.client() as client:
            client.flushall()
        return
    server.kill()
    for path in server.folder.glob("appendonlydir/*"):
        path.unlink()
    server.start()


@pytest.mark.parametrize("after", [0, 1, 3, 4])
def test_what_was_lost_is_given_again_before_anything_is_written(
    server: RedisServer, journal: RedisJournal, after: int
) -> None:
    journal.append(0, [b"a"])
    journal.append(1, [b"b", b"c"])
    journal.append(3, [b"d", b"e"])
    cut_short(server, after)
    journal.append(5, [b"f"])
    again = RedisJournal(server.place())
    assert contents(again) == [b"a", b"b", b"c", b"d", b"e", b"f"]
    assert again.incarnation == journal.incarnation
    again.close()


def test_whoever_asks_for_its_end_gives_it_again_too(
    server: RedisServer, journal: RedisJournal
) -> None:
    journal.append(0, [b"a", b"b", b"c"])
    cut_short(server, 1)
    assert journal.last_number() == 3
    assert contents(journal) == [b"a", b"b", b"c"]


def test_other_records_in_their_place_are_not_written_over(
    server: RedisServer, journal: RedisJournal
) -> None:
    journal.append(0, [b"a", b"b", b"c"])
    cut_short(server, 1)
    other = RedisJournal(server.place())
    other.append(1, [b"x"])
    with pytest.raises(JournalLost, match="ends at record 2"):
        journal.append(3, [b"d"])
    other.append(2, [b"y", b"z"])
    with pytest.raises(AppendRefused, match="is 4"):
        journal.append(3, [b"d"])
    assert contents(other) == [b"a", b"x", b"y", b"z"]
    other.close()


@pytest.mark.parametrize("how", ["emptied", "without its file"])
def test_one_that_is_gone_is_begun_anew_with_state_and_latest_records(
    server: RedisServer, journal: RedisJournal, how: str
) -> None:
    journal.append(0, [b"a", b"b"])
    before = journal.incarnation
    lose_all(server, how)
    for call in (lambda: journal.append(2, [b"c"]), journal.last_number, lambda: journal.read(0)):
        with pytest.raises(JournalLost, match="was emptied"):
            call()
    journal.begin_anew(3, b"state", [b"c"])
    assert journal.incarnation != before
    assert contents(journal) == [b"a", b"b", b"c"]
    assert journal.latest_snapshot() == Snapshot(3, b"state")
    journal.append(3, [b"d"])
    again = RedisJournal(server.place())
    assert (again.incarnation, again.last_number()) == (journal.incarnation, 4)
    assert contents(again, 2) == [b"c", b"d"]
    again.close()


def test_one_that_lacks_more_than_is_remembered_begins_with_what_is(
    server: RedisServer, journal: RedisJournal
) -> None:
    many = [b"%d" % number for number in range(1, RECORDS_MAX + 101)]
    journal.append(0, many)
    cut_short(server, 50)
    with pytest.raises(JournalLost, match="ends at record 50, long before its end"):
        journal.append(len(many), [b"next"])
    journal.begin_anew(len(many) + 1, b"state", [b"next"])
    assert contents(journal, 101) == [*many[101:], b"next"]
    with pytest.raises(LeftForArchive):
        journal.read(100)
    assert journal.last_number() == len(many) + 1


def test_who_took_over_begins_it_with_the_last_record_alone(server: RedisServer) -> None:
    journal = RedisJournal(server.place())
    assert journal.created
    journal.begin_anew(700, b"state", [b"last"])
    assert journal.latest_snapshot() == Snapshot(700, b"state")
    assert (contents(journal, 700), journal.last_number()) == ([], 700)
    journal.append(700, [b"next"])
    assert contents(journal, 700) == [b"next"]
    journal.close()


def test_one_that_is_whole_is_not_begun_anew(server: RedisServer, journal: RedisJournal) -> None:
    journal.append(0, [b"a", b"b"])
    with pytest.raises(AppendRefused):
        journal.begin_anew(2, b"state", [b"x"])
    assert contents(journal) == [b"a", b"b"]
    assert journal.latest_snapshot() is None


def test_nor_is_one_that_has_all_but_what_is_in_memory(
    server: RedisServer, journal: RedisJournal
) -> None:
    """It was found lost, and is there again before it is begun: another Redis answers."""
    journal.append(0, [b"a", b"b"])
    with pytest.raises(AppendRefused, match="is 2"):
        journal.begin_anew(3, b"state", [b"c"], [b"d"])
    assert contents(journal) == [b"a", b"b"]
    assert journal.latest_snapshot() is None


def test_only_who_has_the_lease_begins_it_anew(server: RedisServer) -> None:
    lease, other = (RedisLease(server.place(), who, 60_000) for who in ("a", "b"))
    assert lease.take()
    journal = RedisJournal(server.place(), "a")
    journal.append(0, [b"a"])
    lose_all(server, "emptied")
    assert other.take()
    with pytest.raises(AppendRefused, match="another node decides"):
        journal.begin_anew(1, b"state", [b"a"])
    assert other.give()
    assert lease.take()
    journal.begin_anew(2, b"state", [b"b"])
    assert contents(journal) == [b"a", b"b"]
    journal.close()
    lease.close()
    other.close()


def test_while_nobody_has_the_lease_it_is_tried_again(server: RedisServer) -> None:
    lease = RedisLease(server.place(), "a", 60_000)
    assert lease.take()
    journal = RedisJournal(server.place(), "a")
    journal.append(0, [b"a"])
    lose_all(server, "emptied")
    with pytest.raises(JournalError, match="nobody has the lease") as refused:
        journal.begin_anew(2, b"state", [b"b"])
    assert not isinstance(refused.value, AppendRefused), "it may be taken again, as Redis lost it"
    assert lease.take()
    journal.begin_anew(2, b"state", [b"b"])
    assert contents(journal) == [b"a", b"b"]
    journal.close()
    lease.close()


def test_what_was_made_without_an_answer_is_given_again_as_well(server: RedisServer) -> None:
    with Relay(server.port) as relay:
        journal = RedisJournal(replace(server.place(), port=relay.port))
        journal.append(0, [b"a"])
        relay.swallow_answers()
        with pytest.raises(JournalError):
            journal.append(1, [b"b", b"c"])
        relay.pass_answers()
        assert journal.last_number() == 3
        cut_short(server, 1)
        journal.append(3, [b"d"])
        assert contents(journal) == [b"a", b"b", b"c", b"d"]
        journal.close()


@pytest.mark.parametrize("asks", [False, True])
def test_one_whose_beginning_was_not_confirmed_is_begun_once(
    server: RedisServer, asks: bool
) -> None:
    with Relay(server.port) as relay:
        journal = RedisJournal(replace(server.place(), port=relay.port))
        journal.append(0, [b"a", b"b"])
        lose_all(server, "emptied")
        relay.swallow_answers()
        with pytest.raises(JournalError) as lost:
            journal.begin_anew(3, b"state", [b"c"])
        assert not isinstance(lost.value, AppendRefused)
        relay.pass_answers()
        if asks:
            assert journal.last_number() == 3, "it was"
            journal.append(3, [b"d"])
        else:
            journal.begin_anew(4, b"later", [b"c", b"d"])
        assert contents(journal) == [b"a", b"b", b"c", b"d"]
        again = RedisJournal(server.place())
        assert (again.incarnation, again.last_number()) == (journal.incarnation, 4)
        assert again.latest_snapshot() == Snapshot(3, b"state")
        again.close()
        journal.close()
