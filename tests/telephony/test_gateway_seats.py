"""Seats of contact centres elsewhere, as the switch tells of them by whose trunk they are rung."""

from __future__ import annotations

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import CallerPlace, ReportGateway
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.dialplan import (
    endpoint_of,
    gateway_at,
    interface_of,
    offer_exten,
    read_offer_exten,
)
from queue_engine.telephony.reconcile import read_picture, renew, seen_callers
from queue_engine.telephony.switchboard import Switchboard, phone_of_channel
from routing.vocabulary import GatewayId, PhoneId
from tests.telephony.fake_ami import FakeAmi, error, event, listing, until
from tests.telephony.inbound_world import CALLER, ID, LINK, NOW_MS, Played, said, waiting
from tests.telephony.link_world import FakeEngine, world
from tests.telephony.test_reconcile import START, contact, phone, row

WEST = GatewayId("west")
SEAT = PhoneId("west+3")
LEG = {"channel": "PJSIP/gateway-west-00000002", "uniqueid": "ast1-1795282147.2"}
OFFER = {"context": "offer", "exten": "o42-west+3"}
DIAL = {"destchannel": LEG["channel"], "destuniqueid": LEG["uniqueid"]}


def offered() -> Played:
    """A caller of whom the gateway has been told, and who hears music."""
    return Played([ID]).hear(
        waiting(),
        said("Newchannel", **LEG, linkedid=CALLER["uniqueid"], channelstate="0"),
        said("DialBegin", **CALLER, **OFFER, **DIAL),
    )


def ringing() -> Played:
    return offered().hear(said("Newstate", **LEG, linkedid=CALLER["uniqueid"], channelstate="5"))


def talking() -> Played:
    return ringing().hear(
        said("BridgeEnter", **LEG, bridgeuniqueid="B"),
        said("BridgeEnter", **CALLER, **OFFER, bridgeuniqueid="B"),
    )


def offer_end(status: str, cause: str) -> AmiMessage:
    end = {"userevent": "SamkoOfferEnd", "offer": "42", "phone": SEAT}
    return said("UserEvent", **CALLER, **end, status=status, cause=cause)


def test_its_extension_names_gateway_and_seat() -> None:
    assert offer_exten(42, SEAT) == "o42-west+3"
    assert read_offer_exten("o42-west+3") == (42, SEAT)
    assert endpoint_of(SEAT) == "gateway-west"
    assert offer_exten(42, PhoneId("west+3@ast2")) == "o42-west+3@ast2"
    assert endpoint_of(PhoneId("west+3@ast2")) == "samko-ast2", "by the other switch"
    assert (gateway_at("gateway-west"), gateway_at("nurse1"), gateway_at("gateway-")) == (
        "west",
        None,
        "",
    )
    for odd in ("west+", "+3", "west+3+4", "west+x", "west+3@a-b", "west+12345"):
        assert offer_exten(42, PhoneId(odd)) is None, odd


@pytest.mark.parametrize(
    ("status", "cause", "failure"),
    [
        ("NOANSWER", "0", "no_answer"),
        ("BUSY", "17", "rejected"),
        ("CHANUNAVAIL", "21", "rejected"),
        ("CONGESTION", "34", "unreachable"),
        ("CHANUNAVAIL", "20", "unreachable"),
        ("CHANUNAVAIL", "1", "unreachable"),
        ("CANCEL", "0", "cancelled"),
    ],
)
def test_what_became_of_an_offer(status: str, cause: str, failure: str) -> None:
    assert ringing().hear(offer_end(status, cause)).story == ["waiting", f"offer 42 {failure}"]


def test_no_answer_where_nothing_rang_is_the_trunks() -> None:
    assert offered().hear(offer_end("NOANSWER", "0")).story == ["waiting", "offer 42 unreachable"]


def test_seats_that_share_a_trunk_are_not_taken_for_one_another() -> None:
    played = ringing()
    assert played.board.is_phone_in_use(SEAT)
    assert not played.board.is_phone_in_use(PhoneId("west+4"))
    assert not played.board.is_phone_in_use(PhoneId("gateway-west"))


def test_the_end_of_a_talk_is_told_by_what_becomes_of_the_caller() -> None:
    """The trunk has dropped: the caller is back in line, and has not been told goodbye."""
    played = talking().hear(
        said("SoftHangupRequest", **LEG, cause="1"),
        said("BridgeLeave", **LEG, bridgeuniqueid="B"),
        said("BridgeLeave", **CALLER, **OFFER, bridgeuniqueid="B"),
        said("Hangup", **LEG, cause="44"),
        waiting(),
    )
    assert played.story == ["waiting", "connected west+3 offer 42", "waiting"]


@pytest.mark.parametrize("is_leg_first", [True, False])
def test_a_hang_up_there_is_no_cut(is_leg_first: bool) -> None:
    """Whichever of the two calls Asterisk takes down first."""
    ends = [said("Hangup", **LEG, cause="16"), said("Hangup", **CALLER, cause="16")]
    played = talking().hear(
        said("HangupRequest", **LEG, cause="16"),
        said("BridgeLeave", **LEG, bridgeuniqueid="B"),
        said("SoftHangupRequest", **CALLER, cause="16"),
        *(ends if is_leg_first else ends[::-1]),
    )
    assert played.story == ["waiting", "connected west+3 offer 42", "gone"]


