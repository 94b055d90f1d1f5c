"""One call from the greeting to the queue, over a real socket."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from ivr.deps import Pace
from queue_engine.core.errors import EngineStopped, Refused
from queue_engine.core.ticket import read_ticket
from routing.vocabulary import HomeRegionSource, Priority, Requirement, Skill
from tests.ivr.fake_asterisk import FakeChannel, contact_id
from tests.ivr.fakes import NOW_MS, Parts, shipped
from tests.ivr.lab import Lab, serving

# From Skatteverket's published test numbers.
PERSON = "191212121212"
MOBILE = "+46701740605"


def assignments(channel: FakeChannel) -> list[tuple[str, str]]:
    return [(words[2], words[3]) for words in channel.commands if words[:2] == ["SET", "VARIABLE"]]


async def test_a_silent_caller_comes_to_a_nurse_at_standard_priority(lab: Lab) -> None:
    channel = await lab.visit("call", callerid="unknown")
    (command,) = lab.parts.desk.commands
    assert command.priority is Priority.STANDARD
    assert command.needs == (Requirement(Skill("advice")), Requirement(Skill("sv")))
    assert command.home_region == "unknown"
    assert command.home_region_source is HomeRegionSource.NONE
    assert command.language == "sv"
    assert command.link_id == "ast1"
    assert command.line_id == "national"
    assert channel.said[0] == "sv/opening"
    assert lab.parts.vault.kept == {}


async def test_the_ticket_goes_on_the_channel_and_done_is_the_very_last(lab: Lab) -> None:
    channel = await lab.visit("call")
    assert assignments(channel)[-3:] == [
        ("SAMKO_TICKET", channel.variables["SAMKO_TICKET"]),
        ("SAMKO_PRIO", "2"),
        ("SAMKO_IVR", "done"),
    ]
    assert channel.commands[-1] == ["SET", "VARIABLE", "SAMKO_IVR", "done"]
    ticket = read_ticket(channel.variables["SAMKO_TICKET"])
    assert ticket == lab.parts.desk.waiting[lab.parts.desk.commands[0].contact_id]
    assert channel.variables["SAMKO_LANGUAGE"] == "sv"
    assert channel.variables["SAMKO_LINE"] == "national"


async def test_every_step_that_takes_time_arms_the_absolute_timeout_first(lab: Lab) -> None:
    channel = await lab.visit("call")
    for before, command in zip(channel.commands, channel.commands[1:], strict=False):
        if command[0] in ("STREAM", "WAIT"):
            assert before == ["SET", "VARIABLE", "TIMEOUT(absolute)", "30"]


async def test_keys_choose_language_service_region_and_person(lab: Lab) -> None:
    channel = await lab.visit(
        "call",
        presses={
            "en/choose_language": ["2"],
            "en/choose_service": ["2"],
            "en/choose_part_of_country": ["3"],
            "en/choose_region_west": ["1"],
            "en/ask_personal_number": [PERSON],
        },
    )
    (command,) = lab.parts.desk.commands
    assert command.needs == (Requirement(Skill("child")), Requirement(Skill("en")))
    assert command.language == "en"
    assert (command.home_region, command.home_region_source) == (
        "14",
        HomeRegionSource.CALLER_KEY,
    )
    assert lab.parts.vault.kept == {command.contact_id: (PERSON, MOBILE)}
    assert channel.variables["SAMKO_LANGUAGE"] == "en"
    assert PERSON not in str(channel.commands)


async def test_administration_waits_longer_only_when_it_was_chosen(lab: Lab) -> None:
    channel = await lab.visit("call", presses={"sv/choose_service": ["3"]})
    (command,) = lab.parts.desk.commands
    assert command.priority is Priority.NON_MEDICAL
    assert channel.variables["SAMKO_PRIO"] == "3"


@pytest.mark.parametrize(
    "prompt", ["sv/opening", "sv/choose_language", "sv/choose_service", "sv/ask_personal_number"]
)
async def test_the_emergency_key_works_everywhere_and_says_112_first(lab: Lab, prompt: str) -> None:
    lab.parts.desk.wait_ms = 12 * 60_000
    presses = {"sv/choose_service": ["1"], "sv/choose_part_of_country": ["3"], prompt: ["9"]}
    channel = await lab.visit("call", presses=presses)
    (command,) = lab.parts.desk.commands
    assert command.priority is Priority.EMERGENCY
    assert channel.said[-1] == "sv/ring_112_now"
    assert channel.variables["SAMKO_PRIO"] == "0"
    assert channel.variables["SAMKO_IVR"] == "done"


async def test_an_emergency_asks_for_advice_even_after_administration_was_chosen(
    lab: Lab,
) -> None:
    presses = {"sv/choose_service": ["3"], "sv/choose_part_of_country": ["9"]}
    await lab.visit("call", presses=presses)
    (command,) = lab.parts.desk.commands
    assert command.priority is Priority.EMERGENCY
    assert Requirement(Skill("advice")) in command.needs


async def test_only_the_emergency_key_cuts_the_112_message_short(lab: Lab) -> None:
    channel = await lab.visit("call", presses={"sv/opening": ["1"]})
    assert channel.lost_keys == 1
    assert channel.said[:3] == ["sv/opening", "en/opening_short", "sv/choose_language"]


async def test_a_wrong_personal_number_is_asked_for_once_more(lab: Lab) -> None:
    channel = await lab.visit(
        "call",
        presses={
            "sv/choose_service": ["1"],
            "sv/ask_personal_number": ["191212121213"],
            "sv/ask_personal_number_again": [PERSON],
        },
    )
    (command,) = lab.parts.desk.commands
    assert lab.parts.vault.kept[command.contact_id][0] == PERSON
    assert channel.said.count("sv/ask_personal_number_again") == 1


@pytest.mark.parametrize("keys", ["*", "12*", "#", "", "1912121212131912"])
async def test_a_personal_number_can_be_skipped(lab: Lab, keys: str) -> None:
    channel = await lab.visit(
        "call", presses={"sv/choose_service": ["1"], "sv/ask_personal_number": [keys]}
    )
    (command,) = lab.parts.desk.commands
    assert lab.parts.vault.kept[command.contact_id][0] is None
    assert channel.variables["SAMKO_IVR"] == "done"


async def test_ten_digits_are_taken_too(lab: Lab) -> None:
    await lab.visit(
        "call",
        presses={"sv/choose_service": ["1"], "sv/ask_personal_number": ["1212121212#"]},
    )
    (command,) = lab.parts.desk.commands
    assert lab.parts.vault.kept[command.contact_id][0] == "201212121212"


async def test_digits_too_many_of_a_wrong_number_do_not_begin_the_next(lab: Lab) -> None:
    await lab.visit(
        "call",
        presses={
            "sv/choose_service": ["1"],
            "sv/ask_personal_number": ["19121212121345#"],
            "sv/ask_personal_number_again": [PERSON],
        },
    )
    (command,) = lab.parts.desk.commands
    assert lab.parts.vault.kept[command.contact_id][0] == PERSON


async def test_a_digit_too_many_answers_no_later_question(lab: Lab) -> None:
    channel = await lab.visit(
        "call", presses={"sv/choose_service": ["1"], "sv/ask_personal_number": [PERSON + "99#"]}
    )
    (command,) = lab.parts.desk.commands
    assert command.priority is Priority.STANDARD
    assert lab.parts.vault.kept[command.contact_id][0] == PERSON
    assert channel.variables["SAMKO_IVR"] == "done"


async def test_the_arrival_is_when_the_call_was_answered(lab: Lab) -> None:
    await lab.visit("call", variables={"SAMKO_ARRIVED": str(NOW_MS - 61_500)})
    assert lab.parts.desk.commands[0].arrived_ms == NOW_MS - 61_500


@pytest.mark.parametrize("told", ["", "soon", str(NOW_MS + 1), str(NOW_MS - 3_600_001), "9" * 400])
async def test_an_arrival_that_cannot_be_is_now(lab: Lab, told: str) -> None:
    await lab.visit("call", variables={"SAMKO_ARRIVED": told})
    assert lab.parts.desk.commands[0].arrived_ms == NOW_MS


async def test_a_health_centres_line_says_region_and_unit(lab: Lab) -> None:
    channel = await lab.visit("call", extension="+46313900677", dnid="unknown")
    (command,) = lab.parts.desk.commands
    assert command.line_id == "health_centre_hamnen"
    assert command.home_unit == "hamnen"
    assert (command.home_region, command.home_region_source) == ("14", HomeRegionSource.NETWORK)
    assert channel.said[0] == "sv/opening_health_centre"


async def test_a_number_without_a_line_is_answered_all_the_same(lab: Lab) -> None:
    await lab.visit("call", extension="4711", dnid="unknown")
    assert lab.parts.desk.commands[0].line_id == "national"


async def test_a_fixed_phones_area_code_saves_the_question(lab: Lab) -> None:
    channel = await lab.visit("call", callerid="+46980319210", presses={"sv/choose_service": ["1"]})
    (command,) = lab.parts.desk.commands
    assert (command.home_region, command.home_region_source) == ("25", HomeRegionSource.AREA_CODE)
    assert "sv/choose_part_of_country" not in channel.said


@pytest.mark.parametrize("callingpres", ["32", "35", "67", "97", "x", ""])
async def test_a_withheld_number_is_no_number(lab: Lab, callingpres: str) -> None:
    await lab.visit("call", callerid="+46980319210", callingpres=callingpres)
    (command,) = lab.parts.desk.commands
    assert command.home_region_source is HomeRegionSource.NONE
    assert lab.parts.vault.kept == {}


async def test_a_link_is_sent_and_the_place_is_kept(lab: Lab) -> None:
    channel = await lab.visit("call", presses={"sv/choose_service": ["4"]})
    (command,) = lab.parts.desk.commands
    (request,) = lab.parts.links.requests
    assert request.contact_id == command.contact_id
    assert request.mobile_number == MOBILE
    assert channel.said[-1] == "sv/link_sent"
    assert channel.variables["SAMKO_IVR"] == "done"
    names = [name for name, _ in assignments(channel)]
    told = channel.commands.index(["STREAM", "FILE", "/var/lib/samko/prompts/sv/link_sent", ""])
    assert ["SET", "VARIABLE", "SAMKO_TICKET", channel.variables["SAMKO_TICKET"]] in (
        channel.commands[:told]
    )
    assert names[-1] == "SAMKO_IVR"


async def test_a_link_needs_a_mobile_number(lab: Lab) -> None:
    channel = await lab.visit("call", callerid="+46980319210", presses={"sv/choose_service": ["4"]})
    assert lab.parts.links.requests == []
    assert channel.said[-1] == "sv/link_needs_mobile"
    assert channel.variables["SAMKO_IVR"] == "done"


async def test_a_failed_link_costs_no_place(lab: Lab) -> None:
    lab.parts.links.failing = OSError("no space")
    channel = await lab.visit("call", presses={"sv/choose_service": ["4"]})
    assert channel.said[-1] == "sv/link_failed"
    assert channel.variables["SAMKO_IVR"] == "done"


async def test_who_will_wait_hears_so_with_the_band_and_the_keys(lab: Lab) -> None:
    lab.parts.desk.wait_ms = 12 * 60_000
    channel = await lab.visit("call")
    assert channel.said[-3:] == ["sv/queued", "sv/wait_10_20", "sv/waiting_keys"]


async def test_who_will_not_wait_hears_nothing_more(lab: Lab) -> None:
    lab.parts.desk.wait_ms = 29_999
    channel = await lab.visit("call")
    assert channel.said[-1] == "sv/silence_is_nurse"


async def test_a_key_in_the_last_message_is_answered_before_the_call_goes_on(lab: Lab) -> None:
    lab.parts.desk.wait_ms = 12 * 60_000
    channel = await lab.visit("call", presses={"sv/waiting_keys": ["9"]})
    (command,) = lab.parts.desk.commands
    assert lab.parts.desk.raised == [(command.contact_id, Priority.EMERGENCY, "emergency_key")]
    assert channel.variables["SAMKO_PRIO"] == "0"
    assert channel.commands[-1] == ["SET", "VARIABLE", "SAMKO_IVR", "done"]


@pytest.mark.parametrize(
    "error",
    [Refused("closed", "no room"), EngineStopped("stopping"), RuntimeError("0701740605")],
)
async def test_if_the_engine_refuses_the_call_leaves_for_the_fallback(
    lab: Lab, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    lab.parts.desk.failing = error
    caller = contact_id()
    channel = await lab.visit("call", uniqueid=caller)
    assert "SAMKO_IVR" not in channel.variables
    assert "SAMKO_TICKET" not in channel.variables
    assert f"call {caller}: call: {type(error).__name__}" in caplog.text
    assert "0701740605" not in caplog.text


async def test_if_the_engine_does_not_answer_the_call_leaves_for_the_fallback() -> None:
    parts = Parts(pace=Pace(desk_s=0.05))
    parts.desk.slow = asyncio.Event().wait
    async with serving(parts) as lab:
        channel = await lab.visit("call")
    assert "SAMKO_IVR" not in channel.variables


@pytest.mark.parametrize("error", [OSError("disk"), RuntimeError(PERSON)])
async def test_if_the_vault_fails_the_call_goes_on(
    lab: Lab, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    lab.parts.vault.failing = error
    channel = await lab.visit(
        "call", presses={"sv/choose_service": ["1"], "sv/ask_personal_number": [PERSON]}
    )
    assert channel.variables["SAMKO_IVR"] == "done"
    assert "the vault did not keep it" in caplog.text
    assert PERSON not in caplog.text


async def test_who_rings_again_is_known_by_keys_and_the_switchboard_by_none(lab: Lab) -> None:
    await lab.visit("call")
    await lab.visit("call", uniqueid="ast1-1795290000.2", callerid="031-390 06 99")
    await lab.visit("call", uniqueid="ast1-1795290000.3", callerid="")
    known, shared, withheld = lab.parts.desk.commands
    assert (known.caller_key, known.earlier_keys) == ("today", ("yesterday",))
    assert (shared.caller_key, shared.is_shared_number) == ("", True)
    assert (withheld.caller_key, withheld.is_shared_number) == ("", False)
    assert lab.parts.caller_keys.asked == ["+46701740605"]


async def test_without_keys_in_time_he_is_a_new_caller_and_the_call_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = Parts(pace=Pace(keys_s=0.05))
    async with serving(parts) as lab:
        parts.caller_keys.slow = asyncio.Event().wait
        await lab.visit("call")
        parts.caller_keys.slow, parts.caller_keys.failing = None, OSError("+46701740605")
        await lab.visit("call", uniqueid="ast1-1795290000.2")
    assert [command.caller_key for command in parts.desk.commands] == ["", ""]
    assert "has no keys: TimeoutError" in caplog.text
    assert "has no keys: OSError" in caplog.text
    assert "70174" not in caplog.text


async def test_no_log_tells_a_number(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await lab.visit(
        "call",
        presses={"sv/choose_service": ["4"], "sv/ask_personal_number": [PERSON]},
    )
    assert PERSON not in caplog.text
    assert "70174" not in caplog.text


async def test_a_closed_line_tells_so_after_the_112_message_and_goes_on(lab: Lab) -> None:
    lab.parts.is_open = False
    channel = await lab.visit("call", extension="0313900677")
    assert channel.said == [
        "sv/opening_health_centre",
        "en/opening_short",
        "sv/closed_health_centre",
    ]
    assert channel.variables["SAMKO_IVR"] == "done"


async def test_a_closed_line_that_ends_its_calls_says_goodbye_but_not_to_an_emergency() -> None:
    menu = shipped()[0]["health_centre"]
    assert menu.closed is not None
    menus = {"health_centre": replace(menu, closed=replace(menu.closed, then="goodbye"))}
    async with serving(Parts(is_open=False), menus) as lab:
        ended = await lab.visit("call", extension="0313900677")
        kept = await lab.visit(
            "call", extension="0313900677", presses={"sv/closed_health_centre": ["9"]}
        )
    assert ended.commands[-1] == ["SET", "VARIABLE", "SAMKO_IVR", "ended"]
    assert "SAMKO_TICKET" not in ended.variables
    assert kept.variables["SAMKO_IVR"] == "done"
    (command,) = lab.parts.desk.commands
    assert command.priority is Priority.EMERGENCY


async def test_a_switch_without_a_name_is_refused_with_the_reason(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    channel = await lab.visit("call", uniqueid="1795282147.12")
    assert channel.commands == []
    assert "set systemname in asterisk.conf" in caplog.text


async def test_who_is_turned_away_hears_why_and_the_emergency_key_once_more(lab: Lab) -> None:
    lab.parts.desk.is_overloaded = True
    channel = await lab.visit("call", presses={"sv/choose_service": ["3"]}, callerid="+46812345678")
    (refused,) = lab.parts.desk.refused
    assert (refused.has_chosen, refused.alternatives) == (True, ())
    assert channel.said[-2:] == ["sv/overloaded", "sv/overloaded_bye"]
    assert channel.commands[-1] == ["SET", "VARIABLE", "SAMKO_IVR", "ended"]
    assert lab.parts.desk.commands == []


async def test_who_is_turned_away_and_presses_the_emergency_key_has_a_place(lab: Lab) -> None:
    lab.parts.desk.is_overloaded = True
    channel = await lab.visit("call", presses={"sv/choose_service": ["3"], "sv/overloaded": ["9"]})
    (command,) = lab.parts.desk.commands
    assert command.priority is Priority.EMERGENCY
    assert command.needs[0] == Requirement(Skill("advice"))
    assert channel.said[-1] == "sv/ring_112_now"
    assert channel.commands[-1] == ["SET", "VARIABLE", "SAMKO_IVR", "done"]


async def test_who_is_turned_away_at_a_mobile_may_have_a_link_instead(lab: Lab) -> None:
    lab.parts.desk.is_overloaded = True
    channel = await lab.visit(
        "call", presses={"sv/choose_service": ["1"], "sv/overloaded_link": ["1"]}
    )
    assert channel.said[-2:] == ["sv/overloaded_link_sent", "sv/overloaded_bye"]
    assert len(lab.parts.links.requests) == 1


async def test_who_says_nothing_has_not_chosen(lab: Lab) -> None:
    await lab.visit("call")
    assert not lab.parts.desk.commands[0].has_chosen
