"""The share answered within the target, by region and hour of the day."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from simulations.scenario_report.language import NOTHING, Language
from simulations.scenario_report.study import DAY_MINUTES, Study
from simulations.scenario_report.svg import Markup, Paper, cut

STEPS: Final = (0.4, 0.6, 0.8, 0.9)
"""Where a cell's colour changes; from 0.8 on it is good."""
_HOURS: Final = 24


def heat_step(share: float | None) -> str:
    """The class of a cell: h0 is worst."""
    if share is None:
        return "h-none"
    # As it is shown: a cell that says 80 has the colour of 80.
    return f"h{sum(round(share, 2) >= step for step in STEPS)}"


def step_texts(language: Language) -> list[tuple[str, str]]:
    """Each class with what it stands for, worst first."""
    edges = [0.0, *STEPS, 1.0]
    texts = [
        f"{language.number(low * 100)}–{language.number(high * 100)}"
        for low, high in pairwise(edges)
    ]
    return [(f"h{index}", text) for index, text in enumerate(texts)]


def by_hour(
    study: Study, policy: str, region: str | None, least_calls: float = 0.0
) -> list[float | None]:
    """The share within the target of those who came in each hour of the day.

    Args:
        least_calls: hours with fewer, in the mean of the runs, are left out.
    """
    found: list[float | None] = [None] * _HOURS
    for point in study.course(policy, region=region, every=60, over=DAY_MINUTES):
        if point.calls >= least_calls:
            found[point.at_minute // 60] = point.share_within
    return found


def heat_picture(
    study: Study, language: Language, key: str, policy: str, *, narrow: bool
) -> Markup:
    """A row for each region, a column for each hour."""
    rows = list(study.regions.items())
    left, wide, high = (84, 10.6, 20) if narrow else (128, 24.6, 24)
    paper = Paper(340 if narrow else 720, 22 + len(rows) * high + 2)
    for hour in range(0, _HOURS, 6 if narrow else 1):
        paper.text(left + (hour + 0.5) * wide, 14, f"{hour:02}", "tick", "middle")
    worst: tuple[float, str, int] | None = None
    for row, (region, name) in enumerate(rows):
        y = 22 + row * high
        paper.text(0, y + high * 0.68, cut(name, left - 6), "label")
        for hour, share in enumerate(by_hour(study, policy, region)):
            shown = NOTHING if share is None else language.percent(share, digits=0)
            told = f"{name} {hour:02}–{hour + 1:02}: {shown}" if not narrow else ""
            x = left + hour * wide
            step = heat_step(share)
            paper.rect(x + 0.5, y + 0.5, wide - 1, high - 1, f"cell {step}", told)
            if share is not None and not narrow:
                figure = language.number(share * 100)
                paper.text(x + wide / 2, y + high * 0.68, figure, f"on {step}", "middle")
            if share is not None and (worst is None or share < worst[0]):
                worst = share, name, hour
    title = language.say(
        f"Andel besvarade inom {study.target} per region och timme, {policy}",
        f"Share answered within {study.target} by region and hour, {policy}",
    )
    return paper.done(key, title, _told(language, worst))


def _told(language: Language, worst: tuple[float, str, int] | None) -> str:
    if worst is None:
        return language.say("Inga samtal.", "No calls.")
    share, name, hour = worst
    low = language.percent(share, digits=0)
    return language.say(
        f"Lägst i {name} kl. {hour:02}–{hour + 1:02}: {low}.",
        f"Lowest in {name} from {hour:02} to {hour + 1:02}: {low}.",
    )
