"""The pages: files of `web/`, and nothing beside them. They hold no data, so they need no token."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from aiohttp import web

from queue_engine.console_api.problems import ProblemError

FOLDER: Final = Path(__file__).parent / "web"
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
_NAME: Final = re.compile(
    r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,60}/){0,4}[A-Za-z0-9_-][A-Za-z0-9._-]{0,60}"
)


class Pages:
    """Serves them.

    Args:
        folder: where they are.
    """

    ROUTES: Final = ("/", "/{page}")
    """Patterns of the routes."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    def routes(self) -> list[web.AbstractRouteDef]:
        """Their routes, for the end of the table: they take every path that is left."""
        return [
            web.get("/", self.page),
            web.get("/{page:(?!(?:api|healthz|readyz|metrics)(?:/|$)).+}", self.page),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """One file, which a browser asks for anew each time (and gets only if it has changed)."""
        name = request.match_info.get("page", "index.html")
        path = self._folder / name
        kind = _TYPES.get(path.suffix)
        if kind is None or not _NAME.fullmatch(name) or not path.is_file():
            raise ProblemError("not_found", "there is no such page")
        headers = {"Content-Type": kind, "Cache-Control": "no-cache"}
        return web.FileResponse(path, headers=headers)
