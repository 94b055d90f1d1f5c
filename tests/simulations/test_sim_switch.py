"""The switch that behaves, on its own terms, with all invariants checked after every command."""

from __future__ import annotations

import pytest

from routing.vocabulary import Priority
from tests.simulations.scene import POLICY, Scene


def test_a_call_from_the_menu_to_the_wrap_up() -> None:
    scene = Scene(3_000)
    scene.call("c", 0, ends=False)
    assert scene.run(70_000) == [
        "0 ContactEnqueued c",
        "5 ContactSeenWaiting c",
        "5 ContactOffered c n0",
        "3025 ContactConnected c n0",
        "63025 ContactEnded c",
        "63025 WrapUpStarted c n0",
    ]


@pytest.mark.parametrize("too_late_ms", [None, POLICY.ring_ms])
def test_a_ring_that_nobody_hears_goes_to_the_next_and_the_place_is_kept(
    too_late_ms: int | None,
) -> None:
    scene = Scene(too_late_ms, 1_000)
    scene.call("first", 0)
    told = scene.run(25_000)
    assert "20025 OfferRangOut first n0" in told
    assert "20025 AgentBecameNotReady n0 no_answer" in told
    assert "20025 ContactOffered first n1" in told
    assert told[-1] == "21045 ContactConnected first n1"


def test_who_hangs_up_while_it_rings_leaves_the_phone_free_for_the_next() -> None:
    scene = Scene(4_000)
    scene.call("first", 0)
    scene.call("second", 10)
    scene.hang_up("first", 2_000)
    told = scene.run(10_000)
    assert "2005 OfferRevoked first n0 caller_gone" in told
    assert "2005 ContactOffered second n0" in told
    assert told[-1] == "6025 ContactConnected second n0"


def test_who_hangs_up_before_the_switch_could_ring_is_not_rung_for() -> None:
    scene = Scene(4_000)
    scene.call("c", 0)
    scene.hang_up("c", 6)
    assert scene.run(10_000)[-2:] == ["11 OfferRevoked c n0 caller_gone", "11 ContactEnded c"]


def test_nobody_hangs_up_in_a_talk_for_want_of_patience() -> None:
    scene = Scene(1_000)
    scene.call("c", 0)
    scene.hang_up("c", 30_000)
    assert "61025 ContactEnded c" in scene.run(70_000)


def test_an_unanswered_ring_is_withdrawn_for_an_emergency_and_its_place_is_kept() -> None:
    scene = Scene(8_000)
    scene.call("first", 0)
    scene.call("second", 10)
    scene.call("now", 2_000, Priority.EMERGENCY)
    told = scene.run(160_000)
    assert "2005 OfferRevoked first n0 withdrawn" in told
    assert "2025 ContactSeenWaiting first" in told
    connected = [line for line in told if "Connected" in line]
    assert connected[0] == "10025 ContactConnected now n0"
    scene.world.run(scene.world.now_ms + 600_000)
    offered = [event.split()[2] for event in scene.run(900_000) if "Offered" in event]
    assert offered == ["first", "now", "first", "second"]


def test_a_hand_that_was_to_take_a_withdrawn_ring_does_not_take_the_next() -> None:
    scene = Scene(8_000)
    scene.call("first", 0)  # to be picked up at 8020
    scene.call("now", 2_000, Priority.EMERGENCY)
    scene.hang_up("now", 3_000)  # so that the first rings again, to be picked up at 11020
    told = scene.run(20_000)
    assert "3005 ContactOffered first n0" in told
    assert told[-1] == "11025 ContactConnected first n0"


def test_a_withdraw_that_crosses_an_answer_loses_neither() -> None:
    scene = Scene(1_995)  # picked up at 2015, between the withdraw's record and its act
    scene.call("first", 0)
    scene.call("now", 2_000, Priority.EMERGENCY)
    told = scene.run(2_500)
    assert told[-9:] == [
        "2000 ContactEnqueued now",
        "2005 ContactSeenWaiting now",
        "2005 OfferRevoked first n0 withdrawn",
        "2005 ContactOffered now n0",
        "2020 LateAnswer first n0",
        "2020 OfferRevoked now n0 agent_busy",
        "2020 ContactConnected first n0",
        "2025 LateReport now",
        "2025 ContactSeenWaiting now",
    ]
    told = scene.run(400_000)
    offered = [line.split()[2] for line in told if "Offered" in line]
    assert offered == ["first", "now", "now"]
