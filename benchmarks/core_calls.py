"""Complete calls through the core alone: no journal, no telephony, no clock but our own.

A thousand agents in all regions of the shipped configuration are always busy, and so many callers
always wait. One call is five commands: a caller gets his place, waits, is connected when an agent
becomes free, and the agent hangs up; meanwhile time passes. A call comes every 600 ms of the
engine's clock, which is what a thousand agents can do at ten minutes a contact.
"""

from __future__ import annotations

import random
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from benchmarks.figures import Section, quantile, table
from queue_engine.config.load import load_all
from queue_engine.core import commands as cmd
from queue_engine.core.engine import Engine
from queue_engine.core.events import ContactOffered
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
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
PLAN: Final = {100: 1_500, 10_000: 500, 100_000: 100}
"""Callers waiting -> calls that are timed."""
STEP_MS: Final = 600
FILL_STEP_MS: Final = 2
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


class Country:
    """An engine with all its agents at work, and the callers of a seed."""

    def __init__(self, policy: Policy) -> None:
        self.engine = Engine()
        self.now_ms = START_MS
        self.ringing: deque[ContactOffered] = deque()
        self.seconds: list[float] = []
        """What each command took since the list was last emptied."""
        self._regions = [region.code for region in policy.regions]
        self._random = random.Random(SEED)
        self._callers = 0
        self._phones: dict[ContactId, PhoneId] = {}
        self._do(cmd.LoadPolicy(write_policy(policy)))
        self._do(cmd.ReportSwitch(_LINK, self.now_ms, ()))
        for number in range(AGENTS):
            self._agent(number)

    def arrive(self, least: float = 0.0) -> None:
        """One more caller, of a priority drawn from `least` on: above 0.01 no emergency."""
        number, self._callers = self._callers, self._callers + 1
        contact_id = ContactId(f"ast1-{START_MS // 1000}.{number}")
        language = _drawn(_LANGUAGES, self._random.random())
        self._do(
            cmd.EnqueueContact(
                contact_id=contact_id,
                link_id=_LINK,
                line_id=LineId("national"),
                arrived_ms=self.now_ms,
                priority=_drawn(_PRIORITIES, least + (1 - least) * self._random.random()),
                needs=(Requirement(Skill("advice"), 9), Requirement(Skill(language), 9)),
                home_region=self._region(),
                home_region_source=HomeRegionSource.NETWORK,
                language=language,
            )
        )
        caller = cmd.SeenCaller(contact_id, cmd.CallerPlace.WAITING, self.now_ms)
        self._do(cmd.ReportCallerWaiting(_LINK, caller))

    def talk_ends(self) -> None:
        """Whoever rings is answered, and the agent whose talk is the oldest hangs up."""
        while self.ringing:
            offered = self.ringing.popleft()
            self._phones[offered.contact_id] = offered.phone_id
            connected = cmd.ReportConnected(
                offered.contact_id, _LINK, offered.phone_id, offered.offer
            )
            self._do(connected)
        contact_id = next(iter(self._phones))
        self._do(cmd.ReportTalkEnded(contact_id, self._phones.pop(contact_id)))
        self._do(cmd.ReportCallerGone(contact_id))

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
        self._take(self.engine.pass_time(self.now_ms))
        self._take(self.engine.handle(command, self.now_ms))
        self.seconds.append(time.perf_counter() - began)

    def _take(self, record: Record | None) -> None:
        events = record.events if record is not None else ()
        self.ringing += [event for event in events if isinstance(event, ContactOffered)]


def measure(plan: dict[int, int] | None = None) -> Section:
    """Each number of waiting callers in turn."""
    policy = replace(load_all(_ROOT / "config").policy, wrap_up_ms_max=0)
    rows = [_row(policy, held, calls) for held, calls in (plan or PLAN).items()]
    head = ("waiting", "calls/s", "commands/s", "p50 µs", "p99 µs", "max µs", "filled at calls/s")
    text = (
        f"{AGENTS:,} agents in {len(policy.regions)} regions, all busy; seed {SEED}. Times are of"
        f" one command with the deadlines that were due.\n\n{table(head, rows)}"
    )
    return Section("The core alone", text)


def _row(policy: Policy, held: int, calls: int) -> list[str]:
    country = Country(policy)
    began = time.perf_counter()
    for _ in range(AGENTS + held):
        country.arrive(least=0.01)  # emergencies would never have been left waiting
        country.now_ms += FILL_STEP_MS
    fill_rate = (AGENTS + held) / (time.perf_counter() - began)
    country.seconds.clear()
    began = time.perf_counter()
    for _ in range(calls):
        country.arrive()
        country.talk_ends()
        country.now_ms += STEP_MS
    took_s = time.perf_counter() - began
    micros = [1e6 * seconds for seconds in country.seconds]
    cells = (calls / took_s, len(micros) / took_s, *(quantile(micros, q) for q in (0.5, 0.99, 1.0)))
    return [f"{held:,}", *(f"{cell:,.0f}" for cell in (*cells, fill_rate))]


def _drawn(shares: tuple[tuple[float, _Drawn], ...], at: float) -> _Drawn:
    """The first whose running share is above `at`."""
    return next(value for share, value in shares if at < share)
