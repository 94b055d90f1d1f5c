"""The running engine's HTTP API, as the command line asks it.

House rules: the token is read from a file or the environment and never taken from the command
line, where everybody on the machine could read it. Every request has a deadline, in real seconds.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from queue_engine.cli.address_options import TOKEN_VARIABLE, URL_VARIABLE
from queue_engine.config.engine_file import EngineSettings, read_settings
from queue_engine.config.source import Faults
from queue_engine.core.errors import SamkoError

REQUEST_S: Final = 10.0
CONNECT_S: Final = 3.0
ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
_TIMEOUT: Final = aiohttp.ClientTimeout(total=REQUEST_S, sock_connect=CONNECT_S)


class EngineUnreachable(SamkoError):
    """No engine answers there, or it cannot now; it may do so later."""


class EngineRefused(SamkoError):
    """The engine answers, and refuses what was asked; it would again."""


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where the engine is, and what it wants to be shown."""

    url: str
    """Without a slash at its end."""
    token: str = field(repr=False)
    token_from: str
    """Where the token was found, or was looked for, for messages."""
    other_tokens: tuple[str, ...] = field(default=(), repr=False)
    """Those of other engines that have run here; one runs at a time, and any may be at `url`."""

    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def engine_address(
    chosen: argparse.Namespace, environment: Mapping[str, str] = os.environ
) -> EngineAddress:
    """Where the engine is, from options, environment and configuration, in this order.

    A configuration with faults does not keep anybody from looking at a running engine. The tokens
    in `var_dir` are shown to engines of this machine and of the configuration, and to no others.

    Raises:
        SamkoError: a file with a token cannot be read.
    """
    settings = read_settings(Faults(), chosen.config)
    url = chosen.url or environment.get(URL_VARIABLE) or url_of(settings)
    if chosen.token is None and (token := environment.get(TOKEN_VARIABLE, "").strip()):
        return EngineAddress(url.rstrip("/"), token, f"${TOKEN_VARIABLE}")
    if chosen.token is not None:
        return EngineAddress(url.rstrip("/"), _token_in(chosen.token), str(chosen.token))
    if not _is_of(url, settings):
        return EngineAddress(url.rstrip("/"), "", "")
    files = (settings.token_file, settings.embedded_dir / settings.token_file.name)
    tokens = [_token_in(file) for file in files if file.exists()]
    first, *others = tokens or [""]  # none: whether that matters, the engine will tell
    return EngineAddress(url.rstrip("/"), first, str(settings.token_file), tuple(others))


def _is_of(url: str, settings: EngineSettings) -> bool:
    if url == url_of(settings):
        return True
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name, or no address at all


def _token_in(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is no token"
        raise SamkoError(f"{file}, for the engine's token, cannot be read: {reason}") from exc


def url_of(settings: EngineSettings) -> str:
    """Where an engine with these settings can be asked from this machine."""
    address = ipaddress.ip_address(settings.http.host)
    if address.is_unspecified:
        address = ipaddress.ip_address("::1" if address.version == 6 else "127.0.0.1")
    host = f"[{address}]" if address.version == 6 else str(address)
    return f"http://{host}:{settings.http.port}"


async def known_at(session: aiohttp.ClientSession, address: EngineAddress) -> EngineAddress:
    """The address with that one of its tokens which the engine knows.

    Raises:
        EngineUnreachable: nobody answers.
        EngineRefused: it knows none of them.
    """
    for token in (address.token, *address.other_tokens):
        tried = replace(address, token=token, other_tokens=())
        status, _ = await _answer(session, tried, "GET", "/readyz")
        if status != 401:
            return tried
    raise refusal(address, 401, None)


async def ask(
    session: aiohttp.ClientSession,
    address: EngineAddress,
    method: str,
    path: str,
    body: object = None,
) -> Any:
    """The JSON that the engine answers.

    Args:
        path: such as `/api/v1/regions`.
        body: to be sent as JSON.

    Raises:
        EngineUnreachable: nobody answers, or not in time, or it is no engine.
        EngineRefused: it says no; in its own words.
    """
    status, said = await _answer(session, address, method, path, body)
    if status != 200:
        raise refusal(address, status, said)
    return said


async def troubles(session: aiohttp.ClientSession, address: EngineAddress) -> tuple[str, ...]:
    """What keeps the engine from serving callers, as it says itself; empty when it is ready.

    Raises:
        EngineUnreachable: nobody answers.
    """
    _, said = await _answer(session, address, "GET", "/readyz")
    checks = said.get("checks") if isinstance(said, dict) else None
    return tuple(
        f"{check.get('name')}: {check.get('detail')}"
        for check in checks or ()
        if isinstance(check, dict) and not check.get("is_ok")
    )


def refusal(address: EngineAddress, status: int, said: object) -> SamkoError:
    """What an answer other than 200 means: a problem by RFC 9457, else no engine at all."""
    if status == 401:
        if not address.token:
            looked = f"; there is none in {address.token_from}" if address.token_from else ""
            return EngineRefused(
                f"the engine at {address.url} wants a token: name its file with --token, or set"
                f" ${TOKEN_VARIABLE}{looked}"
            )
        return EngineRefused(
            f"the engine at {address.url} does not know the token of {address.token_from}"
        )
    if not isinstance(said, dict) or "title" not in said:
        return EngineUnreachable(f"what answers at {address.url} is no engine (HTTP {status})")
    faults = said.get("faults") or ()
    detail = said.get("detail")
    first = f"{said['title']}: {detail}" if detail else str(said["title"])
    kind = EngineUnreachable if status >= 500 else EngineRefused
    return kind("\n".join((first, *map(str, faults))))


def unreachable(address: EngineAddress, exc: BaseException) -> EngineUnreachable:
    """No answer, and what to do about it."""
    if isinstance(exc, aiohttp.InvalidURL):
        return EngineUnreachable(f"{address.url} is not an address such as http://127.0.0.1:1177")
    reason = "not in time" if isinstance(exc, TimeoutError) else _reason(exc)
    return EngineUnreachable(
        f"no engine answers at {address.url} ({reason}): start one with `samko run` or"
        " `samko serve`, or say with --url where it is"
    )


def _reason(exc: BaseException) -> str:
    os_error = getattr(exc, "os_error", exc)
    number = getattr(os_error, "errno", None)
    return os.strerror(number) if number and number > 0 else type(exc).__name__


async def _answer(
    session: aiohttp.ClientSession,
    address: EngineAddress,
    method: str,
    path: str,
    body: object = None,
) -> tuple[int, Any]:
    """Whatever answers: the HTTP status, and the JSON or None."""
    try:
        async with session.request(
            method,
            address.url + path,
            headers=address.headers(),
            json=body,
            timeout=_TIMEOUT,
            allow_redirects=False,
        ) as response:
            return response.status, await _json_of(response)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
        raise unreachable(address, exc) from exc


async def _json_of(response: aiohttp.ClientResponse) -> Any:
    if (response.content_length or 0) > ANSWER_BYTES_MAX:
        raise ValueError(f"an answer of over {ANSWER_BYTES_MAX} bytes")
    if "json" not in response.content_type:
        return None
    return await response.json(content_type=None)
