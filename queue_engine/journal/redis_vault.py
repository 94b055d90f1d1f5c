"""The vault of all nodes on one journal in Redis: who the callers are, sealed.

    {samko}:vault:proof      something that only the vault's key opens
    {samko}:vault:c:CONTACT  an entry, which Redis itself lets go of at the latest when it is due
    {samko}:vault:put        contacts by the moment they were put, in the engines' time
    {samko}:vault:ended      contacts by the moment of their end
    {samko}:vault:access     the access log, a stream

House rules: those of `vault`. The key is never in Redis: its file is on each node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from redis.exceptions import RedisError, ResponseError

from queue_engine.journal.caller_seal import (
    KEPT_AFTER_END_MS,
    KEPT_AT_MOST_MS,
    Access,
    CallerSecrets,
    Seal,
    SealedCaller,
)
from queue_engine.journal.key_file import read_key, read_or_create_key
from queue_engine.journal.redis_functions import call
from queue_engine.journal.redis_place import RedisPlace, open_redis
from queue_engine.journal.vault_file import VaultError
from routing.vocabulary import ContactId

_PAGE_ROWS: Final = 256


class VaultUnreachable(VaultError):
    """Redis cannot be asked, or refuses: it may be tried again."""


class AnotherKey(VaultError):
    """The vault was sealed with another key than this node's."""


def has_vault(place: RedisPlace) -> bool:
    """Whether there is one, of whatever key.

    Raises:
        VaultUnreachable: Redis cannot be asked.
    """
    try:
        with open_redis(place) as client:
            return bool(client.exists(place.key("vault:proof"), place.key("vault:put")))
    except (RedisError, OSError) as exc:
        raise VaultUnreachable(f"the vault of {place} cannot be looked for: {exc}") from exc


