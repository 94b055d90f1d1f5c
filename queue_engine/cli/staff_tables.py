"""What `samko staff` prints: staffings beside each other."""

from __future__ import annotations

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


def print_staffing(whole: dict[str, Any]) -> None:
    """A region a line, the staffings beside each other, then what sharing saves."""
    console = Console(highlight=False)
    busy = f", nurses busy {whole['occupancy_max']} at most" if whole["occupancy_max"] else ""
    console.print(
        f"[bold]{whole['scenario']}[/bold]: nurses for {whole['target']} in every region{busy};"
        f" {whole['replications']} seeds from {whole['seed']} on"
    )
    staffings = whole["staffings"]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in ("Region", "Policy"):
        table.add_column(head, overflow="fold")
    for head in ("hours/week", "nurses", "in time", "again", "worst hour", "busy"):
        table.add_column(head, justify="right")
    for code, region in whole["regions"].items():
        for one in staffings:
            label = region["name"] if one is staffings[0] else ""
            table.add_row(label, one["policy"], *_cells(one["regions"][code]))
    table.add_section()
    for one in staffings:
        label = "all" if one is staffings[0] else ""
        table.add_row(label, one["policy"], f"{one['hours_per_week']:,.0f}")
    console.print(table)
    console.print("nurses: fewest and most at a time; in time: by the seeds that judged;")
    console.print("again: by as many others, on which nothing was tuned; worst hour: of the day,")
    console.print("all days together, of those with 30 calls or more in a run.")
    for one in staffings:
        if one["missed"]:
            console.print(f"{one['policy']}: the target is missed in {', '.join(one['missed'])}")
    if len(staffings) > 1:
        hours, shared = (one["hours_per_week"] for one in staffings)
        console.print(
            f"Sharing by {staffings[1]['policy']} saves {hours - shared:,.0f} hours of nurses"
            f" a week, {(hours - shared) / 7:,.0f} a day ({(hours - shared) / hours:.0%})."
        )


def _cells(found: dict[str, Any]) -> tuple[str, ...]:
    fewest, most = min(found["nurses"]), max(found["nurses"])
    return (
        f"{found['hours_per_week']:,.0f}",
        str(most) if fewest == most else f"{fewest}-{most}",
        _percent(found["answered_within"]),
        _percent(found["answered_within_other_seeds"]),
        _hour(found["worst_hour"]),
        _percent(found["occupancy"]),
    )


def _hour(worst: dict[str, Any] | None) -> str:
    return "-" if worst is None else f"{worst['hour']:02} {worst['answered_within']:.0%}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
