"""Keeps a picture of the engine up to date over `/api/v1/live`, through every restart of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Final

import aiohttp

from queue_engine.cli.api_client import (
    ANSWER_BYTES_MAX,
    CONNECT_S,
    EngineAddress,
    EngineUnreachable,
    ask,
    known_at,
    troubles,
    unreachable,
)
from queue_engine.cli.top_picture import Picture

TOPICS: Final = ("regions", "queue", "agents")
RETRY_S: Final = 1.0
READY_S: Final = 5.0
"""So often the engine is asked whether it is ready."""
SILENT_S: Final = 10.0
"""A connection that answers no ping for so long is taken for dead."""
_PATHS: Final = {"regions": "/regions", "queue": "/queue?limit=1000", "agents": "/agents"}


async def follow(address: EngineAddress, picture: Picture, changed: Callable[[], None]) -> None:
    """Until cancelled; tells `changed` after every change of the picture.

    Raises:
        EngineRefused: the engine does not know the token.
    """
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                await _follow(session, address, picture, changed)
            except EngineUnreachable as exc:
                picture.lost(str(exc))
                changed()
            await asyncio.sleep(RETRY_S)


async def look_once(address: EngineAddress, picture: Picture) -> None:
    """All of it once.

    Raises:
        EngineUnreachable, EngineRefused: see `ask`.
    """
    async with aiohttp.ClientSession() as session:
        known = await known_at(session, address)
        for topic, path in _PATHS.items():
            said = await ask(session, known, "GET", f"/api/v1{path}")
            picture.heard(topic, int(said["at_ms"]), said)
        picture.alarms = await troubles(session, known)


async def _follow(
    session: aiohttp.ClientSession,
    address: EngineAddress,
    picture: Picture,
    changed: Callable[[], None],
) -> None:
    # Asked plainly first: a refusal then comes as a sentence, not as the end of a connection.
    known = await known_at(session, address)
    watch = asyncio.create_task(_watch(session, known, picture, changed))
    try:
        async with session.ws_connect(
            f"{address.url}/api/v1/live",
            protocols=("samko.v1",),
            heartbeat=SILENT_S,
            max_msg_size=ANSWER_BYTES_MAX,
            timeout=aiohttp.ClientWSTimeout(ws_close=CONNECT_S),
        ) as socket:
            await socket.send_json({"token": known.token})
            await socket.send_json({"subscribe": list(TOPICS)})
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    _hear(picture, message.data)
                    changed()
            raise EngineUnreachable(f"the engine at {address.url} has ended the connection")
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError) as exc:
        raise unreachable(address, exc) from exc
    finally:
        watch.cancel()
        await asyncio.wait([watch])


async def _watch(
    session: aiohttp.ClientSession,
    address: EngineAddress,
    picture: Picture,
    changed: Callable[[], None],
) -> None:
    """Asks every few seconds whether the engine is ready, as long as it answers."""
    while True:
        try:
            picture.alarms = await troubles(session, address)
        except EngineUnreachable:
            return  # the live connection is about to tell the same
        changed()
        await asyncio.sleep(READY_S)


def _hear(picture: Picture, text: str) -> None:
    said = json.loads(text)
    if isinstance(said, dict) and said.get("topic") in TOPICS:
        picture.heard(said["topic"], int(said["at_ms"]), said["data"])
