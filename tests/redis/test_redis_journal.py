"""What the journal in Redis promises beyond the contract: fences, repeats, losses, secrets."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis.stateful import rule, run_state_machine_as_test

from queue_engine.core.errors import AppendRefused, JournalCorrupt, JournalError
from queue_engine.journal.base import Snapshot
from queue_engine.journal.redis_journal import RedisJournal
from tests.journal.test_journal_properties import MODEST, JournalAsAList
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


def test_whatever_is_done_to_it_it_is_a_list(server: RedisServer) -> None:
    names = count()

    class RedisAsAList(JournalAsAList):
        """The same, with other clients in between."""

        def __init__(self) -> None:
            self.place = server.place(f"list_{next(names)}")
            super().__init__()

        def open(self) -> RedisJournal:
            return RedisJournal(self.place)

        @rule()
        def reopen(self) -> None:
            self.journal.close()
            self.journal = self.open()

    run_state_machine_as_test(RedisAsAList, settings=MODEST)


def test_a_journal_begins_once_and_is_known_again(server: RedisServer) -> None:
    first, second = RedisJournal(server.place()), RedisJournal(server.place())
    assert first.created
    assert not second.created
    assert first.incarnation == second.incarnation
    other = RedisJournal(server.place("practice"))
    assert other.created
    first.append(0, [b"a"])
    assert other.last_number() == 0, "another name is another journal"
    for journal in (first, second, other):
        journal.close()


def test_of_two_writers_the_one_who_is_behind_is_refused(
    server: RedisServer, journal: RedisJournal
) -> None:
    behind = RedisJournal(server.place())
    journal.append(0, [b"a", b"b"])
    with pytest.raises(AppendRefused, match="is 2"):
        behind.append(0, [b"c", b"d"])
    assert contents(journal) == [b"a", b"b"]
    behind.append(2, [b"c"])
    assert journal.last_number() == 3
    journal.append(3, [b"d"])
    assert contents(behind) == [b"a", b"b", b"c", b"d"]
    behind.close()


@pytest.mark.parametrize("batch", [[b"b"], [b"b", b"c", b"d"]])
def test_an_append_whose_answer_was_lost_is_made_once(
    server: RedisServer, batch: list[bytes]
) -> None:
    with Relay(server.port) as relay:
        journal = RedisJournal(replace(server.place(), port=relay.port))
        journal.append(0, [b"a"])
        relay.swallow_answers()
        with pytest.raises(JournalError) as lost:
            journal.append(1, batch)
        assert not isinstance(lost.value, AppendRefused)
        relay.pass_answers()
        journal.append(1, batch)
        journal.append(1 + len(batch), [b"next"])
        assert contents(journal) == [b"a", *batch, b"next"]
        with pytest.raises(AppendRefused):
            journal.append(1, [b"other"])
        journal.close()


def test_after_a_lost_answer_the_last_number_tells_what_became_of_it(server: RedisServer) -> None:
    with Relay(server.port) as relay:
        journal = RedisJournal(replace(server.place(), port=relay.port))
        relay.swallow_answers()
        with pytest.raises(JournalError):
            journal.append(0, [b"a"])
        relay.pass_answers()
        assert journal.last_number() == 1
        journal.append(1, [b"b"])
        assert contents(journal) == [b"a", b"b"]
        journal.close()


def test_what_was_appended_survives_the_servers_death(
    server: RedisServer, journal: RedisJournal
) -> None:
    journal.append(0, [b"a", b"b"])
    journal.save_snapshot(2, b"state")
    server.kill()
    with pytest.raises(JournalError) as gone:
        journal.append(2, [b"c"])
    assert not isinstance(gone.value, AppendRefused), "it may be tried again"
    server.start()
    journal.append(2, [b"c"])
    assert contents(journal) == [b"a", b"b", b"c"]
    assert journal.latest_snapshot() == Snapshot(2, b"state")


def test_a_torn_end_of_the_servers_file_loses_whole_appends_only(server: RedisServer) -> None:
    journal = RedisJournal(server.place())
    journal.append(0, [b"a"])
    journal.append(1, [b"b", b"c" * 1000])
    journal.close()
    server.kill()
    log = next(server.folder.glob("appendonlydir/*.incr.aof"))
    log.write_bytes(log.read_bytes()[:-500])
    server.start()
    again = RedisJournal(server.place())
    assert contents(again) == [b"a"]
    again.append(1, [b"d"])
    again.close()


def test_a_journal_that_another_began_anew_is_never_written_to(
    server: RedisServer, journal: RedisJournal
) -> None:
    journal.append(0, [b"a"])
    with server.client() as client:
        client.flushall()
    new = RedisJournal(server.place())
    assert new.created
    assert new.incarnation != journal.incarnation
    calls = (
        lambda: journal.append(1, [b"b"]),
        lambda: journal.append(0, [b"b"]),
        journal.last_number,
        lambda: journal.read(0),
        lambda: journal.save_snapshot(1, b"state"),
        lambda: journal.begin_anew(2, b"state", [b"b"]),
    )
    for call in calls:
        with pytest.raises(AppendRefused, match="begun anew"):
            call()
    assert contents(new) == []
    new.close()


def test_damage_is_found_at_its_record(server: RedisServer, journal: RedisJournal) -> None:
    journal.append(0, [b"%d" % number for number in range(1, 300)])
    key = server.place().key("journal")
    with server.client() as client:
        client.xdel(key, "200-0")
        reader = journal.read(0)
        with pytest.raises(JournalCorrupt, match="record 200 is damaged or missing"):
            list(reader)
        assert contents(journal, 201) == [b"%d" % number for number in range(202, 300)]
        with pytest.raises(JournalCorrupt, match="record 200 is missing"):
            contents(journal, 200)
        client.xadd(key, {"note": "by hand"}, id="300-0")
    with pytest.raises(JournalCorrupt, match="record 300"):
        contents(journal, 299)


@pytest.mark.parametrize("lost", [("incarnation",), ("incarnation", "journal")])
def test_what_is_left_without_the_journals_name_is_nobodys(
    server: RedisServer, lost: tuple[str, ...]
) -> None:
    journal = RedisJournal(server.place())
    journal.append(0, [b"a"])
    journal.save_snapshot(1, b"state")
    journal.close()
    with server.client() as client:
        client.delete(*map(server.place().key, lost))
    with pytest.raises(JournalCorrupt, match="has lost its name"):
        RedisJournal(server.place())


def test_a_damaged_snapshot_is_none(server: RedisServer, journal: RedisJournal) -> None:
    journal.append(0, [b"a"])
    journal.save_snapshot(1, b"state")
    with server.client() as client:
        client.hset(server.place().key("snapshot"), "data", b"stale")
    assert journal.latest_snapshot() is None
    journal.save_snapshot(1, b"state")
    assert journal.latest_snapshot() == Snapshot(1, b"state")


def test_a_full_server_refuses_and_takes_the_same_append_later(
    server: RedisServer, journal: RedisJournal
) -> None:
    journal.append(0, [b"a"])
    with server.client() as client:
        client.config_set("maxmemory", "1mb")
        with pytest.raises(JournalError, match=r"maxmemory") as full:
            journal.append(1, [b"b", b"c"])
        assert not isinstance(full.value, AppendRefused)
        client.config_set("maxmemory", "0")
    journal.append(1, [b"b", b"c"])
    assert contents(journal) == [b"a", b"b", b"c"]


def test_a_silent_server_is_given_up(server: RedisServer) -> None:
    with Relay(server.port) as relay:
        relay.swallow_answers()
        with pytest.raises(JournalError, match="cannot be opened"):
            RedisJournal(replace(server.place(), port=relay.port))


def test_user_password_and_certificate(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1")
    made = ("-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate))
    subprocess.run(("openssl", "req", "-x509", *made, *subject), check=True, capture_output=True)
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key))
    rights = "on >hidden ~{samko}:* +@all -@admin -@dangerous"
    with RedisServer(tmp_path, *files, "--tls-auth-clients", "no", has_tls=True) as server:
        with server.client() as client:
            client.execute_command("ACL", "SETUSER", "engine", *rights.split())
        place = replace(server.tls_place(certificate), user="engine", password="hidden")
        assert "hidden" not in repr(place)
        journal = RedisJournal(place)
        journal.append(0, [b"a"])
        assert contents(journal) == [b"a"]
        journal.close()
        wrong = (
            replace(place, password="wrong"),
            replace(place, ca_file=None),
            replace(place, name="other"),
        )
        for one in wrong:
            with pytest.raises(JournalError) as refused:
                RedisJournal(one)
            assert "hidden" not in str(refused.value)
