"""One line that says how it goes, kept up to date on a terminal."""

from __future__ import annotations

import asyncio
import shutil
import sys
from typing import Final, Self, TextIO

from queue_engine.core.agent import AgentState
from queue_engine.core.contact import ContactState
from queue_engine.serve.service import Service

EVERY_S: Final = 1.0


class StatusLine:
    """Writes the line once a second while entered; nothing if `out` is not a terminal."""

    def __init__(self, service: Service, out: TextIO = sys.stderr) -> None:
        self._service = service
        self._out = out
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._out.isatty():
            self._task = asyncio.create_task(self._show())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            print(file=self._out)

    async def _show(self) -> None:
        while True:
            # A line that wraps is not overwritten by the next.
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{status(self._service)[:width]}", end="", file=self._out, flush=True)
            await asyncio.sleep(EVERY_S)


def status(service: Service) -> str:
    """How many wait, ring and talk, who is at work, and what is wrong."""
    state, now_ms = service.driver.state, service.driver.now_ms()
    contacts = list(state.contacts.values())
    waiting = [contact for contact in contacts if contact.state is ContactState.WAITING]
    longest_s = max((now_ms - contact.arrived_ms for contact in waiting), default=0) // 1000
    agents = list(state.agents.values())
    ready = sum(agent.is_ready and not agent.is_resting_seat for agent in agents)
    ringing = sum(contact.state is ContactState.OFFERED for contact in contacts)
    talking = sum(contact.state is ContactState.CONNECTED for contact in contacts)
    wrap_up = sum(agent.assignment_in(AgentState.WRAP_UP) is not None for agent in agents)
    ended = sum(contact.state is ContactState.ENDED for contact in contacts)
    links = " ".join(f"{link.link_id} {link.state}" for link in service.links)
    alone = ", ".join(state.island)
    island = f"  ISLAND: alone with {alone}" if alone else ""
    degraded = "  DEGRADED: records in memory only" if service.is_degraded else ""
    return (
        f"waiting {len(waiting)} (longest {longest_s // 60}:{longest_s % 60:02})"
        f"  ringing {ringing}  talking {talking}  wrap-up {wrap_up}"
        f"  | agents {len(agents)}, ready {ready}  | {links}{island}{degraded}"
        f"  ended {ended}  records {state.record_number}"
    )
