"""Complete calls through the core alone: no journal, no telephony, no clock but our own.

A thousand agents in all regions of the shipped configuration are always busy, and so many callers
always wait. One call is five commands: a caller gets his place, waits, is connected when an agent
becomes free, the agent hangs up (and is done with her wrap-up at once), and he is gone; meanwhile
time passes. A call comes every 600 ms of the engine's clock, which is what a thousand agents can
do at ten minutes a contact; so came those who wait, and so fall their deadlines due.

Apart from that: how long single commands take that concern all who wait at once.
"""

from __future__ import annotations

import random
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from benchmarks.figures import Goal, Section, quantile, table
from queue_engine.config.load import load_all
from queue_engine.core import commands as cmd
from queue_engine.core.contact import ContactState
from queue_engine.core.engine import Engine
from queue_engine.core.events import ContactOffered
from queue_engine.core.policy_codec import write_policy
from routing.policy import Policy
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
)

AGENTS: Final = 1_000
SEED: Final = 1177
PLAN: Final = {100: 3_000, 10_000: 3_000, 100_000: 3_000}
"""Callers waiting -> calls that are timed."""
CALLS_PER_S_MIN: Final = 8_000
COST_GROWTH_MAX: Final = 2.0
STEP_MS: Final = 600
START_MS: Final = 1_795_282_147_000
_ROOT: Final = Path(__file__).resolve().parents[1]
_LINK: Final = LinkId("ast1")
_PRIORITIES: Final = (
    (0.01, Priority.EMERGENCY),
    (0.11, Priority.URGENT),
    (0.31, Priority.RAISED),
    (0.91, Priority.STANDARD),
    (1.01, Priority.NON_MEDICAL),
)
_Drawn = TypeVar("_Drawn", bound=str)
_LANGUAGES: Final = ((0.90, "sv"), (0.96, "en"), (1.01, "ar"))


class Caller(NamedTuple):
    """What is said of one who rings: that he has been through the menu, and then that he waits."""

    enqueue: cmd.EnqueueContact
    seen: cmd.ReportCallerWaiting


class Country:
    """An engine with all its agents at work, and the callers of a seed."""

    def __init__(self, policy: Policy) -> None:
        self.engine = Engine()
        self.now_ms = START_MS
        self.ringing: deque[ContactOffered] = deque()
        self.seconds: list[float] = []
        """What each command took by the clock on the wall, since the list was last emptied."""
        self._regions = [region.code for region in policy.regions]
        self._random = random.Random(SEED)
        self._callers = 0
        self._phones: dict[ContactId, PhoneId] = {}
        self._do(cmd.LoadPolicy(write_policy(policy)))
        self._do(cmd.ReportSwitch(_LINK, self.now_ms, ()))
        for number in range(AGENTS):
            self._agent(number)

    def caller(self, at_ms: int, least: float = 0.0) -> Caller:
        """One more caller, of a priority drawn from `least` on: above 0.01 no emergency."""
        number, self._callers = self._callers, self._callers + 1
        contact_id = ContactId(f"ast1-{START_MS // 1000}.{number}")
        language = _drawn(_LANGUAGES, self._random.random())
        enqueue = cmd.EnqueueContact(
            contact_id=contact_id,
            link_id=_LINK,
            line_id=LineId("national"),
            arrived_ms=at_ms,
            priority=_drawn(_PRIORITIES, least + (1 - least) * self._random.random()),
            needs=(Requirement(Skill("advice"), 9), Requirement(Skill(language), 9)),
            home_region=self._region(),
            home_region_source=HomeRegionSource.NETWORK,
            language=language,
        )
        seen = cmd.SeenCaller(contact_id, cmd.CallerPlace.WAITING, at_ms)
        return Caller(enqueue, cmd.ReportCallerWaiting(_LINK, seen))

    def arrive(self, caller: Caller) -> None:
        """He gets his place and waits."""
        self._do(caller.enqueue)
        self._do(caller.seen)

    def answer_all(self) -> None:
        """Whoever rings is answered."""
        while self.ringing:
            offered = self.ringing.popleft()
            self._phones[offered.contact_id] = offered.phone_id
            connected = cmd.ReportConnected(
                offered.contact_id, _LINK, offered.phone_id, offered.offer
            )
            self._do(connected)

    def talk_ends(self) -> None:
        """The agent whose talk is the oldest hangs up, and her caller is gone."""
        contact_id = next(iter(self._phones))
        self._do(cmd.ReportTalkEnded(contact_id, self._phones.pop(contact_id)))
        self._do(cmd.ReportCallerGone(contact_id))

    def fill(self, held: int, step_ms: int) -> None:
        """All agents talk and so many callers wait, none of them an emergency: it would not."""
        for _ in range(AGENTS + held):
            self.arrive(self.caller(self.now_ms, least=0.01))
            self.answer_all()
            self.now_ms += step_ms

    def time_of(self, command: cmd.Command) -> float:
        """Milliseconds that this command takes."""
        self._do(command)
        return 1e3 * self.seconds[-1]

    def _agent(self, number: int) -> None:
        agent_id = AgentId(f"n{number}")
        languages = ["sv", "en"] if number % 3 else ["sv", "en", "ar"]
        skills = tuple(SkillLevel(Skill(skill)) for skill in ("advice", *languages))
        region = self._regions[number % len(self._regions)]
        self._do(cmd.SignOnAgent(agent_id, _LINK, PhoneId(f"p{number}"), region, skills))
        self._do(cmd.SetAgentReady(agent_id))

    def _region(self) -> RegionCode:
        return self._regions[int(self._random.random() * len(self._regions))]

    def _do(self, command: cmd.Command) -> None:
        began = time.perf_counter()
        passed = self.engine.pass_time(self.now_ms)
        done = self.engine.handle(command, self.now_ms)
        self.seconds.append(time.perf_counter() - began)
        for record in (passed, done):
            if record is not None:
                self.ringing += [e for e in record.events if isinstance(e, ContactOffered)]


