"""When a node may ask for the lease that it has not. Rules alone: no clock, no Redis."""

from __future__ import annotations

from typing import Final

from queue_engine.core.errors import JournalError, SamkoError
from queue_engine.journal.redis_nodes import NOTE_MS, ClusterPicture

FRESH_MS: Final = 2_000
"""What a node has said of itself no longer ago is still so, or it has just died."""


def holds_less(picture: ClusterPicture, number: int) -> bool:
    """Whether another node holds records that neither Redis nor this node has: it goes first, and
    writes what was lost anew.

    Args:
        picture: who is there.
        number: the last record that this node holds.
    """
    known = max(number, picture.last_number)
    # For a journal that is empty, however slow the other one is; where records are, it may have
    # died with one that it had not written yet.
    believed_ms = FRESH_MS if picture.last_number else NOTE_MS
    return any(
        node.note.number > known and not node.note.fault and node.age_ms <= believed_ms
        for node in picture.nodes
    )


class LeaseWatch:
    """Told what was seen of the lease; says whether it may be asked for.

    A lease that was given up, or that was not renewed in its time, is there to be taken. One that
    is gone before its time was lost by Redis, and while Redis was away nobody could renew it: then
    the former decider has a whole lease's time to do so, or each restart of Redis would be a
    takeover. So it has when Redis was emptied: it may have got the lease, and decided, since this
    node looked, and then holds what nobody else does.

    Args:
        start: this node's.
        lease_ms: how long a lease is held.
    """

    def __init__(self, start: str, lease_ms: int) -> None:
        self._start = start
        self._lease_ms = lease_ms
        self._from_ms = 0
        """When a lease that is gone may be asked for."""
        self._others_ms = 0
        """When this node may ask again for one with which it could do nothing."""
        self._was_away = self._was_emptied = False

    def let_others(self, now_ms: int) -> None:
        """This node had it and could not decide: others may try for as long as a lease lasts."""
        self._others_ms = now_ms + self._lease_ms

    def away(self) -> None:
        """Redis could not be asked."""
        self._was_away = True

    def may_ask(
        self, held: tuple[str, int] | None, now_ms: int, *, is_emptied: bool = False
    ) -> bool:
        """Whether the lease may be asked for now.

        Args:
            held: holder and milliseconds left, as `RedisLease.held_by` gives it.
            now_ms: monotonic.
            is_emptied: whether Redis has no journal, and this node holds one.
        """
        if self._was_away or (is_emptied and not self._was_emptied):
            self._from_ms = now_ms + self._lease_ms
        self._was_away, self._was_emptied = False, is_emptied
        if held is None:
            return now_ms >= max(self._from_ms, self._others_ms)
        holder, left_ms = held
        if holder in ("", self._start):
            return bool(holder) or now_ms >= self._others_ms
        # Redis's clock may have been set back: no lease is held for longer than it lasts.
        self._from_ms = now_ms + min(left_ms, self._lease_ms)
        return False


class KeptLease:
    """Told when this node had the lease; says whether it may have it again from an emptied Redis.

    One whose lease was over has been cut off for so long that another may have decided since, and
    all that says so is gone: it would begin the journal anew without what that one wrote. Whoever
    did decide has the lease again within one, and who followed it within two.

    Args:
        lease_ms: how long a lease is held.
    """

    def __init__(self, lease_ms: int) -> None:
        self._lease_ms = lease_ms
        self._had_ms: int | None = None
        self._from_ms: int | None = None
        """When it may be asked for though Redis is empty."""

    def had(self, now_ms: int) -> None:
        """This node has it, from then on or still."""
        self._had_ms, self._from_ms = now_ms, None

    def require_latest(self, picture: ClusterPicture, number: int, now_ms: int) -> None:
        """The lease is nobody's: this node may ask for it, unless another has decided since.

        Args:
            picture: who is there.
            number: the last record that this node holds.
            now_ms: monotonic.

        Raises:
            SamkoError: another has.
            JournalError: nobody knows yet.
        """
        if holds_less(picture, number):
            raise SamkoError("another node has decided on the journal meanwhile")
        is_over = self._had_ms is None or now_ms - self._had_ms > self._lease_ms
        if picture.incarnation or not is_over:
            return
        if self._from_ms is None:
            self._from_ms = now_ms + 2 * self._lease_ms
        if now_ms < self._from_ms:
            raise JournalError("the journal was emptied: whoever decided last goes first")
