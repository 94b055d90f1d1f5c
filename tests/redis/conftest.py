"""A Redis for each test that may harm it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server import RedisServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """It writes its file before it answers."""
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server
