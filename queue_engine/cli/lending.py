"""`samko lending`: a region's lending is cut to urgent callers, or given back."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from queue_engine.cli.address_options import add_address_options
from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from queue_engine.cli.api_client import EngineAddress
    from queue_engine.console_api.shapes import LendingAnswer

_MORE: Final = """\
A region whose lending is cut answers other regions' callers of tiers 0 and 1
only; its own callers, and what it has sold, as before. It is for a region that
has lost more by sharing than was agreed (`samko shadow`), and holds until it is
given back, over restarts and new configurations. It is journaled with its
reason.
"""
_CUT: Final = "cut"
_WHOLE: Final = "whole"


def add(commands: Commands) -> None:
    """Makes it known."""
    summary = "cut a region's lending to urgent callers, or give it back"
    parser = commands.add("lending", run, Group.ENGINE, summary, more=_MORE)
    parser.add_argument("region", metavar="REGION", help="its code, as in 14")
    parser.add_argument("to", choices=(_CUT, _WHOLE), help="cut: tiers 0 and 1 only")
    parser.add_argument(
        "--reason", default="loss", metavar="CODE", help="a word for the journal (loss)"
    )
    add_address_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Says what holds now.

    Raises:
        EngineUnreachable: no engine runs.
        EngineRefused: no such region, or the reason is no code.
    """
    import asyncio

    from queue_engine.cli.api_client import engine_address

    body = {"is_cut": chosen.to == _CUT, "reason": chosen.reason}
    said = asyncio.run(_set_lending(engine_address(chosen), chosen.region, body))
    lends = "lends to tiers 0 and 1 only" if said["is_cut"] else "lends as its rules say"
    since = "already" if said["record"] is None else f"from record {said['record']} on"
    print(f"region {said['region']} {lends}, {since}")
    return 0


async def _set_lending(
    address: EngineAddress, region: str, body: dict[str, object]
) -> LendingAnswer:
    from urllib.parse import quote

    import aiohttp

    from queue_engine.cli.api_client import ask, known_at

    path = f"/api/v1/regions/{quote(region, safe='')}/lending"
    async with aiohttp.ClientSession() as session:
        known = await known_at(session, address)
        said: LendingAnswer = await ask(session, known, "PUT", path, body)
    return said
