"""The section `redis` of `samko.yaml`: each fault is told with its line and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.problems import ConfigError
from queue_engine.config.redis_file import RedisSettings
from queue_engine.serve.journal import place_of
from tests.config.test_engine_file import read

FULL = """\
redis:
  host: redis.example
  port: 6380
  database: 2
  name: practice
  user: engine
  secret_env: FIRST
  ca_file: redis-ca.pem
"""


def settings_of(country: Path, text: str) -> RedisSettings:
    problems, settings = read(country, text)
    assert problems == []
    assert settings.redis is not None
    return settings.redis


def test_every_value_is_read(country: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST", "hidden")
    (country / "redis-ca.pem").touch()
    place = place_of(settings_of(country, FULL))
    assert (place.host, place.port, place.database) == ("redis.example", 6380, 2)
    assert (place.name, place.user, place.password) == ("practice", "engine", "hidden")
    assert place.ca_file == Path("config/redis-ca.pem")
    assert "hidden" not in f"{place}{place!r}"


def test_what_is_left_out_is_on_this_machine(country: Path) -> None:
    place = place_of(settings_of(country, "redis: {}\n"))
    assert (place.host, place.port, place.database, place.name) == ("127.0.0.1", 6379, 0, "samko")
    assert (place.user, place.password, place.ca_file) == ("", "", None)


@pytest.mark.parametrize("text", ["redis: ~\n", "journal: other.sqlite\n"])
def test_without_it_the_journal_is_a_file(country: Path, text: str) -> None:
    problems, settings = read(country, text)
    assert (problems, settings.redis) == ([], None)


SENTINELS = """\
redis:
  sentinels:
    addresses: ["s1.example:26379", "192.0.2.7:26379"]
    service: national
    user: asker
    secret_env: SECOND
  replicas: 1
