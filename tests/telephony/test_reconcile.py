"""The picture that `Status` gives: where each caller is, and what the board shows afterwards."""

from __future__ import annotations

from queue_engine.core.commands import CallerPlace, SeenCaller
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.reconcile import Picture, read_picture, renew, seen_callers
from queue_engine.telephony.switchboard import Switchboard
from routing.vocabulary import ContactId, PhoneId
from tests.telephony.recordings import recording

NOW_MS = 1_795_290_000_000
START = AmiMessage({"response": ("Success",)})


def row(number: int, **headers: str) -> AmiMessage:
    """A row of the answer: a caller's channel in the waiting context unless told otherwise."""
    values = {
        "channel": f"PJSIP/trunk-0000000{number}",
        "uniqueid": f"ast1-1795282147.{number}",
        "linkedid": f"ast1-1795282147.{number}",
        "context": "waiting",
        "exten": "s",
        "channelstate": "6",
        **headers,
    }
    return AmiMessage({"event": ("Status",), **{key: (value,) for key, value in values.items()}})


def contact(number: int) -> ContactId:
    return ContactId(f"ast1-1795282147.{number}")


def picture(*rows: AmiMessage) -> Picture:
    return read_picture([START, *rows], NOW_MS)


def seen(*rows: AmiMessage, contacts: tuple[int, ...] = ()) -> dict[ContactId, SeenCaller]:
    known = {contact(number) for number in contacts}
    callers = seen_callers(picture(*rows), known.__contains__)
    return {caller.contact_id: caller for caller in callers}


def phone(number: int, name: str, caller: int, **headers: str) -> AmiMessage:
    return row(
        number,
        channel=f"PJSIP/{name}-0000000{number}",
        linkedid=contact(caller),
        context="agents",
        **headers,
    )


def test_a_real_picture_of_everything_at_once() -> None:
    callers = seen_callers(read_picture(recording("status_mixed"), NOW_MS), lambda _: False)
    told = [
        (caller.place, caller.phone_id, caller.offer, caller.ticket is not None)
        for caller in callers
    ]
    assert told == [
        (CallerPlace.TALKING, "nurse1", 42, True),
        (CallerPlace.RINGING, "nurse2", 43, True),
        (CallerPlace.WAITING, None, None, True),
        (CallerPlace.FALLBACK, None, None, False),
        (CallerPlace.MENU, None, None, False),
    ]


def test_ringing_only_if_the_phone_of_this_very_offer_rings() -> None:
    offered = {"context": "offer", "exten": "o42-nurse1"}
    rings = {"channelstate": "5"}
    one = contact(1)
    assert seen(row(1, **offered), phone(2, "nurse1", 1, **rings))[one].offer == 42
    for others in (
        [],
        [phone(2, "nurse2", 1, **rings)],
        [phone(2, "nurse1", 3, **rings)],
        [phone(2, "nurse1", 1)],
    ):
        assert seen(row(1, **offered), *others)[one].place is CallerPlace.MENU


def test_in_a_bridge_and_in_the_waiting_context_is_waiting() -> None:
    callers = seen(row(1, bridgeid="B"), phone(2, "nurse1", 1, bridgeid="B"))
    assert callers[contact(1)].place is CallerPlace.WAITING


def test_the_fallbacks_talk_has_no_offer() -> None:
    callers = seen(row(1, context="fallback", bridgeid="B"), phone(2, "nurse1", 1, bridgeid="B"))
    assert callers[contact(1)].place is CallerPlace.TALKING
    assert callers[contact(1)].offer is None


def test_alone_in_a_bridge_claims_nothing() -> None:
    callers = seen(row(1, context="offer", exten="o42-nurse1", bridgeid="B"))
    assert callers[contact(1)].place is CallerPlace.MENU


def test_a_contact_anywhere_lives() -> None:
    assert seen(row(1, context="elsewhere")) == {}
    assert seen(row(1, context="elsewhere"), contacts=(1,))[contact(1)].place is CallerPlace.MENU


def test_phones_are_no_callers() -> None:
    assert seen(phone(2, "nurse1", 1, bridgeid="B")) == {}


def test_callers_come_in_the_order_of_their_calls_whatever_the_rows() -> None:
    rows = [row(number) for number in (9, 2, 5)]
    long_ago = row(1, uniqueid="ast1-1795282146.900")
    callers = seen_callers(picture(*rows, long_ago), lambda _: False)
    assert [caller.contact_id.split(".")[1] for caller in callers] == ["900", "2", "5", "9"]


def test_rows_that_cannot_be_read_are_left_out() -> None:
    assert seen(row(1, uniqueid="a|b"), row(2, channel=""), row(3)).keys() == {contact(3)}


def test_the_board_shows_the_picture_and_nothing_older() -> None:
    board = Switchboard()
    board.add("ast1-1795282147.7", "PJSIP/old-00000007")
    shown = picture(
        row(1, context="offer", exten="o42-nurse1", bridgeid="B"),
        phone(2, "nurse1", 1, bridgeid="B"),
        row(3),
    )
    renew(board, shown, seen_callers(shown, lambda _: False))
    assert board.legs.keys() == {contact(1), contact(2), contact(3)}
    assert board.has_hung_up("ast1-1795282147.7")
    talker = board.caller(contact(1))
    assert talker is not None
    assert talker.talk is not None
    assert talker.talk.phone_id == "nurse1"
    waiter = board.caller(contact(3))
    assert waiter is not None
    assert waiter.place is CallerPlace.WAITING
    assert board.is_phone_in_use(PhoneId("nurse1"))
