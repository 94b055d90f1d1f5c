"""The translator on tickets that are not his, half messages, and any messages at all."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from queue_engine.core.commands import (
    OfferFailure,
    ReportCallerWaiting,
    ReportOfferFailed,
)
from routing.vocabulary import PhoneId
from tests.telephony.inbound_world import (
    CALLER,
    ID,
    NOW_MS,
    NURSE,
    PHONE,
    Played,
    said,
    waiting,
)

TICKET = f"1|7|{ID}|1795282147000|3|urgent|08|advice:9"


def test_a_ticket_of_another_call_does_not_count() -> None:
    (command,) = Played().hear(waiting(ticket=TICKET.replace(".1|", ".9|"))).commands
    assert isinstance(command, ReportCallerWaiting)
    assert command.caller.ticket is None


def test_the_ticket_is_read_from_the_variable_too() -> None:
    heard = waiting(chanvariable=f"SAMKO_TICKET={TICKET}")
    (command,) = Played().hear(heard).commands
    assert isinstance(command, ReportCallerWaiting)
    assert command.caller.ticket is not None
    assert command.caller.ticket.record == 7


@pytest.mark.parametrize(
    ("unique_id", "arrived", "started_ms"),
    [
        ("ast1-1795282147.12", "", 1_795_282_147_000),
        ("a-b-c-1795282147.12", "", 1_795_282_147_000),
        ("1795282147.12", "", 1_795_282_147_000),
        ("odd", "SAMKO_ARRIVED=1795282147123", 1_795_282_147_123),
        ("odd", "SAMKO_ARRIVED=soon", NOW_MS),
        ("odd", "", NOW_MS),
    ],
)
def test_when_a_channel_began(unique_id: str, arrived: str, started_ms: int) -> None:
    heard = said(
        "UserEvent",
        channel="PJSIP/trunk-00000001",
        uniqueid=unique_id,
        userevent="SamkoWaiting",
        chanvariable=arrived,
    )
    (command,) = Played().hear(heard).commands
    assert isinstance(command, ReportCallerWaiting)
    assert command.caller.channel_started_ms == started_ms


@pytest.mark.parametrize(
    ("state", "cause", "failure"),
    [
        ("NOANSWER", "0", OfferFailure.NO_ANSWER),
        ("BUSY", "17", OfferFailure.REJECTED),
        ("CHANUNAVAIL", "21", OfferFailure.REJECTED),
        ("CHANUNAVAIL", "3", OfferFailure.UNREACHABLE),
        ("CONGESTION", "34", OfferFailure.UNREACHABLE),
        ("CANCEL", "0", OfferFailure.CANCELLED),
        ("SOMETHING", "", OfferFailure.CANCELLED),
        ("", "", OfferFailure.CANCELLED),
    ],
)
def test_what_became_of_an_offer(state: str, cause: str, failure: OfferFailure) -> None:
    heard = said(
        "UserEvent", **CALLER, userevent="SamkoOfferEnd", offer="42", status=state, cause=cause
    )
    assert Played().hear(heard).commands == [ReportOfferFailed(ID, 42, failure)]


@pytest.mark.parametrize("offer", ["", "x", "-1", "9" * 40])
def test_an_offers_end_without_a_number_is_odd(offer: str) -> None:
    heard = said("UserEvent", **CALLER, userevent="SamkoOfferEnd", offer=offer, status="BUSY")
    played = Played().hear(heard)
    assert played.commands == []
    assert played.inbound.odd == 1


@pytest.mark.parametrize("unique_id", ["", "a b", "x|y", "ö", "a" * 200, "a\x00b"])
def test_a_channel_without_a_proper_id_is_odd(unique_id: str) -> None:
    for name in ("Newchannel", "UserEvent", "BridgeEnter", "Hangup"):
        heard = said(name, channel="PJSIP/a-00000001", uniqueid=unique_id, userevent="SamkoWaiting")
        played = Played().hear(heard)
        assert played.commands == []
        assert played.inbound.odd == 1
        assert not played.board.legs


def test_a_rename_is_followed() -> None:
    played = Played().hear(
        said("Newchannel", **PHONE),
        said("Rename", uniqueid=PHONE["uniqueid"], newname="PJSIP/nurse2-00000009"),
    )
    assert played.board.is_phone_in_use(PhoneId("nurse2"))
    assert not played.board.is_phone_in_use(NURSE)


_EVENTS = st.sampled_from(
    [
        "Newchannel",
        "Newstate",
        "Rename",
        "DialBegin",
        "BridgeEnter",
        "BridgeLeave",
        "Hangup",
        "UserEvent",
        "ContactStatus",
        "PeerStatus",
        "DeviceStateChange",
        "",
    ]
)
_IDS = st.sampled_from(["ast1-1.1", "ast1-1.2", "ast1-1.3", "", "b d"])
_VALUES = {
    "uniqueid": _IDS,
    "destuniqueid": _IDS,
    "channel": st.sampled_from(["PJSIP/nurse1-00000001", "PJSIP/t-00000002", "Local/x", ""]),
    "destchannel": st.sampled_from(["PJSIP/nurse1-00000001", ""]),
    "newname": st.sampled_from(["PJSIP/nurse2-00000001", ""]),
    "context": st.sampled_from(["offer", "waiting", "fallback", "agents", ""]),
    "exten": st.sampled_from(["o1-nurse1", "o", "s", ""]),
    "bridgeuniqueid": st.sampled_from(["A", "B", ""]),
    "userevent": st.sampled_from(["SamkoWaiting", "SamkoFallback", "SamkoOfferEnd", "Other"]),
    "offer": st.sampled_from(["1", "x", ""]),
    "status": st.sampled_from(["BUSY", "ANSWER", "?"]),
    "chanvariable": st.sampled_from(["SAMKO_OFFER=1", "SAMKO_TICKET=x", "=", ""]),
    "device": st.sampled_from(["PJSIP/nurse1", "x"]),
    "peer": st.sampled_from(["PJSIP/nurse1", "x"]),
}


@given(
    st.lists(
        st.tuples(_EVENTS, st.fixed_dictionaries({}, optional=_VALUES)), min_size=1, max_size=60
    )
)
def test_no_message_raises_and_the_board_stays_whole(
    messages: list[tuple[str, dict[str, str]]],
) -> None:
    played = Played(["ast1-1.1"])
    for name, headers in messages:
        played.hear(said(name, **headers))
        board = played.board
        for bridge_id, legs in board._bridges.items():
            assert legs
            assert all(board.legs[leg].bridge_id == bridge_id for leg in legs)
        for phone_id, legs in board._phone_legs.items():
            assert all(board.legs[leg].phone_id == phone_id for leg in legs)
        for leg_id, caller_id in board._callers_talking_with.items():
            talk = board.legs[caller_id].talk
            assert talk is not None
            assert talk.leg_id == leg_id
