"""An engine that is cut off, or cannot write, says so on the page of the nation, in Swedish and
English."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_server import FakeServer
from tests.browser.test_page_looks import LOOKS, find_nothing, screen

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NINE_MS: Final = 1_795_420_800_000
"""Monday 23 November 2026, 09:00 in Sweden."""
COVERED: Final = """() => {
  const [one, other] = ["island", "degraded"].map((id) =>
    document.getElementById(id).getBoundingClientRect());
  return one.bottom > other.top + 1;
}"""


async def test_an_engine_that_is_alone_says_with_which_switches(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    banner = page.locator("#island")
    await expect(page.locator("#connection")).to_have_text("Direkt")
    await expect(banner).to_be_hidden()
    server.regions["island"] = ["ast1", "ast2"]
    await expect(banner).to_contain_text("Motorn är avskuren")
    await expect(banner).to_contain_text("sköter bara sina egna växlar: ast1, ast2.")
    await page.locator("[data-language=en]").click()
    await expect(banner).to_contain_text("The engine is cut off")
    await expect(banner).to_contain_text("serves its own switches alone: ast1, ast2.")
    server.regions["island"] = []
    await expect(banner).to_be_hidden()


async def test_an_engine_that_writes_to_memory_says_since_when_and_what_it_means(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    banner = page.locator("#degraded")
    await expect(page.locator("#connection")).to_have_text("Direkt")
    await expect(banner).to_be_hidden()
    server.regions["degraded_since_ms"] = NINE_MS
    await expect(banner).to_contain_text("Journalen kan inte skrivas")
    await expect(banner).to_contain_text("Allt som hänt sedan 09:00 finns bara i motorns minne.")
    await page.locator("[data-language=en]").click()
    await expect(banner).to_contain_text("The journal cannot be written")
    await expect(banner).to_contain_text("All that has happened since 09:00 is in the engine's")
    server.regions["degraded_since_ms"] = None
    await expect(banner).to_be_hidden()


@pytest.mark.parametrize(("language", "theme", "width", "height"), LOOKS)
async def test_both_banners_in_every_look(
    server: FakeServer, new_page: NewPage, language: str, theme: str, width: int, height: int
) -> None:
    server.regions |= {"island": ["ast1", "ast2"], "degraded_since_ms": NINE_MS}
    page = await new_page(server.link(), language=language, **screen(theme, width, height))
    await expect(page.locator(".tile")).to_have_count(21)
    await expect(page.locator("#island")).to_be_visible()
    await expect(page.locator("#degraded")).to_be_visible()
    await find_nothing(page)
    await page.evaluate("scrollTo(0, 400)")
    assert not await page.evaluate(COVERED), "one banner lies over the other"
