"""The crowd with everything that it is for: network, IVR, engine and journal, at sixty times."""

from __future__ import annotations

import asyncio
import gc
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from queue_engine.config.load import Configuration
from queue_engine.core import events as ev
from queue_engine.core.agent import AgentState
from queue_engine.core.codec import decode_record
from queue_engine.core.contact import ContactState
from queue_engine.core.record import Record
from queue_engine.runtime.clock import SPEED_MAX, Clock
from queue_engine.runtime.recovery import recover
from routing.vocabulary import AgentId, ContactId, HomeRegionSource, Outcome, Priority, RegionCode
from simulations.crowd.caller import OnTheLine
from simulations.crowd.crowd import CALLERS
from simulations.crowd.happenings import Happening
from simulations.crowd.people import Person
from simulations.draws import Shape, Spread
from tests.simulations.crowd_scene import made_up_clock
from tests.simulations.crowd_world import TUESDAY_10, CheckedJournal, Country, running
from tests.simulations.virtual_time import in_no_time

MINUTE_MS = 60_000
MONDAY_8 = TUESDAY_10 - 26 * 60 * MINUTE_MS
FEW = ("09", "14", "23")
REAL_S_MAX = 60.0
SIZES = (0.3, pytest.param(1.0, marks=[pytest.mark.soak, pytest.mark.timeout(600)]))
"""Which share of the country's people there are."""
OF_START = re.compile(rb"emb1-[^.\"]+\.")


def of(country: Configuration, *codes: str) -> Configuration:
    """The country, with people in some of its regions only."""
    return replace(country, regions=tuple(r for r in country.regions if r.code in codes))


@dataclass
class MadeUp:
    """A country in made-up time, on and off, over one journal."""

    country: Configuration
    share: float = 1.0
    seed: int = 1
    start_ms: int = TUESDAY_10
    every: int = 0
    """Invariants are looked at with each such append; 0: never."""
    journal: CheckedJournal = field(init=False)

    def __post_init__(self) -> None:
        self.journal = CheckedJournal(self.every)

    def live(self, minutes: int, act: Callable[[Country], None] = lambda _it: None) -> None:
        """Starts, does something, lives so long, and is cut off where it stands."""

        async def main() -> None:
            def clock_of(floor_ms: int) -> Clock:
                return made_up_clock(max(floor_ms, self.start_ms), SPEED_MAX)

            async with running(
                self.country, self.journal, clock_of, seed=self.seed, share=self.share
            ) as it:
                act(it)
                await asyncio.sleep(minutes * 60 / SPEED_MAX)
                counts = it.driver.counts
                assert counts.failures == counts.stalls == counts.feeds_cut == 0

        in_no_time(main())

    def records(self) -> list[Record]:
        """All that has happened."""
        return [decode_record(stored.data) for stored in self.journal.read(0)]

    def events(self) -> list[ev.Event]:
        """The same, event by event."""
        return [event for record in self.records() for event in record.events]


def state_of(country: Country) -> dict[ContactId, ContactState | None]:
    """Who is there, and where."""
    return {contact.contact_id: contact.state for contact in country.driver.state.living_contacts()}


def waits_ms(events: list[ev.Event]) -> list[int]:
    """Of all who were connected, from the IVR's answer, in order of length."""
    return sorted(event.wait_ms for event in events if isinstance(event, ev.ContactConnected))


def share_within(waits: list[int], limit_ms: int) -> float:
    return sum(wait_ms <= limit_ms for wait_ms in waits) / len(waits)


def test_some_hundred_calls_go_through_the_menu_and_end(
    country: Configuration, caplog: pytest.LogCaptureFixture
) -> None:
    """With all invariants looked at after every other append."""
    few = MadeUp(of(country, *FEW), share=0.9, every=2)
    few.live(70)
    events = few.events()
    enqueued = [event for event in events if isinstance(event, ev.ContactEnqueued)]
    outcomes = Counter(event.outcome for event in events if isinstance(event, ev.ContactEnded))
    assert few.journal.looks > 300
    assert len(enqueued) > 100
    assert len({event.contact_id for event in enqueued}) == len(enqueued)
    assert set(outcomes) == {Outcome.HANDLED, Outcome.ABANDONED}
    assert outcomes[Outcome.HANDLED] > 0.6 * len(enqueued)
    assert {event.home_region_source for event in enqueued} == {
        HomeRegionSource.CALLER_KEY,
        HomeRegionSource.AREA_CODE,
        HomeRegionSource.NONE,
    }
    assert {Priority.EMERGENCY, Priority.STANDARD, Priority.NON_MEDICAL} <= {
        event.priority for event in enqueued
    }
    by_region = Counter(event.home_region for event in enqueued)
    assert by_region[RegionCode("14")] > 5 * by_region[RegionCode("23")] > 0
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


def test_the_same_seed_gives_the_same_day_to_the_byte(country: Configuration) -> None:
    """But for the part of calls' ids that is another at each start."""

    def day(seed: int) -> list[bytes]:
        made_up = MadeUp(country, share=0.2, seed=seed)
        made_up.live(15)
        return [OF_START.sub(b"emb1-.", stored.data) for stored in made_up.journal.read(0)]

    first = day(1)
    assert len(first) > 100
    assert day(1) == first
    assert day(2) != first


