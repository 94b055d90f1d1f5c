"""What `samko simulate` prints: the policies beside each other, then region by region.

House rules: nothing is wider than the terminal, and 80 columns are enough; colour only says again
what words and figures say; a difference that may be chance has a question mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulations.scenario.differences import gave_up

_PARTS: Final = (
    *(("regions", "Region"), ("kinds", "Caller")),
    *(("priorities", "Priority"), ("channels", "Channel")),
)
_ROWS_MAX: Final = 60
_UNFINISHED_REGIONS: Final = 5
"""So many are named at most, those with the most first."""
_NARROW: Final = 76
"""Columns below which the least important figures are left out."""
_NAME_WIDTH: Final = 10
"""Of a region, a caller or a policy, at least; longer names are folded."""
_VERDICT_WIDTH: Final = 10
_BETWEEN: Final = 2
"""Columns."""
GOOD, BAD = 0.8, 0.5
"""Of the calls within the target, as in the report."""

Part = dict[str, Any]


class _Figure(NamedTuple):
    """A column: its head, and a cell from figures and the half widths of their intervals."""

    head: str
    cell: Callable[[Part, Part, str], str]
    is_kept: bool = True
    """On narrow terminals, too."""


def print_tables(whole: Part, console: Console | None = None) -> None:
    """Everything that is worth a look at; the rest is in the JSON."""
    console = console or Console(highlight=False)
    runs, target = whole["replications"], whole["target"]
    intervals = "± is the 95 % interval" if runs > 1 else "one run, so no intervals: try -r 10"
    console.print(
        f"[bold]{escape(whole['scenario'])}[/bold], {runs} replication{'s' if runs > 1 else ''};"
        f" target: answered within {target}; {intervals}"
    )
    console.print(_totals(whole, console.width))
    for line in _unfinished(whole):
        console.print(line)
    if len(whole["policies"]) > 1:
        console.print(_against_first(whole, console.width))
        for line in _best(whole):
            console.print(line)
    shown: list[Part] = []
    for part, name in _PARTS:
        found = whole["policies"][0].get(part, {})
        # Where each kind of caller has a priority of its own, once is enough.
        if len(found) > 1 and list(found.values()) not in [list(one.values()) for one in shown]:
            shown.append(found)
            console.print(_parts(whole, part, name, console.width))
    if any(policy["pairs"] for policy in whole["policies"]):
        console.print(_help(whole))


# --- the tables -----------------------------------------------------------------------------


def _totals(whole: Part, width: int) -> Table:
    figures = _shown(width)
    if any(policy["total"]["callbacks"] for policy in whole["policies"]):
        figures.append(_CALLBACKS)
    rows = [
        (policy["total"], policy.get("interval95", {}).get("total", {}))
        for policy in whole["policies"]
    ]
    figures = _fitting(figures, rows, whole["target"], width - _NAME_WIDTH - _VERDICT_WIDTH)
    table = _table("Policy", [figure.head.format(whole["target"]) for figure in figures])
    table.add_column("verdict", no_wrap=True)
    for policy in whole["policies"]:
        of = policy.get("interval95", {}).get("total", {})
        cells = [figure.cell(policy["total"], of, whole["target"]) for figure in figures]
        share = policy["total"]["answered_within"][whole["target"]]
        table.add_row(escape(policy["policy"]), *cells, _verdict(share))
    return table


def _parts(whole: Part, part: str, name: str, width: int) -> Table:
    """Region by region, or caller by caller; the policies below each other in each."""
    policies, target = whole["policies"], whole["target"]
    keys = list(policies[0][part])
    figures = _shown(width, has_nurses="occupancy" in policies[0][part][keys[0]])
    several = len(policies) > 1
    rows = [
        (policy[part][key], policy.get("interval95", {}).get(part, {}).get(key, {}))
        for key in keys[:_ROWS_MAX]
        for policy in policies
    ]
    figures = _fitting(figures, rows, target, width - _NAME_WIDTH * (2 if several else 1))
    table = _table(name, [figure.head.format(target) for figure in figures], is_paired=several)
    for key in keys[:_ROWS_MAX]:
        for policy in policies:
            found = policy[part][key]
            of = policy.get("interval95", {}).get(part, {}).get(key, {})
            cells = [figure.cell(found, of, target) for figure in figures]
            label = escape(found.get("name", key)) if policy is policies[0] else ""
            table.add_row(label, *([escape(policy["policy"])] if several else []), *cells)
        if several:
            table.add_section()
    if len(keys) > _ROWS_MAX:
        table.caption = f"and {len(keys) - _ROWS_MAX} more: --out or --json has all"
    return table


def _help(whole: Part) -> Table:
    table = _table("Region", ("nurses' time", "gives", "takes", "balance"), is_paired=True)
    policies = [policy for policy in whole["policies"] if policy["pairs"]]
    for key in list(policies[0]["regions"])[:_ROWS_MAX]:
        for policy in policies:
            found = policy["regions"][key]
            given, taken = found["given_minutes"], found["taken_minutes"]
            label = escape(found["name"]) if policy is policies[0] else ""
            hours = (_hours(minutes) for minutes in (found["staffed_minutes"], given, taken))
            balance = f"{(given - taken) / 60:+,.1f} h"
            table.add_row(label, escape(policy["policy"]), *hours, balance)
        if len(policies) > 1:
            table.add_section()
    return table


def _against_first(whole: Part, width: int) -> Table:
    """What each policy changes, on the same callers."""
    first = whole["policies"][0]["policy"]
    heads = [f"in {whole['target']}", "mean wait", "95 %", "gave up", "busy"]
    if width < _NARROW:
        del heads[2:]
    table = _table("Policy", heads)
    table.title = f"Against {escape(first)}, in percentage points and seconds, on the same callers"
    is_unsure = False
    for each in whole["differences"]:
        found = each["total"]
        cells = [
            _points(found["answered_within_target"], better=1),
            _seconds(found["mean_wait_ms"]),
            _seconds(found["p95_wait_ms"]),
            _points(found["gave_up"], better=-1),
            _points(found["occupancy"], better=0),
        ]
        del cells[len(heads) :]
        is_unsure = is_unsure or any("?" in cell for cell in cells)
        table.add_row(escape(each["policy"]), *cells)
    table.caption = "? may be chance" if is_unsure else None
    return table


def _table(first: str, heads: Iterable[str], *, is_paired: bool = False) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title_justify="left",
        title_style="",
        caption_justify="left",
    )
    table.add_column(first, overflow="fold", min_width=6)
    if is_paired:
        table.add_column("Policy", overflow="fold", min_width=6, style="dim")
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    return table


# --- which is best at what ------------------------------------------------------------------


def _best(whole: Part) -> list[str]:
    target = whole["target"]
    policies = whole["policies"]
    lines = []
    for words, figure, is_most, shown in (
        (f"Most within {target}", lambda p: p["answered_within"][target], True, _percent),
        ("Shortest mean wait", lambda p: p["mean_wait_ms"], False, _clock),
        ("Fewest gave up", gave_up, False, _percent),
    ):
        known = [(figure(each["total"]), each["policy"]) for each in policies]
        values = [(value, name) for value, name in known if value is not None]
        if not values:
            continue
        best = (max if is_most else min)(value for value, _ in values)
        names = [name for value, name in values if value == best]
        if len(names) == len(policies):
            lines.append(f"{words}: all the same, {shown(best)}.")
        else:
            named = " and ".join(f"[bold]{escape(name)}[/bold]" for name in names)
            lines.append(f"{words}: {named}, {shown(best)}.")
    return lines


def _unfinished(whole: Part) -> Iterator[str]:
    """Of each policy under which somebody waited still when the run was over."""
    for policy in whole["policies"]:
        if policy["total"]["unfinished"]:
            regions = policy["regions"].values()
            most = sorted(regions, key=lambda one: -one["unfinished"])[:_UNFINISHED_REGIONS]
            where = ", ".join(
                f"{escape(one['name'])} {one['unfinished']:,.0f}"
                for one in most
                if one["unfinished"]
            )
            number = f"{policy['total']['unfinished']:,.0f}"
            yield (
                "[bold red]Still waiting[/bold red] when the run was over, under"
                f" {escape(policy['policy'])}: {number} ({where})."
            )


def _verdict(share: float | None) -> str:
    if share is None:
        return "-"
    if share >= GOOD:
        return "[green]good[/green]"
    return "[bold red]bad[/bold red]" if share < BAD else "[yellow]mixed[/yellow]"


# --- cells ----------------------------------------------------------------------------------


def _shown(width: int, *, has_nurses: bool = True) -> list[_Figure]:
    figures = _FIGURES if has_nurses else _FIGURES[:-1]
    return [figure for figure in figures if figure.is_kept or width >= _NARROW]


def _fitting(
    figures: list[_Figure], rows: list[tuple[Part, Part]], target: str, room: int
) -> list[_Figure]:
    """Those of them that leave names theirs; the last that may be left out goes first.

    Args:
        rows: figures, and the half widths of their intervals.
    """
    widths = {
        figure.head: max(
            len(figure.head.format(target)), *(len(figure.cell(*row, target)) for row in rows)
        )
        for figure in figures
    }
    found = list(figures)
    for figure in reversed(figures):
        if sum(widths[each.head] + _BETWEEN for each in found) > room and not figure.is_kept:
            found.remove(figure)
    return found


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


def _hours(minutes: float) -> str:
    return f"{minutes / 60:,.1f} h"


def _points(change: Part, *, better: int) -> str:
    return _change(change, 100, 1, better)


def _seconds(change: Part) -> str:
    return _change(change, 0.001, 0, -1, " s")


def _change(change: Part, scale: float, digits: int, better: int, unit: str = "") -> str:
    value, width = change["difference"], change["interval95"]
    if value is None:
        return "-"
    text = f"{value * scale:+.{digits}f}{unit}"
    if width is None:
        return f"{text} ?"
    text = f"{text} ±{width * scale:.{digits}f}"
    if abs(value) <= width:
        return f"{text} ?"
    if not better:
        return text
    colour = "green" if value * better > 0 else "red"
    return f"[{colour}]{text}[/{colour}]"


_FIGURES: Final = (
    _Figure("calls", lambda part, of, target: f"{part['offered']:,.0f}"),
    _Figure("gave up", lambda part, of, target: _percent(gave_up(part)), is_kept=False),
    _Figure(
        "in {}",
        lambda part, of, target: _percent(
            part["answered_within"][target], of.get("answered_within", {}).get(target)
        ),
    ),
    _Figure(
        "mean wait",
        lambda part, of, target: _clock(part["mean_wait_ms"], of.get("mean_wait_ms")),
    ),
    _Figure("95 %", lambda part, of, target: _clock(part["p95_wait_ms"]), is_kept=False),
    _Figure("busy", lambda part, of, target: _percent(part.get("occupancy")), is_kept=False),
)
_CALLBACKS: Final = _Figure("rung back", lambda part, of, target: f"{part['callbacks']:,.0f}")
