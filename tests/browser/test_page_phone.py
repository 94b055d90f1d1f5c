"""The page of the phone: what is pressed goes to the line and stays nowhere else."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DIALLED = {"news": "dialled", "contact_id": "e1-1003", "key": "k"}


async def test_keys_pressed_on_screen_and_keyboard_reach_the_line_and_are_not_kept(
    server: FakeServer, new_page: NewPage
) -> None:
    server.caller_news = [DIALLED, {"news": "listening", "wait_ms": 6000}]
    page = await new_page(server.link("phone.html"))
    await page.locator("#from").select_option("14")
    await page.locator("#call").click()
    await expect(page.locator("#phone")).to_have_attribute("data-state", "menu")
    await page.get_by_role("button", name="8", exact=True).click()
    await page.keyboard.type("641*")
    await page.locator("#hang-up").click()
    await server.has_heard({"hang_up": True})
    assert server.said == [
        {"dial": "1177", "from_region": "14"},
        *({"key": key} for key in "8641*"),
        {"hang_up": True},
    ]
    stored = await page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert "8641" not in stored
    assert "8641" not in await page.content()


async def test_a_call_that_is_refused_says_why_and_can_be_tried_again(
    server: FakeServer, new_page: NewPage
) -> None:
    server.caller_news = [{"news": "error", "code": "overloaded", "detail": "100 calls already"}]
    page = await new_page(server.link("phone.html"))
    await page.locator("#call").click()
    await expect(page.locator("#phone-note")).to_contain_text("100 calls already")
    server.caller_news = [DIALLED, {"news": "waiting"}]
    await page.get_by_role("button", name="Ring igen").click()
    await expect(page.locator("#phone-state")).to_have_text("Du står i kö")
