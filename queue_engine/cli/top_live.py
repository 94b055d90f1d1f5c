"""`samko top` on a terminal: draws the picture, hears keys, leaves the terminal as it was."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Final

from rich.console import Console
from rich.live import Live

from queue_engine.cli.api_client import EngineAddress
from queue_engine.cli.top_feed import follow
from queue_engine.cli.top_keys import Keys
from queue_engine.cli.top_picture import Picture
from queue_engine.cli.top_screen import Look, screen

DRAW_S: Final = 1.0
"""The clock and the waits go on when the engine says nothing."""
_PAUSE_S: Final = 0.2
"""Between two drawings: nobody reads faster."""
_PAGE_ROWS: Final = 10


async def show(address: EngineAddress) -> None:
    """Until q, Ctrl-C or SIGTERM.

    Raises:
        EngineRefused: the engine does not know the token.
    """
    top = _Top(Picture(address.url))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, top.stop.set)
    loop.add_signal_handler(signal.SIGWINCH, top.changed.set)
    # Ctrl-Z would leave a shell on a terminal that is still drawn upon.
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    tasks = [
        asyncio.create_task(follow(address, top.picture, top.changed.set), name="the feed"),
        asyncio.create_task(top.draw(), name="the drawing"),
        asyncio.create_task(_wait(top.stop), name="the end"),
    ]
    try:
        with Keys(sys.stdin.fileno(), top.key):
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        task.result()


class _Top:
    """The picture, how it is looked at, and when to draw it."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.look = Look()
        self.changed = asyncio.Event()
        self.stop = asyncio.Event()

    def key(self, key: str) -> None:
        """What each key does; others do nothing."""
        look = self.look
        if key == "q":
            self.stop.set()
        elif key == "tab":
            look.view, look.first = look.view.after(), 0
        elif key == "o":
            look.is_worst_first = not look.is_worst_first
        elif key in ("up", "down", "page up", "page down"):
            rows = _PAGE_ROWS if key.startswith("page") else 1
            look.first += -rows if key.endswith("up") else rows
        self.changed.set()

    async def draw(self) -> None:
        """Draws it after each change, and every second."""
        console = Console(highlight=False)
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                self.changed.clear()
                live.update(screen(self.picture, self.look, console.height), refresh=True)
                await asyncio.sleep(_PAUSE_S)
                try:
                    async with asyncio.timeout(DRAW_S - _PAUSE_S):
                        await self.changed.wait()
                except TimeoutError:
                    continue  # time itself has changed


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()
