"""`samko redecide`: every command decided again, and what comes out otherwise."""

from __future__ import annotations

import argparse
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.cli.journal_option import (
    DAMAGED_MORE,
    EXIT_DAMAGED,
    add_journal,
    damaged,
    opened,
    progress,
)
from queue_engine.cli.screen import columns

if TYPE_CHECKING:
    from queue_engine.core.redecide import Difference

EXIT_DIFFERS: Final = 4
_MORE: Final = f"""\
Every command of the journal is decided again on the state that the journal
gives. Within one version of the rules the same must come out; across versions
the differences are what has changed since, and the first of them is shown.

With --config DIR it is a what-if: the same callers and nurses once more, under
the rules of that folder, and what would have become of their waits.

{DAMAGED_MORE}
Exit codes: 0 nothing differs within this version of the rules, 1 the journal
cannot be read, {EXIT_DAMAGED} it is damaged (says where), {EXIT_DIFFERS} this version decides
otherwise than it did.
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "redecide",
        run,
        Group.PAST,
        "decide all commands of the journal again; show what differs",
        more=_MORE,
        other_config="a what-if: by the rules of this folder instead of the journal's",
    )
    add_journal(parser)


@dataclass(slots=True)
class _Found:
    """What has been seen so far, by the version of the rules."""

    records: Counter[int] = field(default_factory=Counter)
    differences: Counter[int] = field(default_factory=Counter)
    first: dict[int, Difference] = field(default_factory=dict)


def run(chosen: argparse.Namespace) -> int:
    """Says whether all is decided as it was, and what is not.

    Raises:
        JournalError: it cannot be read; says why.
        ConfigError: the rules of the what-if have faults.
    """
    from queue_engine.core.errors import JournalCorrupt

    try:
        if chosen.other_config is not None:
            return _what_if(chosen)
        return _tell(_redecide(chosen))
    except JournalCorrupt as fault:
        return damaged(fault)


def _what_if(chosen: argparse.Namespace) -> int:
    from queue_engine.cli.what_if import summary, what_if
    from queue_engine.config.load import load_all

    loaded = load_all(chosen.other_config)
    with opened(chosen) as reading:
        found = what_if(reading, loaded)
    print(summary(found, chosen.other_config, loaded, columns()))
    return 0


def _tell(found: _Found) -> int:
    from queue_engine.core.record import RULES_VERSION

    for version, count in sorted(found.records.items()):
        differ = found.differences[version]
        if version == RULES_VERSION:
            print(f"rules version {version}, this program's: {count:,} records, {differ:,} differ")
        else:
            print(
                f"rules version {version}, decided again by version {RULES_VERSION}:"
                f" {count:,} records, {differ:,} differ"
            )
    own = found.first.get(RULES_VERSION)
    for difference in found.first.values() if own is None else (own,):
        print("\n" + side_by_side(difference, columns()))
    return EXIT_DIFFERS if own is not None else 0


def _redecide(chosen: argparse.Namespace) -> _Found:
    from queue_engine.core.errors import BadInput, JournalCorrupt
    from queue_engine.core.redecide import Redecider
    from queue_engine.core.state import State
    from queue_engine.runtime.replay import records

    found, redecider = _Found(), Redecider(State())
    with opened(chosen) as reading, progress(reading.last_number()) as tell:
        for record in records(reading, 0, tell):
            try:
                difference = redecider.step(record)
            except (AssertionError, LookupError, BadInput) as fault:
                raise JournalCorrupt(
                    f"record {record.number} does not follow from those before it: {fault!r}"
                ) from fault
            found.records[record.rules_version] += 1
            if difference is not None:
                found.differences[record.rules_version] += 1
                found.first.setdefault(record.rules_version, difference)
    return found


def side_by_side(difference: Difference, width: int) -> str:
    """The command, and beneath it what came of it then and what would come of it now."""
    from queue_engine.cli.event_text import in_words, moment

    record = difference.record
    then = [in_words(event) for event in record.events]
    now = [in_words(event) for event in difference.decided]
    if difference.stopped:
        now = [difference.stopped]
    half = (width - 5) // 2
    head = f"record {record.number}, {moment(record.at_ms)}, rules version {record.rules_version}"
    lines = [head, *textwrap.wrap(in_words(record.command), width), ""]
    lines.append(f"  {'in the journal':<{half}} | decided now")
    for number in range(max(len(then), len(now))):
        left = then[number] if number < len(then) else ""
        right = now[number] if number < len(now) else ""
        sign = "  " if left == right else "* "
        lines += _columns(sign, left, right, half)
    return "\n".join(lines)


def _columns(sign: str, left: str, right: str, half: int) -> list[str]:
    first, second = (textwrap.wrap(text, half) or [""] for text in (left, right))
    rows = max(len(first), len(second))
    first += [""] * (rows - len(first))
    second += [""] * (rows - len(second))
    signs = [sign, *["  "] * (rows - 1)]
    return [
        f"{mark}{one:<{half}} | {two}".rstrip()
        for mark, one, two in zip(signs, first, second, strict=True)
    ]
