"""How long a link waits, and for what."""

from __future__ import annotations

from dataclasses import dataclass, field

from queue_engine.telephony.beat import BeatTimes
from queue_engine.telephony.redirects import RedirectTimes


@dataclass(frozen=True, slots=True)
class LinkTimes:
    """Deadlines and intervals, in seconds unless the name says otherwise."""

    status_s: float = 5.0
    """For the answer to `Status` and `QueueStatus`."""
    settle_s: float = 0.3
    """How far events may lag behind answers."""
    reconcile_every_s: float = 30.0
    reconcile_pause_s: float = 1.0
    """At least so long between two reconciliations, however often one is asked for."""
    follow_again_s: float = 0.1
    """Pause before the records are followed again after being cut off."""
    redirect: RedirectTimes = field(default_factory=RedirectTimes)
    beat: BeatTimes = field(default_factory=BeatTimes)
