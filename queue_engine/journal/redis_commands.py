"""Commands of the nodes that do not decide, and what the one that does answers, in Redis.

    {samko}:commands    to be decided: a node's start (s), its own count (n), the command (d)
    {samko}:answers     what became of those that are in no record: start (s), count (n), the last
                        record that the decider had then (r), why it was refused (c, m), if it was

A command that gave events is answered by its record, which names it (`Record.origin`). What has
been answered leaves the stream in the same function that writes the answers, and only by the hand
of whoever has the lease: so a new decider finds there what is not answered, and nothing else that
it could take for a new one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis.exceptions import ResponseError

from queue_engine.core.errors import AppendRefused, JournalError
from queue_engine.core.record import Origin
from queue_engine.journal.redis_functions import call
from queue_engine.journal.redis_place import RedisPlace, open_redis, translated

COMMANDS_MAX: Final = 500
"""Read at a time."""
COMMANDS_KEPT: Final = 100_000
"""Of the latest, while nobody decides; whoever sent the older ones has given them up."""
ANSWERS_KEPT: Final = 20_000
"""Of the latest: who waits for one has read it long before so many others have come."""
FIRST: Final = "0-0"
"""Before all entries."""
LOOK_S: Final = 1.0
"""How often it is looked whether the answers begin anew."""


@dataclass(frozen=True, slots=True)
class SentCommand:
    """A command as it lies in the stream."""

    entry: str
    """Its place in the stream."""
    origin: Origin
    age_ms: int
    """Since it was sent, by Redis's clock."""
    data: bytes


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What became of a command that is in no record."""

    origin: Origin
    number: int
    """The last record when it was decided: who is told may look once it holds that."""
    code: str = ""
    """Why it was refused; empty: nothing came of it."""
    message: str = ""


class RedisCommands:
    """Both streams; not for two threads at a time.

    Args:
        place: of the journal.
    """

    def __init__(self, place: RedisPlace) -> None:
        self.place = place
        self._redis = open_redis(place)
        self._commands = place.key("commands")
        self._answers = place.key("answers")
        self._journal = place.key("journal")
        self._lease = place.key("lease")
        self._look_s = 0.0

    def send(self, start: str, commands: Sequence[tuple[int, bytes]]) -> None:
        """Has them decided, in this order. Sent twice they are decided once.

        Raises:
            JournalError: Redis cannot be asked; some of them may have been sent.
        """
        with translated(self.place, f"be given {len(commands)} commands"):
            sent = self._redis.pipeline(transaction=False)
            for count, data in commands:
                fields: Any = {"s": start, "n": count, "d": data}
                sent.xadd(self._commands, fields, maxlen=COMMANDS_KEPT)
            sent.execute()

    def read(self, after: str, block_ms: int) -> list[SentCommand]:
        """The commands that came after that entry; waits for one if there is none.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "read commands"):
            both = self._redis.pipeline(transaction=False)
            both.xread({self._commands: after}, COMMANDS_MAX, block_ms)
            both.time()
            found, (now_s, now_us) = both.execute()
            if not found:
                return []
        now_ms = now_s * 1_000 + now_us // 1_000
        return [_sent(entry.decode(), fields, now_ms) for entry, fields in found[0][1]]

    def answer(self, holder: str, until: str, answers: Sequence[CommandAnswer]) -> None:
        """Answers, and lets all commands go up to that entry.

        Raises:
            AppendRefused: another node has the lease; nothing is answered.
            JournalError: nobody has the lease, or Redis cannot be asked; it may be made again.
        """
        keys = (self._commands, self._answers, self._lease)
        parts: list[str | int | bytes] = [holder, until, ANSWERS_KEPT]
        for one in answers:
            origin, message = one.origin, one.message.encode("utf-8", "replace")
            parts += [origin.start, origin.count, one.number, one.code, message]
        with translated(self.place, "answer commands"):
            try:
                call(self._redis, "answer", keys, *parts)
            except ResponseError as fault:
                meant = self._meant(str(fault))
                if meant is None:
                    raise
                raise meant from fault

    def _meant(self, said: str) -> JournalError | None:
        """What an error of our functions means; None: it is none of theirs."""
        if "SAMKO_NO_LEASE" in said:
            return JournalError(f"nobody has the lease on journal {self.place}")
        if "SAMKO_LEASE" in said:
            return AppendRefused(f"another node decides on journal {self.place}")
        return None

    def last_answer(self) -> str:
        """The entry of the last answer.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "find the last answer"):
            found: Any = self._redis.xrevrange(self._answers, count=1)
        return found[0][0].decode() if found else FIRST

    def wait(self, record: int, answer: str, block_ms: int) -> tuple[str, list[CommandAnswer]]:
        """Waits until there are records or answers after these, or so long.

        Entries are numbered by Redis's clock. Where it was emptied, or another has its place, and
        that clock is behind, new answers come before the last one: now and then, and in the same
        round trip, it is looked whether that one is there still, and else all are read.

        Returns:
            The entry of the last answer, and the answers.

        Raises:
            JournalError: Redis cannot be asked.
        """
        with translated(self.place, "wait for records"):
            streams: Any = {self._journal: f"{record}-0", self._answers: answer}
            asked = self._redis.pipeline(transaction=False)
            asked.xread(streams, COMMANDS_MAX, block_ms)
            if is_due := time.monotonic() >= self._look_s:
                asked.xrevrange(self._answers, count=1)
            found, *newest = asked.execute()
        rows = dict(found or ()).get(self._answers.encode(), [])
        if rows:
            answer = rows[-1][0].decode()
        if is_due:
            self._look_s = time.monotonic() + LOOK_S
            if not newest[0] or _is_before(newest[0][0][0].decode(), answer):
                answer = FIRST
        return answer, [_answer(fields) for _, fields in rows]

    def close(self) -> None:
        """Lets go of the connection."""
        self._redis.close()


def _is_before(entry: str, other: str) -> bool:
    (ms, count), (other_ms, other_count) = entry.split("-"), other.split("-")
    return (int(ms), int(count)) < (int(other_ms), int(other_count))


def _sent(entry: str, fields: dict[bytes, bytes], now_ms: int) -> SentCommand:
    origin = Origin(fields[b"s"].decode(), int(fields[b"n"]))
    return SentCommand(entry, origin, max(0, now_ms - int(entry.split("-")[0])), fields[b"d"])


def _answer(fields: dict[bytes, bytes]) -> CommandAnswer:
    return CommandAnswer(
        Origin(fields[b"s"].decode(), int(fields[b"n"])),
        int(fields[b"r"]),
        fields[b"c"].decode(),
        fields[b"m"].decode("utf-8", "replace"),
    )