def measure(plan: dict[int, int] | None = None) -> Section:
    """Each number of waiting callers in turn."""
    plan = plan or PLAN
    policy = replace(load_all(_ROOT / "config").policy, wrap_up_ms_max=0)
    rates: list[float] = []
    rows: list[list[str]] = []
    for held, calls in plan.items():
        rate, row = _steady(policy, held, calls)
        rates.append(rate)
        rows.append(row)
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


def _steady(policy: Policy, held: int, calls: int) -> tuple[float, list[str]]:
    """Calls per second of processor time, and the row of the table."""
    country = Country(policy)
    began = time.process_time()
    country.fill(held, STEP_MS)
    fill_rate = (AGENTS + held) / (time.process_time() - began)
    country.seconds.clear()
    callers = [country.caller(country.now_ms + number * STEP_MS) for number in range(calls)]
    began = time.process_time()
    for caller in callers:
        country.arrive(caller)
        country.talk_ends()
        country.answer_all()
        country.now_ms += STEP_MS
    rate = calls / (time.process_time() - began)
    micros = [1e6 * seconds for seconds in country.seconds]
    quantiles = (quantile(micros, q) for q in (0.5, 0.99, 0.999, 1.0))
    return rate, [f"{held:,}", *(f"{cell:,.0f}" for cell in (rate, *quantiles, fill_rate))]


def _all_at_once(policy: Policy, held: int) -> dict[str, float]:
    """Commands that concern everybody who waits, and how many milliseconds each takes."""
    country = Country(policy)
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
        "the switch is lost": country.time_of(cmd.ReportLinkLost(_LINK)),
    }
    callers = tuple(
        cmd.SeenCaller(row.contact_id, cmd.CallerPlace.WAITING, row.arrived_ms)
        for row in country.engine.state.living_contacts()
        if row.state is ContactState.WAITING
    )
    seen = cmd.ReportSwitch(_LINK, START_MS, callers)
    return {**times, "the switch is back": country.time_of(seen)}


def _drawn(shares: tuple[tuple[float, _Drawn], ...], at: float) -> _Drawn:
    """The first whose running share is above `at`."""
    return next(value for share, value in shares if at < share)
