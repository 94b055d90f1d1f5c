"""What a story's ledger and service level say, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from queue_engine.core.ledger import Ledger
from queue_engine.core.record import Record
from queue_engine.core.service_level import ServiceLevel
from routing.rules import Rules
from routing.vocabulary import RegionCode
from tests.transcripts.sentences import length


def accounts(records: Iterable[Record]) -> Iterator[str]:
    """Each account on a line."""
    ledger = Ledger()
    for record in records:
        ledger.follow(record)
    for (giver, taker, service, is_sold), sums in ledger.accounts():
        calls = f"{sums.calls} {'call' if sums.calls == 1 else 'calls'}"
        parts = [calls, f"talk {length(sums.talk_ms)}"]
        if sums.consults:
            parts.append(f"asked {length(sums.consult_ms)} (times: {sums.consults})")
        parts.append(f"wrap-up {length(sums.wrap_up_ms)}")
        sold = " as sold" if is_sold else ""
        yield f"{giver} for {taker}, {service or 'no service'}{sold}: {', '.join(parts)}"


def service_level(rules: Rules, records: Iterable[Record], region: str) -> Iterator[str]:
    """The share, then the callers by what became of them."""
    level = ServiceLevel(lambda: rules)
    for record in records:
        level.follow(record)
    permille = level.permille(RegionCode(region))
    counts = [
        f"{priority.value} {result.value}: {count}"
        for (home, priority, result), count in sorted(level.counts.items())
        if home == region
    ]
    share = "nobody" if permille is None else f"{permille / 10:g} %"
    yield f"{share} ({', '.join(counts)})" if counts else share
