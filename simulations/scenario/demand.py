"""The usual week of a population, hour by hour."""

from __future__ import annotations

from simulations.scenario.model import Profile
from simulations.volumes import DayKind, calls_on


def calls_by_hour(inhabitants: int, load: float = 1.0) -> Profile:
    """How many call in each hour of a week from Monday on, after days off; see `volumes`."""
    monday = calls_on(DayKind.MONDAY, inhabitants, load)
    weekday = calls_on(DayKind.WEEKDAY, inhabitants, load)
    day_off = calls_on(DayKind.DAY_OFF, inhabitants, load)
    return (*monday, *weekday * 4, *day_off * 2)
