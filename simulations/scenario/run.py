"""One seed of a scenario under one policy: people, switch and core, until it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from queue_engine.core.commands import SetWindow, TakeMeasures
from queue_engine.core.errors import BadInput
from queue_engine.core.expected import told_ms
from queue_engine.core.measures import MEASURE_MS
from queue_engine.core.message import maker
from queue_engine.core.snapshot import digest
from queue_engine.core.turn import Watch
from routing.policy import Policy
from routing.rules import Rules
from routing.vocabulary import ContactId
from simulations.draws import Draws
from simulations.scenario.arrivals import Call, calls, draw_call
from simulations.scenario.calls_file import read_calls
from simulations.scenario.model import (
    HOUR_MS,
    WEEK_MS,
    CallbackHabits,
    Channel,
    End,
    Scenario,
    figure_at,
)
from simulations.scenario.one_moment import OneMoment, goes_by_reference
from simulations.scenario.staff import Staff
from simulations.scenario.tally import Promises, Tally
from simulations.screens import Screens
from simulations.switch import Caller, Delays, Disturbed, Switch
from simulations.world import LINK, MIDNIGHT_MS, First, Follower, World

_caller = maker(Caller)
_BY_CALLS, _ARRIVALS, _CHAT = End.CALLS, First.ARRIVALS, Channel.CHAT
"""For what is asked with every call; see `queue_engine.core.contact.WAITING`."""

AT_ONCE: Final = Delays(0, 0)
DRAINED_MS_MAX: Final = WEEK_MS
"""So long at most the last callers are waited for."""
WRITTEN_MS_MAX: Final = 24 * HOUR_MS
"""And so long what is written about them."""
REDIAL_NUMBERS_FROM: Final = 10**12
_NEVER_MS: Final = 10**17
_NEVER_HEARD: Final = Disturbed(late_ms=0, times=0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that is over."""

    policy: str
    seed: int
    tally: Tally
    records: int
    digest: str
    """Of the core's state at the end: equal runs give equal ones."""


