"""A text message under way when the engine is killed, over a journal in Redis."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.redis_server import RedisServer
from tests.serve.killed_outbox import killed_between_sending_and_telling

pytestmark = pytest.mark.redis


async def test_one_message_however_often_it_dies(server: RedisServer, tmp_path: Path) -> None:
    await killed_between_sending_and_telling(tmp_path, str(server.port))
