"""What `samko simulate` prints: the policies beside each other, then region by region."""

from __future__ import annotations

from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

_PARTS: Final = (("regions", "Region"), ("kinds", "Caller"), ("priorities", "Priority"))
_ROWS_MAX: Final = 40


def print_tables(whole: dict[str, Any]) -> None:
    """Everything that is worth a look at; the rest is in the JSON."""
    console = Console(highlight=False)
    policies = whole["policies"]
    runs = whole["replications"]
    console.print(
        f"[bold]{whole['scenario']}[/bold], {runs} replication{'s' if runs > 1 else ''};"
        f" target {whole['target']}; ± is the 95 % interval"
    )
    total = _table("", whole["target"])
    for policy in policies:
        total.add_row(policy["policy"], *_cells(policy, ("total",), whole["target"]))
    console.print(total)
    for part, name in _PARTS:
        rows = list(policies[0][part])
        if len(rows) < 2:
            continue
        table = _table(name, whole["target"])
        for row in rows[:_ROWS_MAX]:
            for policy in policies:
                shown = policy[part][row].get("name", row)
                label = shown if policy is policies[0] else ""
                several = f" {policy['policy']}" if len(policies) > 1 else ""
                cells = _cells(policy, (part, row), whole["target"])
                table.add_row(f"{label}[dim]{several}[/dim]", *cells)
        console.print(table)


def _table(first: str, target: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, overflow="fold")
    heads = ("calls", "gave up", f"in {target}", "mean wait", "95 %", "busy", "given", "taken")
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _cells(policy: dict[str, Any], path: tuple[str, ...], target: str) -> tuple[str, ...]:
    found, width = policy, policy.get("interval95", {})
    for step in path:
        found, width = found[step], width.get(step, {})
    within = (found["answered_within"][target], width.get("answered_within", {}).get(target))
    gone = found["abandoned"] + found["rejected"]
    return (
        f"{found['offered']:,.0f}",
        _percent(gone / found["offered"] if found["offered"] else None),
        _percent(*within),
        _clock(found["mean_wait_ms"], width.get("mean_wait_ms")),
        _clock(found["p95_wait_ms"]),
        _percent(found.get("occupancy")),
        _hours(found.get("given_minutes")),
        _hours(found.get("taken_minutes")),
    )


def _percent(share: float | None, half_width: float | None = None) -> str:
    if share is None:
        return "-"
    width = f" ±{half_width * 100:.1f}" if half_width is not None else ""
    return f"{share * 100:.1f}{width} %"


def _clock(wait_ms: float | None, half_width_ms: float | None = None) -> str:
    if wait_ms is None:
        return "-"
    width = f" ±{half_width_ms / 1000:.0f} s" if half_width_ms is not None else ""
    minutes, seconds = divmod(round(wait_ms / 1000), 60)
    return f"{minutes}:{seconds:02}{width}"


def _hours(minutes: float | None) -> str:
    return "-" if minutes is None else f"{minutes / 60:,.1f} h"
