"""Reads a connection's stream for a test."""

from __future__ import annotations

import asyncio

from queue_engine.telephony.ami_connection import (
    AmiConnection,
    Connected,
    Disconnected,
    StreamItem,
)
from queue_engine.telephony.ami_message import AmiMessage


class Listener:
    """Reads a connection's stream into a list."""

    def __init__(self, connection: AmiConnection) -> None:
        self.items: list[StreamItem] = []
        self._task = asyncio.create_task(self._read(connection))

    async def _read(self, connection: AmiConnection) -> None:
        async for item in connection.messages():
            self.items.append(item)

    @property
    def events(self) -> list[str]:
        return [item.event for item in self.items if isinstance(item, AmiMessage)]

    @property
    def ends(self) -> list[str]:
        return [item.reason for item in self.items if isinstance(item, Disconnected)]

    @property
    def beginnings(self) -> int:
        return sum(isinstance(item, Connected) for item in self.items)

    async def finished(self) -> None:
        async with asyncio.timeout(2):
            await self._task


def pending(connection: AmiConnection) -> int:
    session = connection._session
    assert session is not None
    return len(session.protocol.responses)
