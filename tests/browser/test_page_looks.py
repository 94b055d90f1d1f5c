"""Every page in every look: axe-core finds nothing, nothing is cut off, nothing is too wide."""

from __future__ import annotations

from typing import Any, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser import made_up_nation
from tests.browser.conftest import NewPage
from tests.browser.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS: Final = [
    ("sv", "light", 1920, 1080),
    ("en", "dark", 1440, 900),
    ("sv", "dark", 800, 1100),
    ("en", "light", 360, 740),
    ("sv", "dark", 360, 740),
]
ROWS_MAX: Final = 12
"""Of the queue: axe-core takes its time over each."""
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CUT_OFF: Final = """() => [...document.querySelectorAll("main *, header *")]
  .filter((e) => e.checkVisibility() && !e.closest(".only-read, svg, option, .skip, h1"))
  .filter((e) => !["visible", "auto", "scroll"].includes(getComputedStyle(e).overflowX)
              || e.matches("button:not(.tile), .tile > *, td, p, h2, h3, dd"))
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
  .map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 40)}`)"""
"""What does not fit into its own box."""
CROSSED: Final = """() => {
  const box = (element) => element.getBoundingClientRect();
  const key = box(document.querySelector(".map-legend"));
  return [...document.querySelectorAll(".tile")].filter((tile) => {
    const parts = [...tile.children].filter((e) => e.checkVisibility() && !e.matches(".tile-flag"));
    const isOver = box(tile).left < key.right && box(tile).top < key.bottom;
    return parts.some((part) => box(part).bottom > box(tile).bottom) || isOver;
  }).map((tile) => tile.textContent);
}"""
"""Tiles with something below their edge, or under the key of the map."""


async def find_nothing(page: Page) -> None:
    """Fails if the page is faulty in any of these ways."""
    found = await Axe().run(page, options={"runOnly": RULES})
    faults = [
        f"{fault['id']}: {node['html'][:160]} {node['failureSummary']}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]
    assert not faults, "\n".join(faults)
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"the page is {wide} px wider than the screen"
    assert await page.evaluate(CUT_OFF) == []


def screen(theme: str, width: int, height: int) -> dict[str, Any]:
    """How a browser is to be opened for a look."""
    return {"color_scheme": theme, "viewport": {"width": width, "height": height}}


@pytest.mark.parametrize(("language", "theme", "width", "height"), LOOKS)
async def test_the_nation_with_a_region_and_a_contact_open(
    server: FakeServer, new_page: NewPage, language: str, theme: str, width: int, height: int
) -> None:
    _trouble(server)
    page = await new_page(
        f"{server.link()}&region=01&contact=e1-1009",
        language=language,
        **screen(theme, width, height),
    )
    await expect(page.locator("#contact .timeline li")).to_have_count(4)
    await expect(page.locator(".nurses li").first).to_be_visible()
    await find_nothing(page)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1366, 768), (1440, 900), (360, 740)])
async def test_every_tile_is_whole_and_the_key_of_the_map_beside_them(
    server: FakeServer, new_page: NewPage, width: int, height: int
) -> None:
    page = await new_page(server.link(), language="en", **screen("light", width, height))
    await expect(page.locator(".tile")).to_have_count(21)
    assert await page.evaluate(CROSSED) == []


@pytest.mark.parametrize(("language", "theme", "width", "height"), LOOKS[3:4])
async def test_the_nation_while_its_figures_are_old(
    server: FakeServer, new_page: NewPage, language: str, theme: str, width: int, height: int
) -> None:
    _trouble(server)
    page = await new_page(server.link(), language=language, **screen(theme, width, height))
    await expect(page.locator(".tile")).to_have_count(21)
    server.is_silent = True
    await expect(page.locator("#stale")).to_be_visible()
    await find_nothing(page)


def _trouble(server: FakeServer) -> None:
    """Every level of a tile is shown, and numbers as large as they may become."""
    del server.queue["contacts"][ROWS_MAX:]
    rows = server.regions["regions"]
    rows[0] |= {"waiting_total": 1288, "past_promise": 1100, "longest_wait_ms": 14_400_000}
    rows[7]["agents"] = dict.fromkeys(rows[7]["agents"], 0)


@pytest.mark.parametrize(("language", "theme", "width", "height"), LOOKS[1::2])
async def test_the_phone_in_a_call(
    server: FakeServer, new_page: NewPage, language: str, theme: str, width: int, height: int
) -> None:
    server.caller_news = [
        {"news": "dialled", "contact_id": "e1-1003", "key": "k"},
        made_up_nation.prompt("Välkommen till 1177.", "Welcome to 1177.", "sv"),
        {"news": "waiting"},
    ]
    page = await new_page(
        server.link("phone.html"), language=language, **screen(theme, width, height)
    )
    await expect(page.locator("#call")).to_be_visible()
    await find_nothing(page)
    await page.locator("#call").click()
    await expect(page.locator("#phone")).to_have_attribute("data-state", "waiting")
    await find_nothing(page)


@pytest.mark.parametrize(("language", "theme", "width", "height"), LOOKS[::4])
async def test_the_seat_while_it_rings(
    server: FakeServer, new_page: NewPage, language: str, theme: str, width: int, height: int
) -> None:
    server.seats = made_up_nation.seats()
    page = await new_page(
        server.link("agent.html"), language=language, **screen(theme, width, height)
    )
    await expect(page.locator("#sign-on")).to_be_enabled()
    await find_nothing(page)
    server.sit(state="ringing", contact_id="e1-1003", contact_region="01")
    server.phone_news = [{"news": "ringing", "offer": 1, "contact_id": "e1-1003"}]
    await page.locator("#seat-region").select_option("14")
    await page.locator("#sign-on").click()
    await expect(page.locator("#do-answer")).to_be_focused()
    await expect(page.locator("#contact .timeline li")).to_have_count(4)
    await find_nothing(page)
