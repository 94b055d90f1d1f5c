"""What the engine's loop and its links have done and could not do, for whoever measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from routing.vocabulary import LinkId

Counts = Mapping[str, int]
"""How often, by what it was: words of the program, nothing that came from outside."""


class WorkMetrics(Collector):
    """Collected when asked for. All of it is counted since this process began.

    Args:
        loop: what the deciding loop has done.
        links: what each link to a switch has done and seen.
    """

    def __init__(
        self, loop: Callable[[], Counts], links: Callable[[], Mapping[LinkId, Counts]]
    ) -> None:
        self._loop = loop
        self._links = links

    def describe(self) -> Iterable[Metric]:
        """None beforehand: no other collector has metrics of these names."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        loop = CounterMetricFamily(
            "samko_loop_counts",
            "What the deciding loop did here: turns, stalls, appends that failed, ...",
            labels=("what",),
        )
        for what, count in sorted(self._loop().items()):
            loop.add_metric((what,), count)
        yield loop
        links = CounterMetricFamily(
            "samko_link_counts",
            "What the link to a switch did and saw: odd messages, connections lost, pictures"
            " reconciled, effects dropped, ...",
            labels=("link", "what"),
        )
        for link_id, counts in sorted(self._links().items()):
            for what, count in sorted(counts.items()):
                links.add_metric((link_id, what), count)
        yield links
