"""A figure of each region under every policy, with its 95 % interval."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from simulations.scenario_report.axes import Axis, round_axis, wait_axis, wait_shown
from simulations.scenario_report.language import Language
from simulations.scenario_report.study import Measure, Study
from simulations.scenario_report.svg import Markup, Paper, cut

_EACH = 13
"""Units of height for each policy."""
_TOP = 26


class Shown(NamedTuple):
    """Which figure, and how it is told."""

    title: str
    measure: Callable[[str, str | None], Measure]
    """Of a policy and region; None: of all."""
    text: Callable[[Measure], str]
    is_share: bool
    """Else it is a wait."""


def dots_picture(
    study: Study, language: Language, key: str, shown: Shown, *, narrow: bool
) -> Markup:
    """A row for each region, first all together; a sign for each policy, a whisker for chance."""
    rows: list[tuple[str | None, str]] = [(None, language.say("Alla", "All"))]
    if len(study.regions) > 1:
        rows += study.regions.items()
    high = _EACH * len(study.policies) + 12
    left = 92 if narrow else 140
    paper = Paper(340 if narrow else 720, _TOP + len(rows) * high + 4)
    found = [[shown.measure(policy, region) for policy in study.policies] for region, _ in rows]
    along = _axis(found, shown.is_share, left + 6, paper.width - 24, narrow)
    for row in range(0, len(rows), 2):
        paper.rect(0, _TOP + row * high, paper.width, high, "band")
    for tick in along.ticks:
        x = along.at(tick)
        paper.line(x, _TOP - 4, x, paper.height - 4, "base" if tick == 0 else "grid")
        text = language.percent(tick, digits=0) if shown.is_share else wait_shown(tick, along)
        paper.text(x, _TOP - 10, text, "tick", "middle")
    for row, (_, name) in enumerate(rows):
        y = _TOP + row * high
        paper.text(4, y + high / 2 + 4.5, cut(name, left - 8), "label" if row else "label strong")
        for index, measure in enumerate(found[row]):
            told = f"{name}, {study.policies[index]}: {shown.text(measure)}"
            _dot(paper, measure, along, y + 6 + (index + 0.5) * _EACH, index, told)
    return paper.done(key, shown.title, _told(study, shown, found[0]))


def _axis(
    found: list[list[Measure]], is_share: bool, begins: float, ends: float, narrow: bool
) -> Axis:
    highest = max(
        ((one.value or 0.0) + (one.width or 0.0) for row in found for one in row), default=0.0
    )
    if not is_share:
        return wait_axis(highest, begins, ends, 3 if narrow else 6)
    return round_axis(0.0, 1.0, begins, ends, 2 if narrow else 5)


def _dot(paper: Paper, measure: Measure, along: Axis, y: float, index: int, told: str) -> None:
    value, width = measure
    if value is None:
        return
    series = f"s{index % 8}"
    if width:
        low, high = max(value - width, along.least), min(value + width, along.most)
        paper.line(along.at(low), y, along.at(high), y, f"whisker {series}")
        for end in (low, high):
            paper.line(along.at(end), y - 3, along.at(end), y + 3, f"whisker {series}")
    paper.mark(along.at(value), y, index, f"mark {series}", told)


def _told(study: Study, shown: Shown, whole: list[Measure]) -> str:
    parts = (
        f"{policy}: {shown.text(measure)}"
        for policy, measure in zip(study.policies, whole, strict=True)
    )
    return "; ".join(parts) + "."
