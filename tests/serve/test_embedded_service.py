"""A country on the embedded network: it goes on where it was stopped, and stays small."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from queue_engine.cli.run import settled
from queue_engine.config.load import Configuration, load_all
from queue_engine.core.codec import decode_record
from queue_engine.core.commands import SetWindow
from queue_engine.core.contact import ContactState
from queue_engine.core.errors import AppendRefused, EngineStopped
from queue_engine.core.events import ContactEnded, ContactEnqueued
from queue_engine.core.invariants import check
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.clock import SPEED_MAX
from queue_engine.runtime.recovery import recover
from queue_engine.serve.service import Embedded, Service
from routing.vocabulary import Outcome
from simulations.crowd.country import crowd_of

CONFIG: Final = Path(__file__).resolve().parents[2] / "config"
MONDAY_8_MS: Final = 1_795_417_200_000
"""Monday 23 November 2026, 08:00 in Sweden: the busiest hour of the week."""
HOUR_MS: Final = 3_600_000
DEADLINE_S: Final = 60.0


@pytest.fixture
def country(tmp_path: Path) -> Configuration:
    """The shipped configuration, with files of the test's own."""
    copy = tmp_path / "config"
    shutil.copytree(CONFIG, copy)
    return settled(load_all(copy), port=0)


def never() -> Configuration:
    """Nothing is reloaded here."""
    raise AssertionError("read again")


def embedded(load: float = 1.0) -> Embedded:
    """The whole country on a Monday morning, sixty times as fast, with everything checked."""

    def people(service: Service) -> Coroutine[Any, Any, None]:
        crowd = crowd_of(
            service.configuration, service.network, service.deciding.driver, seed=7, load=load
        )
        crowd.begin()
        return crowd.run()

    return Embedded(speed=SPEED_MAX, from_ms=MONDAY_8_MS, is_checked=True, people=people)


async def live_until(service: Service, until_ms: int) -> None:
    """The people live until that moment; a fault of theirs or ours is raised."""
    ends = asyncio.create_task(service.wait())
    real_s = (until_ms - service.driver.now_ms()) / 1000 / SPEED_MAX
    async with asyncio.timeout(real_s + DEADLINE_S):
        while service.driver.now_ms() < until_ms:
            await asyncio.wait([ends], timeout=0.2)
            assert not ends.done(), ends.result()
    ends.cancel()
    await asyncio.wait([ends])


def journal_of(country: Configuration) -> tuple[State, list[Record]]:
    """What a stopped country has written."""
    journal = SqliteJournal(country.settings.journal)
    try:
        records = [decode_record(stored.data) for stored in journal.read(0)]
        return recover(journal), records
    finally:
        journal.close()


def living(state: State) -> dict[str, ContactState | None]:
    """Who is in the queue or talks."""
    return {
        contact.contact_id: contact.state
        for contact in state.contacts.values()
        if contact.state is not ContactState.ENDED
    }


def count_of(service: Service, state: ContactState) -> int:
    """How many are in this state."""
    return list(living(service.driver.state).values()).count(state)


async def test_stopped_in_the_middle_nobody_is_lost_and_nobody_twice(
    country: Configuration,
) -> None:
    async with Service(country, never, embedded=embedded(load=1.5)) as service:
        await live_until(service, MONDAY_8_MS + 3 * 60_000)
        while count_of(service, ContactState.WAITING) < 5:
            await live_until(service, service.driver.now_ms() + 10_000)
        agents = set(service.driver.state.agents)
    stopped, _ = journal_of(country)
    before = living(stopped)
    assert set(before.values()) >= {ContactState.WAITING, ContactState.CONNECTED}
    async with Service(country, never, embedded=embedded(load=1.5)) as service:
        again = living(service.driver.state)
        talking = [name for name, state in before.items() if state is ContactState.CONNECTED]
        assert set(before) <= set(again)
        assert all(again[name] is ContactState.CONNECTED for name in talking)
        assert set(service.driver.state.agents) == agents
        await live_until(service, service.driver.now_ms() + 6 * 60_000)
    state, records = journal_of(country)
    check(state)
    events = [event for record in records for event in record.events]
    enqueued = Counter(e.contact_id for e in events if isinstance(e, ContactEnqueued))
    ended = {e.contact_id: e.outcome for e in events if isinstance(e, ContactEnded)}
    assert set(enqueued.values()) == {1}
    assert set(enqueued) == set(ended) | set(living(state)), "each has ended or is there"
    assert not set(ended) & set(living(state))
    assert Outcome.LOST not in ended.values()
    handled = {name for name, outcome in ended.items() if outcome is Outcome.HANDLED}
    assert handled & set(before), "those from before the stop were helped after it"


