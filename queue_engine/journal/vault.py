"""Who the callers are, apart from everything else that is kept.

Journal, snapshots, tickets and logs know a contact by its id only. The personal number and the
phone number behind that id are here, sealed, for as long as they are needed and no longer.

House rules: time is an argument; nothing is given out before the reading of it is in the access
log; an error names the contact and never what it hides. Calls are synchronous, one at a time.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from queue_engine.journal.key_file import create_key, read_key
from queue_engine.journal.ownership import Ownership
from queue_engine.journal.vault_file import VaultError, create_vault, open_vault
from routing.vocabulary import ContactId

KEPT_AFTER_END_MS: Final = 2 * 60 * 60 * 1000
"""Long enough to ring back after a cut, and no longer."""
KEPT_AT_MOST_MS: Final = 96 * 60 * 60 * 1000
"""Also of contacts whose end nobody told us: a crash must not keep a person's data for ever."""
FIELD_CHARACTERS_MAX: Final = 64

_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_PLAIN_BYTES: Final = 256
"""All are padded to one size, so that it does not show what is known of a caller."""
_PAGE_ROWS: Final = 256


@dataclass(frozen=True, slots=True, repr=False)
class CallerSecrets:
    """Who a caller is. Its `repr` shows which fields are known, never their content."""

    personal_number: str | None = None
    phone_number: str | None = None

    def __repr__(self) -> str:
        personal = "None" if self.personal_number is None else "<hidden>"
        phone = "None" if self.phone_number is None else "<hidden>"
        return f"CallerSecrets(personal_number={personal}, phone_number={phone})"


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the access log: who wanted to know who a caller is."""

    number: int
    at_ms: int
    contact_id: ContactId
    reader: str
    """An agent's id, or the name of the part of the program that needed it."""
    reason: str
    """A short code such as `talk` or `callback`."""
    found: bool
    """Whether there was anything to be read."""


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
            self._cipher = AESGCM(read_key(key_path) if has_key else create_key(key_path))
            if self.created:
                create_vault(self.path, self._seal(b"key proof", b""))
            self._database, proof = open_vault(self.path)
            opened.callback(self._database.close)
            try:
                self._unseal(b"key proof", proof)
            except InvalidTag as exc:
                raise VaultError(f"vault {self.path} was sealed with another key") from exc
            self._opened = opened.pop_all()

    def put(self, contact_id: ContactId, caller: CallerSecrets, at_ms: int) -> None:
        """Keep what is known of a caller, in place of what was known before.

        Raises:
            VaultError: it cannot be kept.
        """
        fields = {"personal": caller.personal_number, "phone": caller.phone_number}
        for name, value in fields.items():
            if value is not None and not _is_plain(value):
                raise VaultError(
                    f"the {name} number of contact {contact_id} is not kept: it is longer than"
                    f" {FIELD_CHARACTERS_MAX} characters, or not of printable ASCII"
                )
        plain = json.dumps(fields, separators=(",", ":")).encode("ascii").ljust(_PLAIN_BYTES)
        sealed = self._seal(_bound_to(contact_id), plain)
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
        if row is None:
            return None
        try:
            fields = json.loads(self._unseal(_bound_to(contact_id), row[0]))
        except InvalidTag as exc:
            raise VaultError(f"the vault's entry of contact {contact_id} is damaged") from exc
        return CallerSecrets(fields["personal"], fields["phone"])

    def mark_ended(self, contact_id: ContactId, at_ms: int) -> None:
        """The contact ended: its entry is due `KEPT_AFTER_END_MS` later. The first end counts."""
        with self._translated(f"mark contact {contact_id}"):
            self._database.execute(
                "UPDATE caller SET ended_ms = ? WHERE contact_id = ? AND ended_ms IS NULL",
                (at_ms, contact_id),
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

    def close(self) -> None:
        """Let go of the files. May be called twice; after it, every other call is a VaultError."""
        if not self._closed:
            self._closed = True
            self._opened.close()

    # --- sealing and storing ----------------------------------------------------------------

    def _seal(self, bound_to: bytes, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def _unseal(self, bound_to: bytes, sealed: object) -> bytes:
        if not isinstance(sealed, bytes) or len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            raise InvalidTag  # whatever a damaged file made of it
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)

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


def _bound_to(contact_id: ContactId) -> bytes:
    return b"caller|" + contact_id.encode()


def _is_plain(value: str) -> bool:
    return len(value) <= FIELD_CHARACTERS_MAX and value.isascii() and value.isprintable()
