"""`samko reload`: the running engine reads its configuration anew."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from queue_engine.cli.address_options import add_address_options
from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from queue_engine.cli.api_client import EngineAddress
    from queue_engine.console_api.shapes import Reloaded

_MORE: Final = """\
Nothing changes when any file has a fault: all of them are told, with file and
line, and the engine goes on by the rules that it has. `samko check` looks at
the files without changing anything.
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "reload",
        run,
        Group.CONFIGURATION,
        "have the running engine take over the changed configuration",
        more=_MORE,
    )
    add_address_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Says which configuration is in force now.

    Raises:
        EngineUnreachable: no engine runs.
        EngineRefused: the configuration has faults, all of them told; nothing has changed.
    """
    import asyncio

    from queue_engine.cli.api_client import engine_address

    reloaded = asyncio.run(_reload(engine_address(chosen)))
    now = "in force now" if reloaded["is_changed"] else "in force already, nothing has changed"
    print(f"configuration {reloaded['version']}: {now}")
    if reloaded["restart_needed"]:
        print("samko.yaml says something that only a restart of the engine makes true")
    return 0


async def _reload(address: EngineAddress) -> Reloaded:
    import aiohttp

    from queue_engine.cli.api_client import ask, known_at

    async with aiohttp.ClientSession() as session:
        known = await known_at(session, address)
        said: Reloaded = await ask(session, known, "POST", "/api/v1/configuration/reload")
    return said
