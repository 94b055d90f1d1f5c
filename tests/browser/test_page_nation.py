"""The page of the nation: what a supervisor sees, does and is warned of."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser import made_up_nation
from tests.browser.conftest import PATIENCE_MS, NewPage
from tests.browser.fake_server import TOKEN, FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def _is_live(page: Page) -> None:
    await expect(page.locator("#connection")).to_have_text("Direkt")


async def test_every_region_stands_on_the_map_and_changes_as_it_goes(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await _is_live(page)
    await expect(page.locator(".tile")).to_have_count(21)
    tile = page.locator(".tile[data-region='14']")
    await expect(tile).to_contain_text("Västra Götaland")
    region = next(row for row in server.regions["regions"] if row["code"] == "14")
    region["waiting_total"], region["past_promise"] = 97, 40
    await expect(tile.locator(".tile-waiting")).to_have_text("97")
    await expect(tile).to_have_attribute("data-level", "many")
    await expect(tile.locator(".tile-flag")).to_have_text("40")


async def test_the_nation_is_told_in_five_figures(server: FakeServer, new_page: NewPage) -> None:
    page = await new_page(server.link())
    nation = server.regions["nation"]
    for name, value in (
        ("waiting", nation["waiting_total"]),
        ("past_promise", nation["past_promise"]),
        ("calls", nation["talking"]),
        ("nurses", nation["agents"]["total"]),
    ):
        figure = page.locator(f"[data-figure='{name}'] .value")
        await expect(figure).to_have_text(str(value))
    await expect(page.locator("[data-figure='longest_wait'] .value")).to_have_text(
        re.compile(r"^\d+:\d\d$")
    )


async def test_a_region_that_is_pressed_shows_its_queue_its_help_and_its_nurses(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await page.locator(".tile[data-region='01']").click()
    card = page.locator("#region")
    await expect(card.locator("h2")).to_have_text("Region Stockholm")
    await expect(card.locator(".facts")).to_contain_text("Skåne 7")
    await expect(card.locator(".nurses li").first).to_contain_text("n01-")
    homes = page.locator("#queue-rows .row-button")
    own = [one for one in server.queue["contacts"] if one["home_region"] == "01"]
    await expect(homes).to_have_count(len(own))
    assert set(await homes.all_text_contents()) == {"Stockholm"}
    await page.locator("#filter").select_option("")
    await expect(card).to_be_hidden()
    await expect(homes).to_have_count(len(server.queue["contacts"]))


async def test_a_region_whose_lending_is_cut_says_so(server: FakeServer, new_page: NewPage) -> None:
    page = await new_page(server.link(), language="en")
    await page.locator(".tile[data-region='09']").click()
    lending = page.locator("#region #lending")
    await expect(lending).to_have_text("cut: helps others with emergencies and urgent calls only")
    await page.locator(".tile[data-region='01']").click()
    await expect(lending).to_be_hidden()


async def test_a_region_says_how_long_its_next_caller_may_wait(
    server: FakeServer, new_page: NewPage
) -> None:
    waits = {row["code"]: row for row in server.regions["regions"]}
    waits["01"]["expected_wait"] = {"from_minutes": 20, "to_minutes": 30}
    waits["09"]["expected_wait"] = {"from_minutes": 60, "to_minutes": None}
    waits["14"]["expected_wait"] = None
    page = await new_page(server.link())
    expected = page.locator("#region #expected-wait")
    said = {"01": "20–30 min med egna", "09": "över 60 min med egna", "14": "går inte att säga"}
    for code, text in said.items():
        await page.locator(f".tile[data-region='{code}']").click()
        await expect(expected).to_have_text(text)


async def test_contact_centres_elsewhere_stand_under_their_region(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await page.locator(".tile[data-region='09']").click()
    rows = page.locator("#region #gateways li")
    await expect(rows).to_have_text(
        [
            "Kontaktcenter west12 platser: 3 upptagna, 8 lediga, 1 borta",
            "Kontaktcenter east4 platser, men förbindelsen är bruten: 1 upptagna",
        ]
    )
    await page.locator(".tile[data-region='01']").click()
    await expect(page.locator("#region #gateways")).to_be_hidden()
    english = await new_page(server.link(), language="en")
    await english.locator(".tile[data-region='09']").click()
    rows = english.locator("#region #gateways li")
    await expect(rows.first).to_have_text("Contact centre west12 seats: 3 busy, 8 free, 1 away")


async def test_who_helps_whom_is_drawn_and_told(server: FakeServer, new_page: NewPage) -> None:
    page = await new_page(server.link())
    await expect(page.locator(".map-lines g")).to_have_count(12)
    await expect(page.locator("#helps-list li").first).to_contain_text(
        "Skåne svarar åt Stockholm: 7"
    )
    await page.locator(".tile[data-region='12']").click()
    await expect(page.locator(".map-lines g")).to_have_count(2)


async def test_a_contact_tells_what_happened_and_why_in_both_languages(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await page.locator("[data-contact='e1-1009']").click()
    timeline = page.locator("#contact .timeline li")
    await expect(timeline).to_have_count(4)
    await expect(timeline.last).to_contain_text("Delades med hela landet")
    await expect(timeline.last).to_contain_text("nation_past_due")
    await page.get_by_role("button", name="English").click()
    await expect(timeline.last).to_contain_text("Shared with the whole nation")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.reload()
    await expect(timeline.last).to_contain_text("Shared with the whole nation")


async def test_everything_can_be_reached_and_left_by_the_keyboard(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await _is_live(page)
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await _tab_to(page, ".tile[data-region='25']")
    await page.keyboard.press("Enter")
    await expect(page.locator("#region h2")).to_have_text("Region Norrbotten")
    await page.keyboard.press("Enter")
    await expect(page.locator("#region")).to_be_hidden()
    rows = page.locator("#queue-rows .row-button")
    await expect(rows).to_have_count(len(server.queue["contacts"]))
    await _tab_to(page, "#queue-rows .row-button")
    await page.keyboard.press("Enter")
    await expect(page.locator("#contact-title")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#contact")).to_be_hidden()
    await expect(rows.first).to_be_focused()


async def _tab_to(page: Page, selector: str) -> None:
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    pytest.fail(f"80 tabs do not reach {selector}")


async def test_old_figures_are_never_shown_as_if_they_were_new(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await _is_live(page)
    server.is_silent = True
    await expect(page.locator("#connection")).to_have_text("Ingen kontakt")
    banner = page.locator("#stale")
    await expect(banner).to_be_visible()
    await expect(banner).to_contain_text("visar läget kl. 17:02:11")
    await expect(page.locator("#engine-clock")).to_have_text("17:02:11")
    server.is_silent = False
    await _is_live(page)
    await expect(banner).to_be_hidden()


async def test_the_page_comes_back_by_itself_when_the_engine_does(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await _is_live(page)
    await server.stop()
    await expect(page.locator("#stale")).to_be_visible()
    server.regions["nation"]["talking"] = 4711
    await server.start()
    await expect(page.locator("[data-figure='calls'] .value")).to_have_text(re.compile("4.?711"))
    await expect(page.locator("#stale")).to_be_hidden()


async def test_a_connection_that_died_without_a_word_is_replaced(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await _is_live(page)
    server.cut_silently()
    server.queue["total"] = 815
    await expect(page.locator("#queue-count")).to_have_text("815")
    await expect(page.locator("#stale")).to_be_hidden()
    async with page.expect_websocket(timeout=PATIENCE_MS) as replaced:
        await replaced.value
    await _is_live(page)


async def test_the_key_leaves_the_address_and_another_page_gets_it(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await _is_live(page)
    assert TOKEN not in page.url
    assert TOKEN not in await page.content()
    other = await new_page(f"{server.url}/phone.html", context=page.context)
    await expect(other.locator("#call")).to_be_visible()


async def test_without_a_valid_key_the_page_asks_for_one(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(f"{server.url}/#token=an-old-one")
    await expect(page.get_by_text("Nyckeln gäller inte.")).to_be_visible()
    await page.get_by_label("Länk eller nyckel").fill(server.link())
    await page.get_by_role("button", name="Använd").click()
    await _is_live(page)
    await expect(page.locator(".tile")).to_have_count(21)


async def test_the_pace_of_time_is_chosen_where_the_engine_allows_it(
    server: FakeServer, new_page: NewPage
) -> None:
    page = await new_page(server.link())
    await page.get_by_role("button", name="20 gånger").click()
    await expect(page.get_by_role("button", name="20 gånger")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert server.speed == 20


async def test_a_region_that_the_map_does_not_know_is_shown_all_the_same(
    server: FakeServer, new_page: NewPage
) -> None:
    row = made_up_nation.regions()["regions"][0] | {"code": "unknown", "name": "unknown"}
    server.regions["regions"].append(row)
    page = await new_page(server.link())
    await expect(page.locator(".tile[data-region='unknown']")).to_contain_text("Okänd")
