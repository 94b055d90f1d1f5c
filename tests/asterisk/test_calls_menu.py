"""From the shipped menus to the wrap-up: what a caller keys in decides where the call belongs."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import EndWrapUp, SetAgentReady
from queue_engine.journal.caller_seal import CallerSecrets
from queue_engine.journal.vault import Vault
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    Outcome,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    UnitId,
)
from tests.asterisk.engine import EngineFiles, EngineHere, agent_at
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.played import Played
from tests.asterisk.scenarios import KeyKind

pytestmark = pytest.mark.asterisk

PERSON: Final = "191212121212"
"""One of the Swedish Tax Agency's numbers for tests."""
MOBILE: Final = "0701740605"
FIXED: Final = "0313900601"
"""Göteborg; reserved for use in fiction."""
BY_HAND: Final = (RegionCode("14"), HomeRegionSource.CALLER_KEY)
BY_AREA: Final = (RegionCode("14"), HomeRegionSource.AREA_CODE)


async def key_through(
    caller: Callers, heard: Played, kind: KeyKind, answers: tuple[tuple[str, str], ...]
) -> None:
    """Answer each prompt with its keys as soon as it is heard."""
    for prompt, keys in answers:
        await heard.said(prompt)
        await caller.press(keys, by=kind)


@pytest.mark.parametrize(
    ("number", "place", "home", "kind"),
    [
        (MOBILE, (("choose_part_of_country", "3"), ("choose_region_west", "1")), BY_HAND, "info"),
        (FIXED, (), BY_AREA, "rfc4733"),
    ],
    ids=["mobile-info", "fixed-rfc4733"],
)
async def test_the_national_menu_leads_to_a_nurse_and_her_wrap_up(
    asterisk: LocalAsterisk,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    number: str,
    place: tuple[tuple[str, str], ...],
    home: tuple[RegionCode, HomeRegionSource],
    kind: KeyKind,
) -> None:
    caplog.set_level(logging.DEBUG)
    files = EngineFiles(tmp_path, asterisk, real_menu=True)
    heard = Played(asterisk)
    async with (
        Ami(asterisk) as ami,
        EngineHere(files) as engine,
        Nurse(asterisk, "nurse1") as nurse,
    ):
        await engine.agent("nurse1", skills="advice child sv")
        async with Callers(asterisk, shown=[number]) as caller:
            answers = (("choose_language", "1"), ("choose_service", "2"), *place)
            await key_through(caller, heard, kind, (*answers, ("ask_personal_number", PERSON)))
            (enqueued,) = await engine.happened(ev.ContactEnqueued)
            assert enqueued.needs == (Requirement(Skill("child")), Requirement(Skill("sv")))
            assert (enqueued.home_region, enqueued.home_region_source) == home
            assert enqueued.priority is Priority.STANDARD
            await nurse.talking()
            await engine.happened(ev.ContactConnected)
            await nurse.hang_up()
            await caller.gone()
        (ended,) = await engine.happened(ev.ContactEnded)
        assert ended.outcome is Outcome.HANDLED
        await engine.happened(ev.WrapUpStarted)
        await engine.service.driver.submit(EndWrapUp(AgentId("a-nurse1"), "self_care"))
        await engine.happened(ev.WrapUpEnded)
        said = ami.recorded()
    assert heard.prompts()[:2] == ["sv:opening", "en:opening_short"], "112 comes first"
    assert "sv:ask_personal_number_again" not in heard.prompts()
    contact_id = enqueued.contact_id
    assert f"SAMKO_TICKET=1|{_record(engine)}|{contact_id}" in said
    public = "+46" + number.removeprefix("0")
    _is_only_in_the_vault(files, contact_id, CallerSecrets(PERSON, public))
    assert PERSON not in said
    assert PERSON not in asterisk.log.read_text(errors="replace")
    assert not any(secret in caplog.text for secret in (PERSON, number, public))


ALWAYS_OPEN = (
    "lines.yaml",
    """    hours:  # assumption: those of many health centres
      - {days: non_holiday_weekday, from: "07:30", to: "17:00"}
""",
    "",
)


@pytest.mark.parametrize("dialled", ["0313900677", "+46313900677"])
async def test_a_health_centres_number_leads_to_its_menu_region_and_unit(
    asterisk: LocalAsterisk, tmp_path: Path, dialled: str
) -> None:
    heard = Played(asterisk)
    files = EngineFiles(tmp_path, asterisk, changes=(ALWAYS_OPEN,))
    async with (
        EngineHere(files) as engine,
        Nurse(asterisk, "nurse1") as others,
        Nurse(asterisk, "nurse2") as own,
    ):
        submit = engine.service.driver.submit
        await engine.agent("nurse1")
        at_the_centre = replace(agent_at("nurse2"), unit=UnitId("hamnen"))
        await submit(at_the_centre)
        await submit(SetAgentReady(at_the_centre.agent_id))
        async with Callers(asterisk, dialled) as caller:
            await key_through(
                caller, heard, "info", (("choose_matter", "1"), ("ask_personal_number", "*"))
            )
            await own.talking()
        (enqueued,) = engine.events(ev.ContactEnqueued)
        assert (enqueued.line_id, enqueued.home_unit) == ("health_centre_hamnen", "hamnen")
        assert enqueued.home_region == "14"
        assert enqueued.home_region_source is HomeRegionSource.NETWORK
        assert others.invites() == [], "her own unit's nurse comes first"
    assert heard.prompts()[0] == "sv:opening_health_centre"
    assert "sv:choose_service" not in heard.prompts()


async def test_a_number_that_no_line_has_is_answered_all_the_same(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Callers(asterisk, "0313900688", keys=[(500, "9")], by="info"),
    ):
        (enqueued,) = await engine.happened(ev.ContactEnqueued)
    assert enqueued.line_id == "national"


def _record(engine: EngineHere) -> int:
    """The record in which the caller got his place, as his ticket says it."""
    return next(
        record.number
        for record in engine.records
        if any(isinstance(event, ev.ContactEnqueued) for event in record.events)
    )


def _is_only_in_the_vault(files: EngineFiles, contact_id: ContactId, who: CallerSecrets) -> None:
    secrets = [value for value in (who.personal_number, who.phone_number) if value]
    for path in files.var.rglob("*"):
        text = path.read_bytes() if path.is_file() else b""
        for secret in secrets:
            assert secret.encode() not in text, f"{path.name} holds it"
            assert secret.removeprefix("+46").encode() not in text, f"{path.name} holds it"
    vault = Vault(files.var / "vault.sqlite", files.var / "vault.key")
    try:
        now_ms = int(time.time() * 1000)
        assert vault.read(contact_id, "test", "test", now_ms) == who
    finally:
        vault.close()
