"""A server with fake parts behind it, ready to be called."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.ivr.lab import Lab, serving


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with serving() as lab:
        yield lab
