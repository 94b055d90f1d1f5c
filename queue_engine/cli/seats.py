"""`samko seats`: how many callers contact centres on other telephone systems take at once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from queue_engine.cli.address_options import add_address_options
from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from queue_engine.cli.api_client import EngineAddress
    from queue_engine.console_api.gateway_shapes import Gateway, GatewaySeatsAnswer
    from queue_engine.console_api.shapes import Regions

_MORE: Final = """\
Without more, each gateway of gateways.yaml with its seats: busy with a caller,
free, or away (it has just not taken a caller, or is out of reach). With a
number, it has so many from now on, until gateways.yaml says another number
than now. With fewer seats no talk is cut. It is journaled with its reason.
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    summary = "show or set how many callers other contact centres take"
    parser = commands.add("seats", run, Group.ENGINE, summary, more=_MORE)
    parser.add_argument("gateway", metavar="GATEWAY", nargs="?", help="its id, as in west")
    parser.add_argument("seats", metavar="N", nargs="?", type=int, help="so many from now on")
    parser.add_argument(
        "--reason", default="as_agreed", metavar="CODE", help="a word for the journal (as_agreed)"
    )
    add_address_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Says what holds now.

    Raises:
        EngineUnreachable: no engine runs.
        EngineRefused: no such gateway, or no such number.
    """
    import asyncio

    from queue_engine.cli.api_client import engine_address

    address = engine_address(chosen)
    if chosen.seats is not None:
        body = {"seats": chosen.seats, "reason": chosen.reason}
        said = asyncio.run(_set(address, chosen.gateway, body))
        since = "already" if said["record"] is None else f"from record {said['record']} on"
        print(f"gateway {said['gateway_id']}: {said['seats']} seats, {since}")
        return 0
    rows = [row for row in asyncio.run(_all(address)) if _is_asked_for(chosen.gateway, row)]
    for row in rows:
        reach = "" if row["is_reached"] else ", out of reach"
        what = f"{row['busy']} busy, {row['free']} free, {row['away']} away"
        print(f"gateway {row['gateway_id']}: {row['seats']} seats, {what}{reach}")
    if not rows:
        print(f"no gateway {chosen.gateway}" if chosen.gateway else "no gateways")
    return 0 if rows or not chosen.gateway else 1


def _is_asked_for(gateway: str | None, row: Gateway) -> bool:
    return gateway in (None, row["gateway_id"])


async def _all(address: EngineAddress) -> list[Gateway]:
    import aiohttp

    from queue_engine.cli.api_client import ask, known_at

    async with aiohttp.ClientSession() as session:
        known = await known_at(session, address)
        said: Regions = await ask(session, known, "GET", "/api/v1/regions")
    return [gateway for region in said["regions"] for gateway in region["gateways"]]


async def _set(address: EngineAddress, gateway: str, body: dict[str, object]) -> GatewaySeatsAnswer:
    from urllib.parse import quote

    import aiohttp

    from queue_engine.cli.api_client import ask, known_at

    path = f"/api/v1/gateways/{quote(gateway, safe='')}/seats"
    async with aiohttp.ClientSession() as session:
        known = await known_at(session, address)
        said: GatewaySeatsAnswer = await ask(session, known, "PUT", path, body)
    return said
