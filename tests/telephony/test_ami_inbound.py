"""The translator on what a real Asterisk has said, and on what became of talks."""

from __future__ import annotations

import pytest

from queue_engine.core.commands import (
    CallerPlace,
    ReportCallerWaiting,
)
from queue_engine.telephony.switchboard import HANG_UPS_MAX
from routing.vocabulary import PhoneId
from tests.telephony.inbound_world import (
    CALLER,
    ID,
    LINK,
    NURSE,
    OFFER,
    OTHER,
    PHONE,
    Played,
    said,
    talking,
    waiting,
)
from tests.telephony.recordings import NAMES, recording

# --- a real Asterisk ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "story"),
    [
        ("answered", ["waiting", "connected nurse1 offer 42"]),
        ("no_answer", ["waiting", "offer 42 no_answer", "waiting"]),
        ("never_replies", ["waiting", "offer 42 no_answer", "waiting"]),
        ("busy", ["waiting", "offer 42 rejected", "waiting"]),
        ("declined", ["waiting", "offer 42 rejected", "waiting"]),
        ("unreachable", ["waiting", "offer 42 unreachable", "waiting"]),
        ("caller_hangs_up_waiting", ["waiting", "gone"]),
        ("caller_hangs_up_ringing", ["waiting", "gone"]),
        ("caller_hangs_up_talking", ["waiting", "connected nurse1 offer 42", "gone"]),
        ("nurse_hangs_up", ["waiting", "connected nurse1 offer 42", "talk ended nurse1"]),
        ("key_pressed", ["waiting"]),
        ("withdraw", ["waiting", "waiting"]),
        ("withdraw_crossing_answer", ["waiting", "waiting"]),
        ("withdraw_too_late", ["waiting", "connected nurse1 offer 42", "waiting"]),
        (
            "fallback_answered",
            ["fallback", "connected nurse1 offer None", "talk ended nurse1"],
        ),
    ],
)
def test_what_asterisk_said(name: str, story: list[str]) -> None:
    played = Played().hear(*recording(name))
    assert played.story == story
    assert played.inbound.odd == 0


def test_every_event_recording_is_in_the_table_above() -> None:
    table = test_what_asterisk_said.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {name for name, _ in table} >= {name for name in NAMES if name[:6] != "status"}


@pytest.mark.parametrize("name", NAMES)
def test_legs_that_hung_up_leave_nothing_behind(name: str) -> None:
    played = Played()
    messages = recording(name)
    played.hear(*messages)
    hung_up = {message.get("uniqueid") for message in messages if message.event == "Hangup"}
    assert not hung_up & played.board.legs.keys()
    for leg in played.board.legs.values():
        played.board.leave_bridge(leg)
    assert not played.board._bridges


def test_the_waiting_caller_is_told_with_ticket_and_start() -> None:
    (command,) = Played().hear(*recording("caller_hangs_up_waiting")).commands[:1]
    assert isinstance(command, ReportCallerWaiting)
    caller = command.caller
    assert command.link_id == LINK
    assert caller.place is CallerPlace.WAITING
    assert caller.ticket is not None
    assert caller.ticket.contact_id == caller.contact_id
    assert caller.channel_started_ms == int(caller.contact_id.split("-")[1].split(".")[0]) * 1000


def test_after_a_withdraw_the_phone_is_free_once_its_leg_has_hung_up() -> None:
    played = Played()
    for message in recording("withdraw"):
        played.hear(message)
        if told_waiting_again(played):
            break
    assert played.board.is_phone_in_use(NURSE)
    played.hear(*recording("withdraw"))
    assert not played.board.is_phone_in_use(NURSE)


def told_waiting_again(played: Played) -> bool:
    return played.story == ["waiting", "waiting"]


def test_phones_are_kept_as_facts() -> None:
    board = Played().hear(*recording("withdraw")).board
    assert board.phones[NURSE].is_reachable is True
    changes = [
        said("DeviceStateChange", device="PJSIP/nurse1", state="INUSE"),
        said("PeerStatus", peer="PJSIP/nurse1", peerstatus="Unreachable"),
        said("ContactStatus", aor="nurse2", contactstatus="Removed"),
    ]
    board = Played().hear(*changes).board
    assert board.phones[NURSE].is_reachable is False
    assert board.phones[NURSE].device_state == "INUSE"
    assert board.phones[PhoneId("nurse2")].is_reachable is False


# --- who left first -------------------------------------------------------------------------


def test_the_agent_hangs_up_and_it_is_told_once() -> None:
    played = talking().hear(
        said("BridgeLeave", **PHONE, bridgeuniqueid="B"),
        said("BridgeLeave", **CALLER, bridgeuniqueid="B"),
        said("Hangup", **PHONE),
        said("Hangup", **PHONE),
    )
    assert played.story[1:] == ["connected nurse1 offer 42", "talk ended nurse1"]
    played.contacts.clear()
    assert played.hear(said("Hangup", **CALLER)).story[3:] == []


def test_a_caller_the_engine_still_counts_on_is_told_gone_after_the_talk_too() -> None:
    played = talking().hear(
        said("BridgeLeave", **PHONE, bridgeuniqueid="B"), said("Hangup", **PHONE)
    )
    assert played.hear(said("Hangup", **CALLER)).story[-1] == "gone"


