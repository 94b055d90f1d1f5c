"""Text messages that nobody could send: the supervisor sees to whom, and opens the contact."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_what_was_given_up_is_listed_and_opens_its_contact(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    card = page.locator("#texts")
    await expect(page.locator("#connection")).to_have_text("Direkt")
    await expect(card).to_be_hidden()
    contact_id = server.queue["contacts"][0]["contact_id"]
    row = {"contact_id": contact_id, "asked_ms": server.regions["at_ms"], "until_ms": 0, "tries": 1}
    server.texts = [
        {**row, "text_id": f"8-{contact_id}", "state": "given_up", "failure": "no_number"},
        {**row, "text_id": "9-c9", "state": "resting", "failure": "unreachable"},
    ]
    await expect(card).to_contain_text("Sms som inte gått fram")
    await expect(card).to_contain_text("Dessutom 1 som skickas nu eller försöks igen.")
    await expect(card.locator("li")).to_have_count(1)
    await expect(card.locator("li")).to_contain_text("inget mobilnummer, skulle ha skickats")
    await card.locator("li button").click()
    await expect(page.locator("#contact")).to_be_visible()
    server.texts = []
    await expect(card).to_be_hidden()
