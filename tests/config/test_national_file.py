"""`national.yaml`: every value lands where it should; each fault is told at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.national_file import National, read_national
from queue_engine.config.source import Faults
from queue_engine.runtime.windows import TimeWindow, WindowDays
from routing.callback_policy import CallbackPolicy
from routing.policy import (
    DEFAULT_PRIORITIES,
    AgentChoice,
    LossTolerance,
    Order,
    Policy,
    PriorityRule,
    ServiceTimes,
)
from routing.relaxing import RelaxRule
from routing.room_policy import RoomPolicy
from routing.strain_policy import StrainPolicy
from routing.vocabulary import Priority, Skill

FULL = """\
version: "7"
services: [advice, admin]
languages: [sv, ar]
interpreter_languages: [sv]
relax:
  - {name: less, skill: advice, after: 3 min, level: 5}
  - {name: other, skill: advice, after: 4 min, instead: [admin]}
order: strict
home_advantage: 5 min
priorities:
  emergency: {tier: 0, due_after: 0 s, answer_within: 30 s}
  urgent: {tier: 1, due_after: 1 min, answer_within: 1 min}
  raised: {tier: 2, due_after: 3 min, answer_within: 3 min}
  standard: {tier: 2, due_after: 8 min, answer_within: 8 min}
  non_medical: {tier: 3, due_after: 20 min, answer_within: 20 min,
    services: {admin: {due_after: 40 min, answer_within: 1 h}}}
emergency_alarm: 45 s
wrap_up_max: 4 min
preferred_wait: 90 s
strain: {unbroken_work_max: 2 h, emergencies_max: 3, rest: 4 min, others_max: 60 %, others_of: 9}
offers:
  ring: 21 s
  tried: 61 s
  no_answer_heals: 6 min
  failures_max: 4
  failures_window: 62 s
  not_before: 31 s
callbacks: {within: 90 min, dial: 30 s, retry_after: [2 min]}
windows:
  night_22_07: {days: every_day, from: "22:00", to: 07:00}
  day: {days: non_holiday_weekday, from: 07:00, to: 16:30}
