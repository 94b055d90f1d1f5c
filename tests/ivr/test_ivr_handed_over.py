"""What another system says of a caller, held to what can be; and his way into the queue."""

from __future__ import annotations

import pytest

from ivr.handed_over import ARRIVED_AGO_MS_MAX, HandedOver, read_handed_over
from routing.vocabulary import HomeRegionSource, Priority, RegionCode, Requirement, Skill
from tests.ivr.fakes import NOW_MS
from tests.ivr.lab import Lab

CAME_MS = NOW_MS - 2_000
LONG_AGO_MS = NOW_MS - 20 * 60_000


def read(region: str | None, arrived: str | None, priority: str | None) -> HandedOver:
    regions = [RegionCode("14"), RegionCode("22")]
    return read_handed_over(
        region, arrived, priority, regions=regions, came_ms=CAME_MS, now_ms=NOW_MS
    )


def test_what_can_be_is_believed() -> None:
    wanted = HandedOver(RegionCode("14"), LONG_AGO_MS, Priority.RAISED)
    assert read("14", str(LONG_AGO_MS), "raised") == wanted
    seconds = read("14", str(LONG_AGO_MS // 1000), "raised")
    assert seconds.arrived_ms == LONG_AGO_MS // 1000 * 1000


@pytest.mark.parametrize("region", [None, "", "99", "1", "14;", "unknown"])
def test_a_region_that_is_none_is_not_known(region: str | None) -> None:
    assert read(region, None, None).region is None


@pytest.mark.parametrize(
    "arrived",
    [
        None,
        "",
        "soon",
        "-1795282147",
        "17952821470",
        str(NOW_MS + 1),
        str(NOW_MS - ARRIVED_AGO_MS_MAX - 1),
        "9" * 10,
        "9" * 13,
        "9" * 500,
        "0" * 13,
    ],
)
def test_an_arrival_that_cannot_be_is_when_the_call_came_here(arrived: str | None) -> None:
    assert read(None, arrived, None).arrived_ms == CAME_MS


@pytest.mark.parametrize("priority", [None, "", "highest", "URGENT", "urgent "])
def test_a_priority_that_is_none_is_standard(priority: str | None) -> None:
    assert read(None, None, priority).priority is Priority.STANDARD


async def test_he_hears_no_menu_and_keeps_his_place(lab: Lab) -> None:
    given = {
        "SAMKO_GIVEN_REGION": "14",
        "SAMKO_GIVEN_ARRIVED": str(LONG_AGO_MS),
        "SAMKO_GIVEN_PRIORITY": "raised",
    }
    channel = await lab.visit("hand-over", variables=given)
    (command,) = lab.parts.desk.commands
    assert (command.home_region, command.home_region_source) == ("14", HomeRegionSource.NETWORK)
    assert (command.arrived_ms, command.priority) == (LONG_AGO_MS, Priority.RAISED)
    assert command.needs == (Requirement(Skill("advice")), Requirement(Skill("sv")))
    assert not command.has_chosen, "who cannot have chosen is not refused"
    assert "sv/opening" not in channel.said
    assert channel.commands[-1] == ["SET", "VARIABLE", "SAMKO_IVR", "done"]


async def test_without_a_word_of_him_he_is_as_one_who_pressed_nothing(lab: Lab) -> None:
    await lab.visit("hand-over", callerid="0313900601")
    (command,) = lab.parts.desk.commands
    assert (command.home_region, command.home_region_source) == ("14", HomeRegionSource.AREA_CODE)
    assert command.priority is Priority.STANDARD


async def test_the_menu_believes_none_of_it(lab: Lab) -> None:
    given = {"SAMKO_GIVEN_REGION": "22", "SAMKO_GIVEN_PRIORITY": "emergency"}
    await lab.visit("call", variables=given, callerid="0313900601")
    (command,) = lab.parts.desk.commands
    assert (command.home_region, command.priority) == ("14", Priority.STANDARD)
