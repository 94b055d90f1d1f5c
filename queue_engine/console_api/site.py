"""The API's server: listens while entered."""

from __future__ import annotations

from typing import Final, Self

from aiohttp import web

from queue_engine.console_api.api import ConsoleApi
from queue_engine.core.errors import SamkoError

GOODBYE_S: Final = 2.0
"""How long answers under way may take when the server stops."""
KEEP_ALIVE_S: Final = 30.0


class ConsoleSite:
    """Listens, and ends cleanly.

    Args:
        api: what is served.
        host, port: where; port 0: any that is free.

    Raises (on entering):
        SamkoError: the address cannot be had; says which.
    """

    def __init__(self, api: ConsoleApi, host: str, port: int) -> None:
        self._runner = web.AppRunner(
            api.app(),
            access_log=None,  # the API logs by itself, without what a query holds
            handle_signals=False,
            shutdown_timeout=GOODBYE_S,
            keepalive_timeout=KEEP_ALIVE_S,
        )
        self._host = host
        self._port = port

    @property
    def port(self) -> int:
        """The port that is listened at."""
        return self._port

    @property
    def url(self) -> str:
        """Where it is, for people."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as exc:
            await self._runner.cleanup()
            where = f"{self._host}:{self._port}"
            raise SamkoError(f"HTTP cannot listen at {where}: {exc.strerror}") from exc
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
