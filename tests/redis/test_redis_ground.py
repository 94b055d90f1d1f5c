"""The Redis that the distributed journal will stand on: real, and able to do what it needs."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import ResponseError

pytestmark = pytest.mark.redis

START_S = 10.0
APPEND = """#!lua name=samkoground
redis.register_function('append_if_last', function(keys, args)
    local last = redis.call('XREVRANGE', keys[1], '+', '-', 'COUNT', 1)
    local number = last[1] and last[1][1] or '0-0'
    if number ~= args[1] then return redis.error_reply('LAST ' .. number) end
    return redis.call('XADD', keys[1], args[2], 'record', args[3])
end)
"""


@pytest_asyncio.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Redis]:
    """A server of the test's own, on a free port of loopback."""
    program = shutil.which("redis-server")
    if program is None:
        missing = "NOT TESTED against a real Redis, for lack of: redis-server"
        if os.environ.get("SAMKO_REQUIRE_ALL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(tmp_path)),
        *("--save", "", "--appendonly", "yes"),
        stdout=asyncio.subprocess.DEVNULL,
    )
    until_it_listens = Retry(ConstantBackoff(0.05), int(START_S / 0.05))
    client = Redis(host="127.0.0.1", port=port, decode_responses=True, retry=until_it_listens)
    try:
        async with asyncio.timeout(START_S):
            await client.ping()
        yield client
    finally:
        await client.aclose()
        process.terminate()
        await asyncio.wait_for(process.wait(), START_S)


async def test_a_function_appends_to_a_stream_only_after_the_expected_record(redis: Redis) -> None:
    await redis.function_load(APPEND)
    assert await redis.fcall("append_if_last", 1, "{samko}journal", "0-0", "1-0", "a") == "1-0"
    with pytest.raises(ResponseError, match="LAST 1-0"):
        await redis.fcall("append_if_last", 1, "{samko}journal", "0-0", "2-0", "b")
    assert await redis.fcall("append_if_last", 1, "{samko}journal", "1-0", "2-0", "b") == "2-0"
    assert await redis.xlen("{samko}journal") == 2
