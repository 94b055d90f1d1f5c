"""The page of a scenario's results, from a file: every look, both languages, and no network."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import expect

from simulations.scenario_report.page import report
from tests.browser.conftest import NewPage
from tests.browser.test_page_looks import find_nothing, screen
from tests.simulations.small_scenario import small_whole

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS: Final = [
    ("sv", "light", 1280, 900, 3),
    ("en", "dark", 1280, 900, 1),
    ("en", "light", 360, 740, 3),
    ("sv", "dark", 360, 740, 3),
]
SPILT: Final = """() => [...document.querySelectorAll("svg[role=img]")]
  .filter((svg) => svg.checkVisibility())
  .flatMap((svg) => [...svg.querySelectorAll("text")].map((text) => [svg, text]))
  .filter(([svg, text]) => {
    const [outer, inner] = [svg.getBoundingClientRect(), text.getBoundingClientRect()];
    return inner.left < outer.left - 1 || inner.right > outer.right + 1
        || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 2;
  })
  .map(([svg, text]) => `${svg.querySelector("title").textContent}: ${text.textContent}`)"""
"""Texts that do not fit into their pictures."""


def page_file(folder: Path, replications: int) -> str:
    """The page's address as a file."""
    path = folder / "report.html"
    path.write_text(report(small_whole(replications)), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize(("language", "theme", "width", "height", "replications"), LOOKS)
async def test_the_report_in_every_look(
    tmp_path: Path,
    new_page: NewPage,
    language: str,
    theme: str,
    width: int,
    height: int,
    replications: int,
) -> None:
    page = await new_page(
        page_file(tmp_path, replications), language=language, **screen(theme, width, height)
    )
    await expect(page.locator(f"#{language} h1")).to_be_visible()
    for details in await page.locator(f"#{language} details").all():
        await details.locator("summary").click()
    assert await page.locator("svg[role=img]:visible").count() > 5
    assert await page.evaluate(SPILT) == []
    await find_nothing(page)


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_policies_beside_each_other_fit_where_their_pictures_do(
    tmp_path: Path, new_page: NewPage, language: str
) -> None:
    """What is to be moved to and fro is cut off on paper, and in a picture of the page."""
    whole = deepcopy(small_whole(3))
    for policy in whole["policies"]:
        policy["total"]["offered"] = 3_060
    path = tmp_path / "report.html"
    path.write_text(report(whole).replace("together", "home_first"), encoding="utf-8")
    page = await new_page(path.as_uri(), language=language, **screen("light", 920, 1180))
    tables = page.locator(f"#{language} .scroll:visible")
    assert await tables.count() > 0
    wider = await tables.evaluate_all("all => all.map(e => e.scrollWidth - e.clientWidth)")
    assert wider == [0] * len(wider)


async def test_the_language_is_switched_by_key_and_pointer_and_without_scripts(
    tmp_path: Path, new_page: NewPage
) -> None:
    address = page_file(tmp_path, 1)
    page = await new_page(address)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.reload()
    await expect(page.locator("#sv")).to_be_visible()
    await page.locator("#in-sv").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#en")).to_be_visible()
    await expect(page.locator("#sv")).to_be_hidden()
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.get_by_text("Svenska", exact=True).click()
    await expect(page.locator("#sv")).to_be_visible()
    assert asked == [address]

    plain = await new_page(address, java_script_enabled=False)
    await plain.get_by_text("English", exact=True).click()
    await expect(plain.locator("#en h1")).to_be_visible()


async def test_on_paper_it_is_light_and_without_buttons(tmp_path: Path, new_page: NewPage) -> None:
    page = await new_page(page_file(tmp_path, 1), **screen("dark", 800, 900))
    await page.emulate_media(media="print", color_scheme="dark")
    await expect(page.locator(".languages")).to_be_hidden()
    ink = await page.evaluate("getComputedStyle(document.body).color")
    assert ink == "rgb(20, 35, 42)"
