"""The server under test, with fake parts behind it and a fake Asterisk before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ivr.fastagi import FastAgiServer, ServerLimits
from ivr.flow import visits
from ivr.menu import Menu
from tests.ivr.fake_asterisk import FakeChannel, Reaction, headers
from tests.ivr.fakes import Parts


@dataclass(slots=True)
class Lab:
    """A running server and the fakes behind it."""

    server: FastAgiServer
    parts: Parts

    async def visit(
        self,
        script: str,
        *arguments: str,
        presses: dict[str, list[str]] | None = None,
        variables: dict[str, str] | None = None,
        react: Reaction | None = None,
        **changed: str,
    ) -> FakeChannel:
        """One visit to its end; `changed` are headers without their `agi_`."""
        header = headers(script, *arguments, **changed)
        channel = FakeChannel(header, presses or {}, variables or {}, react)
        return await channel.visit(self.server.port)


@asynccontextmanager
async def serving(
    parts: Parts | None = None,
    menus: Mapping[str, Menu] | None = None,
    limits: ServerLimits | None = None,
) -> AsyncIterator[Lab]:
    """A server that runs for as long as the context."""
    parts = parts or Parts()
    server = FastAgiServer(visits(parts.deps(menus)), port=0, limits=limits)
    await server.start()
    try:
        yield Lab(server, parts)
    finally:
        await server.stop(grace_s=1.0)
