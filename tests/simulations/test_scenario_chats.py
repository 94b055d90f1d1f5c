"""Chats beside calls: several at once, a pressing call on top of them, and nobody is lost."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console

from queue_engine.cli.simulate_tables import print_tables
from queue_engine.config.problems import ConfigError
from queue_engine.core import events as ev
from queue_engine.core.record import Record
from routing.policy import MINUTE_MS
from routing.vocabulary import AgentId, ContactId
from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.results import Figures, result
from simulations.scenario.run import Run
from simulations.scenario.tables import rows, write_tables
from simulations.scenario.whole import whole
from simulations.world import MIDNIGHT_MS
from tests.properties.auditor import Auditor
from tests.simulations.scenario_files import result_of, scenario_of

EXACT: Final = """\
length: 3 h
callers:
  handling: {lognormal: 6 min, cv: 0.6}
  patience: {exponential: 9 min}
  redials: 20 %
  redial_after: 5 min
  kinds:
    - {name: pressing, weight: 2, priority: urgent}
    - {name: usual, weight: 5}
    - {name: writing, weight: 4, channel: chat, handling: {exponential: 14 min}}
regions:
  north: {calls_per_hour: 30, nurses: [4,2,4,2,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4]}
  south: {calls_per_hour: 40, nurses: 5, queue_places: 9}
policies:
  three: {share: {after: 2 min}, rooms: {chats_max: 3, pressing_calls_on_chats: true}}
  one: {share: {after: 2 min}}
"""
STAFFED: Final = EXACT.replace(
    "regions:\n",
    """\
staff:
  answer: {lognormal: 5 s, cv: 0.5}
  misses: 5 %
  notices: 1 min
  wrap_up: {exponential: 2 min}
  breaks: {after: 40 min, length: 10 min}
