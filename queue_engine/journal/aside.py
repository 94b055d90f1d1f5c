"""What is known of records that are in memory only, once they must go elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from queue_engine.journal.base import Snapshot


@dataclass(frozen=True, slots=True)
class Aside:
    """Records of which the last are in no journal, and what they follow from."""

    after: int
    """The last record that the journal had when it could first not be written."""
    records: tuple[bytes, ...]
    """It may have got the first of them since."""
    record_checksum: int | None
    """The CRC-32 of the bytes of record `after`; None: they are not known."""
    state: Snapshot | None
    """After that record, or a later one of these."""
