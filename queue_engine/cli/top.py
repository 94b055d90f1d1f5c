"""`samko top`: the queue in the terminal, live."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from queue_engine.cli.address_options import add_address_options
from queue_engine.cli.commands import Commands, Group
from queue_engine.cli.screen import can_draw

if TYPE_CHECKING:
    from queue_engine.cli.api_client import EngineAddress

_MORE: Final = """\
Keys: Tab goes from regions to queue to agents, arrows scroll, o puts regions
in the order of their codes, q quits. A row with E has an emergency that waits,
one with ! has callers who wait longer than promised; Late counts them. When
the engine stops, the last figures stay, marked as old, until it is back. When
the output is piped, everything is printed once.
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "top", run, Group.LOOK, "show the queue, the regions and the agents, live", more=_MORE
    )
    parser.add_argument("--once", action="store_true", help="print everything once, and end")
    add_address_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Shows it until q or Ctrl-C.

    Raises:
        EngineRefused: the engine does not know the token.
        EngineUnreachable: no engine runs, and it was to be printed once.
    """
    import asyncio

    from queue_engine.cli.api_client import engine_address

    address = engine_address(chosen)
    if chosen.once or not (sys.stdin.isatty() and can_draw(sys.stdout)):
        asyncio.run(_print_once(address))
    else:
        from queue_engine.cli.top_live import show

        asyncio.run(show(address))
    return 0


async def _print_once(address: EngineAddress) -> None:
    from rich.console import Console

    from queue_engine.cli.top_feed import look_once
    from queue_engine.cli.top_picture import Picture
    from queue_engine.cli.top_screen import whole

    picture = Picture(address.url)
    await look_once(address, picture)
    Console(highlight=False).print(whole(picture))
