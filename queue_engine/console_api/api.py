"""The API as one aiohttp application: routes, what stands before each of them, what runs beside."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from prometheus_client.registry import Collector

from queue_engine.console_api.agent_socket import AgentSockets
from queue_engine.console_api.board import Board
from queue_engine.console_api.caller_socket import CallerSockets
from queue_engine.console_api.chronicle import Chronicle
from queue_engine.console_api.command_routes import CommandRoutes
from queue_engine.console_api.explaining import Explaining
from queue_engine.console_api.ledger_book import LedgerBook
from queue_engine.console_api.live_hub import LiveHub
from queue_engine.console_api.live_socket import LiveSockets
from queue_engine.console_api.metrics import METRICS_TYPE, EngineMetrics, Tally
from queue_engine.console_api.openapi import OPERATIONS, document
from queue_engine.console_api.pages import Pages
from queue_engine.console_api.ports import (
    EnginePort,
    PastPort,
    ReadyChecksPort,
    ReloadPort,
    SeatsPort,
    SnapshotsPort,
    SpeedPort,
    TelephonesPort,
)
from queue_engine.console_api.problems import ProblemError, from_http, from_refused
from queue_engine.console_api.read_routes import ReadRoutes, json_response
from queue_engine.console_api.readiness import Readiness
from queue_engine.console_api.reading import require_known
from queue_engine.console_api.security import Gate, harden
from queue_engine.console_api.shapes import BODY_BYTES_MAX
from queue_engine.console_api.sockets import Sockets
from queue_engine.core.errors import EngineStopped, Refused

_log = logging.getLogger(__name__)

ACCESS_LOGGER: Final = "samko.http"
RESTART_S: Final = 1.0

_access = structlog.stdlib.get_logger(ACCESS_LOGGER)


class ConsoleApi:
    """Everything that is asked over HTTP.

    Args:
        engine: the running engine; its `Driver`.
        token: what everybody must show; never logged.
        seats: who may sign on, and where people may sit down.
        hosts: names of this server besides those of the loopback.
        past: the journal, so that timelines begin before this start, and for the ledger.
        ledger_file: where the ledger is kept, so that it need not be read anew at each start.
        snapshots: of the journal, so that contacts of a long past are soon explained.
        reload: reads the configuration anew.
        speed: the clock of a demonstration.
        ready_checks: what else has to be well for callers to be served.
        telephones: the embedded network, for phones in pages.
        more_metrics: of what only `serve` knows.
        missed: how many callers went on without something that is nice to have, by what it was.
        degraded_since_ms: the engine's moment since which its records are in memory only; None:
            they are not.
    """

    def __init__(
        self,
        engine: EnginePort,
        *,
        token: str,
        seats: SeatsPort,
        hosts: Iterable[str] = (),
        past: PastPort | None = None,
        ledger_file: Path | None = None,
        snapshots: SnapshotsPort | None = None,
        reload: ReloadPort | None = None,
        speed: SpeedPort | None = None,
        ready_checks: ReadyChecksPort = tuple,
        telephones: TelephonesPort | None = None,
        more_metrics: Iterable[Collector] = (),
        missed: Callable[[], Mapping[str, int]] = dict,
        degraded_since_ms: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._gate = Gate(token, hosts)
        given = {"reload": reload, "speed": speed, "past": past}
        self._ports = frozenset(name for name, port in given.items() if port is not None)
        self.chronicle = Chronicle(engine, past)
        self.board = Board(engine, self.chronicle, speed, degraded_since_ms)
        self.hub = LiveHub(self.board)
        self.sockets = Sockets(self._gate)
        self._live = LiveSockets(self.sockets, self.hub, self.board)
        tally = Tally(self.board)
        self.chronicle.on_record = tally.count
        self._metrics = EngineMetrics(
            self.board, tally, self.hub, self.sockets, missed, more_metrics
        )
        explaining = Explaining(self.chronicle, past, snapshots)
        self.ledger = None if past is None else LedgerBook(engine, past, ledger_file, snapshots)
        readiness = Readiness(engine, ready_checks)
        self._reads = ReadRoutes(self.board, seats, readiness, explaining, self.ledger)
        self._commands = CommandRoutes(engine, seats, reload, speed)
        self._document = document(self._ports)
        self._phones: list[web.AbstractRouteDef] = []
        if telephones is not None:
            callers = CallerSockets(self.sockets, telephones, token)
            agents = AgentSockets(self.sockets, telephones, self.board)
            self._phones = [
                web.get("/api/v1/phone/caller", callers.serve),
                web.get("/api/v1/phone/agent/{phone_id}", agents.serve),
            ]

    def app(self) -> web.Application:
        """The application; its server is the caller's."""
        logging.getLogger("aiohttp.server").addFilter(_without_words)
        app = web.Application(
            middlewares=[_log_access, self._guard], client_max_size=BODY_BYTES_MAX
        )
        app.on_response_prepare.append(_harden)
        app.cleanup_ctx.append(self._beside)
        app.on_shutdown.append(self._say_goodbye)
        app.add_routes(self.routes())
        return app

    def routes(self) -> list[web.AbstractRouteDef]:
        """All routes; those of the pages last."""
        told = [
            web.route(operation.method, operation.path, self._handler(operation.handler))
            for operation in OPERATIONS
            if not operation.needs or operation.needs in self._ports
        ]
        live = web.get("/api/v1/live", self._live.serve)
        return [*told, live, *self._phones, *Pages().routes()]

    def _handler(self, name: str) -> Handler:
        for holder in (self._reads, self._commands):
            found: Handler | None = getattr(holder, name, None)
            if found is not None:
                return found
        return {"openapi": self._openapi, "metrics": self._scrape}[name]

    async def _openapi(self, request: web.Request) -> web.Response:
        require_known(request)
        return json_response(self._document)

    async def _scrape(self, request: web.Request) -> web.Response:
        require_known(request)
        await self.board.journaled()  # answered all the same: that it is slow is a measure, too
        headers = {"Content-Type": METRICS_TYPE}
        return web.Response(body=self._metrics.text(), headers=headers)

    # --- before each of them ----------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._gate.require_host(request)
            if not _is_open(request):
                self._gate.require_token(request)
            return await handler(request)
        except ProblemError as problem:
            return problem.response()
        except web.HTTPException as fault:
            if fault.status < 400:
                raise
            return from_http(fault).response()
        except Refused as refused:
            return from_refused(refused).response()
        except EngineStopped as stopped:
            return ProblemError("stopped", str(stopped)).response()
        except ConnectionError:
            raise  # the client is gone: nobody to answer
        except Exception:  # noqa: BLE001  whatever it is: answered, told, and lived with
            _log.exception("%s %s failed", request.method, _route(request))
            return ProblemError("failed", "it has been noted").response()

    # --- beside them ------------------------------------------------------------------------

    async def _beside(self, app: web.Application) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(_keep_up(self.chronicle.run, "timelines")),
            asyncio.create_task(_keep_up(self.hub.run, "live topics")),
        ]
        if self.ledger is not None:
            tasks.append(asyncio.create_task(_keep_up(self.ledger.run, "the ledger")))
        yield
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def _say_goodbye(self, app: web.Application) -> None:
        await self.sockets.close()


