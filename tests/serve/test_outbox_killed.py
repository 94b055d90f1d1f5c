"""A real process is killed with a message under way, over a file; `tests/redis` has Redis."""

from __future__ import annotations

from pathlib import Path

from tests.serve.killed_outbox import killed_between_sending_and_telling


async def test_one_message_however_often_it_dies(tmp_path: Path) -> None:
    await killed_between_sending_and_telling(tmp_path, "sqlite")
