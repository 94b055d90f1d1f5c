"""What result.json says, asked as the page needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from simulations.scenario.differences import gave_up

DAY_MINUTES: Final = 24 * 60
WEEK_MINUTES: Final = 7 * DAY_MINUTES
WITHIN: Final = "answered_within_target"
"""The figure that the page is mostly about: the share answered within the main target."""


class Measure(NamedTuple):
    """A figure and the half width of its 95 % interval; None: there was nothing to count."""

    value: float | None
    width: float | None

    @property
    def is_sure(self) -> bool | None:
        """Of a difference: whether it is more than chance; None: one run does not tell."""
        if self.value is None or self.width is None:
            return None
        return abs(self.value) > self.width


class Point(NamedTuple):
    """Calls that came in one part of the day or week."""

    at_minute: int
    calls: float
    within: float
    """Of these, answered within the target."""
    waited_ms: float
    """By all of them together."""

    @property
    def share_within(self) -> float | None:
        """None: nobody called."""
        return self.within / self.calls if self.calls else None

    @property
    def mean_wait_ms(self) -> float | None:
        """None: nobody called."""
        return self.waited_ms / self.calls if self.calls else None


class Study:
    """The figures of one result.json."""

    def __init__(self, whole: dict[str, Any]) -> None:
        self.name: Final[str] = whole["scenario"]
        self.target: Final[str] = whole["target"]
        self.runs: Final[int] = whole["replications"]
        self.setting: Final[dict[str, Any]] = whole["setting"]
        self.regions: Final[dict[str, str]] = self.setting["regions"]
        """Names by code."""
        self.policies: Final[list[str]] = [policy["policy"] for policy in whole["policies"]]
        self.seeds: Final[list[int]] = whole["policies"][0]["seeds"]
        self._by_policy = {policy["policy"]: policy for policy in whole["policies"]}
        self._differences = {each["policy"]: each for each in whole["differences"]}
        self.minutes: Final[int] = self._minutes()
        """How much of a week the course tells of."""
        self.days: Final[int] = -(-self.minutes // DAY_MINUTES)

    def measure(self, policy: str, figure: str, region: str | None = None) -> Measure:
        """A figure of a policy, in all or of one home region."""
        found = self._by_policy[policy]
        part, width = found, found.get("interval95", {})
        for step in ("total",) if region is None else ("regions", region):
            part, width = part[step], width.get(step, {})
        if figure == WITHIN:
            part, width = part["answered_within"], width.get("answered_within", {})
            figure = self.target
        return Measure(part[figure], width.get(figure))

    def gave_up(self, policy: str, region: str | None = None) -> float | None:
        """The share of callers who gave up, were turned away, or were rung back in vain."""
        found = self._by_policy[policy]
        return gave_up(found["total"] if region is None else found["regions"][region])

    @property
    def has_callbacks(self) -> bool:
        """Whether anybody asked to be rung back."""
        return any(policy["total"]["callbacks"] for policy in self._by_policy.values())

    @property
    def has_unfinished(self) -> bool:
        """Whether anybody waited still when a run was over."""
        return any(policy["total"]["unfinished"] for policy in self._by_policy.values())

    def difference(self, policy: str, figure: str, region: str | None = None) -> Measure:
        """Against the first policy, on the same callers."""
        found = self._differences[policy]
        one = (found["total"] if region is None else found["regions"][region])[figure]
        return Measure(one["difference"], one["interval95"])

    def course(
        self, policy: str, *, region: str | None = None, every: int, over: int
    ) -> list[Point]:
        """Its calls by the time at which they came; who rings again after the end is left out.

        Args:
            region: of this home region alone; None: of all.
            every: so many minutes are put together.
            over: so many minutes are one round: of a day, all days are put together.
        """
        sums: dict[int, list[float]] = {}
        for row in self._by_policy[policy]["course"]:
            is_after = row["at_minute"] >= self.minutes
            if is_after or region not in (None, row["region"]):
                continue
            found = sums.setdefault(int(row["at_minute"]) % over // every * every, [0.0] * 3)
            for index, value in enumerate(
                (
                    row["offered"],
                    row["answered_within_target"],
                    row["offered"] * (row["mean_wait_ms"] or 0.0),
                )
            ):
                found[index] += value
        return [Point(at, *found) for at, found in sorted(sums.items())]

    def helped(self, policy: str) -> dict[tuple[str, str], float]:
        """Minutes by home and answering region, those that are the same included."""
        found = {
            (pair["home"], pair["answering"]): float(pair["minutes"])
            for pair in self._by_policy[policy]["pairs"]
        }
        for region, part in self._by_policy[policy]["regions"].items():
            found[region, region] = part["handled_minutes"] - part["taken_minutes"]
        return found

    def shares(self, policy: str) -> bool:
        """Whether a call was answered in another region than its own."""
        return bool(self._by_policy[policy]["pairs"])

    def shocks(self, over: int) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """From and to which minute of a round of so many, and what the file says."""
        for shock in self.setting["shocks"]:
            begins = shock["from_minute"] % over
            ends = min(begins + shock["to_minute"] - shock["from_minute"], over)
            yield begins, ends, shock

    def named(self, regions: Iterable[str]) -> list[str]:
        """The names of regions."""
        return [self.regions[region] for region in regions]

    def _minutes(self) -> int:
        length = self.setting["length"]
        if length["end"] == "time":
            return int(min(WEEK_MINUTES, -(-length["amount"] // 60_000)))
        rows = (row for each in self._by_policy.values() for row in each["course"])
        return max((int(row["at_minute"]) + 1 for row in rows if row["offered"]), default=1)
