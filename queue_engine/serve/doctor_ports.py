"""Where the engine listens: is the place free, or is it the engine who is there?"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from typing import Any, Final

import aiohttp

from queue_engine.config.engine_file import AgiSettings, EngineSettings, HttpSettings
from queue_engine.serve.doctor_finding import Finding, fault, ok, warning

ASK_S: Final = 3.0
_WHO: Final = "`ss -ltnp` names it; stop it, or choose another port in samko.yaml"


async def ivr(agi: AgiSettings, *, is_in_use: bool) -> Finding:
    """The IVR's port.

    Args:
        is_in_use: whether an engine has the journal open, and so should listen there.
    """
    area, where = "IVR port", f"{agi.host}:{agi.port}"
    if agi.port == 0:
        return ok(area, f"a free one of {agi.host} is taken at each start")
    if is_in_use:
        if await _is_listening(agi.host, agi.port):
            return ok(area, f"the engine listens at {where}")
        text = f"an engine runs, and nobody listens at {where}"
        return fault(area, text, "callers go to the fallback queue: look into the engine's log")
    return _free(area, agi.host, agi.port)


async def api(settings: EngineSettings, *, is_in_use: bool) -> list[Finding]:
    """The API's port, and what an engine that answers there says of itself."""
    beyond = _beyond(settings.http.host)
    return [*await _api(settings, is_in_use), *([beyond] if beyond is not None else [])]


async def answers(http: HttpSettings) -> bool:
    """Whether an engine answers at the API's port."""
    try:
        health, _ = await _get(f"{_url(http)}/healthz", "")
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return False
    return health == 200


def _beyond(host: str) -> Finding | None:
    """Whether tokens and what they open leave this machine unencrypted."""
    if ipaddress.ip_address(host).is_loopback:
        return None
    text = f"the API is served at {host}, to other machines and without encryption"
    advice = "listen at 127.0.0.1, with a proxy that speaks TLS before it, named in http.hosts"
    return warning("HTTP", text, advice)


async def _api(settings: EngineSettings, is_in_use: bool) -> list[Finding]:
    area, http = "HTTP", settings.http
    where, host = f"{http.host}:{http.port}", _reached(http.host)
    if http.port == 0:
        return [ok(area, f"a free port of {http.host} is taken at each start")]
    if not await _is_listening(host, http.port):
        if is_in_use:
            text = f"an engine runs, and nobody listens at {where}"
            advice = "look into its log; `samko run` may have been given another --port"
            return [warning(area, text, advice)]
        return [_free(area, http.host, http.port)]
    url = _url(http)
    try:
        health, _ = await _get(f"{url}/healthz", "")
        if health != 200:
            return [fault(area, f"what answers at {url} is no engine (HTTP {health})", _WHO)]
        return await _ready(settings, url)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
        text = f"what listens at {where} does not answer as an engine does: {type(exc).__name__}"
        return [fault(area, text, _WHO)]


async def _ready(settings: EngineSettings, url: str) -> list[Finding]:
    """What the engine says of itself, to whoever shows one of the tokens of this var_dir."""
    area, status, said = "HTTP", 401, None
    for folder in (settings.var_dir, settings.embedded_dir):
        file = folder / settings.token_file.name
        if status == 401 and os.access(file, os.R_OK):
            status, said = await _get(f"{url}/readyz", file.read_text("utf-8").strip())
    if status == 401:
        text = f"an engine answers at {url}, and does not know the token in {settings.var_dir}"
        advice = "look from the account and with the --config that the engine was started with"
        return [warning(area, text, advice)]
    checks = said.get("checks") if isinstance(said, dict) else None
    if not isinstance(checks, list):
        text = f"what answers at {url} is no engine (HTTP {status} for readyz)"
        return [fault(area, text, _WHO)]
    found = [ok(area, f"the engine at {url} is {'ready' if status == 200 else 'not ready'}")]
    for check in checks:
        name, detail = f"its {check.get('name', 'check')}", str(check.get("detail") or "not well")
        if not check.get("is_ok"):
            found.append(fault(name, detail, "the engine's log says more"))
    return found


async def _get(url: str, token: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = aiohttp.ClientTimeout(total=ASK_S)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(url, headers=headers, allow_redirects=False) as response,
    ):
        is_json = "json" in response.content_type
        return response.status, await response.json(content_type=None) if is_json else None


async def _is_listening(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(ASK_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _free(area: str, host: str, port: int) -> Finding:
    """Whether it could be taken; it is given back at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
            tried.listen(1)
        except OSError as exc:
            text = f"{host}:{port} cannot be had: {os.strerror(exc.errno or 0)}"
            return fault(area, text, _WHO)
    return ok(area, f"{host}:{port} is free for the engine")


def _url(http: HttpSettings) -> str:
    host = _reached(http.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{http.port}"


def _reached(host: str) -> str:
    """An address by which this machine reaches what listens at `host`."""
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        return "::1" if address.version == 6 else "127.0.0.1"
    return host
