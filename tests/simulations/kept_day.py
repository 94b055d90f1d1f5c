"""An hour of a small country, with the records from the very first on, as a journal keeps them."""

from __future__ import annotations

from queue_engine.config.load import Configuration
from queue_engine.core.commands import LoadPolicy, ReportSwitch
from queue_engine.core.engine import Engine
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from simulations.day import run_day
from simulations.world import LINK


def kept_day(country: Configuration, seed: int, part: int) -> list[Record]:
    """All records; one in `part` of the people lives there, and there are too few nurses."""
    lived: list[Record] = []
    people = {region.code: region.population // part for region in country.regions}
    run_day(country.policy, people, seed, hours=1, load=1.6, follow=[lived.append])
    start_ms, engine = lived[0].at_ms, Engine()
    first = [
        engine.handle(command, start_ms)
        for command in (LoadPolicy(write_policy(country.policy)), ReportSwitch(LINK, start_ms, ()))
    ]
    records = [record for record in first if record is not None] + lived
    assert [record.number for record in records] == list(range(1, len(records) + 1))
    return records
