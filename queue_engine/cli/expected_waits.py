"""`samko simulate SCENARIO --expected-waits`: what callers would be told, and what they waited."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from simulations.scenario.model import Scenario
    from simulations.scenario.replications import Job, Progress

_FORMS: Final = (("by_history", "as told"), ("by_place", "by place"))


def tell_expected_waits(
    scenario: Scenario, jobs: Sequence[Job], progress: Progress, *, is_json: bool
) -> int:
    """Runs them all and prints what comes of it; the exit code."""
    from simulations.scenario.expected_waits import expected_waits

    found = expected_waits(scenario, jobs, progress)
    whole = {
        "scenario": scenario.name,
        "seeds": sorted({job.seed for job in jobs}),
        "policies": found,
    }
    if is_json:
        print(json.dumps(whole, ensure_ascii=False, indent=1))
    else:
        _print(whole)
    return 0


def _print(whole: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(
        f"[bold]{whole['scenario']}[/bold]: what callers are told of their waits, of those who"
        " were not answered at once and did not give up"
    )
    for policy in whole["policies"]:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        table.add_column(policy["policy"])
        for head in ("they waited", "callers", "right band", "too long by", "mean error"):
            table.add_column(head, justify="right")
        for form, name in _FORMS:
            table.add_row(name, "all", *_cells(policy[form]))
            rows = policy[form]["by_wait"]
            ends = [row["from_minutes"] for row in rows[1:]]
            for row, end in zip(rows, (*ends, None), strict=True):
                if row["told"]:
                    table.add_row("", _band(row["from_minutes"], end), *_cells(row))
        console.print(table)


def _band(begins: int, ends: int | None) -> str:
    return f"over {begins} min" if ends is None else f"{begins}-{ends} min"


def _cells(found: dict[str, Any]) -> tuple[str, ...]:
    if not found["told"]:
        return ("0",)
    return (
        f"{found['told']:,}",
        f"{found['right_band']:.0%}",
        f"{found['bias_ms'] / 1000:+,.0f} s",
        f"{found['mean_error_ms'] / 1000:,.0f} s",
    )
