"""The golden journals: what the rules of version 3 wrote stays readable, and is decided again so.

`v3.jsonl` holds the journals of the fewest stories of `tests/transcripts` that have every command
and every event in them, one after another; each begins with record 1. `v3.snapshot` has a line for
each, the state at its end. Each is written in the oldest version that has all its messages
(`codec.SINCE`). `SAMKO_REWRITE=1` writes both anew: only while nobody uses the version.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from queue_engine.core import codec
from queue_engine.core.apply import fold
from queue_engine.core.codec import decode_record, encode_record
from queue_engine.core.engine import Engine
from queue_engine.core.invariants import check
from queue_engine.core.record import RULES_VERSION, Record
from queue_engine.core.snapshot import read_snapshot, write_snapshot
from queue_engine.core.state import State
from tests.core.messages import COMMANDS, EVENTS
from tests.core.world import World
from tests.transcripts import story

GOLDEN = Path(__file__).parent / "golden"
RECORDS, SNAPSHOTS = GOLDEN / "v3.jsonl", GOLDEN / "v3.snapshot"
STORIES = Path(story.__file__).parent
Journal = list[Record]


def journals() -> list[Journal]:
    """Those of the file."""
    found: list[Journal] = []
    for line in RECORDS.read_bytes().splitlines():
        record = decode_record(line)
        if record.number == 1:
            found.append([])
        found[-1].append(record)
    return found


def folded(journal: Journal) -> State:
    """The state at its end."""
    state = State()
    for record in journal:
        fold(state, record)
    return state


def kinds(journal: Journal) -> set[type]:
    """The commands and events in it."""
    events = {type(event) for record in journal for event in record.events}
    return events | {type(record.command) for record in journal}


def told(patch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """The journals of all stories that are told."""
    worlds: list[World] = []

    class Kept(World):
        def __init__(self, **given: Any) -> None:
            worlds.append(self)
            super().__init__(**given)

    patch.setattr(story, "World", Kept)
    for path in sorted(STORIES.glob("*.txt")):
        story.play(path.read_text())
    return (world.records for world in worlds)


def fewest(all_journals: list[Journal]) -> list[Journal]:
    """Enough of them to have everything in them that is in any, the fullest first."""
    left, taken = {*COMMANDS, *EVENTS}, []
    while left:
        best = max(all_journals, key=lambda one: (len(kinds(one) & left), -len(one)))
        assert kinds(best) & left, f"no story tells of {sorted(kind.__name__ for kind in left)}"
        left -= kinds(best)
        taken.append(best)
    return taken


def _version(journal: Journal) -> int:
    """The oldest version in which it can be written."""
    return max(codec.SINCE.get(kind, codec.FIRST_VERSION) for kind in kinds(journal))


@pytest.fixture(scope="module", autouse=True)
def _written_anew() -> None:
    if "SAMKO_REWRITE" not in os.environ:
        return
    with pytest.MonkeyPatch.context() as patch:
        taken = fewest(list(told(patch)))
    lines = [encode_record(record, _version(one)) for one in taken for record in one]
    RECORDS.write_bytes(b"\n".join(lines) + b"\n")
    SNAPSHOTS.write_bytes(b"\n".join(write_snapshot(folded(one)) for one in taken) + b"\n")


def test_every_command_and_every_event_is_in_them() -> None:
    missing = {*COMMANDS, *EVENTS}.difference(*map(kinds, journals()))
    assert not missing, sorted(kind.__name__ for kind in missing)


def test_each_is_of_the_oldest_version_that_has_all_of_it() -> None:
    found = [json.loads(line)["v"] for line in RECORDS.read_bytes().splitlines()]
    assert found == [_version(one) for one in journals() for _ in one]
    assert {*found} == {*codec.VERSIONS}


def test_they_fold_to_the_states_of_then() -> None:
    for journal, then in zip(journals(), SNAPSHOTS.read_bytes().splitlines(), strict=True):
        state = folded(journal)
        check(state)
        assert write_snapshot(read_snapshot(then)) == write_snapshot(state)


def test_deciding_again_gives_the_same_records_within_one_rules_version() -> None:
    for journal in journals():
        engine = Engine()
        for record in journal:
            assert record.rules_version == RULES_VERSION
            assert engine.handle(record.command, record.at_ms) == record
