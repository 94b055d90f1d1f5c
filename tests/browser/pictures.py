"""Takes the README's pictures of the pages at the real engine: `python -m tests.browser.pictures`.

The report of a simulation is taken first: `python -m tests.browser.pictures report` takes no other.
Simulated people fill the country; one call is rung from the phone, and one rings at a seat.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from simulations.scenario.file import load_scenario
from simulations.scenario.library import found
from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.whole import whole
from simulations.scenario_report.page import report
from tests.browser.conftest import ARGS, CHROMIUM
from tests.browser.running_country import ROOT, RunningCountry

FOLDER: Final = ROOT / "docs" / "pictures"
PATIENCE_MS: Final = 180_000
BUSY: Final = """() => {
  const number = (name) => Number(document.querySelector(`[data-figure='${name}'] .value`)
    ?.textContent.replace(/\\D/g, ""));
  return number("past_promise") >= 5 && document.querySelectorAll(".map-lines g").length >= 4;
}"""
"""Somebody waits too long, and regions help each other: there is something to see."""

QUEUE_AT: Final = "12"
"""A region where somebody always waits: who rings there waits long enough for a picture."""

REPORTED: Final = "three_regions"
REPLICATIONS: Final = 4


async def main() -> None:
    """Takes them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    await take_report()
    with tempfile.TemporaryDirectory() as folder:
        busy = ("--speed", "60", "--at", "16:45", "--load", "1.2")
        country = RunningCountry(Path(folder), *busy)
        await country.start()
        try:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=str(CHROMIUM), args=list(ARGS)
                )
                await _take(browser, country)
                await browser.close()
        finally:
            await country.stop()


async def take_report() -> None:
    """The page of a scenario's results, from a file as anybody opens it."""
    scenario = load_scenario(found(REPORTED))
    policies = [name for name, _ in scenario.policies]
    told = whole(scenario, policies, run_all(scenario, jobs_of(policies, 1, REPLICATIONS), 2))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(report(told), encoding="utf-8")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=str(CHROMIUM), args=list(ARGS)
            )
            page = await _open(browser, path.as_uri(), "light", 920, 1180)
            await page.screenshot(path=FOLDER / "report.png")
            await page.locator("#sv section").nth(2).evaluate("e => e.scrollIntoView()")
            await page.screenshot(path=FOLDER / "report-pictures.png")
            await browser.close()


async def _take(browser: Browser, country: RunningCountry) -> None:
    nation = await _open(browser, country.link(), "light", 1600, 900)
    await nation.wait_for_function(BUSY, timeout=PATIENCE_MS)
    await nation.locator("#speed button").first.click()
    await nation.locator("#speed button[data-speed='1'][aria-pressed='true']").wait_for()
    await _shoot(nation, "nation.png")
    dark = await _open(browser, country.link(), "dark", 1600, 900, "en")
    await dark.locator(".row-button").nth(3).click()
    await dark.locator("#contact .timeline li").first.wait_for()
    await _shoot(dark, "nation-dark.png")
    narrow = await _open(browser, country.link(), "light", 390, 844)
    await narrow.locator(".tile").first.wait_for()
    await narrow.locator("#map-title").scroll_into_view_if_needed()
    await narrow.evaluate("scrollTo(0, document.querySelector('#map-title').offsetTop - 20)")
    await _shoot(narrow, "nation-narrow.png")
    await _answer(browser, country)


async def _answer(browser: Browser, country: RunningCountry) -> None:
    seat = await _open(browser, country.link("agent.html"), "light", 760, 720)
    await seat.locator("#seat-region").select_option(QUEUE_AT)
    await seat.locator("#sign-on").click()
    await seat.locator("#do-go_ready").wait_for()
    phone = await _open(browser, country.link("phone.html"), "light", 1000, 720)
    await phone.locator("#from").select_option(QUEUE_AT)
    await phone.locator("#call").click()
    await phone.locator("#phone[data-state='waiting']").wait_for(timeout=PATIENCE_MS)
    await _shoot(phone, "phone.png")
    await seat.locator("#do-go_ready").click()
    await seat.locator("#do-answer").wait_for(timeout=PATIENCE_MS)
    await seat.locator("#contact .timeline li").first.wait_for()
    await _shoot(seat, "seat.png")


async def _open(
    browser: Browser, url: str, theme: str, width: int, height: int, language: str = "sv"
) -> Page:
    context = await browser.new_context(
        viewport=ViewportSize(width=width, height=height),
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(url)
    if language != "sv":
        await page.get_by_role("button", name="English").click()
    return page


async def _shoot(page: Page, name: str) -> None:
    await page.locator("#connection[data-state='live']").wait_for()
    await page.evaluate("document.fonts.ready")
    await page.mouse.move(0, 0)
    await page.screenshot(path=FOLDER / name)


if __name__ == "__main__":
    asyncio.run(take_report() if sys.argv[1:] == ["report"] else main())
