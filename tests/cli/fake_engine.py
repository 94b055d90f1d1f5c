"""An engine as the command line sees it: the API's shapes with invented figures, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml
from aiohttp import WSMsgType, web

from queue_engine.console_api.shapes import (
    Agent,
    Agents,
    Contact,
    Load,
    Problem,
    Queue,
    Readiness,
    Region,
    Regions,
    Reloaded,
    Waiting,
)

CONFIG = Path(__file__).resolve().parents[2] / "config"
AT_MS = 1_795_299_245_000
"""Saturday 21 November 2026, 23:14:05 in Sweden."""
TOKEN = "of-a-test"


def load(**changes: Any) -> Load:
    """Figures of somewhere quiet, but for the changes; `waiting` by priority."""
    given: Waiting = {"emergency": 0, "urgent": 0, "raised": 0, "standard": 0, "non_medical": 0}
    given.update(changes.pop("waiting", {}))
    figures: dict[str, Any] = {
        "waiting": given,
        "waiting_total": sum(given.values()),
        "longest_wait_ms": 0,
        "past_promise": 0,
        "ringing": 0,
        "talking": 0,
        "agents": {
            **dict.fromkeys(("ready", "not_ready", "ringing", "talking", "wrap_up"), 0),
            "total": 0,
        },
    }
    whole: Load = {**figures, **changes}  # type: ignore[typeddict-item]
    return whole


def region(code: str, name: str, **changes: Any) -> Region:
    """One region's figures."""
    whole: Region = {
        **load(**{key: value for key, value in changes.items() if "help" not in key}),
        "code": code,
        "name": name,
        "takes_part": True,
        "expected_wait": {"from_minutes": 0, "to_minutes": 5},
        "is_lending_cut": False,
        "gateways": [],
        "helps": changes.get("helps", []),
        "helped_by": changes.get("helped_by", []),
    }
    return whole


def country(nation: Load | None = None, **of_regions: dict[str, Any]) -> Regions:
    """All shipped regions; `r14={...}` changes those of region 14."""
    regions = []
    for path in sorted((CONFIG / "regions").glob("*.yaml")):
        said = yaml.safe_load(path.read_text("utf-8"))
        regions.append(region(said["code"], said["name"], **of_regions.get(f"r{said['code']}", {})))
    return {
        "at_ms": AT_MS,
        "speed": 1.0,
        "island": [],
        "degraded_since_ms": None,
        "nation": nation or load(),
        "regions": regions,
    }


def contact(contact_id: str, **changes: Any) -> Contact:
    """One who waits for a nurse in Västra Götaland."""
    usual: dict[str, Any] = {
        "contact_id": contact_id,
        "state": "waiting",
        "priority": "standard",
        "tier": 2,
        "home_region": "14",
        "home_region_source": "network",
        "needs": [{"skill": "advice", "level_max": 9}],
        "language": "sv",
        "channel": "voice",
        "arrived_ms": AT_MS - 125_000,
        "due_ms": AT_MS + 355_000,
        "answer_by_ms": AT_MS + 355_000,
        "waited_ms": 125_000,
        "position": 1,
        "agent_id": None,
        "agent_region": None,
        "offers": 0,
        "shared": [],
        "connected_ms": None,
    }
    whole: Contact = {**usual, **changes}  # type: ignore[typeddict-item]
    return whole


def agent(agent_id: str, **changes: Any) -> Agent:
    """One who is ready, in Västra Götaland."""
    usual: dict[str, Any] = {
        "agent_id": agent_id,
        "region": "14",
        "unit": None,
        "link_id": "ast1",
        "phone_id": f"phone-{agent_id}",
        "state": "ready",
        "presence": "ready",
        "not_ready_reason": None,
        "since_ms": AT_MS - 65_000,
        "contact_id": None,
        "contact_region": None,
        "wrap_up_until_ms": None,
        "is_signing_off": False,
        "skills": [{"skill": "advice", "level": 1}],
    }
    whole: Agent = {**usual, **changes}  # type: ignore[typeddict-item]
    return whole


def queue(*contacts: Contact) -> Queue:
    """Those, as all there are."""
    count = len(contacts)
    return {"at_ms": AT_MS, "total": count, "offset": 0, "limit": 100, "contacts": list(contacts)}


def agents(*listed: Agent) -> Agents:
    """Those at work."""
    return {"at_ms": AT_MS, "agents": list(listed)}


def problem(status: int, code: str, title: str, **more: Any) -> Problem:
    """A refusal by RFC 9457."""
    whole: Problem = {
        "type": f"https://samko.invalid/problems/{code}",
        "title": title,
        "title_sv": title,
        "status": status,
        "code": code,
        **more,  # type: ignore[typeddict-item]
    }
    return whole


@dataclass
class FakeEngine:
    """`async with FakeEngine() as engine:` listens on a free port, and on the same one again."""

    regions: Regions = field(default_factory=country)
    queue: Queue = field(default_factory=queue)
    agents: Agents = field(default_factory=agents)
    reloaded: Reloaded | Problem = field(
        default_factory=lambda: Reloaded(
            version="2026-11-21", is_changed=True, restart_needed=False
        )
    )
    ready: Readiness | Problem = field(default_factory=lambda: Readiness(is_ready=True, checks=[]))
    port: int = 0
    asked: list[str] = field(default_factory=list)
    """Method and path of every request."""
    _runner: web.AppRunner | None = None
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._health),
                web.get("/api/v1/live", self._live),
                web.route("*", "/{path:.*}", self._answer),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Ends, with all connections."""
        assert self._runner is not None
        for socket in list(self._sockets):
            await socket.close()
        await self._runner.cleanup()

    async def tell(self) -> None:
        """Sends everything to all who are connected."""
        for socket in list(self._sockets):
            await self._send(socket)

    async def _send(self, socket: web.WebSocketResponse) -> None:
        topics = {"regions": self.regions, "queue": self.queue, "agents": self.agents}
        for topic, data in topics.items():
            await socket.send_json({"topic": topic, "at_ms": data["at_ms"], "data": data})

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"is_alive": True})

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _json(problem(401, "token_needed", "A token is needed"))
        said: dict[str, Any] = {
            "/api/v1/regions": self.regions,
            "/api/v1/queue": self.queue,
            "/api/v1/agents": self.agents,
            "/api/v1/configuration/reload": self.reloaded,
            "/readyz": self.ready,
        }
        return _json(said.get(request.path) or problem(404, "not_found", "Nothing is there"))

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("samko.v1",))
        await socket.prepare(request)
        assert json.loads(await socket.receive_str(timeout=5)) == {"token": TOKEN}
        wanted = json.loads(await socket.receive_str(timeout=5))["subscribe"]
        assert set(wanted) == {"regions", "queue", "agents"}
        self._sockets.add(socket)
        try:
            await self._send(socket)
            while (await socket.receive()).type not in (
                WSMsgType.CLOSE,
                WSMsgType.CLOSED,
                WSMsgType.CLOSING,
                WSMsgType.ERROR,
            ):
                pass
        finally:
            self._sockets.discard(socket)
        return socket


def _json(said: Any) -> web.Response:
    status = said.get("status", 200)
    kind = "application/problem+json" if status >= 400 else "application/json"
    return web.json_response(said, status=status, content_type=kind)


async def until(condition: Any, what: str, deadline_s: float = 10.0) -> None:
    """Until it is so."""
    try:
        async with asyncio.timeout(deadline_s):
            while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{what}: not in {deadline_s} s") from None
