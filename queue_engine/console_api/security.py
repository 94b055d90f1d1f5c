"""Who may ask, under which name and from which page; and what a browser may do with our pages.

A page elsewhere must not reach an engine on this machine through its reader's browser. So the Host
must be a name that is ours (a foreign name can be made to point here), a WebSocket's Origin must be
that same host, and everything but health and the pages themselves needs the token.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from queue_engine.console_api.problems import ProblemError

TOKEN_CHARACTERS_MAX: Final = 500

_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::\d{1,5})?", re.ASCII)

HEADERS: Final = {
    "Server": "samko",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " media-src 'self'; manifest-src 'self'; connect-src 'self' ws://{host} wss://{host};"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Gate:
    """Decides on tokens, hosts and origins.

    Args:
        token: what everybody must show.
        hosts: names of this server besides those of the loopback; without ports.
    """

    def __init__(self, token: str, hosts: Iterable[str] = ()) -> None:
        if not token:
            raise ValueError("the token is empty: anybody could show it")
        self._token = token.encode()
        self._hosts = frozenset(host.lower() for host in hosts)

    def is_token(self, shown: str) -> bool:
        """Whether this is the token; takes as long whatever is wrong with it."""
        if len(shown) > TOKEN_CHARACTERS_MAX:
            return False
        return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), self._token)

    def require_token(self, request: web.Request) -> None:
        """The request shows it: `Authorization: Bearer TOKEN`.

        Raises:
            ProblemError: it does not.
        """
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self.is_token(shown.strip()):
            raise ProblemError("no_token", "send the header Authorization: Bearer TOKEN")

    def require_host(self, request: web.Request) -> None:
        """The name it was asked by is one of ours.

        Raises:
            ProblemError: it is not.
        """
        found = _HOST.fullmatch(request.headers.get("Host", ""))
        if not found or not self._is_ours(found[1].lower()):
            raise ProblemError("bad_host", "expected a name of this machine or one of `http.hosts`")

    def require_origin(self, request: web.Request) -> None:
        """If a page asks, it is one that came from here.

        Raises:
            ProblemError: it came from elsewhere.
        """
        origin = request.headers.get("Origin")
        if origin is None:
            return
        try:
            parts = urlsplit(origin)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or parts.netloc != request.headers.get("Host"):
            raise ProblemError("bad_origin", "expected a page of this server")

    def _is_ours(self, name: str) -> bool:
        if name == "localhost" or name in self._hosts:
            return True
        try:
            return ipaddress.ip_address(name.strip("[]")).is_loopback
        except ValueError:
            return False


def harden(request: web.Request, response: web.StreamResponse) -> None:
    """Sets what browsers need to be told. The host has been found to be ours."""
    response.headers.update(HEADERS)
    host = request.headers.get("Host", "")
    response.headers["Content-Security-Policy"] = _POLICY.format(host=host)
    response.headers.setdefault("Cache-Control", "no-store")
