"""Whether this engine decides, alone or among those on one journal, for whoever measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True)
class ClusterView:
    """How it is now."""

    decides: bool
    holder: str = ""
    """Who has the lease, by its start; empty: nobody."""
    lease_left_ms: int = 0
    lag: int = 0
    """Records that the journal has and this engine has not folded."""
    trouble: str = ""
    """Why it could not decide now; empty: it could, or does."""
    island: tuple[str, ...] = ()
    """The switches for which it decides alone, cut off from all others; empty: it does not."""
    degraded_ms: int | None = None
    """So long its records have been in memory only; None: they are not."""


class ClusterMetrics(Collector):
    """Collected when asked for.

    Args:
        view: how it is now.
    """

    def __init__(self, view: Callable[[], ClusterView]) -> None:
        self._view = view

    def describe(self) -> Iterable[Metric]:
        """None beforehand: no other collector has metrics of these names."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        seen = self._view()
        yield GaugeMetricFamily(
            "samko_decides", "Whether this engine decides: of all, one does", float(seen.decides)
        )
        alone = float(bool(seen.island))
        yield GaugeMetricFamily(
            "samko_island", "Whether it is cut off, and decides for its own switches alone", alone
        )
        is_degraded, degraded_s = seen.degraded_ms is not None, (seen.degraded_ms or 0) / 1000
        yield GaugeMetricFamily(
            "samko_degraded", "Whether its records are in memory only", float(is_degraded)
        )
        yield GaugeMetricFamily(
            "samko_degraded_seconds", "So long they have been in memory only", degraded_s
        )
        yield GaugeMetricFamily("samko_journal_lag_records", "Not folded here yet", seen.lag)
        yield GaugeMetricFamily(
            "samko_can_decide", "Whether it decides, or could take over now", not seen.trouble
        )
        lease = GaugeMetricFamily(
            "samko_lease_left_seconds", "How long the lease is held still", labels=("holder",)
        )
        if seen.holder:
            lease.add_metric((seen.holder,), seen.lease_left_ms / 1000)
        yield lease
