"""An engine that is cut off says so on the page of the nation, in both languages."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


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
