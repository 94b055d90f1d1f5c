"""Who may sign on: the file's faults, and PINs that are checked alike for everybody."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import pytest
from argon2 import PasswordHasher

from queue_engine.config.source import Faults
from queue_engine.config.staff_file import StaffDirectory, StaffFile, hash_pin, read_staff
from routing.vocabulary import AgentId, PhoneId, RegionCode, Skill, SkillLevel, UnitId

FULL = """\
agents:
  - id: n1401
    number: "0140"
    pin_hash: "{pin_hash}"
    region: "14"
    unit: hamnen
    skills: {{advice: 1, sv: 9}}
    phone: nurse1
  - id: n2201
    number: "2201"
    pin_hash: "{pin_hash}"
    region: "22"
    skills: {{advice: 2}}
"""


def read(country: Path, text: str) -> tuple[list[str], StaffFile]:
    (country / "staff.yaml").write_text(text, encoding="utf-8")
    faults = Faults()
    file = read_staff(faults, country)
    return [str(problem) for problem in faults.problems()], file


@pytest.fixture
def staff(country: Path, pin_hash: str) -> StaffDirectory:
    problems, file = read(country, FULL.format(pin_hash=pin_hash))
    assert problems == []
    return file.staff


def test_every_value_is_read(staff: StaffDirectory) -> None:
    profile = staff.profile(AgentId("n1401"))
    assert profile is not None
    assert (profile.agent_number, profile.region) == ("0140", RegionCode("14"))
    assert (profile.unit, profile.phone_id) == (UnitId("hamnen"), PhoneId("nurse1"))
    assert profile.skills == (SkillLevel(Skill("advice"), 1), SkillLevel(Skill("sv"), 9))
    assert "argon2" not in repr(profile)
    other = staff.profile(AgentId("n2201"))
    assert other is not None
    assert (other.unit, other.phone_id) == (None, None)
    assert [agent.agent_id for agent in staff] == ["n1401", "n2201"]
    assert len(staff) == 2
    assert staff.profile(AgentId("nobody")) is None


def test_number_and_pin_together_let_an_agent_in(staff: StaffDirectory) -> None:
    assert staff.authenticate("0140", "1234") == staff.profile(AgentId("n1401"))
    for number, pin in (
        ("0140", "1235"),
        ("0140", ""),
        ("140", "1234"),
        ("9999", "1234"),
        ("9999", "0000"),
        ("", ""),
        ("n1401", "1234"),
        ("0140", "1234" * 1_000),
        ("0140", "1234\x00"),
        ("0140", "ett två"),
    ):
        assert staff.authenticate(number, pin) is None, (number, pin)


def test_a_number_that_nobody_has_takes_as_long_as_a_wrong_pin(staff: StaffDirectory) -> None:
    def seconds(number: str) -> float:
        started = time.thread_time()
        assert staff.authenticate(number, "4321") is None
        return time.thread_time() - started

    rounds = [(seconds("0140"), seconds("9999")) for _ in range(9)]
    wrong, nobody = (median(column) for column in zip(*rounds, strict=True))
    assert wrong / 2 < nobody < wrong * 2
    assert wrong > 0.005


def test_a_hash_is_salted_and_only_of_a_pin(pin_hash: str) -> None:
    assert hash_pin("1234") != pin_hash
    for pin in ("", "123", "1" * 13, "12a4", "１２３４"):
        with pytest.raises(ValueError, match="4 to 12 digits"):
            hash_pin(pin)


WEAK_HASH = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(
    "1234", salt=b"always the same."
)
MADE = "expected a hash that hash_pin made (argon2id, v=19, m=19456, t=2, p=1), found something"
ENDLESS_HASH = f"$argon2id$v=19$m=19456,t=2,p={'1' * 50}"

WRONG = [
    ("id: n1401", "id: Eva", 2, "agents[0].id: expected a name of lower-case letters"),
    ("id: n2201", "id: n1401", 9, 'agents[1].id: the agent on line 2 has "n1401" already'),
    ('"2201"', '"0140"', 10, 'agents[1].number: the agent on line 3 has "0140" already'),
    ('"0140"', '"123456789"', 3, 'agents[0].number: expected 1 to 8 digits, found "123456789"'),
    ('"{pin_hash}"', '"1234"', 4, f"agents[0].pin_hash: {MADE}"),
    ('"{pin_hash}"', f'"{WEAK_HASH}"', 4, f"agents[0].pin_hash: {MADE}"),
    ('"{pin_hash}"', f'"$argon2id${"a" * 60}"', 4, f"agents[0].pin_hash: {MADE}"),
    (
        '"{pin_hash}"',
        f'"{ENDLESS_HASH}"',
        4,
        f"agents[0].pin_hash: {MADE}",
    ),
    ('region: "14"', "region: west", 5, "agents[0].region: expected a region code of two"),
    ("sv: 9", "sv: 10", 7, "agents[0].skills.sv: expected a whole number from 1 to 9, found"),
    ("sv: 9", "SV: 9", 7, "agents[0].skills.SV: the key is not a name of lower-case letters"),
    ("{{advice: 2}}", "{{}}", 13, "agents[1].skills: expected 1 to 30 skills, found 0"),
    ("{{advice: 2}}", "[advice]", 13, "agents[1].skills: expected a mapping, found a list"),
    ("nurse1", "PJSIP/nurse1", 8, "agents[0].phone: expected the name of a phone's endpoint"),
]


@pytest.mark.parametrize(("good", "bad", "line", "message"), WRONG)
def test_each_fault_is_told_once_at_its_line(
    country: Path, pin_hash: str, good: str, bad: str, line: int, message: str
) -> None:
    problems, _ = read(country, FULL.replace(good, bad, 1).format(pin_hash=pin_hash))
    (only,) = problems
    assert only.startswith(f"config/staff.yaml:{line}: {message}")
    assert "argon2id$" not in only
