"""The mean wait over the day or the week, a line for each policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from simulations.scenario_report.axes import Axis, wait_axis, wait_shown
from simulations.scenario_report.language import Language
from simulations.scenario_report.study import DAY_MINUTES, Point, Study
from simulations.scenario_report.svg import Markup, Paper, cut, text_width

_DAYS: Final = {
    "sv": ("mån", "tis", "ons", "tor", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MARKS: Final = 8
"""So many signs on each line, at places of its own: lines are told apart without their colours."""


def course_picture(
    study: Study, language: Language, key: str, *, narrow: bool, over: int = DAY_MINUTES
) -> Markup:
    """Mean wait by when the call came.

    Args:
        over: minutes of a round: days are put together, or a week is shown as it went.
    """
    paper = Paper(340, 250) if narrow else Paper(720, 320)
    is_day = over == DAY_MINUTES
    every = study.setting["interval_minutes"] if is_day and not narrow else 60
    every = max(every, 60 if narrow else 15) if is_day else 120 if not narrow else 240
    courses = [study.course(policy, every=every, over=over) for policy in study.policies]
    waits = [point.mean_wait_ms or 0.0 for course in courses for point in course]
    up = wait_axis(max(waits, default=0.0), paper.height - 38, 26)
    along = Axis(0, over, (), 46 if narrow else 56, paper.width - 8)
    title = _title(language, is_day)
    _shocks(paper, study, language, along, up, over)
    days = () if is_day else _days(study, language)
    _grid(paper, language, along, up, days=days, narrow=narrow)
    for index, course in enumerate(courses):
        _line(paper, course, index, along, up, every)
    return paper.done(key, title, _told(study, language, courses, days))


def _title(language: Language, is_day: bool) -> str:
    if is_day:
        return language.say("Medelväntan över dygnet", "Mean wait over the day")
    return language.say("Medelväntan över veckan", "Mean wait over the week")


def _told(
    study: Study, language: Language, courses: Sequence[Sequence[Point]], days: Sequence[str]
) -> str:
    """The worst moment of each policy."""
    parts = []
    for policy, course in zip(study.policies, courses, strict=True):
        worst = max(course, key=lambda point: point.mean_wait_ms or 0.0, default=None)
        if worst is not None and worst.mean_wait_ms is not None:
            at = moment(worst.at_minute, days)
            longest = language.wait(worst.mean_wait_ms)
            parts.append(
                language.say(
                    f"{policy}: längst kl. {at}, {longest}", f"{policy}: longest at {at}, {longest}"
                )
            )
    return "; ".join(parts) + "."


def _days(study: Study, language: Language) -> tuple[str, ...]:
    """A week's days from the scenario's first one on."""
    days, first = _DAYS[language.code], study.setting["first_weekday"]
    return (*days[first:], *days[:first])


def moment(minute: int, days: Sequence[str] = ()) -> str:
    """`16:30`; in a week, whose days these are, with its day before."""
    clock = f"{minute % DAY_MINUTES // 60:02}:{minute % 60:02}"
    return f"{days[minute // DAY_MINUTES]} {clock}" if days else clock


def _shocks(
    paper: Paper, study: Study, language: Language, along: Axis, up: Axis, over: int
) -> None:
    for begins, ends, shock in study.shocks(over):
        x = along.at(begins)
        width = along.at(ends) - x
        times = language.number(shock["times"], 0 if shock["times"] % 1 == 0 else 1)
        where = language.listed(study.named(shock["regions"])) if shock["regions"] else ""
        text = language.say(f"{times} × samtal", f"{times} × calls")
        text = f"{text} {language.say('i', 'in')} {where}" if where else text
        paper.rect(x, up.ends, width, up.begins - up.ends, "shock", text)
        if text_width(text, 12) > width:
            text = language.say(f"{times} × samtal", f"{times} × calls")
        paper.text(x + 4, up.ends - 6, cut(text, paper.width - x - 4), "small")


def _grid(
    paper: Paper, language: Language, along: Axis, up: Axis, *, days: Sequence[str], narrow: bool
) -> None:
    for tick in up.ticks:
        y = up.at(tick)
        paper.line(along.begins, y, along.ends, y, "base" if tick == 0 else "grid")
        paper.text(along.begins - 6, y + 4, wait_shown(tick, up), "tick", "end")
    foot = up.begins + 18
    hours = () if days else range(0, 25, 6 if narrow else 3)
    for hour in hours:
        anchor = "end" if hour == 24 else "middle"
        paper.text(along.at(hour * 60), foot, f"{hour:02}", "tick", anchor)
        paper.line(along.at(hour * 60), up.begins, along.at(hour * 60), up.begins + 4, "base")
    for day, name in enumerate(days):
        middle = along.at((day + 0.5) * DAY_MINUTES)
        paper.text(middle, foot, name, "tick", "middle")
        edge = along.at(day * DAY_MINUTES)
        paper.line(edge, up.begins, edge, up.ends, "grid")
    if not days:
        told = language.say("klockslag då samtalet kom", "hour at which the call came")
        paper.text((along.begins + along.ends) / 2, foot + 14, told, "small", "middle")


def _line(
    paper: Paper, course: Sequence[Point], index: int, along: Axis, up: Axis, every: int
) -> None:
    steps, places = [], []
    is_drawn = False
    for point in course:
        wait_ms = point.mean_wait_ms
        if wait_ms is None:
            is_drawn = False
            continue
        x, y = along.at(point.at_minute + every / 2), up.at(wait_ms)
        steps.append(f"{'L' if is_drawn else 'M'}{x:.1f} {y:.1f}")
        places.append((x, y))
        is_drawn = True
    paper.path("".join(steps), f"line s{index % 8}")
    apart = max(1, len(places) // _MARKS)
    for x, y in places[index % apart :: apart]:
        paper.mark(x, y, index, f"mark s{index % 8}")
