"""What tests in a browser share: one Chromium, and a page at a fake server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.fake_server import FakeServer

CHROMIUM: Final = Path("/usr/bin/chromium")
ARGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
PATIENCE_MS: Final = 15_000
"""For whatever a page is waited for on a busy machine."""

_FIRST_LANGUAGE: Final = """
try {
  localStorage["samko.language"] ??= "%s";
} catch {
  // about:blank keeps nothing
}"""

NewPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium. Without it: a failure where everything is required
    (SAMKO_REQUIRE_ALL=1), else a skip that says what is missing."""
    if not CHROMIUM.exists():
        text = "NOT TESTED in a browser, for lack of: chromium (apt-get install chromium)"
        if os.environ.get("SAMKO_REQUIRE_ALL") == "1":
            pytest.fail(text)
        pytest.skip(text)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[FakeServer]:
    """Answers as the engine does, about a made-up nation."""
    fake = FakeServer()
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def new_page(chromium: Browser) -> AsyncIterator[NewPage]:
    """Opens pages of a person's own browser; whatever a script throws there fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    async def open_page(
        url: str,
        *,
        context: BrowserContext | None = None,
        language: str = "sv",
        **options: Any,
    ) -> Page:
        if context is None:
            context = await chromium.new_context(**options)
            contexts.append(context)
            await context.add_init_script(_FIRST_LANGUAGE % language)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: _note_refusal(said.text, faults))
        await page.goto(url)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert not faults, faults


def _note_refusal(text: str, faults: list[str]) -> None:
    """A browser tells in its console what the page's security policy has refused."""
    if "Content Security Policy" in text:
        faults.append(text)
