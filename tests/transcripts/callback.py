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
    TextId,
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


def _text_of(state: State, words: Words) -> TextId:
    """His latest one; an id that nobody knows if he has none any more."""
    found = [text.text_id for text in state.texts.values() if text.contact_id == words["contact"]]
    return found[-1] if found else TextId(f"0-{words['contact']}")


def _text_sent(state: State, words: Words) -> cmd.Command:
    return cmd.ReportTextSent(_text_of(state, words))


def _text_failed(state: State, words: Words) -> cmd.Command:
    text_id = _text_of(state, words)
    tries = state.texts[text_id].tries if text_id in state.texts else 0
    number = int(words.get("number", tries + 1))
    return cmd.ReportTextFailed(text_id, number, TEXT_FAILURES[words["why"]])


TEXT_FAILURES: Final = {
    "nobody knows the number": cmd.TextFailure.NO_NUMBER,
    "it is refused": cmd.TextFailure.REFUSED,
    "nobody answers": cmd.TextFailure.UNREACHABLE,
}
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
    (r"the text message to (?P<contact>\w+) goes out", _text_sent),
    (
        r"(?:try (?P<number>[0-9]+) of )?the text message to (?P<contact>\w+) fails:"
        rf" (?P<why>{'|'.join(TEXT_FAILURES)})",
        _text_failed,
    ),
)
"""Each sentence with the command that it is."""
