"""What a run came to: counts, waits and nurses' time, from the records alone.

House rules: a call is booked on its home region and its kind, wherever it is answered. Its wait is
from the arrival until it is connected, until the caller is gone, or until the run is over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from queue_engine.core import events as ev
from routing.vocabulary import AgentId, ContactId, Outcome, PhoneId, RegionCode
from simulations.scenario.arrivals import Call
from simulations.scenario.counts import Cell, Ended, Moment, NursesTime, RegionTime, Story
from simulations.scenario.model import NOTHING, WEEK_MS, Scenario
from simulations.world import Reader

_ABANDONED, _REJECTED, _NOT_REACHED = Ended.ABANDONED, Ended.REJECTED, Ended.NOT_REACHED
_UNFINISHED = Ended.UNFINISHED
"""For what is asked with every call; see `queue_engine.core.contact.WAITING`."""

Promises = Mapping[tuple[RegionCode, str], int]
"""Within how many milliseconds, by home region and kind."""


class _Open:
    __slots__ = ("call", "cell", "is_counted", "leaves", "moment", "number", "waited")

    def __init__(
        self, number: int, call: Call, cell: Cell, moment: Moment, is_counted: bool
    ) -> None:
        self.number = number
        self.call = call
        self.cell = cell
        self.moment = moment
        self.is_counted = is_counted
        self.leaves = _ABANDONED
        """How, if it is not answered."""
        self.waited = True


class _Talk:
    __slots__ = ("agent_id", "found", "region", "since_ms")

    def __init__(self, region: RegionCode, since_ms: int, agent_id: AgentId | None) -> None:
        self.region = region
        self.since_ms = since_ms
        self.agent_id = agent_id
        self.found: _Open | None = None


class Tally:
    """Keeps the books of one run; let it `World.hear`, and tell it of each call before it enters.

    All moments are from the run's beginning.

    Args:
        began_ms: the run's beginning by the records' clock.
        promises: within what callers are to be answered.
    """

    def __init__(self, scenario: Scenario, began_ms: int, promises: Promises) -> None:
        self._targets = scenario.targets_ms
        self._numbered = tuple(enumerate(scenario.targets_ms))
        self._promises = promises
        self._interval_ms = scenario.interval_ms
        self._writes = scenario.staff.wrap_up != NOTHING
        self._main_target = scenario.targets_ms.index(scenario.main_target_ms)
        self._began_ms = began_ms
        self.cells: dict[tuple[RegionCode, str], Cell] = {}
        self.moments: dict[tuple[RegionCode, int], Moment] = {}
        """By region and interval of the week."""
        self.times: dict[RegionCode, RegionTime] = {
            region.code: RegionTime() for region in scenario.regions
        }
        self.lent_ms: dict[tuple[RegionCode, RegionCode], list[int]] = {}
        """Calls and handling time, by home region and the other region that answered."""
        self.counted_ms = 0
        self.nurses_ms: dict[RegionCode, NursesTime] = {}
        """In the time that is counted."""
        self._open: dict[ContactId, _Open] = {}
        self._talks: dict[ContactId, _Talk] = {}
        self._agents: dict[AgentId, RegionCode] = {}
        self._phones: dict[PhoneId, RegionCode] = {}
        self._held: dict[AgentId, int] | None = {} if scenario.has_chats else None
        """How many contacts each has, if it may be several."""
        self._written: dict[ContactId, _Open] = {}
        """Calls that are over and may be written about still."""
        self._counts_since_ms: int | None = None
        self._finished_ms: int | None = None
        self.came: Callable[[int], None] | None = None
        """Told the number of each call, in order of their coming..."""
        self.ended: Callable[[Story], None] | None = None
        """...and its story, when its wait is over."""
        self.readers: dict[type, Reader] = {
            ev.ContactEnqueued: self._enqueued,
            ev.ContactOffered: self._offered,
            ev.ContactConnected: self._connected,
            ev.ConnectedUnknownPhone: self._connected_off_duty,
            ev.ContactEnded: self._ended,
            ev.CallbackPromised: self._promised,
            ev.WrapUpStarted: self._wrap_up_started,
            ev.WrapUpEnded: self._wrap_up_ended,
            ev.AgentSignedOn: self._signed_on,
            ev.AgentSignedOff: self._signed_off,
        }
        """What `World.hear` is to tell it."""

    # --- what the run tells -----------------------------------------------------------------

    def begin(self, now_ms: int) -> None:
        """From here on it counts."""
        for time in self.times.values():
            time.pass_to(now_ms)
            time.staffed_ms = time.busy_ms = 0
        self._counts_since_ms = now_ms

    def finish(self, now_ms: int) -> None:
        """So far nurses' time is counted; calls that came before are followed to their ends."""
        assert self._counts_since_ms is not None, "nothing was counted: the warm-up is all there is"
        self._finished_ms = now_ms
        self.counted_ms = now_ms - self._counts_since_ms
        for region, time in self.times.items():
            time.pass_to(now_ms)
            self.nurses_ms[region] = NursesTime(time.staffed_ms, time.busy_ms)

    def close(self, now_ms: int) -> None:
        """The run is over: whoever is neither answered nor gone has waited so long, in vain."""
        for found in self._open.values():
            found.leaves = _UNFINISHED
            self._gone(found, now_ms - found.call.arrived_ms)
        self._open.clear()
        for talk in self._talks.values():
            if talk.found is not None and talk.agent_id is not None:
                talk.found.cell.busy_ms += self._counted_part_ms(talk.since_ms, now_ms)

    @property
    def is_writing(self) -> bool:
        """Whether somebody writes about a call still."""
        return bool(self._written)

    @property
    def is_counting(self) -> bool:
        """Whether who arrives now is counted."""
        return self._counts_since_ms is not None

    def expect(self, contact_id: ContactId, number: int, call: Call) -> None:
        """A call has arrived, the so-manyth."""
        key = call.region, call.kind.name
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = Cell(len(self._targets))
        moment = self._moment(call.region, call.arrived_ms)
        is_counted = self.is_counting
        self._open[contact_id] = _Open(number, call, cell, moment, is_counted)
        if is_counted:
            cell.offered += 1
            moment.offered += 1
        if self.came is not None:
            self.came(number)

    def leave_menu(self, contact_id: ContactId, wait_ms: int) -> None:
        """The caller is gone before there was a place."""
        self._gone(self._open.pop(contact_id), wait_ms)

    def reject(self, contact_id: ContactId) -> None:
        """This caller is about to be turned away."""
        self._open[contact_id].leaves = _REJECTED

    def look(self, now_ms: int) -> None:
        """A new interval begins: how it stands."""
        if self._counts_since_ms is None:
            return
        for region, time in self.times.items():
            moment = self._moment(region, now_ms)
            moment.looks += 1
            moment.busy += time.busy
            moment.waiting += time.waiting
            moment.staff += time.staff

    def _moment(self, region: RegionCode, at_ms: int) -> Moment:
        key = region, at_ms % WEEK_MS // self._interval_ms
        found = self.moments.get(key)
        if found is None:
            found = self.moments[key] = Moment()
        return found

    # --- what the records tell --------------------------------------------------------------

    def _enqueued(self, event: ev.ContactEnqueued, at_ms: int) -> None:
        self.times[event.home_region].waiting += 1

    def _offered(self, event: ev.ContactOffered, at_ms: int) -> None:
        found = self._open.get(event.contact_id)
        if found is None:
            return
        came_ms = self._began_ms + found.call.arrived_ms + found.call.menu_ms
        if at_ms == came_ms:
            found.waited = False

    def _promised(self, event: ev.CallbackPromised, at_ms: int) -> None:
        found = self._open.get(event.contact_id)
        if found is not None and found.is_counted:
            found.cell.callbacks += 1

    def _connected(self, event: ev.ContactConnected, at_ms: int) -> None:
        region, now_ms = self._agents[event.agent_id], at_ms - self._began_ms
        self._busy(event.agent_id, now_ms, 1)
        self._talk_begins(event.contact_id, _Talk(region, now_ms, event.agent_id))

    def _connected_off_duty(self, event: ev.ConnectedUnknownPhone, at_ms: int) -> None:
        """She answered and signed off before the engine heard of it: no time at work of hers."""
        talk = _Talk(self._phones[event.phone_id], at_ms - self._began_ms, None)
        self._talk_begins(event.contact_id, talk)

    def _talk_begins(self, contact_id: ContactId, talk: _Talk) -> None:
        region, now_ms = talk.region, talk.since_ms
        self._talks[contact_id] = talk
        found = talk.found = self._open.pop(contact_id, None)
        if found is None:
            return
        call, cell = found.call, found.cell
        self.times[call.region].waiting -= 1
        wait_ms = now_ms - call.arrived_ms
        if self.ended is not None:
            self.ended(Story(found.number, call, region, wait_ms, Ended.ANSWERED, found.is_counted))
        if not found.is_counted:
            return
        cell.answered += 1
        cell.waited += found.waited
        cell.answered_waits.add(wait_ms)
        cell.wait_ms += wait_ms
        cell.in_promise += wait_ms <= self._promises[call.region, call.kind.name]
        for index, target_ms in self._numbered:
            if wait_ms <= target_ms:
                cell.within[index] += 1
                cell.short[index] += 1
        moment = found.moment
        moment.answered += 1
        moment.wait_ms += wait_ms
        moment.within += wait_ms <= self._targets[self._main_target]
        if region != call.region:
            cell.elsewhere += 1

    def _ended(self, event: ev.ContactEnded, at_ms: int) -> None:
        now_ms = at_ms - self._began_ms
        talk = self._talks.pop(event.contact_id, None)
        if talk is not None:
            if talk.agent_id is not None:
                self._busy(talk.agent_id, now_ms, -1)
                if talk.found is not None:
                    talk.found.cell.busy_ms += self._counted_part_ms(talk.since_ms, now_ms)
                    if self._writes:
                        self._written[event.contact_id] = talk.found
            self._handled(talk.region, talk.found, now_ms - talk.since_ms, 1)
            return
        found = self._open.pop(event.contact_id, None)
        if found is not None:
            # Lost: gone before the engine could be told, as the switch's picture shows.
            assert event.outcome in (Outcome.ABANDONED, Outcome.LOST, Outcome.NOT_REACHED), event
            if event.outcome is Outcome.NOT_REACHED:
                found.leaves = _NOT_REACHED
            self.times[found.call.region].waiting -= 1
            self._gone(found, now_ms - found.call.arrived_ms)

    def _gone(self, found: _Open, wait_ms: int) -> None:
        if self.ended is not None:
            self.ended(
                Story(found.number, found.call, None, wait_ms, found.leaves, found.is_counted)
            )
        if not found.is_counted:
            return
        cell, moment = found.cell, found.moment
        if found.leaves is _UNFINISHED:
            cell.unfinished += 1
            moment.unfinished += 1
        else:
            moment.abandoned += 1
            if found.leaves is _REJECTED:
                cell.rejected += 1
            elif found.leaves is _NOT_REACHED:
                cell.not_reached += 1
            else:
                cell.abandoned += 1
            for index, target_ms in self._numbered:
                cell.short[index] += wait_ms <= target_ms
        cell.waited += found.waited
        cell.wait_ms += wait_ms
        if found.leaves is not _REJECTED:
            cell.gone_waits.add(wait_ms)
        moment.wait_ms += wait_ms

    def _handled(self, region: RegionCode, found: _Open | None, spent_ms: int, calls: int) -> None:
        if found is None or not found.is_counted:
            return
        found.cell.handled_ms += spent_ms
        home = found.call.region
        if home != region:
            found.cell.lent_ms += spent_ms
            lent = self.lent_ms.setdefault((home, region), [0, 0])
            lent[0] += calls
            lent[1] += spent_ms

    def _counted_part_ms(self, from_ms: int, to_ms: int) -> int:
        """How much of a time is in that for which nurses' time is counted."""
        since_ms, finished_ms = self._counts_since_ms, self._finished_ms
        if since_ms is None:
            return 0
        if finished_ms is not None and finished_ms < to_ms:
            to_ms = finished_ms
        return max(0, to_ms - max(from_ms, since_ms))

    def _wrap_up_started(self, event: ev.WrapUpStarted, at_ms: int) -> None:
        self._busy(event.agent_id, at_ms - self._began_ms, 1)

    def _wrap_up_ended(self, event: ev.WrapUpEnded, at_ms: int) -> None:
        now_ms = at_ms - self._began_ms
        self._busy(event.agent_id, now_ms, -1)
        found = self._written.pop(event.contact_id, None)
        if found is not None:
            found.cell.busy_ms += self._counted_part_ms(now_ms - event.wrap_up_ms, now_ms)
        self._handled(self._agents[event.agent_id], found, event.wrap_up_ms, 0)

    def _signed_on(self, event: ev.AgentSignedOn, at_ms: int) -> None:
        self._agents[event.agent_id] = self._phones[event.phone_id] = event.region
        time = self.times[event.region]
        time.pass_to(at_ms - self._began_ms)
        time.staff += 1

    def _signed_off(self, event: ev.AgentSignedOff, at_ms: int) -> None:
        time = self.times[self._agents[event.agent_id]]
        time.pass_to(at_ms - self._began_ms)
        time.staff -= 1

    def _busy(self, agent_id: AgentId, now_ms: int, change: int) -> None:
        """She has one contact more or less; she is busy as long as she has any."""
        if self._held is not None:
            before = self._held.get(agent_id, 0)
            self._held[agent_id] = before + change
            if before and before + change:
                return
        time = self.times[self._agents[agent_id]]
        time.pass_to(now_ms)
        time.busy += change