class RedisVault:
    """Contact id -> `CallerSecrets`, with the promises of `Vault`, for all nodes that have its key.

    An entry goes `KEPT_AFTER_END_MS` after its end also if no engine is there to erase it, and
    `KEPT_AT_MOST_MS` after it was put at the latest. What Redis wrote to its disk of an erased
    entry, sealed, is there until Redis writes its file anew.

    Args:
        place: of the journal.
        key_path: of the key, the same on all nodes; made by the first of them.

    Raises:
        AnotherKey: the key is not that with which it was sealed.
        VaultUnreachable: Redis cannot be asked.
        KeyFileError: the key file is missing or exposed.
    """

    def __init__(self, place: RedisPlace, key_path: Path) -> None:
        self.place = place
        self._closed = False
        self._redis = open_redis(place)
        proof_key = place.key("vault:proof")
        self._put, self._ended = place.key("vault:put"), place.key("vault:ended")
        self._access = place.key("vault:access")
        with ExitStack() as opened:
            opened.callback(self._redis.close)
            with self._translated("be opened"):
                found: Any = self._redis.get(proof_key)
            self.created = found is None
            """Whether there was none, and an empty one has been begun."""
            key = read_or_create_key(key_path) if self.created else read_key(key_path)
            self.seal: Final = Seal(key)
            if found is None:
                proof = self.seal.proof()
                with self._translated("be begun"):
                    earlier: Any = self._redis.set(proof_key, proof, nx=True, get=True)
                found = proof if earlier is None else earlier
            if not self.seal.is_proved_by(found):
                raise AnotherKey(
                    f"the vault of {place} was sealed with another key than that of {key_path}:"
                    " put the other nodes' vault.key there"
                )
            self._proof: bytes = found
            opened.pop_all()

    def put(self, contact_id: ContactId, caller: CallerSecrets, at_ms: int) -> None:
        """Keep what is known of a caller, in place of what was known before.

        Raises:
            VaultError: it cannot be kept.
        """
        self._put_sealed(contact_id, self.seal.of_caller(contact_id, caller), at_ms)

    def read(
        self, contact_id: ContactId, reader: str, reason: str, at_ms: int
    ) -> CallerSecrets | None:
        """Who the caller is, or None if that is not known or no longer kept.

        The reading is in the access log before this returns.

        Raises:
            VaultError: it cannot be logged, or the entry is damaged; nothing is given out.
        """
        keys = (self._entry(contact_id), self._access)
        with self._translated(f"read contact {contact_id}"):
            sealed = self._call("vault_read", keys, at_ms, contact_id, reader, reason)
        return None if sealed is None else self.seal.to_caller(contact_id, sealed)

    def mark_ended(self, contact_id: ContactId, at_ms: int) -> None:
        """The contact ended: its entry is due `KEPT_AFTER_END_MS` later. The first end counts."""
        keys = (self._entry(contact_id), self._ended)
        with self._translated(f"mark contact {contact_id}"):
            self._call("vault_end", keys, contact_id, at_ms, KEPT_AFTER_END_MS)

    def mark_alive(self, contact_id: ContactId, at_ms: int) -> None:
        """See `Vault.mark_alive`."""
        keys = (self._entry(contact_id), self._ended, self._put)
        with self._translated(f"mark contact {contact_id}"):
            self._call("vault_alive", keys, contact_id, at_ms, KEPT_AT_MOST_MS)

    def erase(self, contact_id: ContactId) -> int:
        """Erase one entry now; how many there were."""
        return self._erase(contact_id, (self._put, self._ended), "")

    def erase_ended_before(self, ms: int) -> int:
        """Erase the entries of contacts that ended before `ms`; how many."""
        return self._erase_until((self._ended, self._put), ms - 1)

    def erase_due(self, now_ms: int) -> int:
        """Erase what is no longer to be kept; how many. Called at the start and each minute."""
        return self.erase_ended_before(now_ms - KEPT_AFTER_END_MS + 1) + self._erase_until(
            (self._put, self._ended), now_ms - KEPT_AT_MOST_MS
        )

    def access_log(self, after: int = 0) -> Iterator[Access]:
        """The readings above number `after`, oldest first."""
        while True:
            with self._translated("read its access log"):
                rows: Any = self._redis.xrange(self._access, f"{after + 1}-0", "+", _PAGE_ROWS)
            for entry_id, row in rows:
                after = int(entry_id.partition(b"-")[0])
                yield Access(
                    after,
                    int(row[b"at_ms"]),
                    ContactId(row[b"contact"].decode()),
                    row[b"reader"].decode(),
                    row[b"reason"].decode(),
                    row[b"found"] == b"1",
                )
            if not rows:
                return

    def sealed_callers(self) -> Iterator[SealedCaller]:
        """All entries as they are kept, for a copy under the same key."""
        with self._translated("be copied"):
            contacts: Any = self._redis.zrange(self._put, 0, -1, withscores=True)
        for name, put_ms in contacts:
            contact_id = ContactId(name.decode())
            with self._translated("be copied"):
                both = self._redis.pipeline(transaction=True)
                both.get(self._entry(contact_id))
                both.zscore(self._ended, contact_id)
                sealed, ended_ms = both.execute()
            if sealed is not None:
                ended = None if ended_ms is None else int(ended_ms)
                yield SealedCaller(contact_id, sealed, int(put_ms), ended)

    def take_in(self, callers: Iterable[SealedCaller], accesses: Iterable[Access]) -> None:
        """Fills an empty vault with what another under the same key has."""
        for caller in callers:
            self._put_sealed(caller.contact_id, caller.sealed, caller.put_ms)
            if caller.ended_ms is not None:
                self.mark_ended(caller.contact_id, caller.ended_ms)
        for one in accesses:
            row: dict[Any, Any] = {
                "at_ms": one.at_ms,
                "contact": one.contact_id,
                "reader": one.reader,
                "reason": one.reason,
                "found": int(one.found),
            }
            with self._translated("be filled"):
                self._redis.xadd(self._access, row, id=f"{one.number}-0")

    def close(self) -> None:
        """Let go of the connection. After it, every other call is a VaultError."""
        if not self._closed:
            self._closed = True
            self._redis.close()

    # --- storing ----------------------------------------------------------------------------

    def _entry(self, contact_id: ContactId) -> str:
        return self.place.key(f"vault:c:{contact_id}")

    def _put_sealed(self, contact_id: ContactId, sealed: bytes, at_ms: int) -> None:
        proof_key = self.place.key("vault:proof")
        keys = (proof_key, self._entry(contact_id), self._put, self._ended)
        with self._translated(f"keep contact {contact_id}"):
            known = (self._proof, contact_id, sealed, at_ms, KEPT_AT_MOST_MS)
            self._call("vault_put", keys, *known)

    def _erase_until(self, indexes: tuple[str, str], last_ms: int) -> int:
        with self._translated("erase"):
            found: Any = self._redis.zrange(indexes[0], "-inf", last_ms, byscore=True)
        return sum(self._erase(ContactId(name.decode()), indexes, last_ms) for name in found)

    def _erase(self, contact_id: ContactId, indexes: tuple[str, str], last_ms: int | str) -> int:
        with self._translated("erase"):
            keys = (self._entry(contact_id), *indexes)
            return int(self._call("vault_erase", keys, contact_id, last_ms))

    def _call(self, function: str, keys: Sequence[str], *args: int | str | bytes) -> Any:
        try:
            return call(self._redis, function, keys, *args)
        except ResponseError as fault:
            if "SAMKO_KEY" in str(fault):
                raise AnotherKey(
                    f"the vault of {self.place} was begun anew with another key"
                ) from fault
            raise

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        if self._closed:
            raise VaultError(f"the vault of {self.place} is closed")
        try:
            yield
        except (RedisError, OSError) as exc:
            raise VaultUnreachable(f"the vault of {self.place} cannot {doing}: {exc}") from exc
