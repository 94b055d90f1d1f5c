"""The API says why a contact went as it did, from the journal, without disturbing the engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from queue_engine.console_api import explaining
from queue_engine.console_api.past import JournalSnapshots
from queue_engine.core.commands import OfferFailure, ReportOfferFailed
from queue_engine.core.snapshot import digest, write_snapshot
from queue_engine.journal.base import Snapshot
from queue_engine.journal.sqlite import SqliteJournal
from tests.console_api.api_world import ApiWorld, api_world


def path_of(contact_id: str) -> str:
    return f"/api/v1/contacts/{contact_id}/explain"


async def test_an_offer_says_why_this_contact_and_why_this_agent(world: ApiWorld) -> None:
    await world.caller("22")
    behind = await world.caller("22")
    await world.caller("22")
    await world.agent("n22-1")
    await world.agent("n23-1")
    found = await world.get(path_of("c1"))
    (offer,) = [entry["offer"] for entry in found["entries"] if "offer" in entry]
    assert (offer["agent_id"], offer["is_home"], offer["answerable"]) == ("n22-1", True, 3)
    assert (offer["next_contact"], offer["next_standing"]) == (behind, "sequence")
    assert (offer["candidates"], offer["advantage"]) == (1, None)
    assert offer["rules_version"] >= 2
    assert offer["text_sv"][0].startswith("Varför samtalet: först av 3 ")
    assert [entry["text_sv"] for entry in found["entries"]] == [
        entry["text_sv"] for entry in (await world.get("/api/v1/contacts/c1"))["timeline"]
    ]
    assert found["wait"]["hold"] == "ringing"


async def test_one_that_waits_says_what_stands_between(world: ApiWorld) -> None:
    contact = await world.caller("22")
    await world.agent("n23-1")
    found = await world.get(path_of(contact))
    assert found["wait"]["hold"] is None
    assert found["wait"]["ahead"] == 0
    assert found["wait"]["next_share"]["rule"] == "after_3_min"
    assert found["wait"]["regions"] == [
        {"region": "23", "at_work": 1, "could": 0, "kept": [{"why": "not_lending", "count": 1}]}
    ]
    assert found["wait"]["nearest"][0]["why"] == "not_lending"
    await world.gone(contact)
    assert (await world.get(path_of(contact)))["wait"] is None


async def test_nobody_is_not_found_and_the_engine_is_not_disturbed(world: ApiWorld) -> None:
    contact = await world.caller("22")
    await world.agent("n22-1")
    row = world.driver.state.contacts[contact]
    assert row.offer is not None
    await world.driver.submit(ReportOfferFailed(contact, row.offer, OfferFailure.REJECTED))
    before = digest(world.driver.state)
    assert len((await world.get(path_of(contact)))["entries"]) >= 3
    assert digest(world.driver.state) == before
    assert (await world.get(path_of("nobody"), status=404))["code"] == "unknown_contact"


async def test_it_begins_at_the_newest_snapshot_before_the_contact(tmp_path: Path) -> None:
    path = tmp_path / "samko.db"
    asked: list[int] = []

    class Watched(JournalSnapshots):
        async def before(self, number: int) -> Snapshot | None:
            found = await super().before(number)
            asked.append(found.number if found else 0)
            return found

    async with api_world(SqliteJournal(path), snapshots=Watched(path)) as world:
        early = await world.caller("22")
        state = world.driver.state
        saved = state.record_number
        await world.driver.hand.call(world.journal.save_snapshot, saved, write_snapshot(state))
        late = await world.caller("22")
        first, second = [await world.get(path_of(one)) for one in (early, late)]
        assert asked == [0, saved]
        assert first["wait"]["ahead"] == 0
        assert second["wait"]["ahead"] == 1
        damaged = path.with_name(f"{path.name}.snapshot-{saved:020d}")
        damaged.write_bytes(b"damaged")
        assert await world.get(path_of(late)) == second
        assert asked[-1] == 0


async def test_too_far_back_and_too_much_at_once_are_told(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = await world.caller("22")
    monkeypatch.setattr(explaining, "DEADLINE_S", 0.0)
    assert (await world.get(path_of(contact), status=503))["code"] == "overloaded"
    monkeypatch.setattr(explaining, "DEADLINE_S", 5.0)
    both = await asyncio.gather(*(world.get(path_of(contact)) for _ in range(8)))
    assert all(one == both[0] for one in both)
    monkeypatch.setattr(explaining, "RECORDS_MAX", 1)
    told = await world.get(path_of(contact), status=410)
    assert told["code"] == "too_far_back"
    assert f"samko explain {contact}" in told["detail"]
