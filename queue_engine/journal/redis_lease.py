"""Who decides: the lease on a journal in Redis, held by one node at a time.

A lease that is not renewed in time is over, and whoever comes first has it. It is no lock: what
keeps a node from writing that still believes in its lease is that each append is refused whose
writer does not hold it (`RedisJournal`).
"""

from __future__ import annotations

from typing import Final

from queue_engine.journal.redis_functions import call
from queue_engine.journal.redis_place import RedisPlace, open_redis, translated

LEASE_MS: Final = 4_000
"""The longest that nobody decides after a decider has died, besides the time to notice it."""


class RedisLease:
    """One node's hold on the lease; not for two threads at a time.

    Args:
        place: of the journal.
        holder: the node's start: no other, nor this node's next start, has this name.
        lease_ms: how long it is held after each `take`.
    """

    def __init__(self, place: RedisPlace, holder: str, lease_ms: int = LEASE_MS) -> None:
        self.place = place
        self.holder = holder
        self.lease_ms = lease_ms
        self._redis = open_redis(place)
        self._key = place.key("lease")

    def take(self) -> bool:
        """Takes it if nobody has it, and renews it if this node does; whether this node has it.

        Raises:
            JournalError: Redis cannot be asked: the lease may be over.
        """
        with translated(self.place, "take its lease"):
            return bool(call(self._redis, "take_lease", [self._key], self.holder, self.lease_ms))

    def renew(self) -> bool:
        """Renews it if this node has it; what is nobody's stays so. Whether this node has it.

        Raises:
            JournalError: Redis cannot be asked: the lease may be over.
        """
        with translated(self.place, "renew its lease"):
            return bool(call(self._redis, "renew_lease", [self._key], self.holder, self.lease_ms))

    def give(self, to: str = "") -> bool:
        """Gives it up, to another node at once if one is named; whether it was this node's.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "give up its lease"):
            keys = [self._key]
            return bool(call(self._redis, "give_lease", keys, self.holder, to, self.lease_ms))

    def cap(self) -> None:
        """Whoever has it has it for the time of a lease from now on, if he had it for longer.

        Redis keeps the moment at which it is over: where its clock was set back, or is behind that
        of the Redis before it, who has died would have it until that comes. Who lives renews it.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "cap its lease"):
            self._redis.pexpire(self._key, self.lease_ms, lt=True)

    def held_by(self) -> tuple[str, int] | None:
        """Who has it, and for how many milliseconds more.

        An empty name: it was given up and is anybody's. None: it is over, or Redis has lost it.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "ask for its lease"):
            both = self._redis.pipeline(transaction=True)
            both.get(self._key)
            both.pttl(self._key)
            holder, left_ms = both.execute()
        return None if holder is None else (holder.decode(), int(left_ms))

    def close(self) -> None:
        """Lets go of the connection; the lease stays."""
        self._redis.close()
