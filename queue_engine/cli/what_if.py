"""What would have been under other rules, as `samko redecide --config DIR` prints it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from queue_engine.cli.event_text import moment
from queue_engine.cli.journal_option import progress
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.runtime.replay import records
from routing.policy import MINUTE_MS, SECOND_MS
from routing.vocabulary import AgentId, RegionCode
from simulations.what_if.books import Books
from simulations.what_if.comparison import (
    Changes,
    Stories,
    Waits,
    changes,
    waits_by_priority,
    waits_by_region,
    waits_of_all,
)
from simulations.what_if.facts import FactFinder, Facts
from simulations.what_if.model import WhatIf

if TYPE_CHECKING:
    from queue_engine.config.load import Configuration
    from queue_engine.journal.base import Reading

_HEAD: Final = (
    ("", "", "mean wait", "", "", "hung up", "", ""),
    ("", "calls", "then", "modelled", "what if", "then", "modelled", "what if"),
)
_WIDTHS: Final = (20, 6, 9, 9, 9, 9, 9, 9)


@dataclass(frozen=True, slots=True)
class Found:
    """The three tellings of the same callers, and what the last two took for granted."""

    then: Stories
    """The journal's own."""
    modelled: WhatIf
    """The model under the journal's rules: how far it is from what was is its own error."""
    what_if: WhatIf
    """The model under the other rules."""
    facts: Facts
    first_ms: int
    last_ms: int


def what_if(reading: Reading, loaded: Configuration) -> Found:
    """Reads the journal three times: for what was, for the model, for the other rules.

    Raises:
        JournalCorrupt: the journal is damaged; says where.
    """
    books, finder = Books(), FactFinder()
    first_ms = last_ms = 0
    for record in _all(reading):
        first_ms, last_ms = first_ms or record.at_ms, record.at_ms
        books.follow(record)
        finder.follow(record)
    facts = finder.facts()
    modelled = WhatIf(facts)
    other = WhatIf(facts, write_policy(loaded.policy), loaded.windows)
    for model in (modelled, other):
        for record in _all(reading):
            model.follow(record)
    return Found(books.stories, modelled, other, facts, first_ms, last_ms)


def _all(reading: Reading) -> Iterator[Record]:
    with progress(reading.last_number()) as tell:
        yield from records(reading, 0, tell)


def summary(found: Found, config_dir: Path, loaded: Configuration, width: int) -> str:
    """All that is to be said of it."""
    names = {region.code: region.name for region in loaded.policy.regions}
    span = f"{moment(found.first_ms)[:16]} to {moment(found.last_ms)[:16]}"
    lines = [
        f"The callers and nurses of {span} once more,",
        f"by the rules of {config_dir} (agreement {loaded.policy.version}).",
        "",
        *_table(found, names),
        "",
    ]
    told = changes(found.modelled.books.stories, found.what_if.books.stories)
    for paragraph in (*_changes(told), *_honestly(found)):
        lines += textwrap.wrap(paragraph, width, subsequent_indent="  ")
    return "\n".join(lines)


# --- the table ------------------------------------------------------------------------------


def _table(found: Found, names: Mapping[RegionCode, str]) -> Iterator[str]:
    tellings = (found.then, found.modelled.books.stories, found.what_if.books.stories)
    for head in _HEAD:
        yield _line(head)
    regions = [waits_by_region(stories) for stories in tellings]
    for code in regions[0]:
        name = names.get(code, "").removeprefix("Region ")
        yield _row(f"{code} {name}", [one.get(code, Waits()) for one in regions])
    yield ""
    priorities = [waits_by_priority(stories) for stories in tellings]
    for priority in priorities[0]:
        yield _row(priority, [one.get(priority, Waits()) for one in priorities])
    yield _row("all", [waits_of_all(stories) for stories in tellings])


def _row(name: str, waits: list[Waits]) -> str:
    means = [_clock(one.mean_wait_ms) for one in waits]
    return _line((name, str(waits[0].contacts), *means, *(str(one.in_vain) for one in waits)))


def _line(cells: Iterable[str]) -> str:
    first, *others = zip(cells, _WIDTHS, strict=True)
    return (f"{first[0]:<{first[1]}.{first[1]}}" + "".join(f"{c:>{w}}" for c, w in others)).rstrip()


def _clock(wait_ms: int | None) -> str:
    if wait_ms is None:
        return "-"
    minutes, rest = divmod(wait_ms, MINUTE_MS)
    return f"{minutes}:{rest // SECOND_MS:02}"


# --- in words -------------------------------------------------------------------------------


def _changes(told: Changes) -> Iterator[str]:
    yield (
        f"Of {told.contacts} calls {told.other_agent} would have been answered by another nurse,"
        f" {told.other_region} of them in another region; {told.sooner} sooner and {told.later}"
        f" later; {told.answered_only_after} answered that were not, {told.answered_only_before}"
        " not answered that were. (Modelled against what if.)"
    )
    if told.first is None:
        yield "No call is first offered at another moment or to another nurse."
        return
    before, after = _offer(told.first.before), _offer(told.first.after)
    yield (
        f"The first difference: contact {told.first.contact_id} was first offered {before};"
        f" it would have been {after}."
    )


def _offer(offer: tuple[int, AgentId] | None) -> str:
    return "to nobody" if offer is None else f"at {moment(offer[0])[11:19]} to {offer[1]}"


def _honestly(found: Found) -> Iterator[str]:
    """What a what-if cannot know, and how much of that there was."""
    facts, model = found.facts, found.what_if
    yield ""
    yield "What this cannot know:"
    yield (
        "- Callers hang up when they did, if nobody has answered them by then; those who were"
        " answered would have waited longer than they had to: each so long as is estimated"
        f" (Kaplan and Meier) from the {facts.gave_up} who hung up, the same under all rules;"
        f" {model.gave_up} hang up by that."
    )
    yield (
        "- Nurses sign on, take breaks and go home when they did. Talks, rings and wrap-ups are as"
        " long as they were; where the journal tells of none, as long as is usual: "
        + ", ".join(
            f"{_clock(usual_ms)} for {model.assumed[name]} {name}"
            for name, usual_ms in (
                ("rings", facts.ring_usual_ms),
                ("talks", facts.talk_usual_ms),
                ("wrap-ups", facts.wrap_up_usual_ms),
            )
        )
        + "."
    )
    left_out = ", ".join(f"{name} {count}" for name, count in sorted(model.left_out.items()))
    yield f"- Commands that no longer fit were left out: {left_out or 'none'}."
    yield (
        "- The model itself: `modelled` is this journal by its own rules; what it is beside `then`"
        " is the model's error, and `what if` is to be held against `modelled`."
    )