regions:
""",
    1,
)
CRASHES: Final = "faults: {crash_every: 17 min, reports: {late: 5 %, late_by: 10 s, twice: 5 %}}\n"


def check_ends(found: Figures) -> None:
    """Every caller ended once, by phone or in writing; no nurse was busier than she can be."""
    for part in (found["total"], *found["regions"].values(), *found["channels"].values()):
        assert part["offered"] == part["answered"] + part["abandoned"] + part["rejected"]
        assert part.get("occupancy", 0) <= 1
    for name in ("offered", "answered", "rejected"):
        in_channels = sum(one[name] for one in found["channels"].values())
        assert in_channels == found["total"][name]
    assert found["channels"]["chat"] == found["kinds"]["writing"]


@pytest.mark.parametrize("faults", ["", CRASHES], ids=["well", "crashes"])
@pytest.mark.parametrize("text", [EXACT, STAFFED], ids=["exact", "staffed"])
def test_every_caller_ends_once(text: str, faults: str, tmp_path: Path) -> None:
    scenario = scenario_of(faults + text, tmp_path)
    run = Run(scenario, "three", 1, checks=True, follow=[Auditor().follow])
    found = result(scenario, run.go())
    check_ends(found)
    assert found["channels"]["chat"]["answered"] > 20
    assert found["channels"]["phone"]["answered"] > 50


@pytest.mark.parametrize(("policy", "chats_max"), [("three", 3), ("one", 1)])
def test_she_has_several_chats_and_a_pressing_call_on_top_as_the_policy_says(
    policy: str, chats_max: int, tmp_path: Path
) -> None:
    has: dict[AgentId, set[ContactId]] = {}
    chats: set[ContactId] = set()
    most_chats = calls_on_top = 0

    def follow(record: Record) -> None:
        nonlocal most_chats, calls_on_top
        for event in record.events:
            match event:
                case ev.ContactEnqueued(channel="chat"):
                    chats.add(event.contact_id)
                case ev.ContactConnected():
                    hers = has.setdefault(event.agent_id, set())
                    hers.add(event.contact_id)
                    most_chats = max(most_chats, len(hers & chats))
                    calls_on_top += len(hers) > 1 and bool(hers - chats)
                    assert len(hers - chats) <= 1
                case ev.WrapUpEnded():
                    has[event.agent_id].discard(event.contact_id)
                case _:
                    pass

    Run(scenario_of(STAFFED, tmp_path), policy, 1, follow=[follow]).go()
    assert most_chats == chats_max
    assert (calls_on_top > 0) == (policy == "three")


def test_several_at_once_shorten_the_wait_of_those_who_write(tmp_path: Path) -> None:
    scenario = scenario_of(EXACT, tmp_path)
    three, one = (
        result(scenario, Run(scenario, policy, 1).go())["channels"]["chat"]
        for policy in ("three", "one")
    )
    assert three["mean_wait_ms"] < one["mean_wait_ms"]
    assert three["offered"] > 0


def test_as_many_wait_as_little_says(tmp_path: Path) -> None:
    waiting: set[ContactId] = set()
    waited_ms, last_ms = 0, 0

    def follow(record: Record) -> None:
        nonlocal waited_ms, last_ms
        waited_ms += len(waiting) * (record.at_ms - last_ms)
        last_ms = record.at_ms
        for event in record.events:
            if isinstance(event, ev.ContactEnqueued):
                waiting.add(event.contact_id)
            elif isinstance(event, (ev.ContactConnected, ev.ContactEnded)):
                waiting.discard(event.contact_id)

    run = Run(scenario_of(EXACT, tmp_path), "three", 1, follow=[follow])
    run.go()
    assert sum(cell.wait_ms for cell in run.tally.cells.values()) == waited_ms > 0


@pytest.mark.parametrize("text", [EXACT, STAFFED], ids=["exact", "staffed"])
def test_who_has_chats_goes_home_after_them_and_has_her_break(text: str, tmp_path: Path) -> None:
    """Half past each hour no more take callers than are planned, nor fewer."""
    scenario = scenario_of(text.replace("{exponential: 14 min}", "9 min"), tmp_path)
    plan = scenario.regions[0].staff[0].nurses
    at_work: set[AgentId] = set()
    looked: dict[int, int] = {}

    def follow(record: Record) -> None:
        half_hours = (record.at_ms - MIDNIGHT_MS) // (30 * MINUTE_MS)
        if half_hours % 2 and half_hours < 6:
            looked.setdefault(half_hours // 2, len(at_work))
        for event in record.events:
            if isinstance(event, ev.AgentSignedOn) and event.region == "north":
                at_work.add(event.agent_id)
            elif isinstance(event, ev.AgentSignedOff):
                at_work.discard(event.agent_id)

    for seed in range(1, 7):
        at_work.clear()
        looked.clear()
        Run(scenario, "three", seed, follow=[follow]).go()
        assert looked == {hour: plan[hour] for hour in range(3)}


def test_tables_tell_of_the_channels_apart(tmp_path: Path) -> None:
    scenario = scenario_of(EXACT, tmp_path)
    told = whole(scenario, ["three"], run_all(scenario, jobs_of(["three"], 1, 2)))
    assert "chat" in told["policies"][0]["interval95"]["channels"]
    assert {row[1] for row in rows("channels", told)} == {"phone", "chat"}
    write_tables(tmp_path, told)
    assert (tmp_path / "channels.csv").is_file()
    out = io.StringIO()
    print_tables(told, Console(file=out, width=100, highlight=False))
    assert "Channel" in out.getvalue()


def test_where_nobody_writes_there_are_no_channels(tmp_path: Path) -> None:
    lines = [line for line in EXACT.splitlines() if "writing" not in line]
    assert "channels" not in result_of("\n".join(lines), tmp_path)


def test_nobody_is_rung_back_who_writes(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="who writes"):
        scenario_of(EXACT.replace("chat,", "chat, callback: {share: 1.0},"), tmp_path)
