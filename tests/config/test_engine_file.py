"""`samko.yaml`: everything on this machine unless it says otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine.config.engine_file import (
    AgiSettings,
    EngineSettings,
    HttpSettings,
    read_settings,
)
from queue_engine.config.source import Faults

FULL = """\
var_dir: /srv/samko
journal: queue.sqlite
agi:
  host: 10.1.0.5
  port: 4574
  peers: [10.1.0.0/16, "::1"]
http:
  host: 10.1.0.6
  port: 8080
  hosts: [samko.example]
links:
  - id: ast1
    host: asterisk-1.example
    port: 5039
    user: engine
    secret_env: FIRST
  - id: ast2
    secret_file: ast2.secret
"""


def read(country: Path, text: str) -> tuple[list[str], EngineSettings]:
    (country / "samko.yaml").write_text(text, encoding="utf-8")
    faults = Faults()
    settings = read_settings(faults, country)
    return [str(problem) for problem in faults.problems()], settings


def test_every_value_is_read(country: Path) -> None:
    problems, settings = read(country, FULL)
    assert problems == []
    assert (settings.var_dir, settings.journal) == (
        Path("/srv/samko"),
        Path("/srv/samko/queue.sqlite"),
    )
    assert settings.agi == AgiSettings("10.1.0.5", 4574, ("10.1.0.0/16", "::1/128"))
    assert settings.http == HttpSettings("10.1.0.6", 8080, ("samko.example",))
    assert settings.token_file == Path("/srv/samko/http.token")
    first, second = settings.links
    assert (first.link_id, first.host, first.port, first.user) == (
        "ast1",
        "asterisk-1.example",
        5039,
        "engine",
    )
    assert (first.secret.file, first.secret.variable) == (None, "FIRST")
    assert (second.link_id, second.host, second.port, second.user) == (
        "ast2",
        "127.0.0.1",
        5038,
        "samko",
    )
    assert second.secret.file == Path("config/ast2.secret")
    assert settings.trunks == ()


def test_without_the_file_all_is_on_this_machine(country: Path) -> None:
    faults = Faults()
    settings = read_settings(faults, country)
    assert faults.problems() == []
    assert settings.var_dir == Path.cwd() / "var"
    assert settings.journal == Path.cwd() / "var/journal.sqlite"
    assert settings.agi == AgiSettings("127.0.0.1", 4573, ("127.0.0.1/32",))
    assert settings.http == HttpSettings("127.0.0.1", 1177, ())
    (link,) = settings.links
    assert (link.link_id, link.host, link.port, link.user) == ("ast1", "127.0.0.1", 5038, "samko")
    assert (link.secret.file, link.secret.variable) == (None, "SAMKO_AMI_SECRET")


def test_a_file_that_repeats_the_defaults_changes_nothing(country: Path) -> None:
    _, without = read(country, "links: ~\n")
    _, said = read(country, "agi: {port: 4573}\nlinks:\n  - id: ast1\n")
    assert without == said


WRONG = [
    ("host: 10.1.0.5", "host: localhost", 4, "agi.host: expected an IP address of this machine"),
    (
        '  peers: [10.1.0.0/16, "::1"]\n',
        "",
        4,
        "agi.host: other machines reach this address: say in peers which may",
    ),
    ("port: 4574", "port: 70000", 5, "agi.port: expected a whole number from 0 to 65535, found"),
    ("10.1.0.0/16", "10.1.0.0/99", 6, "agi.peers[0]: expected an IP address or network such as"),
    ("10.1.0.0/16", "[x]", 6, "agi.peers[0]: expected a text of at most 200 characters"),
    ("  - id: ast1\n    host:", "  - host:", 12, 'links[0]: the key "id" is missing'),
    ("id: ast1", "id: ast-1", 12, "links[0].id: expected an Asterisk's systemname (letters, dig"),
    ("id: ast2", "id: ast1", 17, 'links[1].id: there is a link "ast1" already'),
    ("asterisk-1.example", '"a b"', 13, "links[0].host: expected a host's name or address, found"),
    ("port: 5039", "port: 0", 14, "links[0].port: expected a whole number from 1 to 65535, found"),
    ("user: engine", 'user: "a\\r\\nb"', 15, "links[0].user: expected an AMI user's name, found"),
    ("10.1.0.6", "everywhere", 8, "http.host: expected an IP address of this machine such as"),
    ("samko.example", '"a b"', 10, "http.hosts[0]: expected a host's name or address, found"),
    ("journal:", "jurnal:", 2, 'unknown key "jurnal"; did you mean "journal"?'),
]


@pytest.mark.parametrize(("good", "bad", "line", "message"), WRONG)
def test_each_fault_is_told_once_at_its_line(
    country: Path, good: str, bad: str, line: int, message: str
) -> None:
    problems, _ = read(country, FULL.replace(good, bad, 1))
    (only,) = problems
    assert only.startswith(f"config/samko.yaml:{line}: {message}")


def test_peers_are_bounded(country: Path) -> None:
    many = ", ".join(f"10.1.0.{number}" for number in range(101))
    assert read(country, f"agi: {{peers: [{many}]}}\n")[0] == [
        "config/samko.yaml:1: agi.peers: expected at most 100 peers, found 101"
    ]


def test_there_are_links_and_not_too_many(country: Path) -> None:
    assert read(country, "links: []\n")[0] == [
        "config/samko.yaml:1: links: expected 1 to 50 links, found 0"
    ]


JOINED = """\
links:
  - id: ast2
    trunks: [ast1]
  - id: ast1
    trunks: [ast2, ast3]
  - id: ast3
"""


def test_a_trunk_is_said_at_either_end_or_at_both(country: Path) -> None:
    problems, settings = read(country, JOINED)
    assert problems == []
    assert settings.trunks == (("ast1", "ast2"), ("ast1", "ast3"))
    assert settings == replace(settings, trunks=()), "it is in force without a restart"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("ast4", 'there is no such link; did you mean "ast3"?'),
        ("ast2", "a trunk leads to another link"),
        ("1 2", "expected the id of another link, found"),
    ],
)
def test_a_trunk_leads_to_another_link_of_the_file(country: Path, other: str, message: str) -> None:
    (only,), _ = read(country, JOINED.replace("[ast1]", f"[{other}]"))
    assert only.startswith(f"config/samko.yaml:3: links[0].trunks[0]: {message}")
