"""The stories' sentences about callers who are rung back."""

from __future__ import annotations

from typing import Final

from queue_engine.core import commands as cmd
from queue_engine.core.state import State
from routing.vocabulary import (
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    PhoneId,
    Priority,
    RegionCode,
)
from tests.core.world import ADVICE, LINK
from tests.transcripts.talk import Ask
from tests.transcripts.words import Words


def _asks(state: State, words: Words) -> cmd.Command:
    return cmd.RequestCallback(ContactId(words["contact"]))


def _chooses(state: State, words: Words) -> cmd.Command:
    return cmd.EnqueueContact(
        contact_id=ContactId(words["contact"]),
        link_id=LINK,
        line_id=LineId("1177"),
        arrived_ms=state.now_ms,
        priority=Priority(words.get("priority", "standard")),
        needs=ADVICE,
        home_region=RegionCode(words["region"]),
        home_region_source=HomeRegionSource.AREA_CODE,
        channel=ContactChannel.CALLBACK,
        caller_key=words.get("key", ""),
        has_chosen=True,
    )


def _is_rung(state: State, words: Words) -> cmd.Command:
    contact_id = ContactId(words["contact"])
    offer = int(words.get("offer", state.contacts[contact_id].offer or 0))
    return cmd.ReportCallbackDialled(contact_id, offer)


def _accepts(state: State, words: Words) -> cmd.Command:
    contact = state.contacts[ContactId(words["contact"])]
    phone_id = contact.phone_id or PhoneId("nowhere")
    return cmd.ReportConnected(contact.contact_id, contact.link_id, phone_id, contact.offer)


def _fails(state: State, words: Words) -> cmd.Command:
    contact_id = ContactId(words["contact"])
    offer = int(words.get("offer", state.contacts[contact_id].offer or 0))
    return cmd.ReportCallbackFailed(contact_id, offer, FAILURES[words["how"]])


FAILURES: Final = {
    "does not answer": cmd.CallbackFailure.NO_ANSWER,
    "is busy": cmd.CallbackFailure.BUSY,
    "presses no key": cmd.CallbackFailure.DECLINED,
    "cannot be reached": cmd.CallbackFailure.UNREACHABLE,
}
_OFFER: Final = r"(?: as offer (?P<offer>[0-9]+))?"

CALLBACK: Final[tuple[tuple[str, Ask], ...]] = (
    (r"(?P<contact>\w+) asks to be rung back", _asks),
    (
        r"caller (?P<contact>\w+) from (?P<region>\w+)(?: (?P<priority>\w+))?"
        r"(?: who rings from (?P<key>\w+))? chooses to be rung back",
        _chooses,
    ),
    (rf"\w+ picks up and (?P<contact>\w+) is rung{_OFFER}", _is_rung),
    (r"(?P<contact>\w+) accepts with key 1", _accepts),
    (rf"(?P<contact>\w+) (?P<how>{'|'.join(FAILURES)}){_OFFER}", _fails),
)
"""Each sentence with the command that it is."""
