"""`samko` as a later program would be: its version of records has a command and an event more.

Whoever decides notes each change of a region's lending once more in them, if it may. Run as the
program of a node by `test_rolling_upgrade`.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

from queue_engine import cli
from queue_engine.core import apply, codec, decide
from queue_engine.core.commands import Command, SetLending
from queue_engine.core.errors import Refused
from queue_engine.core.message import message
from queue_engine.core.record import Origin, Record
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from queue_engine.runtime.driver import Driver
from routing.vocabulary import RegionCode

NEWER: Final = 3
_log = logging.getLogger(__name__)
_plain_submit = Driver.submit


@message
class NoteLending:
    """A command that came with the newer version."""

    region: RegionCode


@message
class LendingNoted:
    """What comes of it."""

    region: RegionCode


def _decide(turn: Turn, command: NoteLending) -> None:
    turn.emit(LendingNoted(command.region))  # type: ignore[arg-type]


def _apply(state: State, event: LendingNoted, now_ms: int, number: int) -> None:
    """Changes no row."""


async def _submit(driver: Driver, command: Command, origin: Origin | None = None) -> Record | None:
    record = await _plain_submit(driver, command, origin)
    if isinstance(command, SetLending):
        try:
            await _plain_submit(driver, NoteLending(command.region))  # type: ignore[arg-type]
        except Refused as refused:
            _log.warning("not noted: %s", refused)
    return record


if __name__ == "__main__":
    codec.VERSIONS = (*codec.VERSIONS, NEWER)
    codec.SINCE.update({NoteLending: NEWER, LendingNoted: NEWER})
    codec._COMMANDS["NoteLending"] = NoteLending
    codec._EVENTS["LendingNoted"] = LendingNoted
    decide._DECIDERS[NoteLending] = _decide
    apply.WRITERS[LendingNoted] = _apply
    Driver.submit = _submit  # type: ignore[assignment,method-assign]
    sys.exit(cli.main(sys.argv[1:]))
