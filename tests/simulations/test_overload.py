"""What holds when more call than can be answered; the tables are printed by the long form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.config.load import Configuration
from routing.policy import MINUTE_MS, SECOND_MS, Order
from routing.vocabulary import Priority, RegionCode
from simulations.overload import (
    EMERGENCIES,
    LOADS,
    MIDDLE,
    SMALL,
    STAFF,
    beside_neighbour,
    overloaded,
    table,
)

WORSE_MAX_MS = {SMALL: 90 * SECOND_MS, MIDDLE: 45 * SECOND_MS}
"""One lent nurse of six is missed for ten minutes, and more than one of twenty."""


@pytest.mark.parametrize("emergencies", EMERGENCIES)
@pytest.mark.parametrize("load", LOADS)
def test_however_many_call_the_pressing_are_answered_soon(
    country: Configuration, load: float, emergencies: float
) -> None:
    """All three regions have as much too much; the wait counts from the IVR's answer."""
    report = overloaded(country.policy, dict.fromkeys(STAFF, load), 1, 1, emergencies)
    waits = dict(report.by_priority)
    emergency, standard = waits[Priority.EMERGENCY], waits[Priority.STANDARD]
    assert emergency.p95_wait_ms is not None
    assert emergency.mean_wait_ms is not None
    assert standard.mean_wait_ms is not None
    assert emergency.p95_wait_ms < 75 * SECOND_MS
    assert emergency.mean_wait_ms < standard.mean_wait_ms
    urgent = waits[Priority.URGENT].mean_wait_ms
    assert urgent is not None
    assert urgent < 3 * MINUTE_MS


@pytest.mark.parametrize("region", [SMALL, MIDDLE])
def test_a_neighbour_with_too_much_costs_a_region_what_it_lends_and_no_more(
    country: Configuration, region: RegionCode
) -> None:
    """Beside the old queue that all shared alike it is nothing."""
    shipped = beside_neighbour(country.policy, region, 1, 3)
    fifo = beside_neighbour(replace(country.policy, order=Order.FIFO), region, 1, 3)
    assert shipped.worse_ms < WORSE_MAX_MS[region]
    assert shipped.worse_ms < fifo.worse_ms / 2


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_the_tables_of_a_working_day(country: Configuration) -> None:
    lines = list(table(country.policy, 1, 8))
    print("\n".join(lines))
    assert len(lines) == len(LOADS) * len(EMERGENCIES) + 5
