"""The rows of `samko top`: regions, the queue, the agents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the engine itself is not needed to look at it
    from queue_engine.console_api.shapes import Agents, Contact, Queue, Region, Regions


_IN_QUEUE: Final = ("waiting", "offered")
_WORDS: Final = {"offered": "ringing", "connected": "talking", "not_ready": "not ready"}
_ALARM: Final = "bold white on red"
_PRIORITY_STYLES: Final = {"emergency": _ALARM, "urgent": "bold red", "raised": "yellow"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; those with a ratio share what the others leave."""

    title: str
    is_number: bool = False
    ratio: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row, as text."""

    cells: tuple[str, ...]
    style: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A whole table."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


_REGION_COLUMNS: Final = (
    Column(""),
    Column("Region", ratio=1),
    Column("Waiting", is_number=True),
    Column("Longest", is_number=True),
    Column("Late", is_number=True),
    Column("Ring", is_number=True),
    Column("Talk", is_number=True),
    Column("Ready", is_number=True),
    Column("At work", is_number=True),
    Column("Helps", is_number=True),
    Column("Helped", is_number=True),
)
_CONTACT_COLUMNS: Final = (
    Column("Place", is_number=True),
    Column("Region", ratio=1),
    Column("Priority"),
    Column("State"),
    Column("Waited", is_number=True),
    Column("Promise"),
    Column("In"),
    Column("Contact"),
)
_AGENT_COLUMNS: Final = (
    Column("Agent"),
    Column("Region", ratio=1),
    Column("State"),
    Column("For", is_number=True),
    Column("Caller of", ratio=1),
    Column("Phone"),
)


def region_rows(regions: Regions, since_ms: int, is_worst_first: bool) -> Rows:
    """One row a region.

    Args:
        regions: as the engine said.
        since_ms: how long ago it said so.
        is_worst_first: by emergencies, past promise and longest wait; else as they come.
    """
    listed = list(regions["regions"])
    if is_worst_first:
        listed.sort(key=_badness, reverse=True)  # stable: equals stay in the order of their codes
    return Rows(_REGION_COLUMNS, tuple(_region_row(region, since_ms) for region in listed))


def contact_rows(queue: Queue | None, regions: Regions | None, now_ms: int) -> Rows:
    """One row for each contact that waits or rings, in the national order."""
    names = _names(regions)
    contacts = queue["contacts"] if queue is not None else []
    return Rows(
        _CONTACT_COLUMNS,
        tuple(
            _contact_row(contact, names, now_ms)
            for contact in contacts
            if contact["state"] in _IN_QUEUE
        ),
    )


def agent_rows(agents: Agents | None, regions: Regions | None, now_ms: int) -> Rows:
    """One row for each agent at work."""
    names = _names(regions)
    rows = []
    for agent in agents["agents"] if agents is not None else ():
        since_ms, reason = agent["since_ms"], agent["not_ready_reason"]
        state = _WORDS.get(agent["state"], agent["state"].replace("_", "-"))
        foreign = agent["contact_region"] if agent["contact_region"] != agent["region"] else None
        cells = (
            agent["agent_id"],
            names.get(agent["region"], agent["region"]),
            f"{state}: {reason.replace('_', ' ')}" if reason and state == "not ready" else state,
            time_shown(now_ms - since_ms) if since_ms is not None else "",
            names.get(foreign, foreign) if foreign else "",
            agent["phone_id"],
        )
        rows.append(Row(cells, "green" if agent["state"] == "ready" else ""))
    return Rows(_AGENT_COLUMNS, tuple(rows))


def time_shown(duration_ms: int) -> str:
    """Minutes and seconds, or hours and minutes.

    >>> time_shown(65_000), time_shown(3_725_000), time_shown(-1)
    ('1:05', '1 h 02', '0:00')
    """
    minutes, seconds = divmod(max(0, duration_ms) // 1000, 60)
    return f"{minutes}:{seconds:02}" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02}"


def short_name(code: str, name: str) -> str:
    """A region's name without the words that all of them share, and in English where it has none.

    >>> short_name("12", "Region Skåne"), short_name("14", "Västra Götalandsregionen")
    ('Skåne', 'Västra Götaland')
    >>> short_name("unknown", "Okänd region")
    'unknown'
    """
    if code == "unknown":
        return code
    return name.removeprefix("Region ").removesuffix("sregionen")


def _badness(region: Region) -> tuple[int, int, int]:
    return region["waiting"]["emergency"], region["past_promise"], region["longest_wait_ms"]


def _region_row(region: Region, since_ms: int) -> Row:
    emergencies, past = region["waiting"]["emergency"], region["past_promise"]
    agents, longest_ms = region["agents"], region["longest_wait_ms"]
    cells = (
        "E" if emergencies else "!" if past else " ",
        short_name(region["code"], region["name"]),
        _count(region["waiting_total"]),
        time_shown(longest_ms + since_ms) if longest_ms else "",
        _count(past),
        _count(region["ringing"]),
        _count(region["talking"]),
        str(agents["ready"]),
        str(agents["total"]),
        _count(sum(help_["calls"] for help_ in region["helps"])),
        _count(sum(help_["calls"] for help_ in region["helped_by"])),
    )
    is_idle = not agents["total"] and not region["waiting_total"]
    return Row(cells, _ALARM if emergencies else "bold red" if past else "dim" if is_idle else "")


def _contact_row(contact: Contact, names: dict[str, str], now_ms: int) -> Row:
    left_ms = contact["answer_by_ms"] - now_ms
    promise = f"in {time_shown(left_ms)}" if left_ms >= 0 else f"late {time_shown(-left_ms)}"
    position = contact["position"]
    cells = (
        str(position) if position is not None else "",
        names.get(contact["home_region"], contact["home_region"]),
        contact["priority"].replace("_", "-"),
        _WORDS.get(contact["state"], contact["state"]),
        time_shown(now_ms - contact["arrived_ms"]),
        promise,
        contact["language"],
        contact["contact_id"],
    )
    return Row(cells, _PRIORITY_STYLES.get(contact["priority"], "red" if left_ms < 0 else ""))


def _names(regions: Regions | None) -> dict[str, str]:
    listed = regions["regions"] if regions is not None else []
    return {region["code"]: short_name(region["code"], region["name"]) for region in listed}


def _count(count: int) -> str:
    """Nothing where there is nothing: what is there is then seen at once."""
    return str(count) if count else ""
