"""The contact's card explains every offer when somebody asks, in the language of the page."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(
    ("language", "asked", "first", "last"),
    [
        ("sv", "Förklara varje erbjudande", "Varför samtalet: först av 4", "Nu"),
        ("en", "Explain every offer", "Why this contact: first of 4", "Now"),
    ],
)
async def test_offers_and_the_wait_are_explained_when_asked(
    server: FakeServer, new_page: NewPage, language: str, asked: str, first: str, last: str
) -> None:
    page = await new_page(f"{server.link()}&region=01&contact=e1-1009", language=language)
    card = page.locator("#contact")
    reasons = card.locator(".explained > li")
    await expect(reasons).to_have_count(0)
    await card.get_by_text(asked).click()
    await expect(reasons).to_have_count(2)
    await expect(reasons.first).to_contain_text(first)
    await expect(reasons.last.locator("p")).to_have_text(last)
    await expect(reasons.last.locator("li")).to_have_count(2)


async def test_what_cannot_be_explained_is_said(server: FakeServer, new_page: NewPage) -> None:
    server.cannot_explain = True
    page = await new_page(f"{server.link()}&region=01&contact=e1-1009")
    card = page.locator("#contact")
    await card.get_by_text("Förklara varje erbjudande").click()
    await expect(card.locator("details [role=status]")).to_have_text("För länge sedan")
    server.cannot_explain = False
    for _ in range(2):  # closed, and asked again
        await card.get_by_text("Förklara varje erbjudande").click()
    await expect(card.locator(".explained > li")).to_have_count(2)
