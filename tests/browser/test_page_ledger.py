"""The page of what regions have done for each other: who for whom, how much, in which period."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.fake_server import FakeServer
from tests.browser.test_page_looks import LOOKS, find_nothing, screen

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def row(page: Page, region: str) -> list[str]:
    """What a region has done: each figure that there is, with gave, got and difference last."""
    name = page.get_by_role("rowheader", name=region)
    cells = page.get_by_role("row").filter(has=name).get_by_role("cell")
    return [text for text in await cells.all_inner_texts() if text]


async def test_who_did_what_for_whom_in_calls_and_in_minutes(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link("ledger.html"))
    await expect(page.get_by_role("rowheader")).to_have_count(20)
    assert await row(page, "Skåne") == ["7", "7", "2", "+5"]
    assert await row(page, "Stockholm") == ["1", "1", "14", "−13"]
    await expect(page.get_by_title("Skåne åt Stockholm: 7")).to_be_visible()
    await expect(page.get_by_title("Stockholm åt Okänd hemregion: 1")).to_be_visible()
    await page.get_by_label("Visa").select_option("minutes")
    await expect(page.get_by_title("Skåne åt Stockholm: 53")).to_be_visible()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_title("Skåne for Stockholm: 53")).to_be_visible()


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("yesterday", "2026-11-20", "2026-11-20"),
        ("week", "2026-11-15", "2026-11-21"),
        ("month", "2026-11-01", "2026-11-21"),
        ("last_month", "2026-10-01", "2026-10-31"),
    ],
)
async def test_another_period_is_asked_for_in_days_of_the_engine(
    server: FakeServer, new_page: NewPage, period: str, first: str, last: str
) -> None:
    page = await new_page(server.link("ledger.html"))
    await expect(page.get_by_role("rowheader")).to_have_count(20)
    assert server.ledger_asked == [{"from": "2026-11-21", "to": "2026-11-21"}]
    server.ledger |= {"accounts": [], "is_complete": False}
    await page.get_by_label("Period").select_option(period)
    remark = page.locator("#remark")
    await expect(remark).to_contain_text("Ingen region har svarat åt en annan under den tiden.")
    await expect(remark).to_contain_text("Motorn läser fortfarande sin journal")
    is_older = period == "last_month"
    assert (
        "Den äldsta dagen som finns kvar är 2026-11-01." in await remark.inner_text()
    ) == is_older
    assert server.ledger_asked[-1] == {"from": first, "to": last}
    await expect(page.get_by_role("rowheader")).to_have_count(0)


@pytest.mark.parametrize(("language", "theme", "width", "height"), LOOKS)
async def test_it_looks_as_all_pages_do(
    server: FakeServer, new_page: NewPage, language: str, theme: str, width: int, height: int
) -> None:
    page = await new_page(
        server.link("ledger.html"), language=language, **screen(theme, width, height)
    )
    await expect(page.get_by_role("rowheader").first).to_be_visible()
    await find_nothing(page)
