"""`samko serve`: the engine for the Asterisks that the configuration names."""

from __future__ import annotations

import argparse
import gc
import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from collections.abc import Callable

    from queue_engine.config.load import Configuration


COLLECTED_AFTER: Final = (5_000, 20, 10)
"""New objects until the young are looked through, and how often that until the older are. Little of
what the engine makes refers to itself: some hundred megabytes at most would wait for it."""


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
    """Runs it until Ctrl-C or SIGTERM."""
    from queue_engine.cli.stopping import until_stopped
    from queue_engine.config.load import load_all

    return until_stopped(_serving(partial(load_all, chosen.config)))


def settle_heap() -> None:
    """What has been loaded by now stays for good: no later collection looks through it.

    One over all of it is 100 ms and more in which nothing is decided and nobody is offered; over
    what has come since it is some tens, and rare.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


async def _serving(read: Callable[[], Configuration]) -> None:
    from queue_engine.serve.service import Service
    from queue_engine.serve.status_line import StatusLine

    async with Service(read(), read) as service:
        settle_heap()
        logging.getLogger(__name__).info("the engine runs; the IVR is at port %d", service.agi.port)
        async with StatusLine(service):
            await service.wait()
