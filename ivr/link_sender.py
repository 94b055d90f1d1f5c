"""Links to 1177 direkt, written to a spool directory for whatever sends text messages.

House rules: one file a request, whole or not there, readable by its owner only; neither the
mobile number nor the token is in a file's name. A full spool is an error, not a bigger spool.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Final

from ivr.ports import LinkRequest

VALID_MS: Final = 2 * 60 * 60_000
"""How long a link can be opened."""
SPOOL_MAX: Final = 10_000
"""Files that nobody has fetched."""
_TOKEN_BYTES: Final = 24


class FileLinkSender:
    """Writes each request as `<name>.json` into `spool`, which is made if it is missing.

    The file holds `token`, `contact_id`, `mobile_number`, `language`, `asked_at_ms` and
    `valid_until_ms`. Whoever sends the message removes it.
    """

    def __init__(self, spool: Path) -> None:
        self._spool = spool

    async def send(self, request: LinkRequest) -> None:
        """Writes the request, synced to disk.

        Raises:
            OSError: it cannot be written, or the spool is full.
        """
        await asyncio.to_thread(self._write, request)

    def _write(self, request: LinkRequest) -> None:
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sum(1 for _ in self._spool.iterdir()) >= SPOOL_MAX:
            raise OSError(f"{SPOOL_MAX} links wait in {self._spool} to be sent")
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        name = hashlib.sha256(token.encode()).hexdigest()[:32]
        text = json.dumps(
            {
                "token": token,
                "contact_id": request.contact_id,
                "mobile_number": request.mobile_number,
                "language": request.language,
                "asked_at_ms": request.at_ms,
                "valid_until_ms": request.at_ms + VALID_MS,
            }
        )
        new = self._spool / f".{name}.new"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self._spool / f"{name}.json")
