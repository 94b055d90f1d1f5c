"""Has the core take its measures every ten seconds of the engine's clock."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from queue_engine.core.commands import Command, TakeMeasures
from queue_engine.core.errors import Refused
from queue_engine.core.measures import MEASURE_MS

_log = logging.getLogger(__name__)


async def keep_measuring(
    submit: Callable[[Command], Awaitable[object]],
    sleep_ms: Callable[[int], Awaitable[object]],
) -> None:
    """Measures until it is cancelled; what is refused is measured the next time.

    Args:
        submit: has a command decided.
        sleep_ms: waits so long by the engine's clock.

    Raises:
        EngineStopped: by `submit`.
    """
    while True:
        try:
            await submit(TakeMeasures())
        except Refused as refused:
            _log.warning("no measures were taken: %s", refused)
        await sleep_ms(MEASURE_MS)
