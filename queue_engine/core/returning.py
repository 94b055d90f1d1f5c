"""The contacts that a new call of the same caller could continue: an index by the caller's key."""

from __future__ import annotations

from collections.abc import Iterable

from queue_engine.core.contact import Contact
from routing.vocabulary import ContactId


class Returning:
    """Which may be continued hangs on their rows alone; a caller's key is nowhere else."""

    __slots__ = ("by_key",)

    def __init__(self) -> None:
        self.by_key: dict[str, dict[ContactId, Contact]] = {}
        """Never an empty one of a key."""

    def note(self, contact: Contact) -> None:
        """Whether the row may be continued could have changed."""
        if contact.may_return:
            self.by_key.setdefault(contact.caller_key, {})[contact.contact_id] = contact
        elif (alike := self.by_key.get(contact.caller_key)) is not None:
            alike.pop(contact.contact_id, None)
            if not alike:
                del self.by_key[contact.caller_key]

    def of(self, key: str) -> Iterable[Contact]:
        """Those of one caller."""
        return self.by_key.get(key, {}).values()
