"""A server that answers as the engine does, for tests of what the pages do with the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from aiohttp import WSMsgType, web

from queue_engine.console_api import security
from tests.browser import made_up_nation

TOKEN: Final = "a-token-of-the-test"
WEB: Final = Path(security.__file__).parent / "web"
PUSH_SECONDS: Final = 0.3
HEARD_SECONDS: Final = 15.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeServer:
    """The API with a made-up nation behind it. What it tells can be changed while it runs."""

    def __init__(self) -> None:
        self.regions = made_up_nation.regions()
        self.queue = made_up_nation.queue()
        self.texts: list[dict[str, Any]] = []
        """Text messages that are not sent."""
        self.is_silent = False
        """Nothing is pushed and nothing answered: the engine hangs."""
        self.cannot_explain = False
        self.ledger = made_up_nation.ledger()
        self.ledger_asked: list[dict[str, str]] = []
        """The periods that were asked for."""
        self.commands: list[tuple[str, Any]] = []
        self.seats: list[dict[str, Any]] = []
        self.agent: dict[str, Any] | None = None
        """What a command to an agent is answered with."""
        self.caller_news: list[dict[str, Any]] = []
        """What a caller's phone is told once it has dialled."""
        self.phone_news: list[dict[str, Any]] = []
        """What an agent's phone is told."""
        self.said: list[dict[str, Any]] = []
        """What phones have said."""
        self._heard = asyncio.Event()
        self.speed = 1.0
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._sockets: set[web.WebSocketResponse] = set()
        self._pushing: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def link(self, page: str = "") -> str:
        """The link that a person opens."""
        return f"{self.url}/{page}#token={TOKEN}"

    async def has_heard(self, last: dict[str, Any]) -> None:
        """Waits until this is the last that a phone has said."""
        async with asyncio.timeout(HEARD_SECONDS):
            while self.said[-1:] != [last]:
                self._heard.clear()
                await self._heard.wait()

    def cut_silently(self) -> None:
        """The live sockets that are open bring nothing more, as through a dead network; only new
        ones do."""
        for pushing in self._pushing:
            pushing.cancel()

    def sit(self, **changed: Any) -> None:
        """Somebody sits at the first seat of region 14, and does what is given."""
        seat = next(one for one in made_up_nation.seats() if one["region"] == "14")
        row = made_up_nation.agents("14")["agents"][0]
        ids = {key: seat[key] for key in ("agent_id", "phone_id")}
        self.agent = row | ids | {"not_ready_reason": None} | changed

    async def start(self) -> None:
        """Listens, at the port it had before if it had one."""
        app = web.Application(middlewares=[self._gate])
        app.router.add_get("/api/v1/regions", self._regions)
        app.router.add_get("/api/v1/queue", self._queue)
        app.router.add_get("/api/v1/agents", self._agents)
        app.router.add_get("/api/v1/texts", self._texts)
        app.router.add_get("/api/v1/contacts/{id}", self._contact)
        app.router.add_get("/api/v1/live", self._live)
        app.router.add_get("/api/v1/ledger", self._ledger)
        app.router.add_get("/api/v1/seats", self._free_seats)
        app.router.add_get("/api/v1/contacts/{id}/explain", self._explain)
        app.router.add_get("/api/v1/phone/caller", self._caller)
        app.router.add_get("/api/v1/phone/agent/{id}", self._agent_phone)
        app.router.add_post("/api/v1/agents/{id}/{command:.+}", self._command)
        app.router.add_route("*", "/api/v1/demo/speed", self._speed)
        app.router.add_get("/", self._index)
        app.router.add_static("/", WEB)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Is gone, with all connections."""
        for socket in list(self._sockets):
            await socket.close()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        is_socket = "Upgrade" in request.headers
        if request.path.startswith("/api/") and not is_socket:
            if self.is_silent:
                await asyncio.Event().wait()
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return web.json_response({"title": "no", "status": 401}, status=401)
        response = await handler(request)
        if not response.prepared:
            security.harden(request, response)
        return response

    async def _index(self, request: web.Request) -> web.StreamResponse:
        response = web.FileResponse(WEB / "index.html")
        security.harden(request, response)
        return response

    async def _regions(self, request: web.Request) -> web.Response:
        return web.json_response(self.regions)

    async def _queue(self, request: web.Request) -> web.Response:
        return web.json_response(self._queue_of(request.query.get("region")))

    async def _agents(self, request: web.Request) -> web.Response:
        return web.json_response(self._value(f"agents:{request.query['region']}"))

    async def _texts(self, request: web.Request) -> web.Response:
        return web.json_response(self._value("texts"))

    async def _contact(self, request: web.Request) -> web.Response:
        contact = made_up_nation.contact(request.match_info["id"])
        if contact is None:
            return web.json_response({"title": "no"}, status=404)
        return web.json_response(contact)

    async def _ledger(self, request: web.Request) -> web.Response:
        self.ledger_asked.append(dict(request.query))
        return web.json_response(self.ledger)

    async def _explain(self, request: web.Request) -> web.Response:
        contact = made_up_nation.contact(request.match_info["id"])
        if contact is None or self.cannot_explain:
            return web.json_response({"title": "no", "title_sv": "För länge sedan"}, status=410)
        return web.json_response(made_up_nation.explanation(contact))

    async def _speed(self, request: web.Request) -> web.Response:
        if request.method == "PUT":
            self.speed = self.regions["speed"] = (await request.json())["speed"]
        return web.json_response({"speed": self.speed})

    async def _free_seats(self, request: web.Request) -> web.Response:
        return web.json_response({"at_ms": self.regions["at_ms"], "seats": self.seats})

    async def _command(self, request: web.Request) -> web.Response:
        self.commands.append((request.match_info["command"], await request.json()))
        return web.json_response({"record": 1, "agent": self.agent})

    async def _caller(self, request: web.Request) -> web.WebSocketResponse:
        return await self._phone(request, self.caller_news)

    async def _agent_phone(self, request: web.Request) -> web.WebSocketResponse:
        sits = {"news": "plugged_in", "phone_id": request.match_info["id"], "state": "idle"}
        return await self._phone(request, [sits | {"contact": None}, *self.phone_news])

    async def _phone(
        self, request: web.Request, news: list[dict[str, Any]]
    ) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=["samko.v1"])
        await socket.prepare(request)
        await socket.receive_json()
        self._sockets.add(socket)
        for one in news:
            await socket.send_json(one)
        async for message in socket:
            self.said.append(message.json())
            self._heard.set()
        self._sockets.discard(socket)
        return socket

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=["samko.v1"])
        await socket.prepare(request)
        if (await socket.receive_json())["token"] != TOKEN:
            await socket.close(code=4401)
            return socket
        topics: list[str] = []
        self._sockets.add(socket)
        pushing = asyncio.create_task(self._push(socket, topics))
        self._pushing.add(pushing)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    asked = message.json()
                    topics.extend(asked.get("subscribe", []))
                    for topic in asked.get("unsubscribe", []):
                        topics.remove(topic)
        finally:
            pushing.cancel()
            self._pushing.discard(pushing)
            self._sockets.discard(socket)
        return socket

    async def _push(self, socket: web.WebSocketResponse, topics: list[str]) -> None:
        while not socket.closed:
            for topic in list(topics):
                if not self.is_silent:
                    at_ms = self.regions["at_ms"]
                    await socket.send_json(
                        {"topic": topic, "at_ms": at_ms, "data": self._value(topic)}
                    )
            await asyncio.sleep(PUSH_SECONDS)

    def _value(self, topic: str) -> object:
        kind, _, which = topic.partition(":")
        if kind == "regions":
            return self.regions
        if kind == "agents":
            told = made_up_nation.agents(which)
            if self.agent and self.agent["region"] == which:
                told["agents"].append(self.agent)
            return told
        if kind == "texts":
            return {"at_ms": self.regions["at_ms"], "texts": self.texts}
        if kind == "contact":
            return made_up_nation.contact(which)
        return self._queue_of(which or None)

    def _queue_of(self, region: str | None) -> dict[str, Any]:
        own = [one for one in self.queue["contacts"] if region in (None, one["home_region"])]
        total = len(own) if region else self.queue["total"]
        return self.queue | {"contacts": own, "total": total}