def test_stopped_in_the_middle_nobody_is_lost_and_nobody_is_there_twice(
    country: Configuration,
) -> None:
    made_up = MadeUp(country, share=0.15, start_ms=MONDAY_8, every=100)
    made_up.live(25)
    stopped = recover(made_up.journal)
    before = {contact.contact_id: contact.state for contact in stopped.living_contacts()}
    agents = set(stopped.agents)
    assert {ContactState.WAITING, ContactState.CONNECTED} <= set(before.values())
    assert {AgentState.TALKING, AgentState.WRAP_UP} <= {
        held.state for agent in stopped.agents.values() for held in agent.assignments.values()
    }

    def take_over(again: Country) -> None:
        assert set(state_of(again)) == set(before)
        assert set(again.driver.state.agents) == agents
        assert len(again.crowd.callers) == len(before), "each has somebody at the telephone"
        assert {call.contact_id for call in again.network.calls()} == set(before)

    made_up.live(60, take_over)
    events = made_up.events()
    ended = Counter(event.contact_id for event in events if isinstance(event, ev.ContactEnded))
    outcomes = {event.outcome for event in events if isinstance(event, ev.ContactEnded)}
    assert set(before) <= set(ended), "all who were there are helped, or gave up"
    assert set(ended.values()) == {1}
    assert Outcome.LOST not in outcomes
    enqueued = [event.contact_id for event in events if isinstance(event, ev.ContactEnqueued)]
    assert len(enqueued) == len(set(enqueued))
    signed_on = Counter[AgentId]()
    for event in events:
        match event:
            case ev.AgentSignedOn():
                signed_on[event.agent_id] += 1
                assert signed_on[event.agent_id] == 1, "she is at work already"
            case ev.AgentSignedOff():
                signed_on[event.agent_id] -= 1


def test_what_the_crowd_remembers_does_not_grow_with_the_calls_that_ended(
    country: Configuration,
) -> None:
    kept: list[tuple[int, int, Counter[str]]] = []

    async def look(it: Country) -> None:
        for _ in range(2):
            await it.driver.clock.sleep_ms(60 * MINUTE_MS)
            gc.collect()
            kinds = Counter(
                type(thing).__name__
                for thing in gc.get_objects()
                if isinstance(thing, OnTheLine | Person | Happening)
            )
            kept.append((it.crowd.callers.dialled, len(it.crowd.callers), kinds))

    looks: list[asyncio.Task[None]] = []
    made_up = MadeUp(country, share=0.15)
    made_up.live(125, lambda it: looks.append(asyncio.create_task(look(it))))
    looks[0].result()
    (dialled_1, _, first), (dialled_2, living, second) = kept
    assert dialled_2 > 1.8 * dialled_1 > 90
    assert second["OnTheLine"] == living
    assert second["Person"] <= living + 0.1 * dialled_1, "those who will call again"
    assert second["Happening"] < 1.2 * first["Happening"]


@pytest.mark.parametrize("share", SIZES)
def test_on_a_usual_day_most_are_answered_within_some_minutes(
    country: Configuration, share: float
) -> None:
    made_up = MadeUp(country, share)
    made_up.live(45)
    ended = [event for event in made_up.events() if isinstance(event, ev.ContactEnded)]
    abandoned = sum(event.outcome is Outcome.ABANDONED for event in ended)
    waits = waits_ms(made_up.events())
    assert len(waits) > 350 * share
    assert share_within(waits, 5 * MINUTE_MS) > 0.8
    assert abandoned < 0.1 * len(ended)


@pytest.mark.parametrize("share", SIZES)
def test_on_monday_morning_there_is_a_queue(country: Configuration, share: float) -> None:
    made_up = MadeUp(country, share, start_ms=MONDAY_8)
    made_up.live(50)
    later = [r for r in made_up.records() if r.at_ms > MONDAY_8 + 30 * MINUTE_MS]
    waits = waits_ms([event for record in later for event in record.events])
    assert share_within(waits, 3 * MINUTE_MS) < 0.85
    assert waits[-1] > 9 * MINUTE_MS
    waiting = recover(made_up.journal).living_contacts()
    assert sum(contact.state is ContactState.WAITING for contact in waiting) > 15 * share


@pytest.mark.timeout(150)
async def test_the_whole_country_keeps_step_with_a_real_clock_at_sixty_times(
    country: Configuration,
) -> None:
    journal = CheckedJournal(every=100)
    clocks: list[Clock] = []

    def clock_of(floor_ms: int) -> Clock:
        clocks.append(Clock(max(floor_ms, TUESDAY_10), lambda: 0, speed=SPEED_MAX))
        return clocks[-1]

    brisk = replace(CALLERS, content=Spread(Shape.LOGNORMAL, 150_000, 0.6))
    async with running(country, journal, clock_of, callers=brisk) as it:
        async with asyncio.timeout(REAL_S_MAX):
            while it.crowd.callers.dialled - len(it.crowd.callers) < 80:
                await asyncio.sleep(0.1)
                assert it.crowd.late_ms < 3 * MINUTE_MS
        assert it.driver.counts.stalls == it.driver.counts.failures == 0
    assert journal.looks > 2
