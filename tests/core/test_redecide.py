"""Deciding again gives the same records, in another process, with other hashes, from a snapshot."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.core.codec import encode_record
from queue_engine.core.commands import (
    LoadPolicy,
    PassTime,
    ReportCallerGone,
    SetAgentReady,
    TakeMeasures,
)
from queue_engine.core.engine import Engine
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.core.redecide import Redecider
from queue_engine.core.snapshot import digest, read_snapshot, write_snapshot
from queue_engine.core.state import State
from routing.guard_policy import GuardRule
from routing.limits import Levels, LimitKind
from routing.vocabulary import AgentId, ContactId
from tests.core.chaos import Chaos
from tests.core.everybody import everybody
from tests.core.world import POLICY, World

ROOT = Path(__file__).parents[2]
STEPS = 150
OFFERED = ev.ContactOffered
SCRIPT = """
from tests.core.test_redecide import story
print(story(int(input())))
"""


def story(seed: int) -> str:
    """A digest of all the records of one story."""
    world = World()
    Chaos(world, seed).run(STEPS)
    return hashlib.sha256(b"\n".join(map(encode_record, world.records))).hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_no_order_hangs_on_hashes(hash_seed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input="7",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == story(7)


def test_within_a_version_nothing_is_decided_otherwise() -> None:
    world = World()
    Chaos(world, 5).run(STEPS)
    redecider = Redecider(State())
    assert [found for record in world.records if (found := redecider.step(record))] == []
    assert digest(redecider.state) == digest(world.state)


def test_a_snapshot_decides_as_the_engine_that_wrote_it_when_rules_drop_limits() -> None:
    own_wait = GuardRule(own_wait=Levels(60_000, 30_000))
    first, second = (replace(region, guard=own_wait) for region in POLICY.regions[:2])
    world = World(replace(POLICY, regions=(first, second, *POLICY.regions[2:])))
    for region in ("23", "22"):
        world.agent(f"a{region}", region)
        for number in range(3):
            world.caller(f"c{number}_{region}", region)
        world.do(TakeMeasures())
    again = Engine(read_snapshot(write_snapshot(world.state)))
    load = LoadPolicy(write_policy(POLICY))
    turned = [event for event in world.do(load) if isinstance(event, ev.LimitTurned)]
    assert [(event.region, event.limit) for event in turned] == [
        ("22", LimitKind.OVERLOAD),
        ("23", LimitKind.OVERLOAD),
    ]
    assert again.handle(load, world.now_ms) == world.records[-1]


def test_what_is_decided_otherwise_is_told_once_and_what_follows_stands_on_the_journal() -> None:
    world = everybody()
    redecider = Redecider(State())
    number = next(n for n, each in enumerate(world.records) if isinstance(each.events[-1], OFFERED))
    changed = world.records[number]
    world.records[number] = replace(changed, events=changed.events[:-1])
    found = [
        difference
        for record in world.records[: number + 1]
        if (difference := redecider.step(record)) is not None
    ]
    assert [(one.record.number, one.decided) for one in found] == [(number + 1, changed.events)]
    noted = ev.LateReport(ContactId("c1"), "nothing")
    record = Record(number + 2, changed.at_ms, 2, SetAgentReady(AgentId("nobody")), (noted,))
    refused = redecider.step(record)
    assert refused is not None
    assert refused.stopped == "refused: agent nobody is not signed on"
    assert redecider.state.record_number == number + 2
    (offered,) = changed.events[-1:]
    assert isinstance(offered, ev.ContactOffered)
    engine = Engine(read_snapshot(write_snapshot(redecider.state)))
    gone = engine.handle(ReportCallerGone(offered.contact_id), changed.at_ms)
    assert gone is not None
    assert redecider.step(gone) is None


def test_what_comes_to_nothing_now_is_told() -> None:
    redecider = Redecider(State())
    noted = ev.LateReport(ContactId("c1"), "nothing")
    found = redecider.step(Record(1, 0, 2, PassTime(), (noted,)))
    assert found is not None
    assert (found.decided, found.stopped) == ((), "")


def test_a_command_at_which_the_core_fails_now_is_told() -> None:
    world = everybody()
    redecider = Redecider(State())
    early = replace(world.records[0], at_ms=-1)
    failed = redecider.step(early)
    assert failed is not None
    assert failed.stopped == "failed: AssertionError"
    assert redecider.step(world.records[1]) is None


def test_the_digest_of_a_failure_is_not_what_was_decided() -> None:
    world = everybody()
    redecider = Redecider(State())
    for record in world.records:
        events = tuple(
            replace(event, digest="of then") if isinstance(event, ev.CommandFailed) else event
            for event in record.events
        )
        assert redecider.step(replace(record, events=events)) is None
