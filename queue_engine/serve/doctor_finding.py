"""What `samko doctor` finds: of each thing, how it is and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    """Callers are served; somebody should look at it."""
    FAULT = "fault"
    """Callers are not served, or will not be after the next start."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing. Names no caller, and no secret."""

    area: str
    """What was looked at: `journal`, `link ast1`."""
    level: Level
    text: str
    """What is so."""
    advice: str = ""
    """What to do next; empty only when all is well."""

    def __post_init__(self) -> None:
        assert self.advice or self.level is Level.OK, "a finding that is not ok says what to do"


def ok(area: str, text: str) -> Finding:
    """All is well."""
    return Finding(area, Level.OK, text)


def warning(area: str, text: str, advice: str) -> Finding:
    """Something to think about."""
    return Finding(area, Level.WARNING, text, advice)


def fault(area: str, text: str, advice: str) -> Finding:
    """Something to mend."""
    return Finding(area, Level.FAULT, text, advice)
