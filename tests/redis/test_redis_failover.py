"""A primary that fails, and the replica that goes on: nothing is lost that its writer remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from queue_engine.core.errors import AppendRefused, JournalError
from queue_engine.journal.degraded import Degradation, FallbackJournal
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import RedisLease
from queue_engine.journal.redis_nodes import NodeNote, RedisNodes
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.redis_reading import RedisReading
from tests.patience import until
from tests.ports import free_port
from tests.redis_places import Cluster, Watched
from tests.redis_relay import Relay
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with Watched(tmp_path) as watched:
        yield watched


T = TypeVar("T")


def answer_of(ask: Callable[[], T]) -> T:
    """What it says, asked again while sentinels doubt their primary, as an engine asks again.

    They doubt it after a second without an answer, which a busy machine may take to give one.
    """
    answers: list[T] = []

    def is_answered() -> bool:
        try:
            answers.append(ask())
        except JournalError:
            return False
        return True

    until(is_answered, "there is an answer")
    return answers[0]


def contents(place: RedisPlace) -> list[bytes]:
    def read() -> list[bytes]:
        with RedisReading(place) as reading:
            return [record.data for record in reading.read(0)]

    return answer_of(read)


def append_on(journal: RedisJournal, records: list[bytes]) -> None:
    """Appends them one by one, each again until it is taken."""
    for record in records:
        last: list[int] = []

        def is_taken(record: bytes = record, last: list[int] = last) -> bool:
            try:
                last[:] = last or [journal.last_number()]
                journal.append(last[0], [record])
            except AppendRefused:
                raise
            except JournalError:
                return False
            return True

        until(is_taken, "it is taken")


def lag(replica: RedisServer) -> None:
    """It gets nothing any more, and keeps what it has."""
    with replica.client() as client:
        client.replicaof("127.0.0.1", str(free_port()))


def test_the_replica_goes_on_while_its_writer_appends(watched: Watched) -> None:
    told: list[Degradation | None] = []
    lease = RedisLease(watched.place(), "a", 60_000)
    assert lease.take()
    journal = FallbackJournal(RedisJournal(watched.place(), "a"), told.append)
    for number in range(50):
        journal.append(number, [b"%d" % number])
    watched.primary.kill()
    for number in range(50, 100):
        journal.append(number, [b"%d" % number])
    assert journal.is_degraded, "it goes on in memory while there is none"
    watched.wait_for_promotion()
    until(journal.retry, "it is whole again")
    journal.append(100, [b"100"])
    assert contents(watched.place()) == [b"%d" % number for number in range(101)]
    assert answer_of(lease.take), "and the lease goes on as well"
    with closing(RedisNodes(watched.place())) as nodes:
        answer_of(lambda: nodes.note(NodeNote("a", "host", "1", 1, 101)))
        assert answer_of(nodes.picture).holder == "a"
    journal.close()
    lease.close()


def test_what_a_lagging_replica_lacks_it_is_given_again(watched: Watched) -> None:
    place = watched.place()
    lease, other = RedisLease(place, "a", 60_000), RedisLease(place, "b", 60_000)
    assert lease.take()
    journal = RedisJournal(place, "a")
    journal.append(0, [b"a", b"b"])
    with watched.replica.client() as client:
        until(lambda: client.xlen(place.key("journal")) == 2, "the replica has them")
    lag(watched.replica)
    journal.append(2, [b"c"])
    journal.append(3, [b"d", b"e"])
    watched.kill_primary()
    assert contents(place) == [b"a", b"b"], "it lagged"
    assert not answer_of(other.take), "whoever decided goes on"
    append_on(journal, [b"f"])
    everything = [b"a", b"b", b"c", b"d", b"e", b"f"]
    assert contents(place) == everything
    watched.primary.start()  # with what the others never had of it
    watched.primary.follow(watched.replica.port)  # as sentinels have it do, in ten seconds and more
    with watched.primary.client() as client:
        assert client.xlen(place.key("journal")) == 6, "it has what there is"
    append_on(journal, [b"g"])
    assert contents(place) == [*everything, b"g"]
    for each in (journal, lease, other):
        each.close()


def test_with_replicas_nothing_counts_that_a_replica_lacks(watched: Watched) -> None:
    place = watched.place(replicas=1)
    with closing(RedisJournal(place)) as journal:
        journal.append(0, [b"a"])
        lag(watched.replica)
        with pytest.raises(JournalError, match="0 of 1 replicas have it") as few:
            journal.append(1, [b"b"])
        assert not isinstance(few.value, AppendRefused)
        for again in (lambda: journal.append(1, [b"b"]), journal.last_number):
            with pytest.raises(JournalError, match="0 of 1 replicas have it"):
                again()
        watched.replica.follow(watched.primary.port)
        assert journal.last_number() == 2
        watched.kill_primary()
        assert contents(place) == [b"a", b"b"]


@pytest.mark.parametrize("guard", ["none", "min-replicas-to-write", "replicas"])
def test_a_primary_that_is_cut_off_is_not_gone_on_with_for_long(tmp_path: Path, guard: str) -> None:
    """Its writer, cut off with it, is the former decider: how much it writes there is bounded."""
    server = RedisServer(tmp_path)  # for its port alone: the primary's is not known yet
    with Relay(server.port) as relay:
        watched = Watched(tmp_path, seen_at=relay.port)
        watched.primary.port = server.port
        with watched:
            if guard == "min-replicas-to-write":
                with watched.primary.client() as client:  # the one replica could never go on alone
                    client.config_set("min-replicas-to-write", 1, "min-replicas-max-lag", 1)
            _go_on_where_cut_off(watched, relay, guard)


def _go_on_where_cut_off(watched: Watched, relay: Relay, guard: str) -> None:
    beside = replace(watched.primary.place(), replicas=int(guard == "replicas"))
    lease, other = RedisLease(beside, "a", 1_000), RedisLease(watched.place(), "b", 60_000)
    assert lease.take()
    former = RedisJournal(beside, "a")
    former.append(0, [b"a"])
    relay.cut()
    watched.wait_for_promotion()
    until(other.take, "the lease of the one that was cut off is over")
    later = answer_of(lambda: RedisJournal(watched.place(), "b"))
    append_on(later, [b"b", b"c"])
    if guard == "none":
        assert lease.take()
        former.append(1, [b"x"])  # two decide, each at its own Asterisk; see ARCHITECTURE.md
    else:

        def is_held_up() -> bool:
            try:
                lease.take()
                former.append(former.last_number(), [b"x"])
            except AppendRefused:
                raise
            except JournalError:
                return True
            return False

        until(is_held_up, "nothing more counts at the primary that is cut off")
    relay.heal()
    watched.primary.follow(watched.replica.port)  # as sentinels have it do, in ten seconds and more
    with pytest.raises(JournalError):
        former.append(former.last_number(), [b"y"])
    found = RedisLease(watched.place(), "a", 1_000)
    assert not answer_of(found.take), "the former decider finds that another decides"
    append_on(later, [b"d"])
    assert contents(watched.place()) == [b"a", b"b", b"c", b"d"]
    for each in (former, later, lease, other, found):
        each.close()


def test_sentinels_that_know_nothing_are_told(watched: Watched) -> None:
    told = watched.place().sentinels
    assert told is not None
    unknown = replace(watched.place(), sentinels=replace(told, service="other"))
    with pytest.raises(JournalError, match="where other is: they know no such service"):
        RedisJournal(unknown)
    for sentinel in watched.sentinels:
        sentinel.kill()
    with pytest.raises(JournalError, match="no sentinel tells where national is: "):
        RedisJournal(watched.place())


def test_a_slot_that_moves_is_followed(tmp_path: Path) -> None:
    with Cluster(tmp_path) as cluster:
        place = cluster.place()
        journal = RedisJournal(place)
        journal.append(0, [b"a", b"b"])
        cluster.move(place.key("journal"))
        append_on(journal, [b"c"])
        assert contents(place) == [b"a", b"b", b"c"]
        journal.close()
