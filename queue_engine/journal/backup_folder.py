"""A back-up as a folder: what lies in it, and the list of its files with their checksums.

    manifest.json      what is in it; written last: without it the folder is no back-up
    archive/           the archive's files, as they are
    tail/              one file of the same form, with the records that the archive has not got
    journal.snapshot-  the newest snapshot
    vault.sqlite, vault.key, lookup-keys/day-*.key
    unjournaled/       what islands and full disks left, and no journal has or had at first

All files are of mode 0600.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.archive import Archive
from queue_engine.journal.archive_file import ArchivedDay, archived_day
from queue_engine.journal.base import Snapshot
from queue_engine.journal.checksum import Row
from queue_engine.journal.private_files import replace_private
from queue_engine.journal.snapshots import DamagedSnapshot, SnapshotFiles

_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a back-up holds."""

    made_at: str
    """ISO 8601."""
    journal: str
    """Where it was."""
    records: int
    checksum: int
    """The last record's, chained."""
    digest: str
    """Of the state that they make."""
    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 by path."""
    format: int = _FORMAT


class BackupFolder:
    """The parts of one back-up."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder
        self.archive: Final = folder / "archive"
        self.tail: Final = folder / "tail"
        self.vault: Final = folder / "vault.sqlite"
        self.vault_key: Final = folder / "vault.key"
        self.lookup_keys: Final = folder / "lookup-keys"
        self.unjournaled: Final = folder / "unjournaled"
        self.snapshots: Final = SnapshotFiles(folder / "journal")

    def rows(self, after: int = 0) -> Iterator[Row]:
        """All records above `after`, each checked.

        Raises:
            JournalCorrupt: one is damaged or missing.
        """
        archive = Archive(self.archive)
        number, checksum = after, None
        for row in archive.rows(after):
            number, checksum = row.number, row.checksum
            yield row
        for day in self._tail():
            rows = day.rows()
            before = next(rows)
            if before.number != archive.last or checksum not in (None, before.checksum):
                raise JournalCorrupt(f"back-up {day.path} does not follow its archive")
            yield from (row for row in rows if row.number > number)

    def snapshot(self) -> Snapshot | None:
        """The state that spares folding them all.

        Raises:
            JournalCorrupt: it is damaged.
        """
        for number in self.snapshots.numbers():
            found = self.snapshots.read(number)
            if isinstance(found, DamagedSnapshot):
                raise JournalCorrupt(f"back-up {found.path}: {found.reason}")
            return Snapshot(found.number, found.data)
        return None

    def seal(self, manifest: Manifest) -> None:
        """Writes the manifest, with all files that are there now.

        Raises:
            OSError: it cannot be written.
        """
        files = {str(path.relative_to(self.folder)): _sha256(path) for path in self._files()}
        whole = {**asdict(manifest), "files": files}
        replace_private(self.folder / _MANIFEST, json.dumps(whole, indent=1).encode())

    def manifest(self) -> Manifest:
        """What it holds; all its files have been read and are as they were.

        Raises:
            JournalCorrupt: a file is missing or altered; says which.
            JournalError: it is no back-up, or cannot be read.
        """
        try:
            manifest = Manifest(**json.loads((self.folder / _MANIFEST).read_bytes()))
            if manifest.format != _FORMAT:
                raise JournalError(f"back-up {self.folder} has format {manifest.format}")
            for name, expected in manifest.files.items():
                path = self.folder / name
                if not path.is_file():
                    raise JournalCorrupt(f"back-up {path} is missing")
                if _sha256(path) != expected:
                    raise JournalCorrupt(f"back-up {path} is not as it was written")
        except FileNotFoundError as fault:
            raise JournalError(f"{self.folder} is no back-up: it has no {_MANIFEST}") from fault
        except OSError as fault:
            raise JournalError(f"back-up {self.folder}: {fault.strerror}") from fault
        except (ValueError, TypeError, AttributeError) as fault:
            raise JournalCorrupt(f"back-up {self.folder}: {_MANIFEST} is damaged") from fault
        return manifest

    def _tail(self) -> list[ArchivedDay]:
        if not self.tail.exists():
            return []
        return list(filter(None, map(archived_day, sorted(self.tail.iterdir()))))

    def _files(self) -> Iterator[Path]:
        for folder, _, names in os.walk(self.folder):
            yield from (Path(folder) / name for name in sorted(names) if name != _MANIFEST)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
