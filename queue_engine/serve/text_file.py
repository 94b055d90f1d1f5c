"""Text messages as files, for whatever fetches them: for trying, and where they are sent like that.

House rules: one file a message under its key, whole or not there, readable by its owner only.
Whoever fetches it moves it into `sent`, so that its key is known, and may empty it there.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Final

from queue_engine.core.commands import TextFailure
from queue_engine.serve.text_message import TextMessage, TextNotSent

SPOOL_MAX: Final = 10_000
"""Files that nobody has fetched."""


class FileTextSender:
    """Writes each message as `<key>.json` into `spool`, which is made if it is missing.

    The file holds `to` and `text`.
    """

    def __init__(self, spool: Path) -> None:
        self._spool = spool

    async def send(self, message: TextMessage) -> None:
        """See `TextSender`: it is synced to disk."""
        try:
            await asyncio.to_thread(self._write, message)
        except OSError as exc:
            why = f"text messages cannot be written to {self._spool}: {exc.strerror or exc}"
            raise TextNotSent(TextFailure.UNREACHABLE, why) from exc

    async def close(self) -> None:
        """Nothing is open."""

    def _write(self, message: TextMessage) -> None:
        sent = self._spool / "sent"
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        sent.mkdir(mode=0o700, exist_ok=True)
        name = f"{message.key}.json"
        if (sent / name).exists():
            return
        if sum(1 for _ in self._spool.iterdir()) > SPOOL_MAX:
            raise OSError(f"{SPOOL_MAX} of them wait to be fetched")
        new = self._spool / f".{message.key}.{os.getpid()}.new"
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"to": message.number, "text": message.words}, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, self._spool / name)  # unlike a rename it fails if the key is there
        except FileExistsError:
            pass  # handed over already, before a crash or by another node
        finally:
            new.unlink()
        folder = os.open(self._spool, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
