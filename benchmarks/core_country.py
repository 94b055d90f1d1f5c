"""A country for the benches of the core: agents who are always busy, callers who always wait.

One call is five commands: a caller gets his place, waits, is connected when an agent becomes
free, the agent hangs up (and is done with her wrap-up at once), and he is gone; meanwhile time
passes. A call comes every 600 ms of the engine's clock, which is what a thousand agents can do at
ten minutes a contact; so came those who wait, and so fall their deadlines due.
"""

from __future__ import annotations

import random
import time
from collections import deque
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from benchmarks.figures import quantile
from queue_engine.core import commands as cmd
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
    SkillLevel,
)

SEED: Final = 1177
STEP_MS: Final = 600
START_MS: Final = 1_795_282_147_000
CONFIG: Final = Path(__file__).resolve().parents[1] / "config"
LINK: Final = LinkId("ast1")
_PRIORITIES: Final = (
    (0.01, Priority.EMERGENCY),
    (0.11, Priority.URGENT),
    (0.31, Priority.RAISED),
    (0.91, Priority.STANDARD),
    (1.01, Priority.NON_MEDICAL),
)
_Drawn = TypeVar("_Drawn")


class Shape(NamedTuple):
    """How large a country is, and how varied."""

    agents: int
    profiles: tuple[tuple[SkillLevel, ...], ...]
    """Skills that agents have; handed out in turn."""
    needs: tuple[tuple[float, tuple[Requirement, ...]], ...]
    """What callers need, with the running share of each."""


class Caller(NamedTuple):
    """What is said of one who rings: that he has been through the menu, and then that he waits."""

    enqueue: cmd.EnqueueContact
    seen: cmd.ReportCallerWaiting


class Country:
    """An engine with all its agents at work, and the callers of a seed."""

    def __init__(self, policy: Policy, shape: Shape) -> None:
        self.shape = shape
        self.engine = Engine()
        self.now_ms = START_MS
        self.ringing: deque[ContactOffered] = deque()
        self.seconds: list[float] = []
        """What each command took by the clock on the wall, since the list was last emptied."""
        self._regions = [region.code for region in policy.regions]
        self._random = random.Random(SEED)
        self._callers = 0
        self._phones: dict[ContactId, PhoneId] = {}
        self.do(cmd.LoadPolicy(write_policy(policy)))
        self.do(cmd.ReportSwitch(LINK, self.now_ms, ()))
        for number in range(shape.agents):
            self._agent(number)

    def caller(self, at_ms: int, least: float = 0.0) -> Caller:
        """One more caller, of a priority drawn from `least` on: above 0.01 no emergency."""
        number, self._callers = self._callers, self._callers + 1
        contact_id = ContactId(f"ast1-{START_MS // 1000}.{number}")
        needs = drawn(self.shape.needs, self._random.random())
        enqueue = cmd.EnqueueContact(
            contact_id=contact_id,
            link_id=LINK,
            line_id=LineId("national"),
            arrived_ms=at_ms,
            priority=drawn(_PRIORITIES, least + (1 - least) * self._random.random()),
            needs=needs,
            home_region=self._region(),
            home_region_source=HomeRegionSource.NETWORK,
        )
        seen = cmd.SeenCaller(contact_id, cmd.CallerPlace.WAITING, at_ms)
        return Caller(enqueue, cmd.ReportCallerWaiting(LINK, seen))

    def arrive(self, caller: Caller) -> None:
        """He gets his place and waits."""
        self.do(caller.enqueue)
        self.do(caller.seen)

    def answer_all(self) -> None:
        """Whoever rings is answered."""
        while self.ringing:
            offered = self.ringing.popleft()
            self._phones[offered.contact_id] = offered.phone_id
            connected = cmd.ReportConnected(
                offered.contact_id, LINK, offered.phone_id, offered.offer
            )
            self.do(connected)

    def talk_ends(self) -> None:
        """The agent whose talk is the oldest hangs up, and her caller is gone."""
        contact_id = next(iter(self._phones))
        self.do(cmd.ReportTalkEnded(contact_id, self._phones.pop(contact_id)))
        self.do(cmd.ReportCallerGone(contact_id))

    def fill(self, held: int, step_ms: int) -> None:
        """All agents talk and so many callers wait, none of them an emergency: it would not."""
        self.wait(self.shape.agents + held, step_ms)

    def wait(self, callers: int, step_ms: int) -> None:
        """So many more callers come, none of them an emergency; whoever rings is answered."""
        for _ in range(callers):
            self.arrive(self.caller(self.now_ms, least=0.01))
            self.answer_all()
            self.now_ms += step_ms

    def time_of(self, command: cmd.Command) -> float:
        """Milliseconds that this command takes."""
        self.do(command)
        return 1e3 * self.seconds[-1]

    def _agent(self, number: int) -> None:
        agent_id = AgentId(f"n{number}")
        profiles = self.shape.profiles
        skills = profiles[number // len(self._regions) % len(profiles)]
        region = self._regions[number % len(self._regions)]
        self.do(cmd.SignOnAgent(agent_id, LINK, PhoneId(f"p{number}"), region, skills))
        self.do(cmd.SetAgentReady(agent_id))

    def _region(self) -> RegionCode:
        return self._regions[int(self._random.random() * len(self._regions))]

    def do(self, command: cmd.Command) -> None:
        """The engine decides on it, after what was due; who rings then is noted."""
        began = time.perf_counter()
        passed = self.engine.pass_time(self.now_ms)
        done = self.engine.handle(command, self.now_ms)
        self.seconds.append(time.perf_counter() - began)
        for record in (passed, done):
            if record is not None:
                self.ringing += [e for e in record.events if isinstance(e, ContactOffered)]


def steady(country: Country, calls: int) -> tuple[float, list[str]]:
    """Calls per second of processor time with as many waiting as now, and four times in µs.

    The times are p50, p99, p99.9 and the longest of one command, by the clock on the wall.
    """
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
    return rate, [f"{quantile(micros, share):,.0f}" for share in (0.5, 0.99, 0.999, 1.0)]


def drawn(shares: tuple[tuple[float, _Drawn], ...], at: float) -> _Drawn:
    """The first whose running share is above `at`."""
    return next(value for share, value in shares if at < share)
