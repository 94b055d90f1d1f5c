"""Who is there: the nodes on a journal in Redis, each told by itself, and who is wished to decide.

    {samko}:nodes       node's start -> moment, the journal's last number then, what it says
    {samko}:hand_over   the start of the node that the lease is to be given to

Moments are Redis's own, so that the nodes' clocks need not agree. What is told is believed for
`NOTE_MS`; a node that is gone is forgotten by itself.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from redis.client import Pipeline

from queue_engine.core.codec import FIRST_VERSION
from queue_engine.journal.redis_functions import at_once, call, put
from queue_engine.journal.redis_place import RedisPlace, open_redis, translated
from queue_engine.journal.redis_version import as_version, raise_version, written_version

NOTE_MS: Final = 5_000
"""So long a node counts as there after it has said so; it says so each second."""
WISH_MS: Final = 10_000
"""A wish that nobody has carried out by then is over."""
AHEAD_MS: Final = 1_000
"""What was said so much later than Redis's clock shows, it was before that was set back, or at
another Redis: nobody knows when. Who is there says it again within a second."""


@dataclass(frozen=True, slots=True)
class NodeNote:
    """What a node says of itself."""

    start: str
    """Its name: no other node, nor its own next start, has it."""
    host: str
    version: str
    """Of the program."""
    rules: int
    """By which it decides, or would."""
    number: int
    """The last record that it holds."""
    links: tuple[str, ...] = ()
    """Those that it holds."""
    turns: int = 0
    """Of its loop, if it decides."""
    fault: str = ""
    """Why it does not follow the journal."""
    reads: tuple[int, ...] = (FIRST_VERSION,)
    """The versions of records that it can read."""


@dataclass(frozen=True, slots=True)
class SeenNode:
    """A node as it was when it last said so."""

    note: NodeNote
    lag: int
    """Records that the journal had and it did not."""
    age_ms: int
    """How long ago."""


@dataclass(frozen=True, slots=True)
class ClusterPicture:
    """Everything at one moment."""

    incarnation: str
    """The journal's own name; empty: there is none yet."""
    last_number: int
    holder: str
    """Of the lease; empty: nobody."""
    lease_left_ms: int
    wished: str
    """To whom it is to be given; empty: nobody has asked."""
    nodes: tuple[SeenNode, ...]
    """By host and start."""
    version: int = FIRST_VERSION
    """In which records are written."""
    is_given_up: bool = False
    """Whether the lease is nobody's because its holder gave it up, and not because it is over."""

    @property
    def held(self) -> tuple[str, int] | None:
        """The lease, as `RedisLease.held_by` gives it."""
        is_there = self.holder or self.is_given_up
        return (self.holder, self.lease_left_ms) if is_there else None

    @property
    def turns(self) -> int:
        """Of the one who decides, as it last said."""
        return next((node.note.turns for node in self.nodes if node.note.start == self.holder), 0)

    def others(self, start: str) -> list[SeenNode]:
        """Who could decide in the place of this node."""
        return [node for node in self.nodes if node.note.start != start and not node.note.fault]


class RedisNodes:
    """The nodes of one journal.

    Args:
        place: of the journal.
    """

    def __init__(self, place: RedisPlace) -> None:
        self.place = place
        self._redis = open_redis(place)
        self._keys = [place.key("nodes"), place.key("journal")]
        self._wish = place.key("hand_over")

    def note(self, note: NodeNote) -> int:
        """Says that this node is there; the number of the journal's last record.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "note that a node is there"):
            return int(call(self._redis, "note_node", self._keys, *_told(note)))

    def forget(self, start: str) -> None:
        """The node is there no more.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "forget a node"):
            self._redis.hdel(self._keys[0], start)

    def written_version(self) -> int:
        """The version in which records are written to the journal.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "ask for its version"):
            return written_version(self._redis, self.place)

    def raise_version(self, version: int) -> int:
        """From now on records are written in this version, if it is newer; the one that stands.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "raise its version"):
            return raise_version(self._redis, self.place, version)

    def wish(self, start: str) -> None:
        """Asks whoever decides to give the lease to this node.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "note a wish"):
            self._redis.set(self._wish, start, px=WISH_MS)

    def wished(self) -> str:
        """To whom the lease is to be given; empty: nobody has asked.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "look for a wish"):
            found: Any = self._redis.get(self._wish)
        return "" if found is None else found.decode("utf-8", "replace")

    def forget_wish(self, start: str) -> None:
        """The wish is carried out, or refused; another that was made since stands.

        Args:
            start: to whom it was that the lease be given.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "forget a wish"):
            call(self._redis, "forget_wish", [self._wish], start)

    def picture(self, note: NodeNote | None = None) -> ClusterPicture:
        """Who is there, and how it stands with the journal, in one round trip.

        Args:
            note: said before, as by `note`.

        Raises:
            JournalError: Redis cannot be asked.
        """

        def ask(asked: Pipeline) -> None:
            if note is not None:
                put(asked, "note_node", self._keys, *_told(note))
            asked.get(self.place.key("incarnation"))
            asked.xrevrange(self._keys[1], count=1)
            asked.get(self.place.key("lease"))
            asked.pttl(self.place.key("lease"))
            asked.get(self._wish)
            asked.hgetall(self._keys[0])
            asked.get(self.place.key("version"))
            asked.time()

        with translated(self.place, "ask who is there"):
            *_, incarnation, last, holder, left_ms, wished, noted, version, now = at_once(
                self._redis, ask
            )
        now_s, now_us = now
        now_ms = now_s * 1_000 + now_us // 1_000
        seen = [_seen(start.decode(), entry, now_ms) for start, entry in noted.items()]
        there = [node for node in seen if node is not None and node.age_ms <= NOTE_MS]
        return ClusterPicture(
            incarnation=(incarnation or b"").decode(),
            last_number=int(last[0][0].partition(b"-")[0]) if last else 0,
            holder=(holder or b"").decode(),
            lease_left_ms=max(0, left_ms),
            wished=(wished or b"").decode(),
            nodes=tuple(sorted(there, key=lambda one: (one.note.host, one.note.start))),
            version=as_version(version),
            is_given_up=holder == b"",
        )

    def close(self) -> None:
        """Lets go of the connection."""
        self._redis.close()


def _told(note: NodeNote) -> tuple[str, str, int]:
    said = json.dumps({k: v for k, v in asdict(note).items() if k != "start"})
    return note.start, said, NOTE_MS


_SAID: Final = {field.name for field in fields(NodeNote)} - {"start"}
"""What a newer program says besides is passed over."""


def _seen(start: str, entry: bytes, now_ms: int) -> SeenNode | None:
    """None: it was written by another version, and cannot be understood, or nobody knows when."""
    try:
        at_ms, last, said = entry.split(b" ", 2)
        told: dict[str, Any] = {k: v for k, v in json.loads(said).items() if k in _SAID}
        told["links"] = tuple(told["links"])
        told["reads"] = tuple(map(int, told.get("reads", (FIRST_VERSION,))))
        note = NodeNote(start, **told)
        if int(at_ms) > now_ms + AHEAD_MS:
            return None
        return SeenNode(note, max(0, int(last) - note.number), max(0, now_ms - int(at_ms)))
    except (ValueError, TypeError, LookupError):
        return None
