"""The console's API of a running engine, at its address: ports filled, server started and ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final

from aiohttp import web

from queue_engine.config.engine_file import HttpSettings
from queue_engine.config.problems import ConfigError
from queue_engine.console_api.api import ConsoleApi
from queue_engine.console_api.cluster_metrics import ClusterMetrics, ClusterView
from queue_engine.console_api.ports import ReadyCheck, Reload
from queue_engine.console_api.work_metrics import WorkMetrics
from queue_engine.core.errors import SamkoError
from queue_engine.serve.merging import MergingMetrics
from queue_engine.serve.seats import Seats
from queue_engine.serve.telephones import Telephones
from queue_engine.serve.token import read_or_make_token
from queue_engine.serve.work_counts import link_counts

if TYPE_CHECKING:
    from queue_engine.serve.service import Service

CLOSE_S: Final = 2.0
"""So long running requests may take to end when the engine stops."""


class HttpServer:
    """The API while the service runs.

    Attributes:
        token: what a client has to show.
        port: where it listens.
    """

    def __init__(self, token: str, host: str, port: int) -> None:
        self.token: Final = token
        self.port: Final = port
        self._host = f"[{host}]" if ":" in host else host

    @property
    def url(self) -> str:
        """Where it is, without the token."""
        return f"http://{self._host}:{self.port}/"

    @property
    def link(self) -> str:
        """For a browser: the token is behind the `#`, which no server is ever told."""
        return f"{self.url}#token={self.token}"


async def open_http(service: Service, opened: AsyncExitStack) -> HttpServer:
    """Serves until `opened` is closed.

    Raises:
        SamkoError: the address cannot be had, or the token not be read; says why.
    """
    settings = service.configuration.settings
    token = read_or_make_token(settings.token_file)
    embedded, back = service.embedded, await service.look_back(opened)
    api = ConsoleApi(
        service.driver,
        token=token,
        seats=Seats(service),
        hosts=(settings.http.host, *settings.http.hosts),
        past=back.past,
        ledger_file=back.ledger_file,
        snapshots=back.snapshots,
        reload=lambda: _reload(service),
        speed=service.pace if embedded else None,
        ready_checks=_ready_checks(service),
        telephones=Telephones(service) if embedded else None,
        more_metrics=(
            ClusterMetrics(lambda: _view(service)),
            MergingMetrics(service.merging.counts),
            WorkMetrics(lambda: _loop_counts(service), lambda: link_counts(service.links)),
        ),
        missed=service.missed,
        degraded_since_ms=lambda: _degraded_since_ms(service),
    )
    port = await listen(api.app(), settings.http, opened, CLOSE_S)
    return HttpServer(token, settings.http.host, port)


async def listen(
    app: web.Application, at: HttpSettings, opened: AsyncExitStack, close_s: float
) -> int:
    """Serves until `opened` is closed; the port.

    Args:
        close_s: so long running requests may take to end then.

    Raises:
        SamkoError: the address cannot be had; says why.
    """
    # The access log is the API's own: it holds no address and no query.
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=close_s)
    await runner.setup()
    opened.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, at.host, at.port)
    try:
        await site.start()
    except OSError as fault:
        where = f"{at.host}:{at.port}"
        raise SamkoError(
            f"the API cannot listen at {where}: {fault.strerror}; set http.port in samko.yaml"
        ) from fault
    port: int = runner.addresses[0][1]
    return port


async def _reload(service: Service) -> Reload:
    before = service.configuration.policy.version
    try:
        done = await service.reloader.reload()
    except ConfigError as fault:
        return Reload(before, faults=tuple(str(problem) for problem in fault.problems))
    return Reload(
        service.configuration.policy.version,
        is_changed=done.rules_changed,
        restart_needed=done.restart_needed,
    )


def _ready_checks(service: Service) -> Callable[[], Sequence[ReadyCheck]]:
    def checks() -> Sequence[ReadyCheck]:
        detail = "records are in memory only" if service.is_degraded else ""
        journal = ReadyCheck("journal", not service.is_degraded, detail)
        return [journal, *([] if service.member is None else [_cluster(service.member.view())])]

    return checks


def _view(service: Service) -> ClusterView:
    seen = ClusterView(decides=True) if service.member is None else service.member.view()
    since_ms = _degraded_since_ms(service)
    if since_ms is None:
        return seen
    return replace(seen, degraded_ms=max(0, service.driver.now_ms() - since_ms))


def _loop_counts(service: Service) -> dict[str, int]:
    counts = service.deciding.driver.counts if service.member is None else service.member.counts
    return asdict(counts)


def _degraded_since_ms(service: Service) -> int | None:
    deciding = service.deciding if service.member is None else service.member.deciding
    return None if deciding is None else deciding.degraded_since_ms


def _cluster(seen: ClusterView) -> ReadyCheck:
    if seen.island:
        told = f"cut off from Redis: decides for {', '.join(seen.island)} alone"
        return ReadyCheck("island", False, told)
    if seen.trouble:
        return ReadyCheck("cluster", False, seen.trouble)
    if seen.decides:
        return ReadyCheck("cluster", True, "decides")
    where = f"follows {seen.holder or 'nobody'}, {seen.lag} records behind"
    return ReadyCheck("cluster", bool(seen.holder), where)
