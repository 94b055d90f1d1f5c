"""Who the callers are, apart from everything else that is kept.

Journal, snapshots, tickets and logs know a contact by its id only. The personal number and the
phone number behind that id are here, sealed, for as long as they are needed and no longer.

House rules: time is an argument; nothing is given out before the reading of it is in the access
log; an error names the contact and never what it hides. Calls are synchronous, one at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from queue_engine.journal.caller_seal import (
    KEPT_AFTER_END_MS,
    KEPT_AT_MOST_MS,
    Access,
    CallerSecrets,
    Seal,
    SealedCaller,
)
from queue_engine.journal.key_file import create_key, read_key
from queue_engine.journal.ownership import Ownership
from queue_engine.journal.vault_file import VaultError, create_vault, open_vault
from routing.vocabulary import ContactId

_PAGE_ROWS: Final = 256


class Vault:
    """Contact id -> `CallerSecrets`, sealed with AES-256-GCM in a SQLite file of its own.

    Each entry has a random nonce and is bound to its contact id, so that one cannot be put in the
    place of another. Erased entries are overwritten in the file, and the write-ahead log is emptied
    with them; blocks that a file system has let go of hold sealed data at most.

    Args:
        path: of the database; its folder must exist.
        key_path: of the key. Both are made at the first start; a vault without its key is refused,
            never given a new one.

    Raises:
        VaultError: it cannot be opened, or the key is not its own.
        KeyFileError: the key file is missing or exposed.
        InUse: another process has it open.
    """

    def __init__(self, path: Path, key_path: Path) -> None:
        self.path = path.resolve()
        self._closed = False
        self._log_holds_erased = False
        with ExitStack() as opened, self._translated("be opened"):
            ownership = Ownership(self.path)
            opened.callback(ownership.release)
            self.created = not self.path.exists()
            """Whether there was no vault, and an empty one has been made."""
            has_key = key_path.exists() or not self.created
            self._seal = Seal(read_key(key_path) if has_key else create_key(key_path))
            if self.created:
                create_vault(self.path, self._seal.proof())
            self._database, proof = open_vault(self.path)
            opened.callback(self._database.close)
            if not self._seal.is_proved_by(proof):
                raise VaultError(f"vault {self.path} was sealed with another key")
            self._opened = opened.pop_all()

    def put(self, contact_id: ContactId, caller: CallerSecrets, at_ms: int) -> None:
        """Keep what is known of a caller, in place of what was known before.

        Raises:
            VaultError: it cannot be kept.
        """
        sealed = self._seal.of_caller(contact_id, caller)
        with self._translated(f"keep contact {contact_id}"):
            self._database.execute(
                "INSERT OR REPLACE INTO caller (contact_id, sealed, put_ms) VALUES (?, ?, ?)",
                (contact_id, sealed, at_ms),
            )

    def read(
        self, contact_id: ContactId, reader: str, reason: str, at_ms: int
    ) -> CallerSecrets | None:
        """Who the caller is, or None if that is not known or no longer kept.

        The reading is in the access log, on disk, before this returns.

        Raises:
            VaultError: it cannot be logged, or the entry is damaged; nothing is given out.
        """
        with self._translated(f"read contact {contact_id}"), self._transaction():
            row = self._database.execute(
                "SELECT sealed FROM caller WHERE contact_id = ?", (contact_id,)
            ).fetchone()
            self._database.execute(
                "INSERT INTO access (at_ms, contact_id, reader, reason, found)"
                " VALUES (?, ?, ?, ?, ?)",
                (at_ms, contact_id, reader, reason, row is not None),
            )
        return None if row is None else self._seal.to_caller(contact_id, row[0])

    def mark_ended(self, contact_id: ContactId, at_ms: int) -> None:
        """The contact ended: its entry is due `KEPT_AFTER_END_MS` later. The first end counts."""
        with self._translated(f"mark contact {contact_id}"):
            self._database.execute(
                "UPDATE caller SET ended_ms = ? WHERE contact_id = ? AND ended_ms IS NULL",
                (at_ms, contact_id),
            )

    def mark_alive(self, contact_id: ContactId, at_ms: int) -> None:
        """The contact had not ended after all, as was found then: an end up to then is forgotten,
        and its entry is kept as if there had been none. One that came later stands."""
        with self._translated(f"mark contact {contact_id}"):
            self._database.execute(
                "UPDATE caller SET ended_ms = NULL WHERE contact_id = ? AND ended_ms <= ?",
                (contact_id, at_ms),
            )

    def erase(self, contact_id: ContactId) -> int:
        """Erase one entry now; how many there were."""
        return self._erase("contact_id = ?", contact_id)

    def erase_ended_before(self, ms: int) -> int:
        """Erase the entries of contacts that ended before `ms`; how many."""
        return self._erase("ended_ms < ?", ms)

    def erase_due(self, now_ms: int) -> int:
        """Erase what is no longer to be kept; how many. Called at the start and each minute."""
        return self.erase_ended_before(now_ms - KEPT_AFTER_END_MS + 1) + self._erase(
            "put_ms <= ?", now_ms - KEPT_AT_MOST_MS
        )

    def access_log(self, after: int = 0) -> Iterator[Access]:
        """The readings above number `after`, oldest first."""
        while True:
            with self._translated("read its access log"):
                rows = self._database.execute(
                    "SELECT number, at_ms, contact_id, reader, reason, found FROM access"
                    " WHERE number > ? ORDER BY number LIMIT ?",
                    (after, _PAGE_ROWS),
                ).fetchall()
            for number, at_ms, contact_id, reader, reason, found in rows:
                yield Access(number, at_ms, ContactId(contact_id), reader, reason, bool(found))
            if not rows:
                return
            after = rows[-1][0]

    def sealed_callers(self) -> Iterator[SealedCaller]:
        """All entries as they are kept, for a copy under the same key."""
        with self._translated("be copied"):
            rows = self._database.execute(
                "SELECT contact_id, sealed, put_ms, ended_ms FROM caller ORDER BY contact_id"
            ).fetchall()
        for contact_id, sealed, put_ms, ended_ms in rows:
            yield SealedCaller(ContactId(contact_id), sealed, put_ms, ended_ms)

    def take_in(self, callers: Iterable[SealedCaller], accesses: Iterable[Access]) -> None:
        """Fills an empty vault with what another under the same key has."""
        with self._translated("be filled"), self._transaction():
            self._database.executemany(
                "INSERT INTO caller (contact_id, sealed, put_ms, ended_ms) VALUES (?, ?, ?, ?)",
                ((each.contact_id, each.sealed, each.put_ms, each.ended_ms) for each in callers),
            )
            self._database.executemany(
                "INSERT INTO access (number, at_ms, contact_id, reader, reason, found)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (each.number, each.at_ms, each.contact_id, each.reader, each.reason, each.found)
                    for each in accesses
                ),
            )

    def close(self) -> None:
        """Let go of the files. May be called twice; after it, every other call is a VaultError."""
        if not self._closed:
            self._closed = True
            self._opened.close()

    # --- storing ----------------------------------------------------------------

    def _erase(self, condition: str, value: str | int) -> int:
        with self._translated("erase"):
            erased = self._database.execute(
                f"DELETE FROM caller WHERE {condition}", (value,)
            ).rowcount
            self._log_holds_erased = self._log_holds_erased or erased > 0
            if self._log_holds_erased:
                # The log has the pages as they were. If there is no room now, the next call does.
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                self._log_holds_erased = False
        return erased

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        finally:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        if self._closed:
            raise VaultError(f"vault {self.path} is closed")
        try:
            yield
        except sqlite3.Error as exc:
            name = getattr(exc, "sqlite_errorname", type(exc).__name__)
            raise VaultError(f"vault {self.path} cannot {doing}: {exc} ({name})") from exc
        except UnicodeDecodeError as exc:
            # The sqlite3 module fails like this on an error message that quotes a damaged schema.
            raise VaultError(f"vault {self.path} cannot {doing}: its schema is damaged") from exc
        except OSError as exc:
            raise VaultError(f"vault {self.path} cannot {doing}: {exc.strerror}") from exc
