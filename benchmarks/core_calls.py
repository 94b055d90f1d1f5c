"""Complete calls through the core alone: no journal, no telephony, no clock but our own.

A thousand agents in all regions of the shipped configuration are always busy, and so many callers
always wait (`core_country`). Apart from that: how long single commands take that concern all who
wait at once.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from benchmarks.core_country import CONFIG, LINK, SEED, START_MS, STEP_MS, Country, Shape, steady
from benchmarks.figures import Goal, Section, table
from queue_engine.config.load import load_all
from queue_engine.core import commands as cmd
from queue_engine.core.contact import ContactState
from queue_engine.core.policy_codec import write_policy
from routing.policy import Policy
from routing.vocabulary import Priority, Requirement, Skill, SkillLevel

AGENTS: Final = 1_000
PLAN: Final = {100: 3_000, 10_000: 3_000, 100_000: 3_000}
"""Callers waiting -> calls that are timed."""
CALLS_PER_S_MIN: Final = 8_000
COST_GROWTH_MAX: Final = 2.0


def _skills(*names: str) -> tuple[SkillLevel, ...]:
    return tuple(SkillLevel(Skill(name)) for name in names)


def _needs(*names: str) -> tuple[Requirement, ...]:
    return tuple(Requirement(Skill(name)) for name in names)


SHAPE: Final = Shape(
    agents=AGENTS,
    profiles=(
        _skills("advice", "sv", "en", "ar"),
        _skills("advice", "sv", "en"),
        _skills("advice", "sv", "en"),
    ),
    needs=(
        (0.90, _needs("advice", "sv")),
        (0.96, _needs("advice", "en")),
        (1.01, _needs("advice", "ar")),
    ),
)


def measure(plan: dict[int, int] | None = None) -> Section:
    """Each number of waiting callers in turn."""
    plan = plan or PLAN
    policy = replace(load_all(CONFIG).policy, wrap_up_ms_max=0)
    rates: list[float] = []
    rows: list[list[str]] = []
    for held, calls in plan.items():
        country = Country(policy, SHAPE)
        began = time.process_time()
        country.fill(held, STEP_MS)
        filled = (AGENTS + held) / (time.process_time() - began)
        rate, micros = steady(country, calls)
        rates.append(rate)
        rows.append([f"{held:,}", f"{rate:,.0f}", *micros, f"{filled:,.0f}"])
    head = ("waiting", "calls/s", "p50 µs", "p99 µs", "p99.9 µs", "longest µs", "filled at calls/s")
    columns = [_all_at_once(policy, held) for held in plan]
    at_once = [
        [name, *(f"{column[name]:,.1f}" for column in columns)] for name in next(iter(columns))
    ]
    text = (
        f"{AGENTS:,} agents in {len(policy.regions)} regions, all busy; seed {SEED}. Calls per"
        " second of processor time, from the commands on; the times of one command,"
        " with the deadlines that were due, are by the clock on the wall, other processes"
        " included.\n\n"
        f"{table(head, rows)}\n\n"
        "One command that concerns all who wait, in milliseconds, by how many they are:\n\n"
        f"{table(('command', *(f'{held:,}' for held in plan)), at_once)}"
    )
    fewest, most = min(plan), max(plan)
    growth = rates[0] / rates[-1]
    goals = (
        Goal(
            f"{CALLS_PER_S_MIN:,} calls/s with {fewest:,} waiting",
            f"{rates[0]:,.0f}",
            rates[0] >= CALLS_PER_S_MIN,
        ),
        Goal(
            f"a call costs with {most:,} waiting at most {COST_GROWTH_MAX:.0f} times as much",
            f"{growth:.2f} times",
            growth <= COST_GROWTH_MAX,
        ),
    )
    return Section("The core alone", text, goals)


def _all_at_once(policy: Policy, held: int) -> dict[str, float]:
    """Commands that concern everybody who waits, and how many milliseconds each takes."""
    country = Country(policy, SHAPE)
    country.fill(held, step_ms=0)
    due_ms = {priority: rule.due_after_ms for priority, rule in policy.priorities}
    country.now_ms += due_ms[Priority.RAISED]
    country.time_of(cmd.PassTime())
    country.now_ms = START_MS + due_ms[Priority.STANDARD]
    newer = replace(policy, version="newer")
    times = {
        "most callers' moment to be shared comes": country.time_of(cmd.PassTime()),
        "a time window begins": country.time_of(cmd.SetWindow("night_22_07", True)),
        "a time window ends": country.time_of(cmd.SetWindow("night_22_07", False)),
        "rules are loaded": country.time_of(cmd.LoadPolicy(write_policy(newer))),
        "the switch is lost": country.time_of(cmd.ReportLinkLost(LINK)),
    }
    callers = tuple(
        cmd.SeenCaller(row.contact_id, cmd.CallerPlace.WAITING, row.arrived_ms)
        for row in country.engine.state.living_contacts()
        if row.state is ContactState.WAITING
    )
    seen = cmd.ReportSwitch(LINK, START_MS, callers)
    return {**times, "the switch is back": country.time_of(seen)}
