"""A switch, a nurse or two, and callers whose every moment is said beforehand."""

from __future__ import annotations

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.record import Record
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.region_policy import RegionPolicy
from routing.vocabulary import AgentId, ContactId, PhoneId, Priority, RegionCode
from simulations.nurses import SKILLS
from simulations.switch import Caller, Delays, Switch
from simulations.world import LINK, MIDNIGHT_MS, World

REGION = RegionCode("14")
POLICY = Policy("scene", DEFAULT_PRIORITIES, regions=(RegionPolicy(REGION, "Väst"),))
TALK_MS = 60_000


class Scene:
    """All moments in milliseconds from its beginning; acts take 15 ms, reports 5 ms."""

    def __init__(self, *picks_up_ms: int | None) -> None:
        """One nurse, n0, n1 ..., for each of `picks_up_ms`; None: she does not answer."""
        self.answers: dict[PhoneId, int | None] = {}
        self.records: list[Record] = []
        self.world = World(POLICY, MIDNIGHT_MS, invariants=True)
        self.switch = Switch(self.world, self.answers.__getitem__, Delays(act_ms=15, report_ms=5))
        for number, answer_ms in enumerate(picks_up_ms):
            agent_id, phone_id = AgentId(f"n{number}"), PhoneId(f"p{number}")
            self.answers[phone_id] = answer_ms
            self.world.do(cmd.SignOnAgent(agent_id, LINK, phone_id, REGION, SKILLS))
            self.world.do(cmd.SetAgentReady(agent_id))
        self.world.follow(self.records.append)

    def call(
        self, name: str, at_ms: int, priority: Priority = Priority.STANDARD, *, ends: bool = True
    ) -> None:
        """A caller leaves the menu then; `ends`: the caller, not the nurse, ends the talk."""

        def enter() -> None:
            caller = Caller(ContactId(name), REGION, priority, self.world.now_ms, TALK_MS, ends)
            self.switch.enter(caller)

        self.world.at(MIDNIGHT_MS + at_ms, enter)

    def hang_up(self, name: str, at_ms: int) -> None:
        """The caller has had enough then."""
        self.world.at(MIDNIGHT_MS + at_ms, lambda: self.switch.hang_up(ContactId(name)))

    def run(self, until_ms: int) -> list[str]:
        """What happened, line by line: moment, event, contact."""
        self.world.run(MIDNIGHT_MS + until_ms)
        return [
            f"{record.at_ms - MIDNIGHT_MS} {_told(event)}"
            for record in self.records
            for event in record.events
        ]


def _told(event: ev.Event) -> str:
    words = (getattr(event, name, None) for name in ("contact_id", "agent_id", "reason"))
    return " ".join([type(event).__name__, *(str(word) for word in words if word is not None)])
