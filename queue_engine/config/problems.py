"""Faults of configuration files: where each is, and the error that carries them all.

House rules: a problem is one line of text that an editor can jump to; a value that may be a
secret is never quoted in one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from queue_engine.core.errors import BadInput

PROBLEMS_MAX_PER_FILE: Final = 100


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

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[Problem, ...]]]:
        """Made anew of its problems, not of its text: so it comes whole out of another process."""
        return type(self), (self.problems,)


class Findings:
    """Faults and warnings as they are noted, bounded for each file."""

    def __init__(self) -> None:
        self._faults: list[Problem] = []
        self._warnings: list[Problem] = []
        self._counts: Counter[str] = Counter()

    def add(self, path: str, line: int, message: str) -> None:
        """Notes a fault; those beyond `PROBLEMS_MAX_PER_FILE` of a file are only counted."""
        self._counts[path] += 1
        if self._counts[path] <= PROBLEMS_MAX_PER_FILE:
            self._faults.append(Problem(path, line, message))

    def warn(self, path: str, line: int, message: str) -> None:
        """Notes what may be used but should be thought over."""
        self._warnings.append(Problem(path, line, message))

    def is_full(self, path: str) -> bool:
        """Whether more faults of this file would not be told one by one."""
        return self._counts[path] >= PROBLEMS_MAX_PER_FILE

    @property
    def has_any(self) -> bool:
        """Whether a fault has been noted so far."""
        return bool(self._faults)

    def has_any_in(self, path: str) -> bool:
        """Whether a fault of this file has been noted so far."""
        return self._counts[path] > 0

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """All warnings, by file and line."""
        return tuple(sorted(self._warnings))

    def told(self) -> list[Problem]:
        """All faults by file and line, with the number of those that were only counted."""
        more = [
            Problem(path, 1, f"and {count - PROBLEMS_MAX_PER_FILE} more problems in this file")
            for path, count in self._counts.items()
            if count > PROBLEMS_MAX_PER_FILE
        ]
        return sorted(self._faults + more)
