"""All orders of what a few nurses and callers can do: everything holds after each step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.policy import MINUTE_MS, Order, Policy
from routing.region_policy import NATIONAL, ShareCondition, ShareRule
from routing.room_policy import RoomPolicy
from tests.core.world import POLICY
from tests.forms import LONG
from tests.properties.small_talks import SmallTalks
from tests.properties.small_world import SmallWorld

TWO_REGIONS = replace(
    POLICY, regions=tuple(replace(region, sells=()) for region in POLICY.regions[:2])
)
POLICIES = {"own region first": TWO_REGIONS}
LONG_QUEUE = ShareRule("long", ShareCondition.QUEUE_LENGTH, NATIONAL._replace(waiting_min=2))
BY_LENGTH = tuple(
    replace(each, share_rules=(LONG_QUEUE, *each.share_rules[:1])) for each in TWO_REGIONS.regions
)
POLICIES["by length"] = replace(TWO_REGIONS, regions=BY_LENGTH)
if LONG > 1:
    POLICIES["minutes"] = replace(TWO_REGIONS, home_advantage_ms=2 * MINUTE_MS)
    POLICIES["strict"] = replace(TWO_REGIONS, order=Order.STRICT)
STEPS = {"all there": 3 if LONG == 1 else 5, "nobody there": 4 if LONG == 1 else 6}
STATES_MIN = {"all there": 900, "nobody there": 900}
"""Of the short form; there are more the more there is to do."""
HAPPEN = {
    "all there": {"ContactConnected", "OfferRangOut", "OfferRejected", "OfferRevoked"},
    "nobody there": {"ContactConnected", "ContactPriorityChanged", "ContactShared", "OfferRevoked"},
}
IN_TALKS = {
    *("ContactTransferred", "ContactKept", "KeepingEnded", "ContactHeld", "ContactRetrieved"),
    *("ConsultOffered", "ConsultAnswered", "ConferenceStarted", "ContactHandedOver"),
    *("ContactPriorityChanged", "LinkLost", "LinkRestored", "ContactReturned", "PolicyLoaded"),
}


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("beginning", STEPS)
def test_so_does_every_state_of_a_country_that_writes(beginning: str) -> None:
    is_there = beginning == "all there"
    policy = TWO_REGIONS if is_there else replace(TWO_REGIONS, rooms=RoomPolicy(2))
    world = SmallWorld(policy, are_there=is_there, chats=("c1", "c2"))
    assert world.explore(STEPS[beginning]) > STATES_MIN[beginning]
    assert not world.refused
    assert set(world.occurred) >= {"ContactConnected", "OfferRejected", "OfferRevoked"}


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("beginning", STEPS)
@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_every_state_within_some_steps_keeps_the_rules(policy: Policy, beginning: str) -> None:
    world = SmallWorld(policy, are_there=beginning == "all there")
    assert world.explore(STEPS[beginning]) > STATES_MIN[beginning]
    assert not world.refused
    assert set(world.occurred) >= HAPPEN[beginning], world.occurred


@pytest.mark.timeout(7_200)
def test_so_does_every_state_of_talks_of_the_switch_and_of_other_rules() -> None:
    first, home = TWO_REGIONS.regions
    units = replace(TWO_REGIONS, version="units", preferred_wait_ms=2 * MINUTE_MS)
    alike = replace(home, units=(), share_rules=())
    world = SmallTalks(units, replace(TWO_REGIONS, regions=(first, alike)))
    assert world.explore(3 if LONG == 1 else 5) > 1_000
    assert world.refused, "some ask for what cannot be"
    assert set(world.occurred) >= IN_TALKS, world.occurred
