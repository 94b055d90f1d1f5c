"""Faults of configuration files: where each is, and the error that carries them all.

House rules: a problem is one line of text that an editor can jump to; a value that may be a
secret is never quoted in one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from queue_engine.core.errors import BadInput


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault. Problems order by file, then line.

    >>> print(Problem("config/lines.yaml", 4, "lines[0].menu: expected a name, found nothing"))
    config/lines.yaml:4: lines[0].menu: expected a name, found nothing
    """

    path: str
    line: int
    """From 1."""
    message: str
    """The value's place in the file (`share_rules[0].after`), then what was expected."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class ConfigError(BadInput):
    """The configuration cannot be used; prints every problem, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        assert self.problems, "a ConfigError needs at least one problem"
        super().__init__("\n".join(str(problem) for problem in self.problems))
