"""Text messages that are not sent: in the list, in the metrics, and in the contact's story."""

from __future__ import annotations

from typing import Any

import pytest

from queue_engine.console_api import chronicle
from queue_engine.core import commands as cmd
from queue_engine.core.apply_contacts import FORGET_MS
from queue_engine.core.texts import GIVEN_UP_SHOWN_MS, REPORT_WITHIN_MS
from routing.vocabulary import TextId
from tests.console_api.api_world import ApiWorld
from tests.console_api.test_console_metrics import scrape, value
from tests.serve.text_world import begin, not_reached


async def texts(world: ApiWorld) -> list[Any]:
    found = await world.get("/api/v1/texts")
    assert found["at_ms"] == world.clock.ms
    rows: list[Any] = found["texts"]
    return rows


async def told(world: ApiWorld, contact_id: str) -> list[tuple[str, str]]:
    found = await world.get(f"/api/v1/contacts/{contact_id}")
    rows = [(entry["text_sv"], entry["text_en"]) for entry in found["timeline"]]
    return rows[-3:]


async def failed(world: ApiWorld, text_id: str, why: cmd.TextFailure, number: int = 1) -> None:
    await world.driver.submit(cmd.ReportTextFailed(TextId(text_id), number, why))


async def test_what_is_not_sent_is_listed_counted_and_told(world: ApiWorld) -> None:
    await begin(world.driver)
    for name in ("c1", "c2"):
        await not_reached(world.driver, name)
    first, second = await texts(world)
    assert (first["contact_id"], first["state"], first["tries"]) == ("c1", "asked", 0)
    assert first["until_ms"] == world.clock.ms + REPORT_WITHIN_MS
    await failed(world, first["text_id"], cmd.TextFailure.UNREACHABLE)
    await failed(world, second["text_id"], cmd.TextFailure.REFUSED)
    given_up, resting = await texts(world)
    assert (given_up["contact_id"], given_up["state"]) == ("c2", "given_up"), "what alarms is first"
    assert given_up["failure"] == "refused"
    assert given_up["until_ms"] == world.clock.ms + GIVEN_UP_SHOWN_MS
    assert (resting["contact_id"], resting["state"]) == ("c1", "resting")
    assert (await told(world, "c2"))[-1] == (
        "LARM: sms:et är inte skickat och skickas inte, efter försök 1: sms-tjänsten tar inte"
        " emot det.",
        "ALARM: the text message is not sent and will not be, after try 1: the text message"
        " service does not take it.",
    )
    samples = await scrape(world)
    assert value(samples, "samko_texts_total", result="asked") == 2
    assert value(samples, "samko_texts_total", result="failed") == 1
    assert value(samples, "samko_texts_total", result="given_up") == 1
    assert value(samples, "samko_alarms_total", kind="text_given_up") == 1
    assert value(samples, "samko_texts_pending", state="resting") == 1
    assert value(samples, "samko_texts_pending", state="asked") == 0
    await world.wait(30_000)
    await world.driver.submit(cmd.ReportTextSent(first["text_id"]))
    assert await told(world, "c1") == [
        (
            "Sms:et gick inte att skicka, försök 1: sms-tjänsten svarar inte som den ska."
            " Nästa om 30 s.",
            "The text message could not be sent, try 1: the text message service does not answer"
            " as it should. The next in 30 s.",
        ),
        ("Sms:et ska skickas nu.", "The text message is to be sent now."),
        ("Sms:et är skickat.", "The text message is sent."),
    ]
    assert [row["contact_id"] for row in await texts(world)] == ["c2"]
    assert value(await scrape(world), "samko_texts_total", result="sent") == 1


async def test_news_of_one_who_is_long_forgotten_begins_no_story(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing would ever end it: stories are let go of by the ends of contacts."""
    monkeypatch.setattr(chronicle, "ENDED_MAX", 1)
    await begin(world.driver)
    await not_reached(world.driver, "c1")
    (row,) = await texts(world)
    await failed(world, row["text_id"], cmd.TextFailure.REFUSED)
    await not_reached(world.driver, "c2")
    await world.wait(FORGET_MS)
    await world.driver.submit(cmd.ReportTextSent(row["text_id"]))
    await world.get("/api/v1/contacts/c1", status=404)
    assert set(world.api.chronicle._stories) == {"c2"}
