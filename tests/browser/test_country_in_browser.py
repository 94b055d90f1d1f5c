"""The pages at the real engine: a call from one page, answered on another, seen on a third."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.conftest import NewPage
from tests.browser.running_country import RunningCountry

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(180),
]


@pytest_asyncio.fixture(loop_scope="session")
async def country(tmp_path: Path) -> AsyncIterator[RunningCountry]:
    """Twenty-one regions and no simulated people: only those at the pages."""
    running = RunningCountry(tmp_path, "--nobody")
    await running.start()
    yield running
    await running.stop()


async def _ring(country: RunningCountry, new_page: NewPage, context: BrowserContext) -> Page:
    phone = await new_page(country.link("phone.html"), context=context)
    await phone.locator("#from").select_option("09")
    await phone.locator("#call").click()
    for heard, key in (("svenska", "1"), ("Råd om sjukdom", "1"), ("personnumret", "*")):
        await expect(phone.locator("#said")).to_contain_text(heard)
        await phone.keyboard.press(key)
    return phone


async def _in_queue(phone: Page) -> None:
    await expect(phone.locator("#phone")).to_have_attribute("data-state", "waiting")


async def _sit(
    country: RunningCountry, new_page: NewPage, context: BrowserContext | None = None
) -> Page:
    seat = await new_page(country.link("agent.html"), context=context)
    await seat.locator("#seat-region").select_option("09")
    await seat.locator("#sign-on").click()
    await seat.locator("#do-go_ready").click()
    await expect(seat.locator("#desk")).not_to_have_attribute("data-state", "not_ready")
    return seat


async def test_a_call_from_one_page_is_answered_on_another_and_seen_on_a_third(
    country: RunningCountry, new_page: NewPage
) -> None:
    nation = await new_page(country.link())
    phone = await _ring(country, new_page, nation.context)
    await _in_queue(phone)
    await expect(nation.locator(".tile[data-region='09'] .tile-waiting")).to_have_text("1")
    await nation.locator("#queue-rows .row-button").click()
    timeline = nation.locator("#contact .timeline li")
    await expect(timeline.first).to_contain_text("Gotland")

    seat = await _sit(country, new_page)
    await expect(seat.locator("#do-answer")).to_be_focused()
    await expect(seat.locator("#contact .facts")).to_contain_text("Gotland")
    await seat.keyboard.press("Enter")
    await expect(phone.locator("#phone")).to_have_attribute("data-state", "talking")
    await expect(nation.locator("[data-figure='calls'] .value")).to_have_text("1")

    # A talk of less than a second counts as none: the caller would wait again.
    await expect(phone.locator("#phone-timer")).to_have_text(re.compile("0:0[2-9]"))
    await seat.locator("#do-end_talk").click()
    await expect(phone.locator("#phone-note")).to_have_text("Sjuksköterskan avslutade samtalet.")
    await expect(nation.locator("#contact .contact-state")).to_contain_text("Fick hjälp")
    await seat.locator("#do-end_wrap_up").click()
    await expect(seat.locator("#desk")).to_have_attribute("data-state", "ready")
    await seat.locator("#sign-off").click()
    await expect(seat.locator("#seat")).to_be_visible()


async def test_a_caller_keeps_her_place_when_her_page_is_loaded_anew_and_when_the_engine_is_killed(
    country: RunningCountry, new_page: NewPage
) -> None:
    nation = await new_page(country.link())
    phone = await _ring(country, new_page, nation.context)
    await _in_queue(phone)
    await phone.reload()
    await _in_queue(phone)
    await expect(nation.locator("#queue-rows tr")).to_have_count(1)
    await country.kill()
    await expect(phone.locator("#phone")).to_have_attribute("data-state", "lost")
    await expect(nation.locator("#stale")).to_be_visible()
    await country.start()
    await _in_queue(phone)
    await expect(nation.locator("#stale")).to_be_hidden()
    await expect(nation.locator("#queue-rows tr")).to_have_count(1)
    seat = await _sit(country, new_page)
    await seat.locator("#do-answer").click()
    await expect(phone.locator("#phone")).to_have_attribute("data-state", "talking")


class LatePhone:
    """The wire between a seat's page and its phone, which rings only once she has pressed.

    The engine tells who is offered as soon as it has decided; the phone rings a moment later, and
    takes no notice of whoever picks it up before.
    """

    def __init__(self) -> None:
        self.picked_up = 0
        self._held: list[str | bytes] = []

    async def put_between(self, context: BrowserContext) -> None:
        """For the pages that are opened from now on."""
        await context.route_web_socket(re.compile("/phone/agent/"), self._connect)

    def _connect(self, page: WebSocketRoute) -> None:
        phone = page.connect_to_server()

        def from_page(said: str | bytes) -> None:
            is_answer = "answer" in json.loads(said)
            self.picked_up += is_answer
            if is_answer and self.picked_up == 1:
                for news in self._held:
                    page.send(news)
            else:
                phone.send(said)

        def from_phone(news: str | bytes) -> None:
            if json.loads(news).get("news") == "ringing" and not self.picked_up:
                self._held.append(news)
            else:
                page.send(news)

        page.on_message(from_page)
        phone.on_message(from_phone)


async def test_who_picks_up_before_it_rings_is_put_through_as_it_rings(
    country: RunningCountry, new_page: NewPage
) -> None:
    nation, wire = await new_page(country.link()), LatePhone()
    phone = await _ring(country, new_page, nation.context)
    await _in_queue(phone)
    await wire.put_between(nation.context)
    seat = await _sit(country, new_page, nation.context)
    await seat.locator("#do-answer").click()
    await expect(phone.locator("#phone")).to_have_attribute("data-state", "talking")
    assert wire.picked_up == 2


@pytest_asyncio.fixture(loop_scope="session")
async def crowded(tmp_path: Path) -> AsyncIterator[RunningCountry]:
    """The same with simulated people, on a busy morning at sixty times the speed."""
    running = RunningCountry(tmp_path, "--speed", "60", "--at", "08:00")
    await running.start()
    yield running
    await running.stop()


async def test_a_country_of_simulated_people_is_seen_at_work(
    crowded: RunningCountry, new_page: NewPage
) -> None:
    page = await new_page(crowded.link())
    busy = "() => Number(document.querySelector(\"[data-figure='calls'] .value\").textContent) > 20"
    await page.wait_for_function(busy, timeout=60_000)
    nurses = await page.locator("[data-figure='nurses'] .value").text_content()
    assert int(nurses or 0) > 100
    await page.locator(".tile[data-region='01']").click()
    await expect(page.locator(".nurses li").first).to_contain_text("n01-")
    await page.locator(".nurses .link:visible").first.click()
    await expect(page.locator("#contact .timeline li").first).to_be_visible()
