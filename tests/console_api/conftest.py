from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.console_api.api_world import ApiWorld, api_world


@pytest_asyncio.fixture
async def world() -> AsyncIterator[ApiWorld]:
    async with api_world() as found:
        yield found
