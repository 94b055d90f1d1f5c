"""What `samko top` knows of the engine now, and how sure of it it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the engine itself is not needed to look at it
    from queue_engine.console_api.shapes import Agents, Queue, Regions


@dataclass(slots=True)
class Picture:
    """The newest of everything the engine has said. Moments are the engine's, in ms since 1970."""

    url: str
    regions: Regions | None = None
    queue: Queue | None = None
    agents: Agents | None = None
    alarms: tuple[str, ...] = ()
    """What keeps the engine from serving callers, as it says itself."""
    trouble: str = ""
    """Why there is no connection now; empty while there is one."""
    monotonic_s: Callable[[], float] = time.monotonic
    _heard_s: float = field(default=0.0, init=False)
    _heard_ms: int = field(default=0, init=False)
    _lost_s: float | None = field(default=None, init=False)

    @property
    def is_live(self) -> bool:
        """Whether it is as the engine has it."""
        return not self.trouble and self.regions is not None

    def heard(self, topic: str, at_ms: int, data: Any) -> None:
        """The engine has said something: one of the topics, whole."""
        if topic == "regions":
            self.regions = data
        elif topic == "queue":
            self.queue = data
        elif topic == "agents":
            self.agents = data
        else:
            return
        self.trouble, self._lost_s = "", None
        self._heard_s, self._heard_ms = self.monotonic_s(), max(at_ms, self._heard_ms)

    def lost(self, trouble: str) -> None:
        """The connection is gone, or cannot be made; what was heard stays to be looked at."""
        self.trouble = trouble
        if self._lost_s is None:
            self._lost_s = self.monotonic_s()
        # An engine begun anew may be behind what the former one said, at sixty times the speed.
        self._heard_ms = 0

    @property
    def lost_for_s(self) -> int:
        """For how long there has been no connection."""
        return int(self.monotonic_s() - self._lost_s) if self._lost_s is not None else 0

    def now_ms(self) -> int:
        """The engine's time: it goes on between two messages, and stands while there are none."""
        if self.regions is None:
            return 0
        if self.trouble:
            return self.regions["at_ms"]
        passed_s = self.monotonic_s() - self._heard_s
        return max(self._heard_ms, self.regions["at_ms"]) + int(
            passed_s * 1000 * self.regions["speed"]
        )

    def since_regions_ms(self) -> int:
        """How much engine time has passed since the regions were counted."""
        return max(0, self.now_ms() - self.regions["at_ms"]) if self.regions is not None else 0
