"""`samko replay`: the journal folded anew, and what state that makes."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.cli.journal_option import (
    DAMAGED_MORE,
    add_journal,
    damaged,
    opened,
    progress,
)

if TYPE_CHECKING:
    from queue_engine.core.state import State

_MORE: Final = f"""\
The state after the last record, from the newest snapshot on; with --whole from
the first record on, and each snapshot on the way is compared. Equal digests
mean equal states, on whatever machine.

{DAMAGED_MORE}
Exit codes: 0 it folds, 1 it cannot be read, 3 it is damaged (says where).
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "replay", run, Group.PAST, "fold the journal anew; print the state's digest", more=_MORE
    )
    add_journal(parser)
    parser.add_argument("--whole", action="store_true", help="from the first record on")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(chosen: argparse.Namespace) -> int:
    """Prints what the journal makes.

    Raises:
        JournalError: it cannot be read; says why.
    """
    from queue_engine.core.errors import JournalCorrupt
    from queue_engine.core.state import State
    from queue_engine.runtime.replay import newest_state, replay

    try:
        with opened(chosen) as reading:
            state = State() if chosen.whole else newest_state(reading)
            begin = state.record_number
            with progress(reading.last_number()) as tell:
                agreed = replay(reading, state, tell)
    except JournalCorrupt as fault:
        return damaged(fault)
    found = _found(reading.where, begin, agreed, state)
    print(json.dumps(asdict(found), ensure_ascii=False, indent=2) if chosen.json else _table(found))
    return 0


@dataclass(frozen=True, slots=True)
class _Found:
    """What the journal makes, in counts."""

    journal: str
    folded_after: int
    snapshots_agreed: int
    records: int
    at_ms: int
    policy: str
    contacts: dict[str, int]
    agents: dict[str, int]
    links: dict[str, str]
    windows_on: list[str]
    deadlines: int
    digest: str


def _found(journal: str, begin: int, agreed: int, state: State) -> _Found:
    from queue_engine.core.snapshot import digest

    return _Found(
        journal=journal,
        folded_after=begin,
        snapshots_agreed=agreed,
        records=state.record_number,
        at_ms=state.now_ms,
        policy=state.rules.policy.version,
        contacts=dict(sorted(Counter(str(one.state) for one in state.contacts.values()).items())),
        agents=dict(sorted(Counter(str(one.presence) for one in state.agents.values()).items())),
        links={name: "up" if is_up else "lost" for name, is_up in sorted(state.links.items())},
        windows_on=sorted(name for name, is_on in state.windows.items() if is_on),
        deadlines=len(state.deadlines),
        digest=digest(state),
    )


def _table(found: _Found) -> str:
    from queue_engine.cli.event_text import moment

    begin, agreed = found.folded_after, found.snapshots_agreed
    since = f"folded after the snapshot of record {begin:,}" if begin else "folded from the first"
    since += f"; snapshots on the way that agree: {agreed}" if agreed else ""
    rows = {
        "journal": found.journal,
        "records": f"{found.records:,} ({since})",
        "moment": moment(found.at_ms),
        "policy": found.policy,
        "contacts": _listed(found.contacts),
        "agents": _listed(found.agents),
        "links": _listed(found.links),
        "windows on": ", ".join(found.windows_on) or "none",
        "deadlines": str(found.deadlines),
        "digest": found.digest,
    }
    return "\n".join(f"{name:<11} {value}" for name, value in rows.items())


def _listed(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
