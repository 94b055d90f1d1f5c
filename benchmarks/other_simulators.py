"""The same queues in ciw and simpy: `python -m benchmarks.other_simulators ENGINE MODEL CALLS`.

Prints how many calls a second of processor time it got through, its building included. Each model
is written as the simulator's own users would; what it cannot say is told where it is left out.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Generator
from typing import Any, Final

REGIONS: Final = 21
SKILLS: Final = 6
NURSES_EACH: Final = 2
"""Of each region and first skill: 252 in all."""
HANDLING_MIN: Final = 8.0
PATIENCE_MIN: Final = 15.0
LOAD: Final = 0.9
SHARED_AFTER_MIN: Final = 2.0
CALLS_PER_MIN: Final = REGIONS * SKILLS * NURSES_EACH * LOAD / HANDLING_MIN
BARE_NURSES: Final = 100
BARE_PATIENCE_MIN: Final = 2.0


def ciw_bare(calls: int) -> None:
    """M/M/100+M: 100 calls a minute of one minute, patience of two."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=float(BARE_NURSES))],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        reneging_time_distributions=[ciw.dists.Exponential(rate=1 / BARE_PATIENCE_MIN)],
        number_of_servers=[BARE_NURSES],
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(calls, method="Arrive")


def simpy_bare(calls: int) -> None:
    """The same with a Resource."""
    import simpy

    chance = random.Random(1)
    environment = simpy.Environment()
    nurses = simpy.Resource(environment, capacity=BARE_NURSES)

    def caller() -> Generator[Any, Any, None]:
        with nurses.request() as request:
            patience = environment.timeout(chance.expovariate(1 / BARE_PATIENCE_MIN))
            yield request | patience
            if request.triggered:
                yield environment.timeout(chance.expovariate(1.0))

    def arrivals() -> Generator[Any, Any, None]:
        for _ in range(calls):
            yield environment.timeout(chance.expovariate(float(BARE_NURSES)))
            environment.process(caller())

    environment.process(arrivals())
    environment.run()


def simpy_country(calls: int) -> None:
    """21 regions and 6 skills: a nurse has a region and two skills; own region's first.

    A store of nurses that is searched: at once in the own region, after a wait anywhere. Who is
    served first among those who wait cannot be said, nor one priority before another.
    """
    import simpy

    chance = random.Random(1)
    environment = simpy.Environment()
    nurses = simpy.FilterStore(environment)
    nurses.items.extend(
        (region, {skill, (skill + 1) % SKILLS})
        for region in range(REGIONS)
        for skill in range(SKILLS)
        for _ in range(NURSES_EACH)
    )

    def caller(region: int, skill: int) -> Generator[Any, Any, None]:
        patience_min = chance.expovariate(1 / PATIENCE_MIN)
        wish = nurses.get(lambda nurse: nurse[0] == region and skill in nurse[1])
        yield wish | environment.timeout(min(patience_min, SHARED_AFTER_MIN))
        if not wish.triggered:
            wish.cancel()
            if patience_min <= SHARED_AFTER_MIN:
                return
            wish = nurses.get(lambda nurse: skill in nurse[1])
            yield wish | environment.timeout(patience_min - SHARED_AFTER_MIN)
            if not wish.triggered:
                wish.cancel()
                return
        yield environment.timeout(chance.expovariate(1 / HANDLING_MIN))
        yield nurses.put(wish.value)

    def arrivals() -> Generator[Any, Any, None]:
        for _ in range(calls):
            yield environment.timeout(chance.expovariate(CALLS_PER_MIN))
            environment.process(caller(chance.randrange(REGIONS), chance.randrange(SKILLS)))

    environment.process(arrivals())
    environment.run()


MODELS: Final[dict[tuple[str, str], Callable[[int], None]]] = {
    ("ciw", "bare"): ciw_bare,
    ("simpy", "bare"): simpy_bare,
    ("simpy", "country"): simpy_country,
}


def main() -> None:
    """One engine, one model."""
    engine, model, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
    began = time.process_time()
    MODELS[engine, model](calls)
    print(calls / (time.process_time() - began))


if __name__ == "__main__":
    main()
