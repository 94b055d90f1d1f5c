"""Nurses by the hour or half-hour: so many of each group are at work, and who goes home first.

When fewer are needed, those who are free go at once; of the others whoever is done first. Until
then nobody of the group takes another call: a nurse who is done goes instead of one who talks
still. So a group never begins a call with more at work than its plan says.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.agent import WRAP_UP, Agent, AgentState
from routing.vocabulary import AgentId, ContactId, NotReadyReason, PhoneId, RegionCode
from simulations.draws import Draws
from simulations.scenario.model import NOTHING, Scenario, StaffGroup, figure_at, step_ms
from simulations.world import LINK, First, World

_TALKS_END: Final = First.TALKS_END
"""For what is asked with every call; see `queue_engine.core.contact.WAITING`."""
_HER_OWN_DOING: Final = (
    NotReadyReason.NO_ANSWER,
    NotReadyReason.REJECTED,
    NotReadyReason.UNREACHABLE,
)


@dataclass(slots=True, eq=False)
class _Nurse:
    agent_id: AgentId
    phone_id: PhoneId
    number: int
    group: _Group
    draws: Draws
    came_ms: int = -1
    wants_break: bool = False


@dataclass(slots=True, eq=False)
class _Group:
    region: RegionCode
    plan: StaffGroup
    name: str
    nurses: list[_Nurse] = field(default_factory=list)
    away: list[int] = field(default_factory=list)
    """A heap of the numbers of those who are not at work."""
    at_work: dict[PhoneId, _Nurse] = field(default_factory=dict)
    leaving: dict[PhoneId, _Nurse] = field(default_factory=dict)
    """Of those at work, who goes home after the call that she has; the first is first to stay."""
    awaited: int = 0
    """Have been called, and are on their way."""

    @property
    def staying(self) -> int:
        return len(self.at_work) - len(self.leaving) + self.awaited


class Staff:
    """All nurses of a scenario; `begin` has the first of them come."""

    def __init__(self, world: World, scenario: Scenario, seed: int) -> None:
        self._world = world
        self._habits = scenario.staff
        self._is_exact = self._habits.answer == NOTHING and not self._habits.misses
        self._seed = seed
        self._began_ms = world.now_ms
        self._calendar = scenario.calendar
        self._phones: dict[PhoneId, _Nurse] = {}
        self._nurses: dict[AgentId, _Nurse] = {}
        self._groups = [
            _Group(region.code, plan, f"{region.code}-{index}")
            for region in scenario.regions
            for index, plan in enumerate(region.staff)
        ]
        self._step_ms = min(
            (step_ms(group.plan.nurses) for group in self._groups if len(group.plan.nurses) > 1),
            default=0,
        )
        """After which numbers may change; 0: they never do."""
        self.changed: Callable[[RegionCode], None] | None = None
        """Told when a region has as many as its plan says, and when a talk is about to end there.
        """
        self._writes = self._habits.wrap_up != NOTHING
        is_watched = scenario.has_chats or scenario.faults.disturbs_reports
        if self._writes or not self._is_exact or is_watched:
            world.hear(
                {
                    ev.WrapUpStarted: self._wrap_up_started,
                    ev.WrapUpEnded: self._let_go,
                    ev.AgentSignedOff: self._let_go,
                    ev.AgentBecameNotReady: self._became_not_ready,
                    ev.OfferRangOut: self._offer_over,
                    ev.OfferRevoked: self._offer_over,
                }
            )

    def begin(self) -> None:
        """Those of the first moment are at work."""
        self._change(0)

    def _change(self, elapsed_ms: int) -> None:
        like_ms = self._calendar.like_ms(elapsed_ms)
        for group in self._groups:
            self._adjust(group, round(figure_at(group.plan.nurses, like_ms)))
            if self.changed is not None:
                self.changed(group.region)
        if self._step_ms:
            next_ms = elapsed_ms + self._step_ms
            self._world.at(self._began_ms + next_ms, partial(self._change, next_ms), First.STAFF)

    def picks_up(self, phone_id: PhoneId) -> int | None:
        """After how many milliseconds she answers this ring; None: she does not."""
        if self._is_exact:
            return 0
        nurse = self._phones[phone_id]
        if nurse.draws.chance(self._habits.misses):
            return None
        return nurse.draws.duration_ms(self._habits.answer)

    def hangs_up(self, phone_id: PhoneId) -> None:
        """Her talk is about to end: if somebody of the group is to go, she goes."""
        if self.changed is not None:
            self.changed(self._phones[phone_id].group.region)
        if not self._writes:
            self.rang_in_vain(phone_id)

    def rang_in_vain(self, phone_id: PhoneId) -> None:
        """She is about to be done with one contact, and has nothing to write: if it was her last,
        and somebody of the group is to go, she goes."""
        nurse = self._phones[phone_id]
        if not nurse.group.leaving and not nurse.wants_break:
            return
        agent = self._world.state.agents.get(nurse.agent_id)
        if phone_id not in nurse.group.at_work or agent is None or len(agent.assignments) > 1:
            return
        if nurse.group.leaving:
            self._go_instead(nurse)
        else:
            self._world.after(0, partial(self._begin_break, nurse))

    def talk_ms(self, phone_id: PhoneId, usual_ms: int) -> int:
        """How long she takes for what usually takes so long."""
        speed = self._phones[phone_id].group.plan.speed
        return usual_ms if speed == 1 else round(usual_ms / speed)

    # --- coming and going -------------------------------------------------------------------

    def _adjust(self, group: _Group, wanted: int) -> None:
        for phone_id in list(group.leaving)[: max(0, wanted - group.staying)]:
            self._stay(group.leaving[phone_id])
        for _ in range(wanted - group.staying):
            self._call_in(group)
        if wanted < group.staying:
            self._send_home(group, group.staying - wanted)

    def _call_in(self, group: _Group) -> None:
        if group.away:
            nurse = group.nurses[heapq.heappop(group.away)]
        else:
            number = len(group.nurses)
            name = f"{group.name}-{number}"
            draws = Draws(self._seed, f"nurses/{name}")
            nurse = _Nurse(AgentId(name), PhoneId(f"phone-{name}"), number, group, draws)
            group.nurses.append(nurse)
            self._phones[nurse.phone_id] = self._nurses[nurse.agent_id] = nurse
        late_ms = nurse.draws.duration_ms(self._habits.lateness)
        if late_ms and self._world.now_ms > self._began_ms:
            group.awaited += 1
            self._world.after(late_ms, partial(self._come_late, nurse))
        else:
            self._come(nurse)

    def _come_late(self, nurse: _Nurse) -> None:
        nurse.group.awaited -= 1
        self._come(nurse)

    def _come(self, nurse: _Nurse) -> None:
        group = nurse.group
        group.at_work[nurse.phone_id] = nurse
        nurse.came_ms, nurse.wants_break = self._world.now_ms, False
        self._world.do(_sign_on(nurse))
        self._world.do(cmd.SetAgentReady(nurse.agent_id))
        self._expect_break(nurse)

    def _send_home(self, group: _Group, count: int) -> None:
        """The free first; she who came last before others."""
        agents = self._world.state.agents
        staying = [each for each in group.at_work.values() if each.phone_id not in group.leaving]
        staying.sort(key=lambda nurse: (bool(agents[nurse.agent_id].assignments), -nurse.number))
        for nurse in staying[:count]:
            if agents[nurse.agent_id].assignments:
                self._leave_later(nurse)
            else:
                self._world.do(cmd.SignOffAgent(nurse.agent_id))
                self._gone(nurse)

    def _leave_later(self, nurse: _Nurse) -> None:
        """After the talk that she has, or what she writes."""
        nurse.group.leaving[nurse.phone_id] = nurse
        held = self._agent(nurse).assignments.values()
        if not held or any(each.state is not WRAP_UP for each in held):
            self._world.do(cmd.SignOffAgent(nurse.agent_id))

    def _stay(self, nurse: _Nurse) -> None:
        del nurse.group.leaving[nurse.phone_id]
        self._world.do(_sign_on(nurse))

    def _go_instead(self, nurse: _Nurse) -> None:
        """She is done, and somebody of her group is to go: she goes, the other one stays."""
        leaving = nurse.group.leaving
        if nurse.phone_id not in leaving:
            self._stay(next(iter(leaving.values())))
            self._leave_later(nurse)
        del leaving[nurse.phone_id]
        self._gone(nurse)

    def _go_if_done(self, nurse: _Nurse) -> None:
        """Who has chats still goes after them; a ring does not keep her."""
        agent = self._world.state.agents.get(nurse.agent_id)
        held = agent.assignments.values() if agent is not None else ()
        if all(each.state is AgentState.RESERVED for each in held):
            self._go_now(nurse)

    def _go_now(self, nurse: _Nurse) -> None:
        """She has nobody, and is to go; the limit of her wrap-up may have taken her off already."""
        if nurse.group.leaving.pop(nurse.phone_id, None) is not None:
            if nurse.agent_id in self._world.state.agents:
                self._world.do(cmd.SignOffAgent(nurse.agent_id))
            self._gone(nurse)

    def _gone(self, nurse: _Nurse) -> None:
        del nurse.group.at_work[nurse.phone_id]
        heapq.heappush(nurse.group.away, nurse.number)

    # --- breaks -----------------------------------------------------------------------------

    def _expect_break(self, nurse: _Nurse) -> None:
        """A quarter sooner or later than is usual, so that not all go at once."""
        if self._habits.break_ms:
            after_ms = round(self._habits.break_after_ms * (0.75 + nurse.draws.unit() / 2))
            self._world.after(after_ms, partial(self._want_break, nurse, nurse.came_ms))

    def _want_break(self, nurse: _Nurse, came_ms: int) -> None:
        group = nurse.group
        if nurse.phone_id not in group.at_work or nurse.came_ms != came_ms:
            return
        if nurse.phone_id in group.leaving:
            return
        self._world.do(cmd.SetAgentNotReady(nurse.agent_id, NotReadyReason.BREAK))
        if self._agent(nurse).assignments:
            nurse.wants_break = True
        else:
            self._begin_break(nurse)

    def _begin_break(self, nurse: _Nurse) -> None:
        nurse.wants_break = False
        self._world.after(self._habits.break_ms, partial(self._end_break, nurse, nurse.came_ms))

    def _break_if_free(self, nurse: _Nurse) -> None:
        """A ring came to nothing: she has nobody to be done with."""
        is_there = nurse.wants_break and nurse.phone_id in nurse.group.at_work
        if is_there and not self._agent(nurse).assignments:
            self._begin_break(nurse)

    def _end_break(self, nurse: _Nurse, came_ms: int) -> None:
        if nurse.phone_id in nurse.group.at_work and nurse.came_ms == came_ms:
            self._world.do(cmd.SetAgentReady(nurse.agent_id))
            self._expect_break(nurse)

    # --- what her screen shows --------------------------------------------------------------

    def _wrap_up_started(self, event: ev.WrapUpStarted, at_ms: int) -> None:
        nurse = self._nurses[event.agent_id]
        writes_ms = nurse.draws.duration_ms(self._habits.wrap_up)
        ended = partial(self._written, nurse, event.contact_id)
        self._world.at(at_ms + writes_ms, ended, _TALKS_END)

    def _let_go(self, event: ev.WrapUpEnded | ev.AgentSignedOff, at_ms: int) -> None:
        """Who was to go and has missed a ring is taken off by the engine."""
        nurse = self._nurses[event.agent_id]
        if nurse.phone_id in nurse.group.leaving:
            self._world.after(0, partial(self._go_if_done, nurse))

    def _became_not_ready(self, event: ev.AgentBecameNotReady, at_ms: int) -> None:
        if event.reason in _HER_OWN_DOING and event.heals_at_ms is None:
            nurse = self._nurses[event.agent_id]
            notices_ms = nurse.draws.duration_ms(self._habits.notices)
            self._world.after(notices_ms, partial(self._ready_again, nurse))

    def _offer_over(self, event: ev.OfferRangOut | ev.OfferRevoked, at_ms: int) -> None:
        nurse = self._nurses[event.agent_id]
        if nurse.wants_break:
            self._world.after(0, partial(self._break_if_free, nurse))

    def _written(self, nurse: _Nurse, contact_id: ContactId) -> None:
        if nurse.phone_id not in nurse.group.at_work:
            return
        agent = self._agent(nurse)
        if contact_id not in agent.assignments_in(WRAP_UP):
            return
        if len(agent.assignments) > 1:
            self._world.do(cmd.EndWrapUp(nurse.agent_id, contact_id=contact_id))
            return
        leaving = nurse.group.leaving
        if leaving and nurse.phone_id not in leaving:
            self._stay(next(iter(leaving.values())))
            leaving[nurse.phone_id] = nurse
        if leaving:
            self._go_now(nurse)
        else:
            self._world.do(cmd.EndWrapUp(nurse.agent_id))
            if nurse.wants_break:
                self._begin_break(nurse)

    def _agent(self, nurse: _Nurse) -> Agent:
        return self._world.state.agents[nurse.agent_id]

    def _ready_again(self, nurse: _Nurse) -> None:
        agent = self._world.state.agents.get(nurse.agent_id)
        if agent is not None and agent.not_ready_reason in _HER_OWN_DOING:
            self._world.do(cmd.SetAgentReady(nurse.agent_id))


def _sign_on(nurse: _Nurse) -> cmd.SignOnAgent:
    plan = nurse.group.plan
    return cmd.SignOnAgent(
        nurse.agent_id, LINK, nurse.phone_id, nurse.group.region, plan.skills, plan.unit
    )
