"""Whether callers are served: the deciding loop answers, the telephones are in reach."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from queue_engine.console_api.ports import EnginePort, ReadyCheck, ReadyChecksPort
from queue_engine.core.commands import PassTime
from queue_engine.core.errors import SamkoError

LOOP_S_MAX: Final = 2.0


class Readiness:
    """Checks when asked.

    Args:
        engine: is asked to let time pass, which goes through the whole loop and leaves no trace.
        more: further checks, of what only `serve` knows.
    """

    def __init__(self, engine: EnginePort, more: ReadyChecksPort = tuple) -> None:
        self._engine = engine
        self._more = more

    async def checks(self) -> Sequence[ReadyCheck]:
        """What has been checked just now."""
        return [await self._loop(), *self._links(), *self._more()]

    async def _loop(self) -> ReadyCheck:
        try:
            async with asyncio.timeout(LOOP_S_MAX):
                await self._engine.submit(PassTime())
        except TimeoutError:
            return ReadyCheck("engine", False, f"has not decided in {LOOP_S_MAX:g} s")
        except SamkoError as fault:
            return ReadyCheck("engine", False, str(fault))
        return ReadyCheck("engine", True, f"record {self._engine.state.record_number}")

    def _links(self) -> list[ReadyCheck]:
        links = sorted(self._engine.state.links.items())
        if not links:
            return [ReadyCheck("links", False, "no telephone switch has been in reach yet")]
        return [
            ReadyCheck(f"link {link_id}", is_up, "in reach" if is_up else "out of reach")
            for link_id, is_up in links
        ]
