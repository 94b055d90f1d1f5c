"""`samko ledger`: what each region has done for each other, from the journal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import datetime
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
    from queue_engine.core.ledger import Account, Sums

_MORE: Final = f"""\
Talks and consultations are booked when the contact ends, on the home region
that it then has; until a transfer to another region, on the one that it had.
What no region is home to stands on the account of the nation. Moments are as in
2026-11-01 or 2026-11-01T07:00, in Swedish time.

{DAMAGED_MORE}
Exit codes: 0 well, 1 it cannot be read, 3 it is damaged (says where).
"""
_HEAD: Final = (
    *("by", "for", "service", "sold"),
    *("calls", "talk min", "consults", "consult min", "wrap-up min"),
)


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "ledger", run, Group.PAST, "what each region has done for each other", more=_MORE
    )
    add_journal(parser)
    for name, default, what in (("from", 0, "booked then or later"), ("to", None, "booked before")):
        parser.add_argument(
            f"--{name}",
            dest=f"{name}_ms",
            type=_moment_ms,
            default=default,
            metavar="WHEN",
            help=what,
        )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(chosen: argparse.Namespace) -> int:
    """Prints the accounts.

    Raises:
        BadInput: there is no time between the moments.
        JournalError: it cannot be read; says why.
    """
    from queue_engine.core.errors import BadInput, JournalCorrupt
    from queue_engine.core.ledger import Ledger
    from queue_engine.runtime.replay import records

    if chosen.to_ms is not None and chosen.to_ms <= chosen.from_ms:
        raise BadInput("--to is not after --from: nothing is booked between them")
    ledger = Ledger(chosen.from_ms, chosen.to_ms)
    try:
        with opened(chosen) as reading, progress(reading.last_number()) as tell:
            for record in records(reading, 0, tell):
                ledger.follow(record)
    except JournalCorrupt as fault:
        return damaged(fault)
    found = list(ledger.accounts())
    print(_json(found) if chosen.json else _table(found))
    return 0


def _moment_ms(text: str) -> int:
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment such as 2026-11-01") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo("Europe/Stockholm"))
    return round(moment.timestamp() * 1000)


def _json(found: Sequence[tuple[Account, Sums]]) -> str:
    rows = [{**account._asdict(), **sums._asdict()} for account, sums in found]
    return json.dumps({"accounts": rows}, ensure_ascii=False, indent=2)


def _table(found: Sequence[tuple[Account, Sums]]) -> str:
    from queue_engine.core.ledger import NATION

    rows = [_HEAD]
    for account, sums in found:
        taker = "nation" if account.taker == NATION else account.taker
        names = (account.giver, taker, account.service or "-")
        talks = (str(sums.calls), _minutes(sums.talk_ms))
        consults = (str(sums.consults), _minutes(sums.consult_ms))
        sold = "yes" if account.is_sold else "no"
        rows.append((*names, sold, *talks, *consults, _minutes(sums.wrap_up_ms)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = (
        "  ".join(
            word.ljust(width) if column < 4 else word.rjust(width)
            for column, (word, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _minutes(ms: int) -> str:
    return f"{ms / 60_000:.1f}"
