"""Why a call of a day fared otherwise: two things in one millisecond, in the other order; or not.

What happens within a millisecond may have been taken in either order. Whether that is why a line
differs is tried out: one of those things is moved past the others, and the day is run again. If the
line then is as expected, and fewer lines than before are not, it was a tie; lines that have become
as expected with it follow from it. Whatever else differs has no reason.

House rules: only what happens by itself is moved: an arrival, the end of a talk, a caller's
patience. A start is not, for it happens because of something else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

SAME_MOMENT_MS: Final = 1
NEARLY_MS: Final = 3
"""So much may a wait differ of what follows from something that was moved."""
RUNS_MAX: Final = 40
"""So often at most the day is run again, for one policy."""
_HOUR_MS: Final = 3_600_000

Fate = tuple[str, int]
"""In which region a call is answered, or `NOT_ANSWERED`; and its wait."""
NOT_ANSWERED: Final = "-1"


class Line(NamedTuple):
    """A call of the day."""

    number: int
    arrived_ms: int
    handling_ms: int
    patience_ms: int | None


RunDay = Callable[[Sequence[Line]], dict[int, Fate]]
"""Runs these calls, by arrival; what became of each, by its number."""


class Reason(NamedTuple):
    """Why a line differs; neither: no reason was found."""

    is_tie: bool = False
    follows: int | None = None
    """The number of the line that is a tie and brought this one with it."""


class _Event(NamedTuple):
    at_ms: int
    number: int
    field: str
    """Of the line, that moves it; empty: it cannot be moved by itself."""


def reasons(
    lines: Sequence[Line],
    expected: Sequence[Fate],
    found: Mapping[int, Fate],
    run: RunDay,
    shared_after_ms: int | None = None,
) -> dict[int, Reason]:
    """Of each line that differs, by its number.

    Args:
        lines: by their numbers.
        shared_after_ms: a call that has waited so long may be taken anywhere.
    """
    return _Search(lines, expected, found, run, shared_after_ms).go()


class _Search:
    def __init__(
        self,
        lines: Sequence[Line],
        expected: Sequence[Fate],
        found: Mapping[int, Fate],
        run: RunDay,
        shared_after_ms: int | None,
    ) -> None:
        self._lines = list(lines)
        self._expected = expected
        self._found = found
        self._run = run
        self._shared_after_ms = shared_after_ms
        self._runs_left = RUNS_MAX
        self._events = self._all_events()

    def go(self) -> dict[int, Reason]:
        """Those that happened first, first."""
        reasons: dict[int, Reason] = {}
        left = [line.number for line in self._lines if self._away(line.number, self._found, 0)]
        left.sort(key=self._parted_ms)
        while left:
            number = left.pop(0)
            if not self._away(number, self._found, SAME_MOMENT_MS):
                reasons[number] = Reason(is_tie=True)
            elif self._exchange(number, len(left) + 1):
                reasons[number] = Reason(is_tie=True)
                followed = [each for each in left if not self._away(each, self._found, NEARLY_MS)]
                reasons.update({each: Reason(follows=number) for each in followed})
                left = [each for each in left if each not in reasons]
            else:
                reasons[number] = Reason()
        return reasons

    def _away(self, number: int, found: Mapping[int, Fate], most_ms: int) -> bool:
        where, wait_ms = self._expected[number]
        there, waited_ms = found[number]
        return where != there or abs(wait_ms - waited_ms) > most_ms

    def _parted_ms(self, number: int) -> int:
        """When it first was not as expected."""
        waits = (self._expected[number][1], self._found[number][1])
        return self._lines[number].arrived_ms + min(waits)

    def _exchange(self, number: int, differing: int) -> bool:
        """Whether something can be moved so that the line is as expected; then it is."""
        parted_ms = self._parted_ms(number)
        near = list(self._near(parted_ms))
        if len(near) < 2:
            return False
        moments = [event.at_ms for event in near]
        for event in near:
            for to_ms in (min(moments) - 1, max(moments) + 1):
                moved = self._moved(event, to_ms)
                if moved is None or self._runs_left <= 0:
                    continue
                self._runs_left -= 1
                found = self._run(moved)
                if self._away(number, found, NEARLY_MS):
                    continue
                if sum(self._away(line.number, found, NEARLY_MS) for line in moved) < differing:
                    self._lines = sorted(moved, key=lambda line: line.number)
                    self._found, self._events = found, self._all_events(found)
                    return True
        return False

    def _moved(self, event: _Event, to_ms: int) -> list[Line] | None:
        """All lines by arrival, one of them with something of it earlier or later."""
        line = self._lines[event.number]
        if not event.field:
            return None
        value = getattr(line, event.field) + to_ms - event.at_ms
        if value < 0:
            return None
        moved = [*self._lines]
        moved[event.number] = line._replace(**{event.field: value})
        return sorted(moved, key=lambda each: (each.arrived_ms, each.number))

    def _near(self, at_ms: int) -> Iterator[_Event]:
        """What happens by itself within a millisecond of this moment."""
        first = bisect_left(self._events, (at_ms - SAME_MOMENT_MS,))
        for event in self._events[first:]:
            if event.at_ms > at_ms + SAME_MOMENT_MS:
                break
            yield event
        if (at_ms + SAME_MOMENT_MS) % _HOUR_MS <= 2 * SAME_MOMENT_MS:
            yield _Event(at_ms, -1, "")

    def _all_events(self, found: Mapping[int, Fate] | None = None) -> list[_Event]:
        fates = self._found if found is None else found
        events = []
        for line in self._lines:
            where, wait_ms = fates[line.number]
            ended_ms = line.arrived_ms + wait_ms
            events.append(_Event(line.arrived_ms, line.number, "arrived_ms"))
            if where != NOT_ANSWERED:
                events.append(_Event(ended_ms + line.handling_ms, line.number, "handling_ms"))
            if line.patience_ms is not None:
                events.append(
                    _Event(line.arrived_ms + line.patience_ms, line.number, "patience_ms")
                )
            shared_ms = self._shared_after_ms
            if shared_ms is not None and wait_ms >= shared_ms:
                events.append(_Event(line.arrived_ms + shared_ms, line.number, ""))
        return sorted(events)
