"""Samkö's menu without Samkö's queue: what the two other systems answer a call with.

    python -m benchmarks.menu CONFIG

Its load on Asterisk is the same for all three, so that what differs is how a nurse is found.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from ivr.fastagi import FastAgiServer
from ivr.flow import visits
from ivr.line import Lines
from ivr.prompts import DEFAULT_LANGUAGE, PromptShelf
from queue_engine.config.load import load_all
from queue_engine.core.commands import CallTicket, EnqueueContact
from routing.policy import MINUTE_MS
from routing.vocabulary import ContactId
from tests.ivr.fakes import FakeDesk, Parts


class OpenDesk(FakeDesk):
    """Takes everybody, and forgets him: the order is somebody else's."""

    async def enqueue(self, command: EnqueueContact) -> CallTicket:
        """A ticket."""
        ticket = await super().enqueue(command)
        self.waiting.clear()
        self.commands.clear()
        return ticket

    def position(self, contact_id: ContactId) -> int | None:
        """Not known."""
        return None

    def expected_wait_ms(self, contact_id: ContactId) -> int | None:
        """So long that the caller is told, as he is where hundreds wait."""
        return 10 * MINUTE_MS


async def serve(config: Path) -> None:
    """Answers until cancelled."""
    loaded = load_all(config)
    parts = Parts(desk=OpenDesk())
    deps = replace(
        parts.deps(loaded.menus),
        lines=Lines(loaded.lines),
        shelf=PromptShelf(loaded.settings.var_dir / "prompts", (DEFAULT_LANGUAGE,)),
    )
    agi = loaded.settings.agi
    server = FastAgiServer(visits(deps), host=agi.host, port=agi.port, peers=agi.peers)
    await server.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
