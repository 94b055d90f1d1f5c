"""The core with the variety of a nation: 21 regions, 12 services, 5 languages, 300 skill sets.

Two thousand agents are always busy and so many callers always wait (`core_country`); besides,
what a waiting contact takes of memory, and how long it takes until 400 agents who become ready
one after another all have a contact.
"""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from dataclasses import replace
from typing import Final

from benchmarks.core_country import CONFIG, SEED, STEP_MS, Country, Shape, steady
from benchmarks.figures import Goal, Section, table
from queue_engine.config.load import load_all
from queue_engine.core import commands as cmd
from routing.policy import Policy
from routing.vocabulary import NotReadyReason, Requirement, Skill, SkillLevel

AGENTS: Final = 2_000
PROFILES: Final = 300
PLAN: Final = {100: 3_000, 10_000: 3_000, 100_000: 3_000}
"""Callers waiting -> calls that are timed."""
CALLS_PER_S_MIN: Final = 8_000
COST_GROWTH_MAX: Final = 2.0
P99_US_MAX: Final = 1_000
BYTES_MAX: Final = 2_048
"""Of one waiting contact."""
BURST_WAITING: Final = 5_000
BURST_AGENTS: Final = 400
SERVICES: Final = (
    "advice",
    "child",
    "maternity",
    "physio",
    "admin",
    "psychiatry",
    "medicines",
    "dental",
    "eye",
    "vaccination",
    "elderly",
    "travel",
)
LANGUAGES: Final = ("sv", "en", "ar", "so", "fa")
_ADVICE_SHARE: Final = 0.70
"""Of all callers; the other services have like shares of the rest."""
_SWEDISH_SHARE: Final = 0.90


def nation() -> Shape:
    """Everybody speaks Swedish; each agent has one to four services, some of them well."""
    draws = random.Random(SEED)
    profiles: dict[tuple[SkillLevel, ...], None] = {}
    while len(profiles) < PROFILES:
        services = ["advice"] if draws.random() < 0.8 else []
        services += [name for name in SERVICES[1:] if draws.random() < 0.15]
        languages = ["sv", *(name for name in LANGUAGES[1:] if draws.random() < 0.2)]
        levels = [SkillLevel(Skill(name), 1 + int(draws.random() * 3)) for name in services]
        if services:
            profiles[(*levels, *(SkillLevel(Skill(name)) for name in languages))] = None
    needs: list[tuple[float, tuple[Requirement, ...]]] = []
    share = 0.0
    for service in SERVICES:
        of_service = _ADVICE_SHARE if service == "advice" else 0.3 / (len(SERVICES) - 1)
        for language in LANGUAGES:
            of_language = _SWEDISH_SHARE if language == "sv" else 0.1 / (len(LANGUAGES) - 1)
            share += of_service * of_language
            needs.append((share, (Requirement(Skill(service)), Requirement(Skill(language)))))
    needs[-1] = 1.01, needs[-1][1]
    return Shape(AGENTS, tuple(profiles), tuple(needs))


def measure(plan: dict[int, int] | None = None) -> Section:
    """Each number of waiting callers in turn, then the burst."""
    plan = plan or PLAN
    policy = replace(load_all(CONFIG).policy, wrap_up_ms_max=0)
    shape = nation()
    rates: list[float] = []
    rows: list[list[str]] = []
    for held, calls in plan.items():
        country = Country(policy, shape)
        country.fill(held, STEP_MS)
        rate, micros = steady(country, calls)
        rates.append(rate)
        rows.append([f"{held:,}", f"{rate:,.0f}", *micros])
    p99_us = max(float(row[3].replace(",", "")) for row in rows)
    total_ms, longest_ms = _burst(policy, shape)
    bytes_each = _bytes_each(policy, shape)
    head = ("waiting", "calls/s", "p50 µs", "p99 µs", "p99.9 µs", "longest µs")
    text = (
        f"{AGENTS:,} agents with {PROFILES} skill sets in {len(policy.regions)} regions,"
        f" {len(SERVICES)} services, {len(LANGUAGES)} languages; seed {SEED}. Calls per second of"
        " processor time; times of one command by the clock on the wall, other processes"
        " included.\n\n"
        f"{table(head, rows)}\n\n"
        f"{BURST_AGENTS} agents become ready one after another with {BURST_WAITING:,} waiting:"
        f" all ring after {total_ms:.0f} ms, the longest command takes {longest_ms:.1f} ms."
        f"\n\nA waiting contact takes {bytes_each:,.0f} bytes, by what Python has allocated before"
        f" and after {BURST_WAITING:,} came."
    )
    fewest, most = min(plan), max(plan)
    growth = rates[0] / rates[-1]
    return Section(
        "The core with a nation's variety",
        text,
        (
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
            Goal("p99 of a command under 1 ms", f"{p99_us:,.0f} µs", p99_us < P99_US_MAX),
            Goal(
                "a waiting contact takes under 2 KiB",
                f"{bytes_each:,.0f} bytes",
                bytes_each < BYTES_MAX,
            ),
        ),
    )


def _burst(policy: Policy, shape: Shape) -> tuple[float, float]:
    """Milliseconds until all agents of the burst ring, and of the longest command."""
    country = Country(policy, shape)
    resting = list(country.engine.state.agents)[:BURST_AGENTS]
    for agent_id in resting:
        country.do(cmd.SetAgentNotReady(agent_id, NotReadyReason.MEETING))
    country.fill(BURST_WAITING, STEP_MS)
    country.seconds.clear()
    began = time.perf_counter()
    for agent_id in resting:
        country.do(cmd.SetAgentReady(agent_id))
    return 1e3 * (time.perf_counter() - began), 1e3 * max(country.seconds)


def _bytes_each(policy: Policy, shape: Shape) -> float:
    """What each of those who come when all agents are busy takes of memory."""
    country = Country(policy, shape)
    country.fill(0, STEP_MS)
    state = country.engine.state
    gc.collect()
    tracemalloc.start()
    try:
        waiting = len(state.waiting)
        country.wait(BURST_WAITING, STEP_MS)
        country.seconds.clear()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / (len(state.waiting) - waiting)
    finally:
        tracemalloc.stop()