async def _keep_up(run: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
    """A fault beside the routes must not stop the telephones: it is told, and begun anew."""
    while True:
        try:
            await run()
        except Exception:  # noqa: BLE001  see above
            _log.exception("%s failed and begin anew", name)
        await asyncio.sleep(RESTART_S)


_OPEN: Final = ("/healthz", "/api/v1/live")


def _is_open(request: web.Request) -> bool:
    """Without token: health, the pages (which hold nothing), sockets (they say it first)."""
    path = _route(request)
    return path in _OPEN or path.startswith("/api/v1/phone/") or path in Pages.ROUTES


def _route(request: web.Request) -> str:
    """The route's pattern, which holds nothing that a client has sent."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


@web.middleware
async def _log_access(request: web.Request, handler: Handler) -> web.StreamResponse:
    began_s = time.perf_counter()
    status = 499  # the client was gone before its answer
    try:
        response = await handler(request)
        status = response.status
    finally:
        if _is_heard():
            took_ms = (time.perf_counter() - began_s) * 1000
            _access.info(
                "request",
                method=request.method if request.method in _METHODS else "other",
                route=_route(request),
                status=status,
                took_ms=round(took_ms, 1),
            )
    return response


def _is_heard() -> bool:
    """Asked first: a line that nobody reads costs as much as the answer itself."""
    return logging.getLogger(ACCESS_LOGGER).isEnabledFor(logging.INFO)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "OPTIONS", "PATCH", "DELETE"})


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    harden(request, response)


def _without_words(entry: logging.LogRecord) -> bool:
    """What is no HTTP at all is logged by its kind: the library would quote what was sent."""
    fault = entry.exc_info[1] if entry.exc_info else None
    if isinstance(fault, HttpProcessingError):
        entry.msg, entry.args = "not HTTP: %s", (type(fault).__name__,)
        entry.exc_info = entry.exc_text = None
        entry.levelno, entry.levelname = logging.WARNING, "WARNING"
    return True
