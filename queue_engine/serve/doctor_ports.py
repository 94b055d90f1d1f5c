"""Where the engine listens: is the place free, or is it the engine who is there?"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from queue_engine.config.engine_file import AgiSettings, EngineSettings
from queue_engine.serve.doctor_finding import Finding, fault, ok, warning

ASK_S: Final = 3.0
_WHO: Final = "`ss -ltnp` names it; stop it, or choose another port in samko.yaml"


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What the engine's API says of it, if one runs."""

    findings: tuple[Finding, ...]
    is_embedded: bool = False
    """It runs on the embedded telephone network: there is no Asterisk to ask."""


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


async def api(settings: EngineSettings, *, is_in_use: bool) -> ApiAnswer:
    """The API's port, and what an engine that answers there says of itself."""
    area, http = "HTTP", settings.http
    where = f"{http.host}:{http.port}"
    if http.port == 0:
        return ApiAnswer((ok(area, f"a free port of {http.host} is taken at each start"),))
    if not await _is_listening(_reached(http.host), http.port):
        if is_in_use:
            text = f"an engine runs, and nobody listens at {where}"
            return ApiAnswer((fault(area, text, "look into the engine's log"),))
        return ApiAnswer((_free(area, http.host, http.port),))
    url = f"http://{_url_host(_reached(http.host))}:{http.port}"
    try:
        health, _ = await _get(f"{url}/healthz", "")
        if health != 200:
            text = f"what answers at {url} is no engine (HTTP {health})"
            return ApiAnswer((fault(area, text, _WHO),))
        return await _ready(settings, url)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
        text = f"what listens at {where} does not answer as an engine does: {type(exc).__name__}"
        return ApiAnswer((fault(area, text, _WHO),))


async def _ready(settings: EngineSettings, url: str) -> ApiAnswer:
    area = "HTTP"
    embedded = settings.embedded_dir / settings.token_file.name
    status, said, is_embedded = 401, None, False
    for file in (settings.token_file, embedded):
        if status == 401 and os.access(file, os.R_OK):
            status, said = await _get(f"{url}/readyz", file.read_text("utf-8").strip())
            is_embedded = file == embedded
    if status == 401:
        text = f"the engine at {url} does not know the token in {settings.token_file}"
        advice = "look from the account and with the --config that the engine was started with"
        return ApiAnswer((warning(area, text, advice),))
    checks = said.get("checks") if isinstance(said, dict) else None
    if not isinstance(checks, list):
        text = f"what answers at {url} is no engine (HTTP {status} for readyz)"
        return ApiAnswer((fault(area, text, _WHO),))
    bad = [
        fault(
            str(check.get("name", "engine")),
            str(check.get("detail") or "not ready"),
            "the engine's log says more",
        )
        for check in checks
        if isinstance(check, dict) and not check.get("is_ok")
    ]
    on = " on the embedded telephone network" if is_embedded else ""
    first = ok(area, f"the engine at {url}{on} is {'ready' if status == 200 else 'not ready'}")
    return ApiAnswer((first, *bad), is_embedded)


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


def _reached(host: str) -> str:
    """An address by which this machine reaches what listens at `host`."""
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        return "::1" if address.version == 6 else "127.0.0.1"
    return host


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