loss_tolerance: {wait: 20 s, within_promise: 2.5 %}
rooms: {chats_max: 3, pressing_calls_on_chats: true}
agent_choice: most_idle_region
"""

ADMIN = ServiceTimes(Skill("admin"), 2_400_000, 3_600_000)
NON_MEDICAL = PriorityRule(3, 1_200_000, 1_200_000, (ADMIN,))


def read(country: Path, text: str) -> tuple[list[str], National, list[str]]:
    path = country / "national.yaml"
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    national = read_national(faults, path)
    return [str(p) for p in faults.problems()], national, [str(w) for w in faults.warnings]


def test_every_value_is_read(country: Path) -> None:
    problems, national, _ = read(country, FULL)
    assert problems == []
    assert national.policy == Policy(
        version="7",
        priorities=(*DEFAULT_PRIORITIES[:-1], (Priority.NON_MEDICAL, NON_MEDICAL)),
        services=(Skill("advice"), Skill("admin")),
        languages=(Skill("sv"), Skill("ar")),
        relax_rules=(
            RelaxRule("less", Skill("advice"), 180_000, level_max=5),
            RelaxRule("other", Skill("advice"), 240_000, instead=(Skill("admin"),)),
        ),
        interpreter_languages=(Skill("sv"),),
        order=Order.STRICT,
        agent_choice=AgentChoice.MOST_IDLE_REGION,
        home_advantage_ms=300_000,
        ring_ms=21_000,
        wrap_up_ms_max=240_000,
        preferred_wait_ms=90_000,
        loss_tolerance=LossTolerance(20_000, 25),
        strain=StrainPolicy(7_200_000, 3, 240_000, 600, 9),
        rooms=RoomPolicy(3, pressing_calls_on_chats=True),
        tried_ms=61_000,
        no_answer_heals_ms=360_000,
        failures_max=4,
        failures_window_ms=62_000,
        not_before_ms=31_000,
        emergency_alarm_ms=45_000,
        callbacks=CallbackPolicy(5_400_000, 30_000, (120_000,)),
    )
    assert national.windows == (
        TimeWindow("night_22_07", WindowDays.EVERY_DAY, 22 * 60, 7 * 60),
        TimeWindow("day", WindowDays.NON_HOLIDAY_WEEKDAY, 7 * 60, 16 * 60 + 30),
    )


def test_what_is_left_out_has_the_default_of_the_policy(country: Path) -> None:
    problems, national, warnings = read(country, (country / "national.yaml").read_text())
    assert (problems, warnings) == ([], [])
    assert national.policy == Policy(version="1", priorities=DEFAULT_PRIORITIES)


def test_no_wrap_up_is_a_choice(country: Path) -> None:
    problems, national, _ = read(country, FULL.replace("wrap_up_max: 4 min", "wrap_up_max: 0 s"))
    assert (problems, national.policy.wrap_up_ms_max) == ([], 0)


def test_minutes_of_home_advantage_are_warned_of(country: Path) -> None:
    _, _, warnings = read(country, FULL)
    assert warnings == [
        "config/national.yaml:9: home_advantage: minutes instead of always: a neighbour's backlog"
        " will make a region's own callers wait"
    ]
    _, national, warnings = read(country, FULL.replace("5 min", "always", 1))
    assert (national.policy.home_advantage_ms, warnings) == (None, [])


WRONG = [
    ('version: "7"', 'version: ""', 1, "version: expected a text of at most 64"),
    ("[advice, admin]", "[advice, Admin]", 2, "services[1]: expected a name of lower-case"),
    ("[advice, admin]", str([f"s{n}" for n in range(101)]), 2, "services: expected at most 100"),
    ("[sv, ar]", "[ar]", 3, 'languages: "sv" is missing: whoever presses nothing needs it'),
    (", level: 5}", "}", 6, 'relax[0]: a relax rule has either "level" or "instead"'),
    ("level: 5}", "level: 5, instead: [sv]}", 6, 'relax[0]: a relax rule has either "level" or'),
    ("level: 5}", "level: 10}", 6, "relax[0].level: expected a whole number from 1 to 9"),
    ("after: 3 min", "after: 0 s", 6, "relax[0].after: expected a time from 1 s to 168 h"),
    ("most_idle_region", "busiest", 34, "agent_choice: expected one of longest_idle, most_idle_"),
    ("order: strict", "order: dew", 8, "order: expected one of due, strict, fifo, found"),
    (
        "home_advantage: 5 min",
        "home_advantage: never",
        9,
        'home_advantage: expected "always" or a time such as "5 min", found "never"',
    ),
    ("1 h}", "0 h}", 16, "priorities.non_medical.services.admin.answer_within: expected a time"),
    ("{tier: 0, due", "{tier: first, due", 11, "priorities.emergency.tier: expected a whole"),
    ("  urgent: {", "  urgnt: {", 10, 'priorities: the key "urgent" is missing'),
    ("  urgent: {", "  urgnt: {", 12, 'priorities: unknown key "urgnt"; did you mean "urgent"?'),
    (
        "answer_within: 30 s",
        "answer_within: 0 s",
        11,
        'priorities.emergency.answer_within: expected a time from 1 s to 168 h, found "0 s"',
    ),
    ("ring: 21 s", "ring: 21", 22, 'offers.ring: expected a time such as "3 min", found "21"'),
    ("failures_max: 4", "failures_max: 0", 25, "offers.failures_max: expected a whole number"),
    ("tried:", "tired:", 23, 'offers: unknown key "tired"; did you mean "tried"?'),
    ("every_day", "evry_day", 30, "windows.night_22_07.days: expected one of every_day, non_ho"),
    ('"22:00"', '"25:00"', 30, 'windows.night_22_07.from: expected a time of day such as "07:00"'),
    ("  day:", "  Day:", 31, "windows.Day: the key is not a name of lower-case letters"),
]


@pytest.mark.parametrize(("good", "bad", "line", "message"), WRONG)
def test_each_fault_is_told_at_its_line(
    country: Path, good: str, bad: str, line: int, message: str
) -> None:
    problems, _, _ = read(country, FULL.replace(good, bad, 1))
    assert any(p.startswith(f"config/national.yaml:{line}: {message}") for p in problems), problems
