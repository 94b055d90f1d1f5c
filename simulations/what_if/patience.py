"""How long callers wait before they hang up, from a journal in which most did not have to.

Whoever hung up waited as long as he would; whoever was answered would have waited longer, nobody
knows how much longer (he is *censored*). The estimate of E. L. Kaplan and P. Meier ("Nonparametric
estimation from incomplete observations", 1958) uses both: at each wait at which somebody hung up,
the share of those who then still waited that stayed on. Beyond the last of them people hang up at
the mean rate of all waiting: those who hung up by all the time that was waited.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from math import log
from typing import Final

from simulations.draws import Draws

_NEVER_MS: Final = 365 * 24 * 3_600_000


class Patience:
    """The estimate.

    Args:
        gave_up_ms: the waits of those who hung up.
        answered_ms: the waits of those who did not have to.
    """

    def __init__(self, gave_up_ms: Iterable[int], answered_ms: Iterable[int]) -> None:
        gave_up, answered = sorted(gave_up_ms), sorted(answered_ms)
        self.gave_up = len(gave_up)
        waited_ms = sum(gave_up) + sum(answered)
        self._per_ms = len(gave_up) / waited_ms if waited_ms else 0.0
        self._waits_ms: list[int] = []
        """At which somebody hung up, ascending..."""
        self._stay: list[float] = []
        """...and the share of all that would wait longer."""
        stay = 1.0
        for wait_ms in sorted(set(gave_up)):
            gone = bisect_right(gave_up, wait_ms) - bisect_left(gave_up, wait_ms)
            still = len(gave_up) - bisect_left(gave_up, wait_ms)
            still += len(answered) - bisect_left(answered, wait_ms)
            stay *= 1 - gone / still
            self._waits_ms.append(wait_ms)
            self._stay.append(stay)

    def stays_beyond(self, wait_ms: int) -> float:
        """The share of callers who would wait longer than this; within what was seen."""
        index = bisect_right(self._waits_ms, wait_ms)
        return self._stay[index - 1] if index else 1.0

    def drawn_ms(self, name: str, waited_ms: int) -> int:
        """How long one would wait of whom it is known that he waits longer than `waited_ms`.

        Args:
            name: the same one waits equally long whatever the rules (common random numbers).
        """
        left = self.stays_beyond(waited_ms) * (1 - Draws(0, f"patience/{name}").unit())
        if self._stay and left >= self._stay[-1]:
            index = bisect_left(self._stay, -left, key=lambda stay: -stay)
            if self._waits_ms[index] > waited_ms:
                return self._waits_ms[index]
        if not self._per_ms or not left:
            return _NEVER_MS
        last_ms = max(waited_ms, self._waits_ms[-1])
        beyond = left / (self.stays_beyond(last_ms) or left)
        return min(_NEVER_MS, last_ms + 1 + round(-log(beyond) / self._per_ms))
