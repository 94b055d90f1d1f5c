"""New configuration while calls wait: all of it or nothing, and never a caller's loss.

The rules go through the queue like every command, so that the journal says from when they held.
Where several engines share a journal they hold for all of them; what else is configured holds at
the engine that has read it, and windows and lines' hours while that one decides.
What the engine was started with (`samko.yaml`) stays as it is until the next start, and is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ivr.line import Lines
from queue_engine.config.load import Configuration
from queue_engine.core.commands import LoadPolicy
from queue_engine.core.errors import EngineStopped
from queue_engine.core.policy_codec import write_policy
from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.running import RunningEngine
from queue_engine.serve.desk import EngineDesk
from queue_engine.serve.ivr_parts import Conversations

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of it."""

    rules_changed: bool
    """Whether the rules of the queue are others than before."""
    warnings: tuple[str, ...]
    """What may be used but should be thought over, by file and line."""
    restart_needed: bool
    """Whether `samko.yaml` says something that only a restart makes true."""


@dataclass(frozen=True, slots=True)
class Reloader:
    """Reads the configuration again and puts it in force.

    Args:
        read: as it was read at the start; may take its time, and raises `ConfigError`.
    """

    read: Callable[[], Configuration]
    driver: RunningEngine
    calendar: Calendar
    desk: EngineDesk
    conversations: Conversations
    in_force: Callable[[], Configuration]
    put_in_force: Callable[[Configuration], None]
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def reload(self) -> Reloaded:
        """Reads all files; everything that happens from now on goes by them.

        Raises:
            ConfigError: with all faults of all files; nothing has changed.
            EngineStopped: no engine has decided on the rules; nothing has changed.
        """
        async with self._one_at_a_time:
            return await self._reload()

    async def _reload(self) -> Reloaded:
        settings = self.in_force().settings
        read = await asyncio.to_thread(self.read)
        found = replace(read, settings=settings)
        record = await self.driver.submit(LoadPolicy(write_policy(found.policy)))
        # After the rules: nobody signs on in a region that the queue does not know yet. And all of
        # it before anything else is awaited, for the rules hold already.
        self.calendar.renew(found.windows, found.hours)
        self.desk.renew(found.staff, Lines(found.lines))
        self.conversations.renew(found)
        self.put_in_force(found)
        with suppress(EngineStopped):  # whoever decides tells the time, by what he has read
            await self.calendar.tell()
        restart_needed = read.settings != settings
        _log.info("the configuration has been read again and is in force")
        if restart_needed:
            _log.warning("samko.yaml says something that only a restart makes true")
        return Reloaded(
            rules_changed=record is not None,
            warnings=tuple(str(warning) for warning in found.warnings),
            restart_needed=restart_needed,
        )