class Run:
    """One run; `go` has it happen.

    Args:
        seed: the same gives the same run.
        checks: all invariants after every command, and the promise at every offer (slow).
        watch: sees each event before it is applied.
        follow: each sees every record.
        progress: told now and then what part of it is done, from 0 to 1.
    """

    def __init__(
        self,
        scenario: Scenario,
        policy_name: str,
        seed: int,
        *,
        checks: bool = False,
        watch: Watch | None = None,
        follow: Iterable[Follower] = (),
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self._scenario = scenario
        self._policy_name = policy_name
        self._seed = seed
        self._progress = progress
        policy = scenario.policy(policy_name)
        self.tally = Tally(scenario, MIDNIGHT_MS, promises(scenario, policy))
        self._world = World(
            policy,
            MIDNIGHT_MS,
            invariants=checks,
            watch=watch,
            follow=follow,
            may_crash=scenario.faults.crash_every_ms > 0,
        )
        self._world.hear(self.tally.readers)
        self._staff = Staff(self._world, scenario, seed)
        if goes_by_reference(scenario, policy):
            between = OneMoment(self._world, scenario)
            self._world.between, self._staff.changed = between, between.bring_back_in
        staff = self._staff
        self._switch = Switch(
            self._world,
            staff.picks_up,
            AT_ONCE,
            hangs_up=staff.hangs_up,
            talk_ms=staff.talk_ms,
            disturbs=self._disturb if scenario.faults.disturbs_reports else None,
            rang_in_vain=staff.rang_in_vain,
        )
        self._screens: Screens | None = None
        if scenario.has_chats:
            self._screens = Screens(self._world, staff.picks_up, staff.hangs_up, staff.talk_ms)
        self._chance = Draws(seed, "faults")
        self._places = {region.code: region.queue_places for region in scenario.regions}
        self._redials = any(
            kind.redials for region in scenario.regions for kind in scenario.kinds_of(region)
        )
        self._came = 0
        self._again = 0
        self._in_menu = 0
        self._is_closing = False

    def go(self) -> Outcome:
        """Lets it happen, until all calls are done with."""
        world, scenario = self._world, self._scenario
        self._turn_windows(0)
        self._staff.begin()
        if world.state.rules.limits:
            self._measure()
        length = scenario.length
        if length.warm_up == 0:
            self.tally.begin(0)
        elif length.end is End.TIME:
            begin = partial(self.tally.begin, length.warm_up)
            world.at(MIDNIGHT_MS + length.warm_up, begin, First.STAFF)
        self._look()
        self._expect_crash()
        self._expect_reconciling()
        self._expect(self._calls())
        if length.end is End.TIME:
            world.run(MIDNIGHT_MS + length.amount)
            self._close()
        else:
            world.run(_NEVER_MS)
        world.run(world.now_ms + DRAINED_MS_MAX, self._has_calls)
        self.tally.close(world.now_ms - MIDNIGHT_MS)
        world.run(world.now_ms + WRITTEN_MS_MAX, lambda: self.tally.is_writing)
        return Outcome(
            self._policy_name, self._seed, self.tally, world.records, digest(world.state)
        )

    def _calls(self) -> Iterator[Call]:
        if self._scenario.contacts is not None:
            return read_calls(self._scenario, self._seed)
        return calls(self._scenario, self._seed)

    def _close(self) -> None:
        self.tally.finish(self._world.now_ms - MIDNIGHT_MS)
        self._is_closing = True
        self._world.stop()

    def _has_calls(self) -> bool:
        chats = self._screens.chats_count if self._screens is not None else 0
        if self._switch.calls_count + chats + self._in_menu > 0:
            return True
        return self._scenario.faults.lost > 0 and bool(self._world.state.living_contacts())

    # --- callers ----------------------------------------------------------------------------

    def _expect(self, coming: Iterator[Call]) -> None:
        call = next(coming, None)
        if call is not None:
            at_ms = MIDNIGHT_MS + call.arrived_ms
            self._world.at(at_ms, partial(self._arrive, call, coming), _ARRIVALS)
        elif self._scenario.length.end is End.CALLS:
            if not self.tally.is_counting:
                raise BadInput(
                    f"{self._scenario.name}: the warm_up of {self._scenario.length.warm_up} calls"
                    f" takes all that came ({self._came}): nothing is left to count"
                )
            self._close()

    def _arrive(self, call: Call, coming: Iterator[Call]) -> None:
        length = self._scenario.length
        if length.end is _BY_CALLS:
            if self._came == length.warm_up and length.warm_up:
                self.tally.begin(call.arrived_ms)
            if self._progress is not None and self._came % 1_000 == 0:
                self._progress(self._came / length.amount)
        elif self._progress is not None and self._came % 1_000 == 0:
            self._progress(min(1.0, call.arrived_ms / length.amount))
        number = self._came
        self._came += 1
        self._call(number, call)
        self._expect(coming)

    def _call(self, number: int, call: Call, key: str = "") -> None:
        contact_id = ContactId(f"{LINK}-{number}")
        self.tally.expect(contact_id, number, call)
        if call.menu_ms:
            self._in_menu += 1
            self._world.after(call.menu_ms, partial(self._leave_menu, contact_id, call, key))
        else:
            self._enter(contact_id, call, key)

    def _leave_menu(self, contact_id: ContactId, call: Call, key: str) -> None:
        self._in_menu -= 1
        if call.patience_ms is not None and call.patience_ms <= call.menu_ms:
            self.tally.leave_menu(contact_id, call.patience_ms)
            self._maybe_redial(contact_id, call, key)
        else:
            self._enter(contact_id, call, key)

    def _enter(self, contact_id: ContactId, call: Call, key: str) -> None:
        kind = call.kind
        caller = _caller(
            contact_id=contact_id,
            region=call.region,
            priority=kind.priority,
            arrived_ms=MIDNIGHT_MS + call.arrived_ms,
            talk_ms=call.handling_ms,
            hangs_up_first=True,
            needs=kind.needs,
            caller_key=key or (contact_id if self._redials else ""),
        )
        if kind.channel is _CHAT:
            assert self._screens is not None, kind
            self._screens.enter(caller)
        else:
            self._switch.enter(caller)
        places = self._places[call.region]
        if places is not None:
            self._world.after(0, partial(self._find_place, contact_id, call, places))
        if call.patience_ms is not None:
            gone_ms = MIDNIGHT_MS + call.arrived_ms + call.patience_ms
            self._world.at(gone_ms, partial(self._give_up, contact_id, call, key))
        if call.callback_after_ms is not None:
            self._world.after(call.callback_after_ms, partial(self._ask_callback, contact_id, call))

    def _find_place(self, contact_id: ContactId, call: Call, places: int) -> None:
        """Turned away, if not answered at once and too many wait."""
        state = self._world.state
        contact = state.living(contact_id)
        is_waiting = contact is not None and contact_id in state.waiting
        if is_waiting and state.waiting.count_in_region(call.region) > places:
            self.tally.reject(contact_id)
            self._leave(contact_id, call)

    def _leave(self, contact_id: ContactId, call: Call) -> bool:
        """Who waits does no more; whether he was waiting."""
        if call.kind.channel is _CHAT:
            assert self._screens is not None, call
            return self._screens.leave(contact_id)
        return self._switch.hang_up(contact_id)

    def _ask_callback(self, contact_id: ContactId, call: Call) -> None:
        """Asked for, if nobody is about to answer him and it is said to take long still."""
        state, habits = self._world.state, call.kind.callback
        contact = state.living(contact_id)
        if contact is None or contact_id not in state.waiting:
            return
        told = told_ms(state, contact, self._world.now_ms)
        if told is None or told >= habits.told_ms:
            draws = Draws(self._seed, f"rung/{contact_id}")
            self._switch.ask_callback(contact_id, partial(_accepts_ms, draws, habits))

    def _give_up(self, contact_id: ContactId, call: Call, key: str) -> None:
        if self._leave(contact_id, call):
            self._maybe_redial(contact_id, call, key)

    def _maybe_redial(self, contact_id: ContactId, call: Call, key: str) -> None:
        """The same person again, as patient as chance has it, and no third time."""
        if call.redials_after_ms is None or key:
            return
        again_ms = self._world.now_ms + call.redials_after_ms
        self._in_menu += 1
        self._world.at(again_ms, partial(self._redial, contact_id, call), First.ARRIVALS)

    def _redial(self, first: ContactId, call: Call) -> None:
        self._in_menu -= 1
        arrived_ms = self._world.now_ms - MIDNIGHT_MS
        draws = Draws(self._seed, f"again/{first}")
        again = draw_call(draws, arrived_ms, call.region, call.kind)
        self._again += 1
        self._call(
            REDIAL_NUMBERS_FROM + self._again, again._replace(handling_ms=call.handling_ms), first
        )

    # --- the day's course -------------------------------------------------------------------

    def _disturb(self) -> Disturbed:
        faults = self._scenario.faults
        if faults.lost and self._chance.chance(faults.lost):
            return _NEVER_HEARD
        late_ms = (
            self._chance.duration_ms(faults.late_by) if self._chance.chance(faults.late) else 0
        )
        return Disturbed(late_ms, 2 if self._chance.chance(faults.twice) else 1)

    def _crash(self) -> None:
        self._world.crash(self._switch.callers())
        self._expect_crash()

    def _expect_crash(self) -> None:
        if (every_ms := self._scenario.faults.crash_every_ms) and not self._is_closing:
            self._world.at(self._world.now_ms + every_ms, self._crash)

    def _reconcile(self) -> None:
        self._switch.show()
        self._expect_reconciling()

    def _expect_reconciling(self) -> None:
        if every_ms := self._scenario.faults.reconcile_every_ms:
            self._world.at(self._world.now_ms + every_ms, self._reconcile)

    def _turn_windows(self, hour: int) -> None:
        windows = self._scenario.windows
        if not windows:
            return
        like_ms = self._scenario.calendar.like_ms(hour * HOUR_MS)
        on = {name: figure_at(figures, like_ms) != 0 for name, figures in windows.items()}
        for name in sorted(on, key=lambda name: (not on[name], name)):
            self._world.do(SetWindow(name, on[name]))
        at_ms = MIDNIGHT_MS + (hour + 1) * HOUR_MS
        self._world.at(at_ms, partial(self._turn_windows, hour + 1), First.STAFF)

    def _measure(self) -> None:
        self._world.do(TakeMeasures())
        self._world.at(self._world.now_ms + MEASURE_MS, self._measure)

    def _look(self) -> None:
        if not self._is_closing:
            self.tally.look(self._world.now_ms - MIDNIGHT_MS)
            self._world.at(self._world.now_ms + self._scenario.interval_ms, self._look, First.STAFF)


def _accepts_ms(draws: Draws, habits: CallbackHabits) -> int | None:
    """How long it rings at one who is rung back, this time; None: he does not answer."""
    return draws.duration_ms(habits.answer) if draws.chance(habits.reached) else None


def promises(scenario: Scenario, policy: Policy) -> Promises:
    """Within what callers are to be answered under the policy."""
    rules = Rules(policy)
    return {
        (region.code, kind.name): rules.priority_rule(kind.priority, kind.needs).answer_within_ms
        for region in scenario.regions
        for kind in scenario.kinds_of(region)
    }
