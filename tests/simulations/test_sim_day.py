"""A simulated day: the same for one seed, true to theory, and true to the promises."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from math import factorial, sqrt
from pathlib import Path
from statistics import fmean, stdev

import pytest

from queue_engine.config.load import Configuration
from queue_engine.core import commands as cmd
from queue_engine.core.contact import ContactState
from queue_engine.core.record import Record
from queue_engine.core.state import State
from routing.policy import MINUTE_MS, SECOND_MS, Order, Policy
from routing.vocabulary import Priority, RegionCode
from simulations.callers import CallerHabits
from simulations.day import CALLERS, DailyWindow, Plan, main, run, run_day
from simulations.draws import Shape, Spread
from simulations.nurses import NurseHabits, Shift
from simulations.report import DayReport
from simulations.switch import Delays
from simulations.world import Follower
from tests.simulations.auditors import Conservation, EmergenciesFirst, Lending, Waits
from tests.simulations.scene import POLICY, REGION

ROOT = Path(__file__).parents[2]
MANY_EMERGENCIES = CallerHabits(
    priorities=((Priority.EMERGENCY, 0.3), (Priority.STANDARD, 0.5), (Priority.NON_MEDICAL, 0.2))
)
STOCKHOLM, SKANE = RegionCode("01"), RegionCode("12")


def small_country(
    country: Configuration,
    *follow: Follower,
    policy: Policy | None = None,
    seed: int = 1,
    hours: int = 1,
    load: float = 1.8,
    part: int = 10,
    callers: CallerHabits = CALLERS,
    invariants: bool = False,
) -> DayReport:
    """All 21 regions under the shipped rules, with one in `part` of their people."""
    return run_day(
        policy or country.policy,
        {region.code: region.population // part for region in country.regions},
        seed,
        hours,
        load,
        windows=tuple(
            DailyWindow(window.name, window.start_minute, window.end_minute)
            for window in country.windows
        ),
        callers=callers,
        invariants=invariants,
        follow=follow,
    )


# --- the same for one seed ------------------------------------------------------------------


def test_a_national_hour_keeps_every_invariant_and_checking_changes_nothing(
    country: Configuration,
) -> None:
    checked = small_country(country, invariants=True)
    assert checked.total.connected > 50
    assert sum(count for _, count in checked.given) > 10, "nobody helped anybody"
    assert checked == small_country(country)


def test_another_seed_is_another_day(country: Configuration) -> None:
    reports = [small_country(country, seed=seed) for seed in (1, 2)]
    assert reports[0].digest != reports[1].digest
    assert reports[0].cells != reports[1].cells


def test_the_same_people_call_whatever_the_policy(country: Configuration) -> None:
    def callers_under(policy: Policy) -> set[tuple[str, int, Priority]]:
        callers = set[tuple[str, int, Priority]]()

        def follow(record: Record) -> None:
            if isinstance(asked := record.command, cmd.EnqueueContact):
                callers.add((asked.contact_id, asked.arrived_ms, asked.priority))

        small_country(country, follow, policy=policy)
        return callers

    alone = tuple(replace(region, takes_part=False) for region in country.policy.regions)
    together = callers_under(country.policy)
    assert callers_under(replace(country.policy, regions=alone)) == together
    assert callers_under(replace(country.policy, order=Order.FIFO)) == together


def test_the_command_prints_the_seed_first_and_the_same_under_any_hash_seed() -> None:
    def printed(hash_seed: str) -> str:
        command = [sys.executable, "-m", "simulations.day", "--seed", "5"]
        command += ["--hours", "1", "--from-hour", "3"]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = printed("1")
    assert first.startswith("seed 5, ")
    assert "Region Stockholm" in first
    assert printed("2") == first


def test_a_configuration_that_cannot_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(tmp_path)]) == 1
    assert "national.yaml" in capsys.readouterr().err


# --- true to theory -------------------------------------------------------------------------


def erlang_c(nurses: int, erlangs: float) -> float:
    """The probability of waiting: Poisson calls, exponential talks, nobody gives up."""
    all_busy = erlangs**nurses / factorial(nurses) * nurses / (nurses - erlangs)
    return all_busy / (sum(erlangs**k / factorial(k) for k in range(nurses)) + all_busy)


def test_one_region_where_nobody_gives_up_waits_as_erlang_says() -> None:
    """M/M/5 at 60 %: call by call as first come, first served; on the whole as the formula.

    The tolerance is 4 standard errors, which come from the means of 20 batches.
    """
    nurses, calls_an_hour, talk_ms, hours, batches = 5, 60.0, 3 * MINUTE_MS, 100, 20
    at_once = Spread(Shape.FIXED, 0)
    plan = Plan(
        policy=POLICY,
        demand={REGION: (calls_an_hour,) * 24},
        shifts=(Shift(REGION, 0, hours, nurses),),
        callers=CallerHabits(
            priorities=((Priority.STANDARD, 1.0),),
            menu=at_once,
            patience=None,
            talk=Spread(Shape.EXPONENTIAL, talk_ms),
        ),
        nurses=NurseHabits(answer=at_once, misses=0, wrap_up=at_once, lateness=at_once, break_ms=0),
        delays=Delays(act_ms=0, report_ms=0),
        from_hour=0,
    )
    waits = Waits()
    report = run(plan, 1, hours, follow=[waits])
    assert report.total.abandoned == 0
    assert waits.ms == waits.first_come_first_served(nurses)

    size = len(waits.ms) // batches
    assert size * batches > 5_000
    erlangs = calls_an_hour * talk_ms / (60 * MINUTE_MS)
    p_wait = erlang_c(nurses, erlangs)
    mean_wait_ms = p_wait * talk_ms / (nurses - erlangs)
    for expected, measured in (
        (p_wait, [float(wait_ms > 0) for wait_ms in waits.ms]),
        (mean_wait_ms, [float(wait_ms) for wait_ms in waits.ms]),
    ):
        means = [fmean(measured[n * size : (n + 1) * size]) for n in range(batches)]
        error = stdev(means) / sqrt(batches)
        assert error < expected / 5, "too few calls to tell anything"
        assert fmean(means) == pytest.approx(expected, abs=4 * error)


# --- true to the promises -------------------------------------------------------------------


def test_everybody_who_entered_is_connected_gone_or_still_there(country: Configuration) -> None:
    books, waits, states = Conservation(), Waits(), list[State]()
    report = run_day(
        country.policy,
        {region.code: region.population // 6 for region in country.regions},
        3,
        2,
        1.5,
        watch=lambda state, _: states.append(state) if not states else None,
        follow=[books, waits],
    )
    assert report.total.abandoned > 20
    assert report.total.still_waiting > 5
    assert len(report.cells) == len(books.entered)
    still_there = Counter(books.there.values())
    for region, priority, counts in report.cells:
        cell = (region, priority)
        booked = (counts.contacts_entered, counts.connected, counts.abandoned)
        assert booked == (books.entered[cell], books.connected[cell], books.abandoned[cell]), cell
        assert counts.still_waiting == still_there[cell], cell
        assert counts.contacts_entered == counts.connected + counts.abandoned + still_there[cell]
    assert report.total.mean_wait_ms == pytest.approx(fmean(waits.ms), abs=1)
    p95_ms, below = report.total.p95_wait_ms, 0.95 * len(waits.ms)
    assert p95_ms in waits.ms
    assert sum(wait_ms < p95_ms for wait_ms in waits.ms) < below
    assert sum(wait_ms <= p95_ms for wait_ms in waits.ms) >= below
    unanswered = (ContactState.WAITING, ContactState.OFFERED)
    rows = states[0].contacts.values()
    assert {row.contact_id for row in rows if row.state in unanswered} == set(books.there)


def test_emergencies_come_before_all_others_at_nurses_who_may_answer_both(
    country: Configuration,
) -> None:
    auditor = EmergenciesFirst()
    small_country(country, auditor, seed=2, load=2, part=3, callers=MANY_EMERGENCIES)
    assert not auditor.passed_over, auditor.passed_over[:5]
    assert auditor.waited > 20, "emergencies never had to wait: nothing was proved"


def test_the_auditor_sees_when_emergencies_do_not_come_first(country: Configuration) -> None:
    auditor = EmergenciesFirst()
    fifo = replace(country.policy, order=Order.FIFO)
    small_country(country, auditor, policy=fifo, seed=2, load=2, part=3, callers=MANY_EMERGENCIES)
    assert auditor.passed_over


def test_a_region_alone_never_gives_and_never_takes(country: Configuration) -> None:
    regions = tuple(
        replace(region, takes_part=region.code != SKANE) for region in country.policy.regions
    )
    lending = Lending()
    policy = replace(country.policy, regions=regions)
    report = small_country(country, lending, policy=policy, seed=4, load=1, part=1)
    given, taken = dict(report.given), dict(report.taken)
    assert given[SKANE] == taken[SKANE] == 0
    assert dict(report.by_region)[SKANE].connected > 10
    assert all((home == SKANE) is (works_in == SKANE) for home, works_in in lending.pairs)
    assert sum(given.values()) == sum(taken.values()) > 10
    assert given[STOCKHOLM] > 0


def test_more_people_than_planned_for_wait_longer_and_the_pressing_wait_least(
    country: Configuration,
) -> None:
    usual, crowded = (small_country(country, load=load, hours=2) for load in (0.7, 2.0))
    assert usual.total.mean_wait_ms is not None
    assert crowded.total.mean_wait_ms is not None
    assert crowded.total.mean_wait_ms > usual.total.mean_wait_ms + 60 * SECOND_MS
    waits = {priority: counts.mean_wait_ms for priority, counts in crowded.by_priority}
    emergency, standard = waits[Priority.EMERGENCY], waits[Priority.STANDARD]
    assert emergency is not None
    assert standard is not None
    assert emergency < 60 * SECOND_MS < standard