def test_a_goodbye_of_an_earlier_talk_says_nothing_of_how_the_call_ends() -> None:
    played = talking().hear(
        said("HangupRequest", **LEG, cause="44"),
        said("BridgeLeave", **LEG, bridgeuniqueid="B"),
        said("Hangup", **LEG, cause="44"),
        waiting(),
        said("SoftHangupRequest", **CALLER, cause="16"),
        said("Hangup", **CALLER, cause="16"),
    )
    assert played.story == ["waiting", "connected west+3 offer 42", "waiting", "cut"]


def test_the_picture_shows_which_seat_it_is() -> None:
    picture = read_picture(
        [
            START,
            row(1, **OFFER, bridgeid="B"),
            phone(2, "gateway-west", 1, bridgeid="B"),
            row(3, context="offer", exten="o43-west+4"),
            phone(4, "gateway-west", 3, channelstate="5"),
        ],
        NOW_MS,
    )
    callers = seen_callers(picture, lambda _: False)
    assert [(caller.contact_id, caller.place, caller.phone_id) for caller in callers] == [
        (contact(1), CallerPlace.TALKING, SEAT),
        (contact(3), CallerPlace.RINGING, PhoneId("west+4")),
    ]
    board = Switchboard()
    renew(board, picture, callers)
    assert board.is_phone_in_use(SEAT)
    assert not board.is_phone_in_use(PhoneId("gateway-west"))


def test_the_switchs_own_queue_rings_it_by_an_extension_of_ours() -> None:
    assert interface_of(SEAT) == "Local/west+3@fallback-seat/n"
    half = "Local/west+3@fallback-seat-0000002a"
    assert phone_of_channel(f"{half};1") == SEAT
    assert phone_of_channel(f"{half};2") is None
    picture = read_picture(
        [
            START,
            row(1, context="fallback", bridgeid="B"),
            row(
                2,
                channel=f"{half};1",
                context="fallback-seat",
                linkedid=contact(1),
                bridgeid="B",
            ),
        ],
        NOW_MS,
    )
    (caller,) = seen_callers(picture, lambda _: False)
    assert (caller.place, caller.phone_id) == (CallerPlace.TALKING, SEAT)


# --- whether the trunk leads there ------------------------------------------------------------


def shown(state: str) -> list[str]:
    """Asterisk's answer about an endpoint."""
    row = event("EndpointDetail", ObjectName="gateway-west", DeviceState=state)
    return listing([row], "EndpointDetailComplete")


def test_asterisk_tells_when_it_changes() -> None:
    played = Played().hear(
        said("PeerStatus", peer="PJSIP/gateway-west", peerstatus="Unreachable"),
        said("PeerStatus", peer="PJSIP/gateway-west", peerstatus="Reachable"),
        said("PeerStatus", peer="PJSIP/gateway-west", peerstatus="Fine"),
        said("PeerStatus", peer="PJSIP/nurse1", peerstatus="Unreachable"),
    )
    assert played.commands == [ReportGateway(LINK, WEST, False), ReportGateway(LINK, WEST, True)]


@pytest.mark.parametrize(
    ("state", "is_reached"),
    [("Not in use", True), ("In use", True), ("Unavailable", False), ("Invalid", False)],
)
async def test_it_is_asked_for_with_each_picture(state: str, is_reached: bool) -> None:
    async with FakeAmi() as ami:
        ami.answers["pjsipshowendpoint"] = lambda _: shown(state)
        async with world(ami, FakeEngine(known_gateways=(WEST,))) as here:
            await until(lambda: here.engine.of(ReportGateway))
            assert here.engine.of(ReportGateway) == [ReportGateway(LINK, WEST, is_reached)]
            (asked,) = ami.named("PJSIPShowEndpoint")
            assert asked["endpoint"] == ["gateway-west"]
            assert await here.link.reconcile()
            await until(lambda: len(here.engine.of(ReportGateway)) == 2)


async def test_one_that_asterisk_does_not_know_is_out_of_reach() -> None:
    async with FakeAmi() as ami:
        ami.answers["pjsipshowendpoint"] = lambda _: error("Unable to retrieve endpoint")
        async with world(ami, FakeEngine(known_gateways=(WEST,))) as here:
            await until(lambda: here.engine.of(ReportGateway))
            assert here.engine.of(ReportGateway) == [ReportGateway(LINK, WEST, False)]


async def test_new_rules_may_name_others() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        ami.answers["pjsipshowendpoint"] = lambda _: shown("Not in use")
        here.engine.known_gateways = (WEST,)
        here.engine.happen(ev.PolicyLoaded("{}"))
        await until(lambda: here.engine.of(ReportGateway))
        assert here.engine.of(ReportGateway) == [ReportGateway(LINK, WEST, True)]
