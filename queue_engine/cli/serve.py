"""`samko serve`: the engine for the Asterisks that the configuration names."""

from __future__ import annotations

import argparse
import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from collections.abc import Callable

    from queue_engine.config.load import Configuration

EXIT_HANDED_OVER: Final = 75
"""Not 0, so that whoever restarts what failed starts it again: then it stands by."""


def add(commands: Commands) -> None:
    """Makes it known."""
    commands.add(
        "serve",
        run,
        Group.ENGINE,
        "run the engine for the Asterisks that the configuration names",
        writes_log=True,
    )


def run(chosen: argparse.Namespace) -> int:
    """Runs it until Ctrl-C or SIGTERM, or until it has handed over."""
    import sys

    from queue_engine.cli.stopping import until_stopped
    from queue_engine.config.load import load_all
    from queue_engine.serve.hand_over import HandedOver

    try:
        return until_stopped(_serving(partial(load_all, chosen.config)))
    except HandedOver as done:
        print(f"samko: {done}; started again, it stands by", file=sys.stderr)
        return EXIT_HANDED_OVER


async def _serving(read: Callable[[], Configuration]) -> None:
    from queue_engine.serve.service import Service
    from queue_engine.serve.status_line import StatusLine

    async with Service(read(), read) as service:
        logging.getLogger(__name__).info("the engine runs; the IVR is at port %d", service.agi.port)
        async with StatusLine(service):
            await service.wait()
