"""The journal that several nodes share: a stream in Redis, written by functions of its own.

    {samko}:journal        the records: entry N-0 has the data (d) and the chained checksum (c)
    {samko}:incarnation    the journal's own name, given when it began: one that was emptied and
                           begun anew is another
    {samko}:lease          who may write, see `redis_lease`
    {samko}:nodes, ...     who is there, see `redis_nodes`
    {samko}:version        in which records are written, see `redis_version`
    {samko}:snapshot       the latest state, with the number of its record
    {samko}:kept_after     the last record that has left for the archive, as far as any has; it
                           stays in the stream, for the chain goes on from its checksum

House rules: whatever is written is decided where it is written, by a function that compares first;
what is sent twice is written once. Nothing is believed that a checksum can prove.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Final
from zlib import crc32

from redis.exceptions import ResponseError

from queue_engine.core.codec import newest_version
from queue_engine.core.errors import AppendRefused, JournalCorrupt, JournalError, JournalLost
from queue_engine.journal.base import (
    Snapshot,
    StoredRecord,
    require_kept,
    require_last,
    require_readable,
    require_records_fit,
    require_snapshot_fits,
)
from queue_engine.journal.checksum import CHAIN_START, ChainWalk, Row, chain, unbroken
from queue_engine.journal.recent import RecentRows
from queue_engine.journal.redis_functions import call
from queue_engine.journal.redis_place import RedisPlace, open_redis, translated
from queue_engine.journal.redis_version import raise_version

_log = logging.getLogger(__name__)

RECORDS_KEPT: Final = 100_000
"""Of the latest, when others leave for the archive: some days of the whole country."""
_READ_RECORDS: Final = 128


class RedisJournal:
    """A `Journal` in Redis or Valkey from 7.0 on, begun if there is none.

    When `append` returns, Redis has taken the records; how durable they are then is Redis's own
    configuration: with `appendfsync always` they are on its disk, with `everysec` a second of them
    can be lost with its machine, and a replica that takes over may be behind, unless `replicas` of
    the place says that so many have them as well. What it lacks of the latest records it is given
    again before anything else is written. One that lacks more, or was emptied, is `JournalLost` to
    its writer, who may `begin_anew`; one that another has begun takes nothing (`AppendRefused`).

    `append` tells by an error that its outcome is not known (a connection that broke); the same
    append may then be made again, and is carried out once.

    Args:
        place: where it is.
        holder: who must have the lease (`RedisLease`) at each append; empty: nobody must. While
            another has it appends are refused; while nobody has it they fail, and may succeed when
            it is taken again.

    Raises:
        JournalCorrupt: its records or its snapshot are there without its name.
        JournalError: Redis cannot be reached, or refuses.
    """

    def __init__(self, place: RedisPlace, holder: str = "") -> None:
        self.place = place
        self._holder = holder
        self._closed = False
        self._redis = open_redis(place)
        self._journal = place.key("journal")
        self._incarnation_key = place.key("incarnation")
        self._snapshot = place.key("snapshot")
        self._lease = place.key("lease")
        self._kept_after = place.key("kept_after")
        fresh = secrets.token_hex(8)
        with ExitStack() as opened:
            opened.callback(self._redis.close)
            with translated(place, "be opened"):
                found = self._call("open", (*self._keys, self._snapshot), fresh)
            self.incarnation: str = found.decode()
            """The journal's own name."""
            self.created = self.incarnation == fresh
            """Whether there was no journal, and an empty one has been begun."""
            if self.created:
                with translated(place, "note its version"):
                    raise_version(self._redis, place, newest_version())
            self._recent = RecentRows()
            self._tried: list[Row] = []
            """Rows of an append whose outcome is not known."""
            self._anew = ""
            """The name under which it is being begun anew."""
            self._last, self._checksum = self._find_end()
            opened.pop_all()

    # --- the port ---------------------------------------------------------------------------

    def last_number(self) -> int:
        self._require_open()
        self._last, self._checksum = self._find_end()
        return self._last

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        self._require_open()
        if expected_last != self._last or not records:
            self._last, self._checksum = self._find_end()
        require_last(expected_last, self._last)
        require_records_fit(records)
        if not records:
            return
        rows = self._tried = chain(self._last, self._checksum, records)
        with translated(self.place, f"append {len(records)} records after record {self._last}"):
            try:
                self._append(expected_last, rows)
            except AppendRefused:
                self._last, self._checksum = self._find_end()  # it may lack some, and has them now
                if self._last != expected_last:
                    raise
                self._append(expected_last, rows)
        self._last, self._checksum = rows[-1].number, rows[-1].checksum
        self._wrote(rows)

    def read(self, after: int) -> Iterator[StoredRecord]:
        self._require_open()
        last, _ = self._find_end()
        require_readable(after, last)
        require_kept(after, self.kept_after(), str(self.place))
        return self._read(after, last)

    def save_snapshot(self, number: int, data: bytes) -> None:
        self._require_open()
        require_snapshot_fits(number, data, latest=self._latest(), last=self.last_number())
        with translated(self.place, f"save the snapshot of record {number}"):
            keys = (*self._keys, self._snapshot)
            self._call("save_snapshot", keys, self.incarnation, number, crc32(data), data)

    def latest_snapshot(self) -> Snapshot | None:
        self._require_open()
        with translated(self.place, "read its snapshot"):
            names = ["number", "checksum", "data"]
            found: list[Any] = self._redis.hmget(self._snapshot, names)
        number, checksum, data = found
        if number is None or data is None or checksum != b"%d" % crc32(data):
            return None
        return Snapshot(int(number), data)

    def remember(self, recent: RecentRows) -> None:
        """These are the latest records, as if this writer had written them: what the journal lacks
        of them it is given again."""
        self._recent = recent

    def latest(self) -> tuple[int, RecentRows]:
        """The checksum of the last record that was written here, and the latest records."""
        return self._checksum, self._recent

    def begin_anew(
        self, number: int, snapshot: bytes, records: Sequence[bytes], rest: Sequence[bytes] = ()
    ) -> None:
        """Begins a lost journal anew, under another name, with what its writer holds.

        Args:
            number: of a record.
            snapshot: the state after it.
            records: the last ones up to it; those that this writer still has from before are put
                before them. One of both at least.
            rest: all that follow it.

        Raises:
            AppendRefused: it is not lost, or another node has the lease.
            JournalError: Redis cannot be asked; it may be tried again.
        """
        self._require_open()
        written = last.number if (last := self._recent.last) else number
        before = self._recent.up_to(number - len(records))
        first, checksum = number - len(records), before[-1].checksum if before else CHAIN_START
        rows = [*before, *chain(first, checksum, (*records, *rest))]
        # The same name at each try: one whose answer was lost may have been carried out.
        self._anew = self._anew or secrets.token_hex(8)
        keys = (*self._keys, self._lease, self._snapshot, self._kept_after)
        known = (self._holder, self.incarnation, self._anew, max(written, 1))
        parts = (number, crc32(snapshot), snapshot, *(part for row in rows for part in row))
        with translated(self.place, "be begun anew"):
            self._call("begin_anew", keys, *known, *parts)
        self._recent = RecentRows()
        self._wrote(rows)
        self._last, self._checksum = self._find_end()

    # --- the archive ------------------------------------------------------------------------

    def kept_after(self) -> int:
        """What follows this record is here, and so is the record itself; 0: all."""
        with translated(self.place, "find its beginning"):
            return int(self._redis.get(self._kept_after) or 0)

    def checksum_of(self, number: int) -> int:
        """The chained checksum of a record that is here.

        Raises:
            JournalCorrupt: it is missing.
        """
        return CHAIN_START if number == 0 else self.row(number).checksum

    def row(self, number: int) -> Row:
        """A record that is here.

        Raises:
            JournalCorrupt: it is missing.
        """
        with translated(self.place, f"read record {number}"):
            rows = self._redis.xrange(self._journal, f"{number}-0", f"{number}-0")
        if not rows:
            raise JournalCorrupt(f"journal {self.place}: record {number} is missing")
        return Row(*_stored(rows[0]))

    def rows_from(self, number: int, count: int) -> tuple[list[Row], int]:
        """Record `number` and up to `count` that follow it, unbroken, and the number of the last
        record; in one round trip. Who misses one is told by `read` what is wrong with it.

        Raises:
            AppendRefused: it is not the journal that was opened.
        """
        self._require_open()
        with translated(self.place, f"read on from record {number}"):
            asked = self._redis.pipeline(transaction=True)
            asked.get(self._incarnation_key)
            asked.xrange(self._journal, f"{number}-0", "+", count + 1)
            asked.xrevrange(self._journal, count=1)
            incarnation, found, last = asked.execute()
        if incarnation != self.incarnation.encode():
            raise self._another()
        rows = unbroken(number, (Row(*_stored(entry)) for entry in found))
        return rows, _stored(last[0])[0] if last else 0

    def let_go(self, until: int, checksum: int, keep: int) -> None:
        """Lets the records before `until` go, all of which are in the archive.

        Args:
            checksum: of record `until` in the archive: all up to it are the same if it is.
            keep: so many of the latest stay in any case.

        Raises:
            JournalError: it is not the same, no snapshot covers it or too few would stay; nothing
                has gone.
        """
        self._require_open()
        snapshot = self.latest_snapshot()
        if snapshot is None or snapshot.number < until:
            raise JournalError(f"journal {self.place}: no snapshot covers record {until} yet")
        keys = (*self._keys, self._snapshot, self._kept_after)
        with translated(self.place, f"let go what is before record {until}"):
            while self._call("let_go", keys, self.incarnation, until, checksum, keep):
                pass  # some thousands at a time, so that appends need not wait

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._redis.close()

    # --- reading ----------------------------------------------------------------------------

    def _find_end(self) -> tuple[int, int]:
        """The number and the checksum of the last record."""
        with translated(self.place, "find its end"):
            both = self._redis.pipeline(transaction=True)
            both.get(self._incarnation_key)
            both.xrevrange(self._journal, count=1)
            incarnation, last = both.execute()
        if self._anew and incarnation == self._anew.encode():  # so it was carried out
            self.incarnation, self._anew = self._anew, ""
        written = self._recent.last
        if incarnation is None and (written or self._tried):
            raise JournalLost(f"journal {self.place} was emptied")
        if incarnation != self.incarnation.encode():
            raise self._another()
        number, checksum = _stored(last[0])[:2] if last else (0, CHAIN_START)
        if self._tried and (number, checksum) == self._tried[-1][:2]:  # so it was carried out
            self._confirm(self._tried)
            return number, checksum
        if written is None or number >= written.number:
            return number, checksum
        return self._give_again(number, checksum)

    def _give_again(self, number: int, checksum: int) -> tuple[int, int]:
        """Appends what was written after record `number`, with which it ends now."""
        rows = self._recent.after(number, checksum)
        if rows is None:
            raise JournalLost(f"journal {self.place} ends at record {number}, long before its end")
        with translated(self.place, f"be given the records after {number} again"):
            self._append(number, rows)
        _log.critical("%s had lost the records after %d: given again", self.place, number)
        return rows[-1].number, rows[-1].checksum

    def _read(self, after: int, last: int) -> Iterator[StoredRecord]:
        walk = ChainWalk(after, self.checksum_of(after))
        while walk.number < last:
            self._require_open()
            with translated(self.place, f"read what follows record {walk.number}"):
                first = f"{walk.number + 1}-0"
                rows = self._redis.xrange(self._journal, first, f"{last}-0", _READ_RECORDS)
            if not rows:
                raise JournalCorrupt(f"journal {self.place}: record {walk.number + 1} is missing")
            for row in rows:
                expected = walk.number + 1
                number, checksum, data = _stored(row)
                if not walk.step(number, checksum, data):
                    require_kept(expected - 1, self.kept_after(), str(self.place))
                    raise JournalCorrupt(
                        f"journal {self.place}: record {expected} is damaged or missing"
                    )
                yield StoredRecord(number, data)

    def _latest(self) -> int:
        with translated(self.place, "read its snapshot"):
            return int(self._redis.hget(self._snapshot, "number") or 0)

    # --- writing ----------------------------------------------------------------------------

    @property
    def _keys(self) -> tuple[str, str]:
        return self._journal, self._incarnation_key

    def _append(self, expected_last: int, rows: Sequence[Row]) -> None:
        keys = (*self._keys, self._lease)
        known = (self.incarnation, self._holder, expected_last)
        parts = (part for row in rows for part in row)
        replicas = self.place.replicas
        self._call("append", keys, *known, *parts, replicas=replicas)

    def _confirm(self, rows: Sequence[Row]) -> None:
        if self.place.replicas:
            with translated(self.place, f"have record {rows[-1].number} in its replicas"):
                self._call("confirm", self._keys, self.incarnation, replicas=self.place.replicas)
        self._wrote(rows)

    def _wrote(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._recent.add(row)
        self._tried = []

    def _call(
        self, function: str, keys: Sequence[str], *args: int | str | bytes, replicas: int = 0
    ) -> Any:
        try:
            return call(self._redis, function, keys, *args, replicas=replicas)
        except ResponseError as fault:
            meant = self._meant(str(fault))
            if meant is None:
                raise
            raise meant from fault

    def _meant(self, said: str) -> JournalError | None:
        """What an error of our functions means; None: it is none of theirs."""
        word, *numbers = said.split()
        if word == "SAMKO_LAST":
            return AppendRefused(f"the last record of journal {self.place} is {numbers[0]}")
        if word == "SAMKO_LEASE":
            return AppendRefused(f"another node decides on journal {self.place}")
        if word == "SAMKO_NO_LEASE":
            # It may be taken again, and then the same append is carried out.
            return JournalError(f"nobody has the lease on journal {self.place}")
        if word == "SAMKO_INCARNATION":
            return self._another()
        if word == "SAMKO_SNAPSHOT":
            return JournalError(f"journal {self.place}: the snapshot no longer fits")
        if word == "SAMKO_LET_GO":
            return JournalError(
                f"journal {self.place} lets nothing go: {said.removeprefix(word).strip()}"
            )
        if word == "SAMKO_NAMELESS":
            return JournalCorrupt(
                f"journal {self.place} has lost its name, and records or a snapshot are there"
            )
        return None

    def _another(self) -> AppendRefused:
        return AppendRefused(
            f"journal {self.place} is not the one that was opened: it was emptied, or begun anew"
        )

    def _require_open(self) -> None:
        if self._closed:
            raise JournalError(f"journal {self.place} is closed")


def _stored(row: Any) -> tuple[int, int, bytes]:
    """Number, checksum and data of an entry; of one that is no record, what no checksum fits."""
    entry_id, fields = row
    number = int(entry_id.partition(b"-")[0])
    checksum, data = fields.get(b"c", b""), fields.get(b"d", b"")
    return number, int(checksum) if checksum.isdigit() else -1, data