"""
CLUSTER = 'redis:\n  cluster: ["r1.example:6379", "r2.example:6380"]\n'


def test_sentinels_or_a_cluster_tell_where_it_is(
    country: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOND", "hidden")
    place = place_of(settings_of(country, SENTINELS))
    assert place.sentinels is not None
    assert place.sentinels.addresses == (("s1.example", 26379), ("192.0.2.7", 26379))
    assert (place.sentinels.service, place.replicas) == ("national", 1)
    assert (place.sentinels.user, place.sentinels.password) == ("asker", "hidden")
    assert str(place) == ("samko in Redis national of sentinels s1.example:26379, 192.0.2.7:26379")
    assert "hidden" not in f"{place}{place!r}"
    place = place_of(settings_of(country, CLUSTER))
    assert place.cluster == (("r1.example", 6379), ("r2.example", 6380))
    assert str(place) == "samko in Redis cluster r1.example:6379, r2.example:6380"


PLACE = "expected a host and its port such as redis1.example:6379"
WRONG_PLACES = [
    (SENTINELS, "192.0.2.7:26379", "192.0.2.7", 3, f"redis.sentinels.addresses[1]: {PLACE}, found"),
    (SENTINELS, "192.0.2.7:26379", "192.0.2.7:99999", 3, f"redis.sentinels.addresses[1]: {PLACE}"),
    (SENTINELS, "service: national", "", 2, 'redis.sentinels: the key "service" is missing'),
    (SENTINELS, "[", "[] # ", 3, "redis.sentinels.addresses: expected 1 to 20 addresses, found 0"),
    (SENTINELS, "  replicas", "  port: 6\n  replicas", 7, "redis.port: expected either host and"),
    (SENTINELS, "replicas: 1", "replicas: all", 7, "redis.replicas: expected a whole number from"),
    (CLUSTER, "\n  ", "\n  database: 1\n  ", 2, "redis.database: expected none: a cluster has but"),
    (CLUSTER, "r2.example:6380", ":6380", 2, f"redis.cluster[1]: {PLACE}, found"),
    (
        CLUSTER,
        "\n  ",
        '\n  sentinels: {addresses: ["s:1"], service: a}\n  ',
        3,
        "redis.cluster: expected either sentinels or cluster",
    ),
]


@pytest.mark.parametrize(("text", "good", "bad", "line", "message"), WRONG_PLACES)
def test_each_fault_of_where_it_is_is_told_once(
    country: Path, text: str, good: str, bad: str, line: int, message: str
) -> None:
    problems, _ = read(country, text.replace(good, bad, 1))
    (only,) = problems
    assert only.startswith(f"config/samko.yaml:{line}: {message}")


WRONG = [
    ("redis.example", '"a b"', 2, 'redis.host: expected a host\'s name or address, found "a b"'),
    ("6380", "0", 3, "redis.port: expected a whole number from 1 to 65535, found"),
    ("6380", "[1]", 3, "redis.port: expected a whole number from 1 to 65535, found"),
    ("database: 2", "database: -1", 4, "redis.database: expected a whole number from 0 to 1000"),
    ("practice", '"{x}"', 5, 'redis.name: expected a name such as samko, found "{x}"'),
    ("engine", '"a\\r\\nb"', 6, "redis.user: expected a Redis user's name, found"),
    ("FIRST", "my password", 7, "redis.secret_env: expected a variable's name such as SAMKO_AMI_"),
    ("secret_env: FIRST", "secret: pw", 7, "redis.secret: a secret does not belong here; use secr"),
    (
        "  ca_file:",
        "  secret_file: x\n  ca_file:",
        7,
        "redis.secret_env: expected either secret_file or secret_env",
    ),
    ("ca_file: redis-ca.pem", "ca_file: [x]", 8, "redis.ca_file: expected a text of at most 1000"),
    ("host: ", "hots: ", 2, 'redis: unknown key "hots"; did you mean "host"?'),
    ("redis:\n", "journal: j.sqlite\nredis:\n", 2, "redis: expected either journal, a file, or re"),
]


@pytest.mark.parametrize(("good", "bad", "line", "message"), WRONG)
def test_each_fault_is_told_once_at_its_line(
    country: Path, good: str, bad: str, line: int, message: str
) -> None:
    problems, _ = read(country, FULL.replace(good, bad, 1))
    (only,) = problems
    assert only.startswith(f"config/samko.yaml:{line}: {message}")
    assert "my password" not in only


def test_a_section_that_is_none_is_told(country: Path) -> None:
    problems, _ = read(country, "redis: redis.example:6379\n")
    (only,) = problems
    assert only.startswith("config/samko.yaml:1: redis: expected")


SECRETS = [
    ("secret_env: NOT_SET", None, "the environment variable NOT_SET is not set"),
    ("secret_file: pw", None, "config/pw cannot be read: No such file or directory"),
    ("secret_file: pw", 0o644, "config/pw can be read by everybody; chmod 640 it"),
]


def test_certificates_that_are_not_there_are_told_when_they_are_needed(country: Path) -> None:
    settings = settings_of(country, "redis:\n  ca_file: no.pem\n")
    with pytest.raises(ConfigError) as caught:
        place_of(settings)
    message = "config/no.pem cannot be read: No such file or directory"
    assert str(caught.value) == f"config/samko.yaml:2: redis.ca_file: {message}"


@pytest.mark.parametrize(("said", "mode", "message"), SECRETS)
def test_a_password_that_is_not_to_be_had_is_told_when_it_is_needed(
    country: Path, said: str, mode: int | None, message: str
) -> None:
    settings = settings_of(country, f"redis:\n  {said}\n")
    if mode is not None:
        (country / "pw").write_text("hidden")
        (country / "pw").chmod(mode)
    with pytest.raises(ConfigError) as caught:
        place_of(settings)
    key = said.partition(":")[0]
    assert str(caught.value) == f"config/samko.yaml:2: redis.{key}: {message}"
