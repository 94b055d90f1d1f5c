"""What the journal asks for goes out once, and is told; whatever dies in between."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.core.codec import decode_record
from queue_engine.core.texts import RETRY_AFTER_MS, TextState
from queue_engine.journal.memory import MemoryJournal
from queue_engine.journal.vault import Vault
from queue_engine.serve.caller_vault import CallerVault
from queue_engine.serve.text_http import HttpTextSender
from routing.vocabulary import ContactId
from tests.runtime.driver_world import GatedJournal, HandClock, running, until
from tests.serve.text_world import (
    LANDLINE,
    MOBILE,
    TOKEN,
    TextService,
    begin,
    in_vain,
    not_reached,
    outbox_of,
    rung_back,
    vault_of,
)


def events_of(journal: MemoryJournal) -> list[ev.Event]:
    """All that has been journaled."""
    return [event for stored in journal.read(0) for event in decode_record(stored.data).events]


def names_of(journal: MemoryJournal) -> list[str]:
    """Those about text messages, by name."""
    return [name for event in events_of(journal) if "Text" in (name := type(event).__name__)]


async def test_asked_sent_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    journal = MemoryJournal()
    with vault_of(tmp_path, c1=MOBILE) as (vault, sealed):
        async with TextService().served() as service, running(journal) as driver:
            await begin(driver)
            async with outbox_of(driver, vault, HttpTextSender(service.url, TOKEN, 5)):
                await not_reached(driver, "c1")
                await until(lambda: names_of(journal)[-1] == "TextSent", "it is told")
        assert not driver.state.texts
        (read,) = sealed.access_log()
    assert (read.reader, read.reason, read.found) == ("outbox", "text_message", True)
    assert [body["to"] for body in service.sent.values()] == [MOBILE]
    written = b"".join(stored.data for stored in journal.read(0))
    assert MOBILE[1:].encode() not in written
    assert MOBILE[1:] not in caplog.text


async def test_nothing_goes_out_before_it_is_journaled(tmp_path: Path) -> None:
    journal = GatedJournal()
    with vault_of(tmp_path, c1=MOBILE) as (vault, _):
        async with TextService().served() as service, running(journal) as driver:
            await begin(driver)
            await rung_back(driver, "c1")
            journal.entered.clear()
            journal.gate.clear()
            asking = asyncio.create_task(in_vain(driver, "c1"))
            await until(lambda: bool(driver.state.texts), "it is decided")
            await asyncio.to_thread(journal.entered.wait, 5)
            async with outbox_of(driver, vault, HttpTextSender(service.url, TOKEN, 5)):
                for _ in range(20):
                    await asyncio.sleep(0)
                assert service.asked == []
                journal.gate.set()
                await asking
                await until(lambda: len(service.sent) == 1, "now it goes out")


async def test_it_is_tried_again_and_a_vault_without_a_number_says_so(tmp_path: Path) -> None:
    journal, clock = MemoryJournal(), HandClock()
    with vault_of(tmp_path, c1=MOBILE, c3=LANDLINE) as (vault, _):
        async with TextService().served() as service, running(journal, clock) as driver:
            await begin(driver)
            service.statuses = [503, 401]
            async with outbox_of(driver, vault, HttpTextSender(service.url, TOKEN, 5)):
                await not_reached(driver, "c1")
                for tries, rest_ms in enumerate(RETRY_AFTER_MS[:2], 1):
                    await until(partial(has_failed, journal, tries), "it is told")
                    assert len(service.asked) == tries
                    clock.ms += rest_ms - 1
                    await not_yet(service, tries)
                    clock.ms += 1
                await until(lambda: names_of(journal)[-1] == "TextSent", "the third time")
                assert len(set(service.asked)) == 1, "always the same key"
                await not_reached(driver, "c2")
                await not_reached(driver, "c3")
                await until(lambda: names_of(journal).count("TextGivenUp") == 2, "no number")
        assert {text.state for text in driver.state.texts.values()} == {TextState.GIVEN_UP}
    assert len(service.asked) == 3


def has_failed(journal: MemoryJournal, times: int) -> bool:
    """So often, and that is journaled."""
    return names_of(journal).count("TextFailed") == times


async def not_yet(service: TextService, asked: int) -> None:
    """Nobody is in a hurry."""
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(service.asked) == asked


class BrokenVault(CallerVault):
    """Its first reading fails with what nobody has thought of."""

    def __init__(self, vault: Vault) -> None:
        super().__init__(vault, lambda: 0)
        self.is_broken = True

    async def phone_number(self, contact_id: ContactId, reader: str, reason: str) -> str | None:
        if self.is_broken:
            self.is_broken = False
            raise KeyError(MOBILE)
        return await super().phone_number(contact_id, reader, reason)


async def test_a_fault_of_ours_costs_one_try_and_tells_no_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal, clock = MemoryJournal(), HandClock()
    with vault_of(tmp_path, c1=MOBILE) as (_, sealed):
        broken = BrokenVault(sealed)
        async with TextService().served() as service, running(journal, clock) as driver:
            await begin(driver)
            async with outbox_of(driver, broken, HttpTextSender(service.url, TOKEN, 5)):
                await not_reached(driver, "c1")
                await until(lambda: "TextFailed" in names_of(journal), "it is told")
                clock.ms += RETRY_AFTER_MS[0]
                await until(lambda: names_of(journal)[-1] == "TextSent", "and tried again")
        broken._thread.shutdown()
    assert "failed with KeyError" in caplog.text
    assert MOBILE not in caplog.text


@pytest.mark.parametrize("is_first_taken", [True, False], ids=["sent", "not sent"])
async def test_the_next_start_takes_up_what_was_asked_for(
    tmp_path: Path, is_first_taken: bool
) -> None:
    """Thrown away between sending and telling, or before sending: one message, and it is told."""
    journal = MemoryJournal()
    with vault_of(tmp_path, c1=MOBILE) as (vault, _):
        async with TextService().served() as service:
            async with running(journal) as driver:
                await begin(driver)
                if is_first_taken:
                    service.gate.clear()
                    async with outbox_of(driver, vault, HttpTextSender(service.url, TOKEN, 5)):
                        await not_reached(driver, "c1")
                        await until(lambda: len(service.sent) == 1, "it goes out")
                else:
                    await not_reached(driver, "c1")
            assert names_of(journal) == ["CallbackTextAsked"]
            service.gate.set()
            async with (
                running(journal) as again,
                outbox_of(again, vault, HttpTextSender(service.url, TOKEN, 5)),
            ):
                await until(lambda: names_of(journal)[-1] == "TextSent", "it is told")
    assert len(service.sent) == 1
    assert len(service.asked) == 1 + is_first_taken
    assert len(set(service.asked)) == 1
