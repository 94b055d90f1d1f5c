"""What an engine answers over HTTP while another one decides: health, readiness and metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from queue_engine.console_api import shapes
from queue_engine.console_api.metrics import METRICS_TYPE
from queue_engine.console_api.problems import ProblemError
from queue_engine.console_api.read_routes import json_response
from queue_engine.console_api.security import Gate, harden

_HEALTH: Final = "/healthz"


@dataclass(frozen=True, slots=True)
class StandbyPicture:
    """How it is with an engine that stands by."""

    holder: str
    """Who has the lease, by its start; empty: nobody."""
    lease_left_ms: int
    number: int
    """The last record that it has folded."""
    lag: int
    """Records that the journal has beyond that."""
    trouble: str = ""
    """Why it could not take over now; empty: it could."""


class StandbyApi(Collector):
    """The few routes of one who stands by; all others say that it does.

    Args:
        token: what everybody must show, except for health.
        hosts: names of this server besides those of the loopback.
        view: how it is now.
    """

    def __init__(
        self, token: str, hosts: Iterable[str], view: Callable[[], StandbyPicture]
    ) -> None:
        self._gate = Gate(token, hosts)
        self._view = view
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def app(self) -> web.Application:
        """The application; its server is the caller's."""
        app = web.Application(middlewares=[self._guard])
        app.on_response_prepare.append(_harden)
        app.add_routes(
            [
                web.get(_HEALTH, self._health),
                web.get("/metrics", self._metrics),
                web.route("*", "/{other:.*}", self._other),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._gate.require_host(request)
            if request.path != _HEALTH:
                self._gate.require_token(request)
            return await handler(request)
        except ProblemError as problem:
            return problem.response()

    async def _health(self, request: web.Request) -> web.Response:
        return json_response(shapes.Health(is_alive=True))

    async def _metrics(self, request: web.Request) -> web.Response:
        text = generate_latest(self._registry)
        return web.Response(body=text, headers={"Content-Type": METRICS_TYPE})

    async def _other(self, request: web.Request) -> web.Response:
        """`/readyz` as well: callers are served, but not here."""
        seen = self._view()
        where = f"record {seen.number}, {seen.lag} behind"
        checks = (
            shapes.Check(name="engine", is_ok=False, detail="standing by: another one decides"),
            shapes.Check(name="standby", is_ok=not seen.trouble, detail=seen.trouble or where),
        )
        raise ProblemError("standing_by", "another engine serves callers now", checks=checks)

    def describe(self) -> Iterable[Metric]:
        """None beforehand: nothing else is registered here."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All metrics."""
        seen = self._view()
        yield GaugeMetricFamily("samko_decides", "Whether this engine decides: of all, one does", 0)
        yield CounterMetricFamily("samko_records", "Journaled records", seen.number)
        yield GaugeMetricFamily("samko_journal_lag_records", "Not folded here yet", seen.lag)
        yield GaugeMetricFamily(
            "samko_standby_is_well", "Whether it could take over now", not seen.trouble
        )
        lease = GaugeMetricFamily(
            "samko_lease_left_seconds", "How long the lease is held still", labels=("holder",)
        )
        if seen.holder:
            lease.add_metric((seen.holder,), seen.lease_left_ms / 1000)
        yield lease


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    harden(request, response)
