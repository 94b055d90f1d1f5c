"""One journal's people once more, over the same core, under rules of one's choice.

House rules: no chance and no clock; what is due at one moment is done in the order of deadlines,
people, measures. A command of the journal that no longer fits is left out, and counted by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from typing import Final, get_args

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.agent import AgentState, Presence
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.engine import Engine
from queue_engine.core.errors import Refused
from queue_engine.core.measures import MEASURE_MS
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.runtime.windows import TimeWindow, next_change, windows_on
from routing.vocabulary import AgentId, ContactChannel, ContactId
from simulations.what_if.books import Books
from simulations.what_if.facts import Facts

SWITCH_MS: Final = 20
"""From the end of an offer until the switch shows the caller waiting again."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MADE_ANEW: Final = (
    cmd.ReportConnected,
    cmd.ReportOfferFailed,
    cmd.ReportTalkEnded,
    cmd.ReportCommandFailed,
    cmd.EndWrapUp,
    cmd.PassTime,
    cmd.TakeMeasures,
)
_OTHER_REPORTS: Final = tuple(kind for kind in get_args(cmd.Report) if kind not in _MADE_ANEW)
"""What a switch said of calls that are not as they were; those that are understood come first."""

Act = Callable[[], None]


class WhatIf:
    """Follows the journal's records; `books` tell what would have been.

    It cannot know how long callers would have waited who did not hang up, when nurses would have
    taken their breaks, nor how long talks would have been that never were: the first wait as long
    as `Patience` estimates, the second keep their moments, the third are as long as is usual.

    Args:
        facts: of the same journal.
        policy: the text of the rules in force instead of the journal's; None: the journal's own.
        windows: of those rules; None: as the journal tells.
        changed: what is made of the text of the journal's own rules whenever they are loaded.
    """

    def __init__(
        self,
        facts: Facts,
        policy: str | None = None,
        windows: Sequence[TimeWindow] | None = None,
        changed: Callable[[str], str] = str,
    ) -> None:
        self.books = Books()
        self.left_out: Counter[str] = Counter()
        """Commands that did not fit any more, by name."""
        self.assumed: Counter[str] = Counter()
        """Lengths that the journal did not tell: `rings`, `talks`, `wrap-ups`."""
        self.gave_up = 0
        """Callers who hung up here and did not in the journal."""
        self._facts = facts
        self._policy = policy
        self._windows = windows
        self._changed = changed
        self._engine = Engine()
        self._now_ms = 0
        self._due: list[tuple[int, int, Act]] = []
        self._sequence = 0
        self._measures_ms: int | None = None
        self._ready_later: dict[AgentId, None] = {}

    @property
    def state(self) -> State:
        """As it would be after the last record that was followed; to be read only."""
        return self._engine.state

    def follow(self, record: Record) -> None:
        """All until this record's moment, and its command."""
        if self._measures_ms is None:
            self._begin(record.at_ms)
        self._pass_to(record.at_ms)
        self._journaled(record.command)

    # --- time -------------------------------------------------------------------------------

    def _begin(self, at_ms: int) -> None:
        self._now_ms, self._measures_ms = at_ms, at_ms
        if self._policy is not None:
            self._do(cmd.LoadPolicy(self._policy))
        if self._windows is not None:
            self._tell_windows()

    def _tell_windows(self) -> None:
        """What goes on before what goes off, as the calendar does."""
        windows = self._windows or ()
        moment = _EPOCH + timedelta(milliseconds=self._now_ms)
        levels = windows_on(windows, moment)
        for name in sorted(levels, key=lambda name: (not levels[name], name)):
            self._do(cmd.SetWindow(name, levels[name]))
        change = next_change(windows, moment)
        if change is not None:
            self._at((change - _EPOCH) // timedelta(milliseconds=1), self._tell_windows)

    def _pass_to(self, until_ms: int) -> None:
        """Everything that is due by then, in order."""
        while True:
            assert self._measures_ms is not None
            deadline_ms = self._engine.next_deadline_ms()
            due_ms = self._due[0][0] if self._due else None
            moments = [at for at in (deadline_ms, due_ms, self._measures_ms) if at is not None]
            next_ms = min(moments)
            if next_ms > until_ms:
                break
            self._now_ms = max(self._now_ms, next_ms)
            if deadline_ms == next_ms:
                self._see(self._engine.pass_time(self._now_ms))
            elif due_ms == next_ms:
                heappop(self._due)[2]()
            else:
                self._measures_ms += MEASURE_MS
                self._do(cmd.TakeMeasures())
        self._now_ms = max(self._now_ms, until_ms)

    def _at(self, at_ms: int, act: Act) -> None:
        self._sequence += 1
        heappush(self._due, (max(at_ms, self._now_ms), self._sequence, act))

    def _do(self, command: cmd.Command) -> bool:
        """Whether it could be done."""
        self._see(self._engine.pass_time(self._now_ms))
        try:
            self._see(self._engine.handle(command, self._now_ms))
        except Refused:
            self.left_out[type(command).__name__] += 1
            return False
        return True

    # --- what the journal's people did ------------------------------------------------------

    def _journaled(self, command: cmd.Command) -> None:
        match command:
            case cmd.LoadPolicy():
                if self._policy is None:
                    self._do(cmd.LoadPolicy(self._changed(command.policy)))
            case cmd.SetWindow():
                if self._windows is None:
                    self._do(command)
            case cmd.ReportSwitch():
                self._show_switch(command)
            case cmd.ReportLinkLost() | cmd.ReportGateway():
                self._do(command)
            case cmd.ReportCallerWaiting():
                self._seen(command)
            case cmd.ReportCallerGone():
                self._gone(command)
            case cmd.SetAgentReady():
                self._ready(command)
            case _:
                if isinstance(command, _OTHER_REPORTS):
                    self.left_out[type(command).__name__] += 1
                elif not isinstance(command, _MADE_ANEW):
                    self._do(command)

    def _seen(self, command: cmd.ReportCallerWaiting) -> None:
        contact = self._engine.state.living(command.caller.contact_id)
        if contact is None or contact.state is ContactState.WAITING:
            self._do(command)

    def _gone(self, command: cmd.ReportCallerGone) -> None:
        """Whoever hung up while waiting does so again; one who has been answered talks on.

        One who was answered in the journal and waits here still would have waited.
        """
        if command.contact_id in self._facts.talk_ms:
            return
        contact = self._engine.state.living(command.contact_id)
        if contact is not None and contact.state is ContactState.CONNECTED:
            self.left_out["ReportCallerGone"] += 1
        elif contact is not None:
            self._do(command)

    def _ready(self, command: cmd.SetAgentReady) -> None:
        """A wrap-up is not cut short by what ended another one in the journal."""
        agent = self._engine.state.agents.get(command.agent_id)
        if agent is not None and agent.assignment_in(AgentState.WRAP_UP) is not None:
            if agent.presence is not Presence.READY:
                self._ready_later[command.agent_id] = None
        else:
            self._do(command)

    def _show_switch(self, command: cmd.ReportSwitch) -> None:
        """The picture as it would have been: known callers where they are here."""
        state = self._engine.state
        known = [one for one in state.living_contacts() if one.link_id == command.link_id]
        callers = [_shown(one) for one in known]
        callers += [
            one
            for one in command.callers
            if one.contact_id not in state.contacts and one.place is cmd.CallerPlace.WAITING
        ]
        self._do(cmd.ReportSwitch(command.link_id, self._now_ms, tuple(callers)))

    # --- what follows, made anew ------------------------------------------------------------

    def _see(self, record: Record | None) -> None:
        if record is None:
            return
        self.books.follow(record)
        for event in record.events:
            match event:
                case ev.ContactEnqueued():
                    self._wait(event)
                case ev.ContactOffered():
                    self._ring(event)
                case ev.ContactConnected():
                    self._talk(event)
                case ev.WrapUpStarted():
                    self._wrap_up(event)
                case (
                    ev.OfferRangOut()
                    | ev.OfferRejected()
                    | ev.OfferFailed()
                    | ev.OfferRevoked()
                    | ev.ContactReturned()
                    | ev.ContactSentBack()
                ):
                    self._at(self._now_ms + SWITCH_MS, partial(self._waits, event.contact_id))
                case _:
                    pass

    def _wait(self, event: ev.ContactEnqueued) -> None:
        patience_ms = self._facts.patience_ms.get(event.contact_id)
        if patience_ms is not None:
            gives_up = partial(self._give_up, event.contact_id)
            self._at(event.arrived_ms + patience_ms, gives_up)

    def _give_up(self, contact_id: ContactId) -> None:
        """Whoever has not been answered by now, and holds the line, hangs up."""
        contact = self._engine.state.living(contact_id)
        if contact is None or contact.channel is not ContactChannel.PHONE:
            return
        if self.books.stories[contact_id].answered_by is None:
            self.gave_up += self._do(cmd.ReportCallerGone(contact_id))

    def _ring(self, event: ev.ContactOffered) -> None:
        contact_id, agent_id = event.contact_id, event.agent_id
        failed = self._facts.failures.get((contact_id, agent_id))
        if failed is not None:
            failure, ring_ms = failed
            self._ring_for(event, ring_ms, cmd.ReportOfferFailed(contact_id, event.offer, failure))
            return
        ring_ms = self._length(self._facts.ring_ms, contact_id, "rings")
        answer = cmd.ReportConnected(contact_id, event.link_id, event.phone_id, event.offer)
        self._ring_for(event, ring_ms, answer)

    def _ring_for(
        self,
        event: ev.ContactOffered,
        ring_ms: int,
        report: cmd.ReportConnected | cmd.ReportOfferFailed,
    ) -> None:
        self._at(self._now_ms + ring_ms, partial(self._while_offered, report, event.offer))

    def _while_offered(
        self, report: cmd.ReportConnected | cmd.ReportOfferFailed, offer: int
    ) -> None:
        contact = self._engine.state.living(report.contact_id)
        if contact is None or contact.state is not ContactState.OFFERED:
            return
        if contact.offer == offer:
            self._do(report)

    def _talk(self, event: ev.ContactConnected) -> None:
        talk_ms = self._length(self._facts.talk_ms, event.contact_id, "talks")
        end = partial(self._end_talk, event.contact_id, event.agent_id)
        self._at(self._now_ms + talk_ms, end)

    def _end_talk(self, contact_id: ContactId, agent_id: AgentId) -> None:
        contact = self._engine.state.living(contact_id)
        if contact is None or contact.state is not ContactState.CONNECTED:
            return
        if contact.agent_id == agent_id:
            self._do(cmd.ReportCallerGone(contact_id))

    def _wrap_up(self, event: ev.WrapUpStarted) -> None:
        wrap_up_ms = self._length(self._facts.wrap_up_ms, event.contact_id, "wrap-ups")
        end = partial(self._end_wrap_up, event.agent_id, event.contact_id)
        self._at(self._now_ms + wrap_up_ms, end)

    def _end_wrap_up(self, agent_id: AgentId, contact_id: ContactId) -> None:
        agent = self._engine.state.agents.get(agent_id)
        if agent is not None and agent.assignment_in(AgentState.WRAP_UP) == contact_id:
            self._do(cmd.EndWrapUp(agent_id))
            if agent_id in self._ready_later:
                del self._ready_later[agent_id]
                self._do(cmd.SetAgentReady(agent_id))

    def _waits(self, contact_id: ContactId) -> None:
        contact = self._engine.state.living(contact_id)
        if contact is not None and contact.state is ContactState.WAITING:
            self._do(cmd.ReportCallerWaiting(contact.link_id, _shown(contact)))

    def _length(self, known: dict[ContactId, int], contact_id: ContactId, name: str) -> int:
        found = known.get(contact_id)
        if found is not None:
            return found
        self.assumed[name] += 1
        usual = {
            "rings": self._facts.ring_usual_ms,
            "talks": self._facts.talk_usual_ms,
            "wrap-ups": self._facts.wrap_up_usual_ms,
        }
        return usual[name]


_PLACES: Final = {
    ContactState.WAITING: cmd.CallerPlace.WAITING,
    ContactState.OFFERED: cmd.CallerPlace.RINGING,
    ContactState.CONNECTED: cmd.CallerPlace.TALKING,
}


def _shown(contact: Contact) -> cmd.SeenCaller:
    """The caller as a switch would show him."""
    assert contact.state is not None, contact.contact_id
    return cmd.SeenCaller(
        contact_id=contact.contact_id,
        place=_PLACES[contact.state],
        channel_started_ms=contact.arrived_ms,
        phone_id=contact.phone_id,
        offer=contact.offer,
    )
