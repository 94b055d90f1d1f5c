"""What a node sees of Redis beside the journal: whether it answers, and who has the lease there.

House rule: each thing is told in the log when it changes, however often it is seen.
"""

from __future__ import annotations

import logging
import time

from queue_engine.core.errors import JournalError
from queue_engine.journal.redis_nodes import ClusterPicture
from queue_engine.journal.redis_place import RedisPlace

_log = logging.getLogger(__name__)


class RedisSeen:
    """As it was when a node last looked; nothing is asked here.

    Args:
        place: of the journal.
    """

    def __init__(self, place: RedisPlace) -> None:
        self.is_cut_off = False
        """Whether it could not be asked."""
        self._place = place
        self._reached_s = time.monotonic()
        self._held = "", 0.0
        """Who has the lease, and until when by the monotonic clock."""
        self._is_emptied = False

    @property
    def cut_off_s(self) -> float:
        """For how long it has not been reached; 0: it is."""
        return time.monotonic() - self._reached_s if self.is_cut_off else 0.0

    def count_anew(self) -> None:
        """From now on `cut_off_s` is counted, if it is not reached."""
        self._reached_s = time.monotonic()

    def reached(self, doing: str) -> None:
        """It has answered whoever was doing this."""
        if self.is_cut_off:
            _log.warning("%s: journal %s is in reach again", doing, self._place)
        self.is_cut_off, self._reached_s = False, time.monotonic()

    def missed(self, doing: str, fault: JournalError) -> None:
        """It has not."""
        if not self.is_cut_off:
            _log.error("%s, and trying on: %s", doing, fault)
        self.is_cut_off = True

    def lease(self, held: tuple[str, int] | None) -> None:
        """The lease is held so; see `ClusterPicture.held`."""
        holder, left_ms = held or ("", 0)
        self._held = holder, time.monotonic() + left_ms / 1000

    @property
    def held(self) -> tuple[str, int]:
        """Who has the lease, empty if nobody, and for how many milliseconds more from now."""
        holder, until_s = self._held
        return holder, max(0, round((until_s - time.monotonic()) * 1000))

    def journal(self, picture: ClusterPicture, number: int) -> None:
        """Whoever decides and holds records up to that number has found this there."""
        is_emptied = number > 0 and not picture.incarnation
        if is_emptied and not self._is_emptied:
            told = "%s was emptied: the journal is begun anew there with the next record"
            _log.critical(told, self._place)
        self._is_emptied = is_emptied
