"""How `samko top` looks: a picture of the engine as lines that fit a terminal of 80 columns.

House rules: pure, but for what `Picture` says of the time. What matters is said in words or signs
as well as in colour. Nothing is wider or higher than told to be; what does not fit is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from queue_engine.cli.top_picture import Picture
from queue_engine.cli.top_tables import agent_rows, contact_rows, region_rows, time_shown
from queue_engine.runtime.swedish_days import sweden

if TYPE_CHECKING:  # the engine itself is not needed to look at it
    from queue_engine.console_api.shapes import Load

HEADER_ROWS: Final = 4
_FOOTER_ROWS: Final = 2
_TABLE_HEAD_ROWS: Final = 1


class View(StrEnum):
    """What stands below the nation's figures."""

    REGIONS = "regions"
    QUEUE = "queue"
    AGENTS = "agents"

    def after(self) -> View:
        """The one that Tab comes to."""
        views = list(View)
        return views[(views.index(self) + 1) % len(views)]


@dataclass(slots=True)
class Look:
    """What the person at the keyboard wants to see."""

    view: View = View.REGIONS
    is_worst_first: bool = True
    """Regions by how they fare; else by code."""
    first: int = 0
    """The uppermost row, when not all fit."""


def screen(picture: Picture, look: Look, height: int) -> RenderableType:
    """The whole terminal, `height` rows of it."""
    rows = height - HEADER_ROWS - bool(picture.alarms) - _FOOTER_ROWS - _TABLE_HEAD_ROWS
    rows = max(1, rows)
    if picture.regions is None:
        reason = picture.trouble or "asking ..."
        return Group(_title(picture), Text(), Text(reason), Text(), _dim("q quits"))
    table, count = _table(picture, look, rows)
    room = Text("\n" * max(0, rows - count))  # the last line is always at the same place
    footer = _footer(look, count, rows, _unseen(picture, look))
    return Group(header(picture), table, room, footer)


def whole(picture: Picture) -> RenderableType:
    """Everything once, for paper, a pipe or a colleague."""
    parts: list[RenderableType] = [header(picture)]
    for view in (View.REGIONS, View.QUEUE):
        table, count = _table(picture, Look(view), 10_000)
        parts += [Text(), table] if count else []
    return Group(*parts)


def header(picture: Picture) -> RenderableType:
    """The nation in four lines: the time, who waits, by priority, who is at work.

    A fifth, above them, when the engine says that it is not ready.
    """
    regions = picture.regions
    assert regions is not None, "there is nothing to be shown yet"
    nation, since_ms = regions["nation"], picture.since_regions_ms()
    waiting = nation["waiting"]
    return Group(
        *_alarms(picture),
        _title(picture),
        _joined(
            _figure("waiting", nation["waiting_total"], "bold"),
            Text(f"longest {_longest(nation, since_ms)}"),
            _figure("past promise", nation["past_promise"], "bold red"),
            _figure("ringing", nation["ringing"]),
            _figure("talking", nation["talking"]),
        ),
        _joined(
            _figure("emergency", waiting["emergency"], "bold white on red"),
            _figure("urgent", waiting["urgent"], "bold red"),
            _figure("raised", waiting["raised"], "yellow"),
            _figure("standard", waiting["standard"]),
            _figure("non-medical", waiting["non_medical"]),
        ),
        _agents_line(nation),
    )


def _title(picture: Picture) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("Samkö", "bold")
    if picture.regions is not None:
        moment = datetime.fromtimestamp(picture.now_ms() / 1000, UTC).astimezone(sweden())
        text.append(f"  {moment:%Y-%m-%d %H:%M:%S}")
        speed = picture.regions["speed"]
        text.append(f"  {speed:g} x speed" if speed != 1 else "")
    if picture.is_live:
        text.append(f"  live from {picture.url.partition('//')[2]}", "green")
    elif picture.regions is not None:
        lost = f"  NO CONNECTION for {time_shown(picture.lost_for_s * 1000)}: NOT as it is now "
        text.append(lost, "bold white on red")
    return text


def _alarms(picture: Picture) -> list[Text]:
    if not picture.alarms:
        return []
    told = f" NOT READY: {'; '.join(picture.alarms)} "
    return [Text(told, "bold white on red", no_wrap=True, overflow="ellipsis")]


def _agents_line(nation: Load) -> Text:
    agents = nation["agents"]
    return _joined(
        Text(f"agents {agents['total']}"),
        _figure("ready", agents["ready"], "green"),
        _figure("ringing", agents["ringing"]),
        _figure("talking", agents["talking"]),
        _figure("wrap-up", agents["wrap_up"]),
        _figure("not ready", agents["not_ready"]),
    )


def _table(picture: Picture, look: Look, rows_max: int) -> tuple[Table, int]:
    """The rows that fit, and how many there are."""
    now_ms = picture.now_ms()
    if look.view is View.REGIONS:
        assert picture.regions is not None
        shown = region_rows(picture.regions, picture.since_regions_ms(), look.is_worst_first)
    elif look.view is View.QUEUE:
        shown = contact_rows(picture.queue, picture.regions, now_ms)
    else:
        shown = agent_rows(picture.agents, picture.regions, now_ms)
    table = Table(
        box=None, expand=True, pad_edge=False, padding=(0, 1, 0, 0), header_style="underline"
    )
    for column in shown.columns:
        table.add_column(
            column.title,
            justify="right" if column.is_number else "left",
            ratio=column.ratio,
            no_wrap=True,
            overflow="ellipsis",
        )
    look.first = max(0, min(look.first, len(shown.rows) - rows_max))
    for row in shown.rows[look.first : look.first + rows_max]:
        table.add_row(*row.cells, style=row.style)
    return table, len(shown.rows)


def _unseen(picture: Picture, look: Look) -> int:
    """How many contacts the engine has beyond those that it has told of."""
    queue = picture.queue
    if look.view is not View.QUEUE or queue is None:
        return 0
    return max(0, queue["total"] - len(queue["contacts"]))


def _footer(look: Look, count: int, rows_max: int, unseen: int) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    for view in View:
        text.append(f" {view} ", "reverse" if view is look.view else "dim")
    order = "by code" if look.is_worst_first else "worst first"
    parts = ["Tab next"]
    parts += [f"o {order}"] if look.view is View.REGIONS else []
    if count > rows_max:
        last = min(look.first + rows_max, count)
        parts.append(f"↑↓ {look.first + 1}-{last} of {count}")
    elif count == 0:
        parts.append("nobody")
    parts += [f"and {unseen} more"] if unseen else []
    text.append("  " + "  ".join([*parts, "q quits"]), "dim")
    return text


def _longest(load: Load, since_ms: int) -> str:
    """It grows while nobody says anything new."""
    return time_shown(load["longest_wait_ms"] + since_ms if load["longest_wait_ms"] else 0)


def _figure(name: str, count: int, style: str = "") -> Text:
    """A number with its name, in colour when there is anything to see."""
    return Text(f"{name} {count}", style if count else "")


def _joined(*parts: Text) -> Text:
    joined = Text("   ").join(parts)
    joined.no_wrap, joined.overflow = True, "ellipsis"
    return joined


def _dim(text: str) -> Text:
    return Text(text, "dim")
