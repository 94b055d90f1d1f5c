"""Sentinels and a cluster that let in only whom they know, over TLS."""

from __future__ import annotations

import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine.core.errors import JournalError
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_place import RedisPlace, Sentinels
from tests.patience import until
from tests.ports import free_port
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

RIGHTS = "on >hidden ~{samko}:* +@all -@admin -@dangerous"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1")
    made = ("-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate))
    subprocess.run(("openssl", "req", "-x509", *made, *subject), check=True, capture_output=True)
    return certificate


def tls_of(certificate: Path) -> tuple[str, ...]:
    files = ("--tls-cert-file", str(certificate), "--tls-key-file")
    key = str(certificate.with_name("key.pem"))
    return (*files, key, "--tls-ca-cert-file", str(certificate), "--tls-auth-clients", "no")


def let_in(server: RedisServer, user: str, rights: str) -> None:
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", user, *rights.split())


def require_used(place: RedisPlace) -> None:
    assert "hidden" not in repr(place)
    with closing(RedisJournal(place)) as journal:
        journal.append(0, [b"a"])
        assert [record.data for record in journal.read(0)] == [b"a"]


def require_refused(place: RedisPlace) -> None:
    with pytest.raises(JournalError) as refused:
        RedisJournal(place)
    assert "hidden" not in str(refused.value)


def test_sentinels_and_their_redis_have_users_of_their_own(
    tmp_path: Path, certificate: Path
) -> None:
    tls = tls_of(certificate)
    own = tmp_path / "sentinel"
    own.mkdir()
    with RedisServer(tmp_path, *tls, has_tls=True) as server:
        let_in(server, "engine", RIGHTS)
        seen_at = server.tls_place(certificate).port
        sentinel = RedisServer(own, has_tls=True)
        port = sentinel.tls_place(certificate).port
        file = own / "sentinel.conf"
        file.write_text(f"sentinel monitor national 127.0.0.1 {seen_at} 1\n")
        sentinel.file = (str(file), "--sentinel")
        sentinel.options = ("--tls-port", str(port), "--tls-replication", "yes", *tls)
        with sentinel:
            let_in(sentinel, "asker", "on >hidden2 ~* +@all")
            told = Sentinels((("127.0.0.1", port),), "national", "asker", "hidden2")
            place = RedisPlace(
                user="engine", password="hidden", ca_file=certificate, sentinels=told
            )
            require_used(place)
            require_refused(replace(place, password="hidden2"))
            require_refused(replace(place, ca_file=None))
            require_refused(replace(place, sentinels=replace(told, password="hidden")))


def test_a_cluster_with_users_and_tls(tmp_path: Path, certificate: Path) -> None:
    options = (
        "--cluster-enabled",
        "yes",
        "--cluster-port",
        str(free_port()),
        "--tls-cluster",
        "yes",
        *tls_of(certificate),
    )
    with RedisServer(tmp_path, *options, has_tls=True) as server:
        let_in(server, "engine", RIGHTS)
        with server.client() as client:
            client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16_383)
            until(lambda: client.cluster("INFO")["cluster_state"] == "ok", "it has all slots")
        port = server.tls_place(certificate).port
        place = RedisPlace(
            user="engine", password="hidden", ca_file=certificate, cluster=(("127.0.0.1", port),)
        )
        require_used(place)
        require_refused(replace(place, password="wrong"))
        require_refused(replace(place, ca_file=None))
