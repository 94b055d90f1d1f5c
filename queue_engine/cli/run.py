"""`samko run`: a whole country in this process, to look at and to ring, with nothing to install."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from queue_engine.config.load import Configuration
    from queue_engine.console_api.ports import Seat
    from queue_engine.serve.service import Service

SEED: Final = 1177


def add(commands: Commands) -> None:
    """Makes it known."""
    added = commands.add(
        "run",
        run,
        Group.ENGINE,
        "run a whole country with simulated callers and nurses, and its page",
        writes_log=True,
    )
    added.add_argument(
        "--speed", type=float, default=1.0, metavar="N", help="so many times as fast, 1 to 60 (1)"
    )
    added.add_argument("--seed", type=int, default=SEED, metavar="N", help="other people (1177)")
    added.add_argument(
        "--load", type=float, default=1.0, metavar="X", help="so many times the usual calls (1)"
    )
    added.add_argument("--port", type=int, metavar="N", help="of the page; 0 takes a free one")
    added.add_argument(
        "--nobody", action="store_true", help="no simulated people: only those at browsers"
    )
    added.add_argument(
        "--at", metavar="HH:MM", help="begin at the next such time in Sweden, e.g. 08:00"
    )
    added.add_argument(
        "--check",
        action="store_true",
        help="check the promise at every offer, and every invariant once a second",
    )


def run(chosen: argparse.Namespace) -> int:
    """Runs it until Ctrl-C; the next start goes on from the journal."""
    from queue_engine.cli.stopping import until_stopped
    from queue_engine.config.load import load_all
    from queue_engine.core.errors import BadInput
    from queue_engine.runtime.clock import SPEED_MAX, wall_ms

    if not 1.0 <= chosen.speed <= SPEED_MAX:
        raise BadInput(f"--speed {chosen.speed:g}: expected 1 to {SPEED_MAX:g}")
    if not 0.0 < chosen.load <= 10.0:
        raise BadInput(f"--load {chosen.load:g}: expected more than 0 and at most 10")
    from_ms = 0 if chosen.at is None else next_time_ms(chosen.at, wall_ms())

    def read() -> Configuration:
        return settled(load_all(chosen.config), chosen.port)

    return until_stopped(_running(read, chosen, from_ms))


def settled(loaded: Configuration, port: int | None) -> Configuration:
    """The configuration without Asterisks, with files of its own, served at `port` if one is given.

    What happened to invented people never stands in the journal of real ones.
    """
    from dataclasses import replace

    from queue_engine.serve.telephones import REGION_VARIABLE

    settings = loaded.settings
    var_dir = settings.embedded_dir
    http = settings.http if port is None else replace(settings.http, port=port)
    journal = var_dir / "journal.sqlite"
    settings = replace(settings, var_dir=var_dir, journal=journal, redis=None, links=(), http=http)
    called, *others = loaded.lines
    called = replace(called, region_variable=called.region_variable or REGION_VARIABLE)
    return replace(loaded, settings=settings, lines=(called, *others))


def next_time_ms(text: str, now_ms: int) -> int:
    """The next moment at which clocks in Sweden show this time of day, in ms since 1970.

    Raises:
        BadInput: it is no time of day.
    """
    from datetime import datetime, time, timedelta

    from queue_engine.core.errors import BadInput
    from queue_engine.runtime.swedish_days import sweden

    try:
        wanted = time.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--at {text}: expected a time of day such as 08:00") from None
    now = datetime.fromtimestamp(now_ms / 1000, sweden())
    found = datetime.combine(now.date(), wanted.replace(tzinfo=None), sweden())
    if found <= now:
        found = datetime.combine(now.date() + timedelta(days=1), found.time(), sweden())
    return round(found.timestamp() * 1000)


async def _running(
    read: Callable[[], Configuration], chosen: argparse.Namespace, from_ms: int
) -> None:
    from queue_engine.serve.service import Embedded, Service
    from queue_engine.serve.status_line import StatusLine

    loaded = read()

    def people(service: Service) -> Coroutine[Any, Any, None]:
        return _people(service, chosen)

    embedded = Embedded(
        speed=chosen.speed,
        from_ms=from_ms,
        is_checked=chosen.check,
        seats=_seats(loaded),
        people=None if chosen.nobody else people,
    )
    async with Service(loaded, read, embedded=embedded) as service:
        print(_welcome(service, chosen.speed), flush=True)
        async with StatusLine(service):
            await service.wait()


def _seats(loaded: Configuration) -> tuple[Seat, ...]:
    from queue_engine.console_api.ports import Seat
    from queue_engine.serve.service import EMBEDDED_LINK
    from simulations.crowd.seats import reserved_seats

    return tuple(
        Seat(seat.agent_id, seat.region, seat.skills, EMBEDDED_LINK, seat.phone_id)
        for region in loaded.regions
        for seat in reserved_seats(region.code)
    )


def _people(service: Service, chosen: argparse.Namespace) -> Coroutine[Any, Any, None]:
    from simulations.crowd.country import crowd_of

    crowd = crowd_of(
        service.configuration,
        service.network,
        service.deciding.driver,
        seed=chosen.seed,
        load=chosen.load,
    )
    crowd.begin()
    return crowd.run()


def _welcome(service: Service, speed: float) -> str:
    regions = len(service.configuration.regions)
    pace = "" if speed == 1 else f" at {speed:g} times the speed of the clock"
    return (
        f"Samkö: {regions} regions on an embedded telephone network{pace}\n\n"
        f"  look at it:  {service.http.link}\n"
        f"  call it:     {service.http.url}phone.html#token={service.http.token}\n\n"
        "Ctrl-C ends it; the next start goes on from here.\n"
    )
