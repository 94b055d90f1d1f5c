"""The state as bytes: equal states, equal bytes, and the same life afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from queue_engine.core import codec, commands as cmd
from queue_engine.core.engine import Engine
from queue_engine.core.errors import BadInput
from queue_engine.core.gateways import GatewayRow
from queue_engine.core.invariants import check
from queue_engine.core.record import Origin, Record
from queue_engine.core.snapshot import digest, read_snapshot, version_needed, write_snapshot
from queue_engine.core.state import State
from queue_engine.core.texts import Text
from queue_engine.core.told_islands import AwaitedContact, IslandRow
from routing.limits import Limit, LimitKind
from routing.vocabulary import (
    AgentId,
    ContactId,
    GatewayId,
    IslandId,
    LineId,
    LinkId,
    RegionCode,
    TextId,
)
from tests.core.chaos import Chaos
from tests.core.island_facts import usual_fact
from tests.core.world import LINK, World

GOLDEN = (Path(__file__).parent / "golden" / "v1.snapshot").read_bytes()


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_from_any_moment_the_same_bytes_and_the_same_life(seed: int) -> None:
    world = World()
    Chaos(world, seed).run(120)
    records = world.records
    lived = Engine()
    for number, record in enumerate(records):
        if number % 17 == 0:
            _goes_on_alike(lived.state, records[number : number + 40])
        assert lived.handle(record.command, record.at_ms) == record


def _goes_on_alike(state: State, records: list[Record]) -> None:
    before = write_snapshot(state)
    restored = read_snapshot(before)
    check(restored)
    assert write_snapshot(restored) == before
    engine = Engine(restored)
    for record in records:
        assert engine.handle(record.command, record.at_ms) == record


def test_the_digest_names_everything() -> None:
    world = World()
    seen = {digest(world.state)}
    world.agent("a1")
    seen.add(digest(world.state))
    world.caller("c1")
    seen.add(digest(world.state))
    world.answer("c1")
    seen.add(digest(world.state))
    assert len(seen) == 4
    assert digest(read_snapshot(write_snapshot(world.state))) in seen


def test_what_is_in_force_besides_the_rows_is_kept_too() -> None:
    world = World()
    world.do(cmd.SetWindow("night_22_07", True))
    world.do(cmd.CloseLine(LineId("1177")))
    world.do(cmd.SetLending(RegionCode("22"), True, "loss"))
    state = read_snapshot(write_snapshot(world.state))
    assert state.is_window_on("night_22_07")
    assert not state.is_line_open(LineId("1177"))
    assert list(state.limits) == [Limit(RegionCode("22"), LimitKind.LOSS)]


def test_what_there_was_not_always_is_kept_and_left_out_where_there_is_none() -> None:
    """So that the digest of a state of before there was any is the same as then."""
    far, c1, gateway = LinkId("ast2"), ContactId("c1"), GatewayRow(GatewayId("west"), True, 2)
    text, sold = Text(TextId("t1"), c1, 5, 2), {AgentId("a1"): RegionCode("24")}
    state = State()
    assert not {"gateways", "island", "resting_trunks", "sold"} & {
        *json.loads(write_snapshot(state))
    }
    state.island, state.resting_trunks[LINK, far] = (LINK,), True
    state.gateways[gateway.gateway_id], state.texts[text.text_id] = gateway, text
    state.sold[c1] = sold
    state.origins.note(Origin("n1-7", 12))
    back = read_snapshot(write_snapshot(state))
    assert (back.island, back.resting_trunks) == ((LINK,), {(LINK, far): True})
    assert (back.gateways, back.texts) == (state.gateways, state.texts)
    assert (back.sold, back.origins.rows()) == ({c1: sold}, [("n1-7", 12)])


def test_what_waits_to_be_told_needs_a_version_also_when_its_island_is_too_long_ago() -> None:
    state, island = State(), cmd.Island(IslandId("n1-2"), "n1", 2, 0, 0)
    state.told_islands.await_contact(AwaitedContact(island, usual_fact("c1", 60_000)))
    assert version_needed(state) == 2
    back = read_snapshot(write_snapshot(state))
    assert back.told_islands.awaited == state.told_islands.awaited
    state.told_islands.rows[island.island_id] = IslandRow(island.island_id, 7)
    back = read_snapshot(write_snapshot(state))
    assert back.told_islands.rows == state.told_islands.rows


def test_whose_colleague_s_phone_rings_is_known_again() -> None:
    """An emergency may end that."""
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.agent("a2")
    world.do(cmd.ConsultAgent(AgentId("a1"), ContactId("c1"), to_agent=AgentId("a2")))
    world.begin_from_snapshot()
    assert list(world.state.asking) == ["c1"]


def test_so_is_that_no_rules_are_in_force_yet() -> None:
    before = write_snapshot(State())
    assert write_snapshot(read_snapshot(before)) == before


def changed(**change: Any) -> bytes:
    return json.dumps({**json.loads(GOLDEN), **change}).encode()


CONTACT = json.loads(GOLDEN)["contacts"][0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"v":1}',
        changed(v=3),
        changed(policy="no policy"),
        changed(links=7),
        changed(agents=[{}]),
        changed(contacts=[{**CONTACT, "state": "flying"}]),
        changed(contacts=[CONTACT, CONTACT]),
        changed(contacts=["c1"]),
        changed(deadlines=[[1, "z_never", "c1", ""]]),
        changed(deadlines=[[1]]),
        changed(now_ms=None),
        changed(next_offer="7"),
    ],
    ids=range(15),
)
def test_what_is_no_snapshot_is_said(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"^snapshot: "):
        read_snapshot(data)


def test_it_says_the_version_of_records_without_which_it_would_not_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So whoever reads the records that are written reads it as well."""
    world = World()
    world.caller("c1")
    data = write_snapshot(world.state)
    assert json.loads(data)["v"] == version_needed(world.state) == codec.FIRST_VERSION
    island = cmd.Island(IslandId("n1-2"), "n1", 2, world.now_ms, world.now_ms)
    world.do(cmd.ReportIsland(island, 2, 3, ()))
    later = write_snapshot(world.state)
    assert json.loads(later)["v"] == version_needed(world.state) == 2
    monkeypatch.setattr(codec, "VERSIONS", (codec.FIRST_VERSION,))
    read_snapshot(data)
    with pytest.raises(BadInput, match=r"snapshot: expected version 1$"):
        read_snapshot(later)
