"""Phones of another switch, as a caller's own switch tells of them."""

from __future__ import annotations

import pytest

from queue_engine.core.commands import CallerPlace
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.dialplan import endpoint_of, offer_exten, read_offer_exten
from queue_engine.telephony.reconcile import read_picture, renew, seen_callers
from queue_engine.telephony.switchboard import Switchboard
from routing.vocabulary import PhoneId
from tests.telephony.inbound_world import CALLER, ID, NOW_MS, Played, said, waiting
from tests.telephony.test_reconcile import START, contact, phone, row

FAR = PhoneId("nurse1@ast2")
TRUNK = {"channel": "PJSIP/samko-ast2-00000002", "uniqueid": "ast1-1795282147.2"}
OFFER = {"context": "offer", "exten": "o42-nurse1@ast2"}
DIAL = {"destchannel": TRUNK["channel"], "destuniqueid": TRUNK["uniqueid"]}


def offered() -> Played:
    """A caller of whom the trunk has been told, and who hears music."""
    return Played([ID]).hear(
        waiting(),
        said("Newchannel", **TRUNK, linkedid=CALLER["uniqueid"], channelstate="0"),
        said("DialBegin", **CALLER, **OFFER, **DIAL),
    )


def ringing() -> Played:
    """Her phone rings, as the other switch has told."""
    return offered().hear(said("Newstate", **TRUNK, linkedid=CALLER["uniqueid"], channelstate="5"))


def offer_end(status: str, cause: str) -> AmiMessage:
    end = {"userevent": "SamkoOfferEnd", "offer": "42", "phone": FAR}
    return said("UserEvent", **CALLER, **end, status=status, cause=cause)


def test_its_extension_names_it_and_its_switch() -> None:
    exten = offer_exten(42, FAR)
    assert exten == "o42-nurse1@ast2"
    assert read_offer_exten(exten) == (42, FAR)
    assert (endpoint_of(FAR), endpoint_of(PhoneId("nurse1"))) == ("samko-ast2", "nurse1")
    for odd in ("nurse1@", "@ast2", "nurse1@ast2@ast3", "nurse1@a-b", "nurse1@a,b"):
        assert offer_exten(42, PhoneId(odd)) is None, odd


def talking() -> Played:
    return ringing().hear(
        said("BridgeEnter", **TRUNK, bridgeuniqueid="B"),
        said("BridgeEnter", **CALLER, **OFFER, bridgeuniqueid="B"),
    )


@pytest.mark.parametrize("is_leg_first", [True, False])
def test_it_is_connected_and_her_hang_up_is_no_cut(is_leg_first: bool) -> None:
    """Whichever of the two calls Asterisk takes down first."""
    ends = [said("Hangup", **TRUNK, cause="16"), said("Hangup", **CALLER, cause="16")]
    played = talking().hear(
        said("HangupRequest", **TRUNK, cause="16"),
        said("BridgeLeave", **TRUNK, bridgeuniqueid="B"),
        said("SoftHangupRequest", **CALLER, cause="16"),
        *(ends if is_leg_first else ends[::-1]),
    )
    assert played.story == ["waiting", "connected nurse1@ast2 offer 42", "gone"]


def test_her_switch_is_gone_in_the_talk_and_nobody_has_said_goodbye() -> None:
    """No voice has come for a while (cause 44); the dialplan has the caller wait again."""
    played = talking().hear(
        said("SoftHangupRequest", **TRUNK, cause="44"),
        said("BridgeLeave", **TRUNK, bridgeuniqueid="B"),
        said("BridgeLeave", **CALLER, **OFFER, bridgeuniqueid="B"),
        said("Hangup", **TRUNK, cause="44"),
        waiting(),
    )
    assert played.story == ["waiting", "connected nurse1@ast2 offer 42", "waiting"]


def test_its_leg_keeps_the_next_offer_to_it_waiting_and_no_others() -> None:
    played = offered()
    assert played.board.is_phone_in_use(FAR)
    assert not played.board.is_phone_in_use(PhoneId("samko-ast2"))
    assert not played.board.is_phone_in_use(PhoneId("nurse1"))
    played.hear(said("Hangup", **TRUNK))
    assert not played.board.is_phone_in_use(FAR)


@pytest.mark.parametrize(
    ("status", "cause", "failure"),
    [
        ("NOANSWER", "19", "no_answer"),
        ("BUSY", "17", "rejected"),
        ("CHANUNAVAIL", "22", "unreachable"),
        ("CHANUNAVAIL", "21", "trunk"),
        ("CONGESTION", "34", "trunk"),
        ("CANCEL", "", "trunk"),
    ],
)
def test_what_the_other_switch_says_of_it(status: str, cause: str, failure: str) -> None:
    assert ringing().hear(offer_end(status, cause)).story == ["waiting", f"offer 42 {failure}"]


def test_no_answer_of_a_switch_where_nothing_rang_is_the_trunks() -> None:
    assert offered().hear(offer_end("NOANSWER", "")).story == ["waiting", "offer 42 trunk"]


def test_that_a_phone_rang_before_says_nothing_of_the_next_offer() -> None:
    played = ringing().hear(offer_end("NOANSWER", "19"), waiting())
    next_offer = {"context": "offer", "exten": "o43-nurse2@ast2"}
    played.hear(said("DialBegin", **CALLER, **next_offer, **DIAL), offer_end("NOANSWER", ""))
    assert played.story[-1] == "offer 42 trunk"


def test_a_leg_that_another_switch_has_made_is_no_caller_and_no_talk() -> None:
    sibling = {"channel": "PJSIP/samko-ast1-00000001", "uniqueid": "ast2-1795282147.1"}
    nurse = {"channel": "PJSIP/nurse1-00000002", "uniqueid": "ast2-1795282147.2"}
    context = {"context": "sibling", "exten": "p-nurse1"}
    played = Played().hear(
        said("Newchannel", **sibling, **context),
        said("Newchannel", **nurse, linkedid=sibling["uniqueid"], channelstate="5"),
        said("DialBegin", **sibling, **context, destchannel=nurse["channel"]),
        said("BridgeEnter", **nurse, bridgeuniqueid="B"),
        said("BridgeEnter", **sibling, **context, bridgeuniqueid="B"),
        said("Hangup", **nurse),
        said("Hangup", **sibling),
    )
    assert played.story == []


def test_the_picture_shows_whose_phone_it_is() -> None:
    offered = {"context": "offer", "exten": "o42-nurse1@ast2"}
    talks = {"bridgeid": "B"}
    picture = read_picture(
        [
            START,
            row(1, **offered, **talks),
            phone(2, "samko-ast2", 1, **talks),
            row(3, **offered),
            phone(4, "samko-ast2", 3, channelstate="5"),
            row(5, channel="PJSIP/samko-ast3-00000005", context="sibling", exten="p-nurse9"),
            phone(6, "nurse9", 5, channelstate="5"),
        ],
        NOW_MS,
    )
    callers = seen_callers(picture, lambda _: False)
    assert [(caller.contact_id, caller.place, caller.phone_id) for caller in callers] == [
        (contact(1), CallerPlace.TALKING, FAR),
        (contact(3), CallerPlace.RINGING, FAR),
    ]
    board = Switchboard()
    renew(board, picture, callers)
    talk = board.legs[contact(1)].talk
    assert talk is not None
    assert talk.phone_id == FAR
    assert board.legs[contact(3)].has_rung
    assert board.is_phone_in_use(FAR)
