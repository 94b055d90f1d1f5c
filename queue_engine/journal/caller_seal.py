"""What a caller says of himself, and the seal under which it is kept.

AES-256-GCM with a random nonce each time. What is sealed is bound to a purpose and to whom it is
of, so that one entry cannot be put in the place of another.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from queue_engine.journal.vault_file import VaultError
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
_PROOF: Final = b"key proof"


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


@dataclass(frozen=True, slots=True, repr=False)
class SealedCaller:
    """An entry as it is kept."""

    contact_id: ContactId
    sealed: bytes
    put_ms: int
    ended_ms: int | None


class Seal:
    """Seals and opens under one key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def proof(self) -> bytes:
        """Something that only this key opens."""
        return self.seal(_PROOF, b"")

    def is_proved_by(self, proof: object) -> bool:
        """Whether this key has made that proof."""
        try:
            self.open(_PROOF, proof)
        except InvalidTag:
            return False
        return True

    def seal(self, bound_to: bytes, plain: bytes) -> bytes:
        """Seals some bytes."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def open(self, bound_to: bytes, sealed: object) -> bytes:
        """The bytes that were sealed.

        Raises:
            InvalidTag: with another key, bound to something else, or damaged since.
        """
        if not isinstance(sealed, bytes) or len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            raise InvalidTag  # whatever a damaged file made of it
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)

    def of_caller(self, contact_id: ContactId, caller: CallerSecrets) -> bytes:
        """Seals who a caller is.

        Raises:
            VaultError: a number is none; says which, and not what it was.
        """
        fields = {"personal": caller.personal_number, "phone": caller.phone_number}
        for name, value in fields.items():
            if value is not None and not _is_plain(value):
                raise VaultError(
                    f"the {name} number of contact {contact_id} is not kept: it is longer than"
                    f" {FIELD_CHARACTERS_MAX} characters, or not of printable ASCII"
                )
        plain = json.dumps(fields, separators=(",", ":")).encode("ascii").ljust(_PLAIN_BYTES)
        return self.seal(_bound_to(contact_id), plain)

    def to_caller(self, contact_id: ContactId, sealed: object) -> CallerSecrets:
        """Who a caller is.

        Raises:
            VaultError: the entry is damaged.
        """
        try:
            fields = json.loads(self.open(_bound_to(contact_id), sealed))
        except InvalidTag as exc:
            raise VaultError(f"the vault's entry of contact {contact_id} is damaged") from exc
        return CallerSecrets(fields["personal"], fields["phone"])


def _bound_to(contact_id: ContactId) -> bytes:
    return b"caller|" + contact_id.encode()


def _is_plain(value: str) -> bool:
    return len(value) <= FIELD_CHARACTERS_MAX and value.isascii() and value.isprintable()
