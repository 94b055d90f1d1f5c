"""`samko shadow DAY`: what sharing gave each region on a real day, or took from it."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.cli.journal_option import (
    DAMAGED_MORE,
    JOURNAL_HELP,
    damaged,
    opened,
    progress,
)
from queue_engine.cli.screen import columns

if TYPE_CHECKING:
    from queue_engine.core.record import Record
    from queue_engine.journal.base import Reading
    from routing.policy import LossTolerance
    from simulations.what_if.shadow import Compared, Fared, RegionShadow, Shadow

_MORE: Final = f"""\
The day's callers and nurses once more, with every region alone, beside the same
model by the journal's own rules: what is between them is what sharing did. The
last seven days that the journal has are summed and held against the policy's
loss_tolerance.

{DAMAGED_MORE}
docs/SHADOW.md says how to read it, and what it cannot know.

Exit codes: 0 well, 1 it cannot be read, 3 it is damaged (says where), 4 a
region is over tolerance.
"""
EXIT_LOSS: Final = 4
_LAST: Final = "last"
_HEAD: Final = (
    ("", "", "mean wait", "", "", "in promise", "", "in vain", ""),
    ("", "calls", "then", "shared", "alone", "shared", "alone", "shared", "alone"),
)
_WIDTHS: Final = (16, 6, 10, 7, 7, 11, 6, 8, 6)


def add(commands: Commands) -> None:
    """Makes it known."""
    summary = "what sharing gave each region on a real day, or took from it"
    parser = commands.add("shadow", run, Group.AHEAD, summary, more=_MORE)
    parser.add_argument(
        "day",
        type=_day,
        metavar="DAY",
        help="as in 2026-11-01, in Sweden; or last, on which somebody called",
    )
    parser.add_argument("journal", nargs="?", type=Path, metavar="JOURNAL", help=JOURNAL_HELP)
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(chosen: argparse.Namespace) -> int:
    """Compares, and tells.

    Raises:
        BadInput: nobody called on that day.
        JournalError: it cannot be read; says why.
    """
    from queue_engine.core.errors import JournalCorrupt
    from simulations.what_if.shadow import shadow

    try:
        with opened(chosen) as reading:
            found = shadow(lambda: _all(reading), chosen.day)
    except JournalCorrupt as fault:
        return damaged(fault)
    if chosen.json:
        print(json.dumps(_plain(found), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_told(found, columns())))
    return EXIT_LOSS if found.losing else 0


def _day(text: str) -> date | None:
    if text == _LAST:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no day such as 2026-11-01, nor {_LAST}"
        raise argparse.ArgumentTypeError(message) from None


def _all(reading: Reading) -> Iterator[Record]:
    from queue_engine.runtime.replay import records

    with progress(reading.last_number()) as tell:
        yield from records(reading, 0, tell)


# --- for people -----------------------------------------------------------------------------


def _told(found: Shadow, width: int) -> Iterator[str]:
    days = f"{found.days[0]} to {found.days[-1]}, {len(found.days)} days with callers"
    parts = ((str(found.day), "day"), (days, "days"))
    for heading, part in parts if len(found.days) > 1 else parts[:1]:
        yield heading
        yield from (_line(head) for head in _HEAD)
        for code, region in found.regions.items():
            compared: Compared = getattr(region, part)
            if compared.then.contacts or compared.shared.contacts:
                yield _row(f"{code} {region.name.removeprefix('Region ')}", compared)
        yield ""
    for paragraph in (*_verdicts(found), *_honestly(found)):
        yield from textwrap.wrap(paragraph, width, subsequent_indent="  ") or [""]


def _row(name: str, one: Compared) -> str:
    return _line(
        (
            name,
            str(one.then.contacts),
            *(_clock(each.mean_wait_ms) for each in (one.then, one.shared, one.alone)),
            *(_percent(each.promise_permille) for each in (one.shared, one.alone)),
            *(str(each.in_vain) for each in (one.shared, one.alone)),
        )
    )


def _line(cells: Iterable[str]) -> str:
    first, *others = zip(cells, _WIDTHS, strict=True)
    return (f"{first[0]:<{first[1]}.{first[1]}}" + "".join(f"{c:>{w}}" for c, w in others)).rstrip()


def _clock(wait_ms: int | None) -> str:
    if wait_ms is None:
        return "-"
    minutes, seconds = divmod(round(wait_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def _percent(permille: int | None) -> str:
    return "-" if permille is None else f"{permille // 10} %"


def _verdicts(found: Shadow) -> Iterator[str]:
    """Each region that sharing has cost too much, and what would be done about it."""
    tolerated = _tolerance(found.tolerated)
    if not found.losing:
        yield f"No region has lost more by sharing than is tolerated ({tolerated})."
    for code in found.losing:
        region = found.regions[code]
        yield (
            f"{code} {region.name} is over tolerance ({tolerated}): {_loss(region.days)}."
            f" `samko lending {code} cut` cuts its lending to tiers 0 and 1."
        )


def _tolerance(tolerated: LossTolerance) -> str:
    points = tolerated.promise_permille / 10
    return f"{tolerated.wait_ms / 1000:g} s of mean wait, {points:g} points within the promise"


def _loss(one: Compared) -> str:
    wait = f"{abs(one.longer_ms) / 1000:.0f} s {'longer' if one.longer_ms > 0 else 'shorter'}"
    share = (
        f"{abs(one.fewer_permille) / 10:.1f} points {'less' if one.fewer_permille > 0 else 'more'}"
    )
    return f"its callers waited {wait}, and {share} of them were answered as promised"


def _honestly(found: Shadow) -> Iterator[str]:
    yield ""
    yield "What this cannot know:"
    yield (
        "- The model itself: `shared` is the model by the journal's own rules; what it is beside"
        " `then` is the model's error, and `alone` is to be held against `shared`."
    )
    yield (
        "- Nurses come, take breaks and go as they did; callers who were answered would have"
        f" waited as long as is estimated from those who hung up: {found.alone.gave_up} more give"
        " up when alone by that."
    )
    left_out = sum(found.alone.left_out.values())
    yield f"- Commands that no longer fit were left out: {left_out} when alone."


# --- for programs ---------------------------------------------------------------------------


def _plain(found: Shadow) -> dict[str, Any]:
    return {
        "day": str(found.day),
        "days": [str(day) for day in found.days],
        "loss_tolerance": {
            "wait_ms": found.tolerated.wait_ms,
            "promise_permille": found.tolerated.promise_permille,
        },
        "over_tolerance": list(found.losing),
        "regions": {code: _plain_region(one, found) for code, one in found.regions.items()},
        "gave_up_by_estimate": {"shared": found.shared.gave_up, "alone": found.alone.gave_up},
        "left_out": {"shared": found.shared.left_out, "alone": found.alone.left_out},
    }


def _plain_region(one: RegionShadow, found: Shadow) -> dict[str, Any]:
    return {
        "name": one.name,
        **{name: _plain_part(getattr(one, name), found) for name in ("day", "days")},
    }


def _plain_part(one: Compared, found: Shadow) -> dict[str, Any]:
    return {
        "then": _plain_fared(one.then),
        "shared": _plain_fared(one.shared),
        "alone": _plain_fared(one.alone),
        "longer_ms": one.longer_ms,
        "fewer_permille": one.fewer_permille,
        "is_over_tolerance": one.is_loss(found.tolerated),
    }


def _plain_fared(one: Fared) -> dict[str, Any]:
    return {
        "contacts": one.contacts,
        "mean_wait_ms": one.mean_wait_ms,
        "promise_permille": one.promise_permille,
        "in_vain": one.in_vain,
    }