def test_taken_out_of_the_talk_the_caller_waits_whichever_comes_first() -> None:
    leaves = said("BridgeLeave", **CALLER, bridgeuniqueid="B")
    one = talking().hear(leaves, waiting(), said("Hangup", **PHONE))
    other = talking().hear(leaves, said("Hangup", **PHONE), waiting())
    assert one.story == other.story == ["waiting", "connected nurse1 offer 42", "waiting"]
    for played in (one, other):
        leg = played.board.caller(ID)
        assert leg is not None
        assert leg.talk is None, "he can be moved again"


def test_the_caller_hangs_up_and_only_that_is_told_whichever_comes_first() -> None:
    leaves = said("BridgeLeave", **CALLER, bridgeuniqueid="B")
    hangups = [said("Hangup", **PHONE), said("Hangup", **CALLER)]
    for order in (hangups, hangups[::-1]):
        assert talking().hear(leaves, *order).story[2:] == ["gone"]


def test_a_caller_whom_asterisk_cuts_off_has_not_hung_up() -> None:
    played = Played([ID]).hear(waiting())
    asks = said("SoftHangupRequest", **CALLER)
    assert played.hear(asks, asks, said("Hangup", **CALLER)).story == ["waiting", "cut"]


def test_a_caller_taken_to_another_agent_ends_one_talk_and_begins_another() -> None:
    played = talking().hear(
        said("BridgeLeave", **CALLER, bridgeuniqueid="B"),
        said("Hangup", **PHONE),
        said("BridgeEnter", **OTHER, bridgeuniqueid="C"),
        said("BridgeEnter", **CALLER, context="elsewhere", bridgeuniqueid="C"),
    )
    assert played.story[2:] == ["talk ended nurse1", "connected nurse2 offer 42"]


def test_a_leg_that_comes_back_is_the_same_talk() -> None:
    played = talking().hear(
        said("BridgeLeave", **PHONE, bridgeuniqueid="B"),
        said("BridgeEnter", **PHONE, bridgeuniqueid="B"),
        said("BridgeLeave", **CALLER, bridgeuniqueid="B"),
        said("BridgeEnter", **CALLER, **OFFER, bridgeuniqueid="C"),
        said("BridgeEnter", **PHONE, bridgeuniqueid="C"),
    )
    assert len(played.story) == 2
    ended = played.hear(said("BridgeLeave", **PHONE), said("Hangup", **PHONE))
    assert ended.story[2:] == ["talk ended nurse1"]


def test_a_third_in_the_bridge_is_ignored() -> None:
    played = talking().hear(
        said("BridgeEnter", **OTHER, bridgeuniqueid="B"),
        said("Hangup", **OTHER),
    )
    assert len(played.story) == 2


def test_agents_who_talk_with_each_other_are_ignored() -> None:
    played = Played().hear(
        said("BridgeEnter", **PHONE, bridgeuniqueid="B"),
        said("BridgeEnter", **OTHER, bridgeuniqueid="B"),
        said("Hangup", **PHONE),
        said("Hangup", **OTHER),
    )
    assert played.story == []


def test_an_agents_phone_that_calls_the_line_is_a_caller() -> None:
    caller = {**CALLER, "channel": "PJSIP/nurse9-00000001"}
    played = Played().hear(
        said("UserEvent", **caller, userevent="SamkoWaiting"),
        said("BridgeEnter", **caller, **OFFER, bridgeuniqueid="B"),
        said("BridgeEnter", **PHONE, bridgeuniqueid="B"),
    )
    assert played.story == ["waiting", "connected nurse1 offer 42"]


def test_the_fallbacks_talk_has_no_offer_though_one_was_made_before() -> None:
    played = Played().hear(
        waiting(),
        said("DialBegin", **CALLER, **OFFER, destchannel=PHONE["channel"], destuniqueid="x.1"),
        said("UserEvent", **CALLER, userevent="SamkoFallback", context="fallback"),
        said("BridgeEnter", **CALLER, context="fallback", bridgeuniqueid="B"),
        said("BridgeEnter", **PHONE, bridgeuniqueid="B"),
    )
    assert played.story == ["waiting", "fallback", "connected nurse1 offer None"]


def test_the_offer_is_read_from_its_variable_if_the_extension_is_another() -> None:
    enters = said(
        "BridgeEnter",
        **CALLER,
        context="offer",
        exten="",
        bridgeuniqueid="B",
        chanvariable=("SAMKO_OFFER=43",),
    )
    played = Played([ID]).hear(said("BridgeEnter", **PHONE, bridgeuniqueid="B"), enters)
    assert played.story == ["connected nurse1 offer 43"]


# --- hanging up -----------------------------------------------------------------------------


def test_one_who_hangs_up_in_the_menu_is_nobody_to_the_engine_and_remembered() -> None:
    played = Played().hear(said("Newchannel", **CALLER), said("Hangup", **CALLER))
    assert played.story == []
    assert played.board.has_hung_up(ID)


def test_a_contact_whose_channel_we_never_saw_is_told_gone() -> None:
    assert Played([ID]).hear(said("Hangup", **CALLER)).story == ["gone"]


def test_nothing_is_said_of_a_leg_after_its_hangup() -> None:
    played = Played([ID]).hear(said("Hangup", **CALLER), waiting(), said("Newstate", **CALLER))
    assert played.story == ["gone"]
    assert not played.board.legs


def test_the_memory_of_hangups_is_bounded() -> None:
    played = Played()
    for number in range(HANG_UPS_MAX + 10):
        played.hear(said("Hangup", channel="PJSIP/a-00000001", uniqueid=f"ast1-1.{number}"))
    assert not played.board.has_hung_up("ast1-1.0")
    assert played.board.has_hung_up(f"ast1-1.{HANG_UPS_MAX + 9}")
