"""A translator and what it is told."""

from __future__ import annotations

from collections.abc import Iterable

from queue_engine.core.commands import (
    Command,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportOfferFailed,
    ReportTalkEnded,
)
from queue_engine.telephony.ami_inbound import Inbound
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.switchboard import Switchboard
from routing.vocabulary import ContactId, LinkId, PhoneId

LINK = LinkId("ast1")
NURSE = PhoneId("nurse1")
NOW_MS = 1_795_290_000_000


class Played:
    """A translator that has heard messages."""

    def __init__(self, contacts: Iterable[str] = ()) -> None:
        self.contacts = {ContactId(contact) for contact in contacts}
        self.board = Switchboard()
        self.inbound = Inbound(LINK, self.board, self.contacts.__contains__)
        self.commands: list[Command] = []

    def hear(self, *messages: AmiMessage) -> Played:
        for message in messages:
            self.commands += self.inbound.translate(message, NOW_MS)
        return self

    @property
    def story(self) -> list[str]:
        return [told(command) for command in self.commands]


def told(command: Command) -> str:
    match command:
        case ReportCallerWaiting():
            return str(command.caller.place)
        case ReportConnected():
            return f"connected {command.phone_id} offer {command.offer}"
        case ReportOfferFailed():
            return f"offer {command.offer} {command.failure}"
        case ReportTalkEnded():
            return f"talk ended {command.phone_id}"
        case ReportCallerGone():
            return "cut" if command.was_cut else "gone"
        case _:
            raise AssertionError(command)


def said(name: str, **headers: str | tuple[str, ...]) -> AmiMessage:
    """An event with a channel of id `uniqueid`; its name follows from `channel`."""
    values = {
        key: value if isinstance(value, tuple) else (value,) for key, value in headers.items()
    }
    return AmiMessage({"event": (name,), **values})


CALLER = {"channel": "PJSIP/trunk-00000001", "uniqueid": "ast1-1795282147.1"}
PHONE = {"channel": "PJSIP/nurse1-00000002", "uniqueid": "ast1-1795282147.2"}
OTHER = {"channel": "PJSIP/nurse2-00000003", "uniqueid": "ast1-1795282147.3"}
OFFER = {"context": "offer", "exten": "o42-nurse1"}
ID = ContactId(CALLER["uniqueid"])


def waiting(**more: str) -> AmiMessage:
    return said("UserEvent", **CALLER, userevent="SamkoWaiting", context="waiting", **more)


def talking() -> Played:
    """A caller who has waited, was offered and talks."""
    return Played([ID]).hear(
        waiting(),
        said("Newchannel", **PHONE),
        said("DialBegin", **CALLER, **OFFER, destchannel=PHONE["channel"]),
        said("BridgeEnter", **PHONE, bridgeuniqueid="B"),
        said("BridgeEnter", **CALLER, **OFFER, bridgeuniqueid="B"),
    )