async def test_a_country_without_people_waits_for_those_at_browsers(
    country: Configuration,
) -> None:
    async with Service(country, never, embedded=replace(embedded(), people=None)) as service:
        await live_until(service, service.driver.now_ms() + 10_000)
        assert service.driver.state.is_link_up(service.network.link_id)
        assert service.http.link.startswith(f"http://127.0.0.1:{service.http.port}/#token=")
        assert not service.driver.state.agents


async def test_a_reload_keeps_what_makes_the_country_an_embedded_one(tmp_path: Path) -> None:
    copy = tmp_path / "config"
    shutil.copytree(CONFIG, copy)

    def read() -> Configuration:
        return settled(load_all(copy), port=0)

    async with Service(read(), read, embedded=replace(embedded(), people=None)) as service:
        policy = copy / "national.yaml"
        policy.write_text(policy.read_text().replace("due_after: 8 min", "due_after: 5 min"))
        before = service.configuration
        done = await service.reloader.reload()
        assert (done.rules_changed, done.restart_needed) == (True, False)
        assert service.configuration.settings == before.settings
        assert service.configuration.lines == before.lines, "told where a caller is by the network"


async def test_an_engine_that_fails_ends_the_service_and_nothing_spins(
    country: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AppendRefused("somebody else writes")

    async with Service(country, never, embedded=replace(embedded(), people=None)) as service:
        ends = asyncio.create_task(service.wait())
        monkeypatch.setattr(service.deciding.kept.journal, "append", refuse)
        with pytest.raises(EngineStopped, match="somebody else writes"):
            await service.driver.submit(SetWindow("night", True))
        with pytest.raises(AppendRefused):
            await asyncio.wait_for(ends, DEADLINE_S)
        monkeypatch.undo()


async def test_an_address_that_is_taken_is_a_sentence(country: Configuration) -> None:
    quiet = replace(embedded(), people=None)
    async with Service(country, never, embedded=quiet) as service:
        settings = country.settings
        other = replace(
            settings,
            var_dir=settings.var_dir / "other",
            journal=settings.var_dir / "other" / "journal.sqlite",
            http=replace(settings.http, port=service.http.port),
        )
        with pytest.raises(Exception, match=r"the API cannot listen at 127\.0\.0\.1:\d+"):
            async with Service(replace(country, settings=other), never, embedded=quiet):
                pass


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_four_hours_of_a_monday_leave_the_memory_flat(country: Configuration) -> None:
    """At sixty times the speed, all invariants on: four minutes."""
    async with Service(country, never, embedded=embedded()) as service:
        sizes_mib = []
        for hour in range(1, 5):
            await live_until(service, MONDAY_8_MS + hour * HOUR_MS)
            sizes_mib.append(_resident_mib())
            print(f"after {hour} h: {sizes_mib[-1]:.1f} MiB, {service.driver.state.record_number}")
        assert sizes_mib[3] - sizes_mib[0] < 15
        assert sizes_mib[3] - sizes_mib[2] < 5
    state, records = journal_of(country)
    check(state)
    ended = [e for record in records for e in record.events if isinstance(e, ContactEnded)]
    assert Outcome.LOST not in {event.outcome for event in ended}
    print(Counter(event.outcome for event in ended))


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20
