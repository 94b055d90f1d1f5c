"""One message of the Asterisk Manager Interface, in and out, as plain text in UTF-8.

House rules: pure. The wire is read and written as latin-1, which loses no byte however the
network cuts it; values are turned into text here, one by one. Header names are compared in lower
case, and of a repeated header the first stands (`get`) unless all are asked for (`all`). Read
here and not by panoramisk, whose messages take several times as long and unquote some values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from queue_engine.telephony.errors import ActionInvalid

Action = Mapping[str, str | Sequence[str]]
"""Header to value; a sequence repeats the header. `ActionID` is the connection's own."""

LINE_BYTES_MAX: Final = 1000
"""Asterisk reads a header line into 1025 bytes and throws a longer one away."""
HEADERS_MAX: Final = 120
"""Asterisk keeps the first 128 headers of an action."""
UNSET: Final = "(null)"
"""What Asterisk writes for a variable that a channel does not have."""

_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")
_BREAKS: Final = re.compile(r"[\r\n\0]")
_RESERVED: Final = ("actionid", "commandid")


@dataclass(frozen=True, slots=True)
class AmiMessage:
    """An event, or an answer to an action."""

    headers: Mapping[str, tuple[str, ...]]
    """By lower-case name; at least one value each."""

    def get(self, name: str, default: str = "") -> str:
        """The first value of the header `name`, in lower case, or `default`."""
        values = self.headers.get(name)
        return values[0] if values else default

    def all(self, name: str) -> tuple[str, ...]:
        """All values of the header `name`, in lower case; empty when it is absent."""
        return self.headers.get(name, ())

    @property
    def event(self) -> str:
        """Name of the event; empty for an answer."""
        return self.get("event")

    @property
    def is_success(self) -> bool:
        """Whether this answer says that the action was taken."""
        return self.get("response") in ("Success", "Goodbye")

    def variables(self) -> dict[str, str]:
        """Channel variables that came along and are set."""
        pairs = (item.partition("=") for item in (*self.all("chanvariable"), *self.all("variable")))
        return {name: value for name, _, value in pairs if value not in ("", UNSET)}


@dataclass(frozen=True, slots=True)
class AmiResponse:
    """The answer to one action: one message, or several for a list."""

    messages: tuple[AmiMessage, ...]

    @property
    def first(self) -> AmiMessage:
        """The message that says whether the action was taken."""
        return self.messages[0]

    @property
    def is_success(self) -> bool:
        """Whether the action was taken."""
        return self.first.is_success

    @property
    def sentence(self) -> str:
        """What Asterisk said about it, for logs."""
        return self.first.get("message")

    def events(self, name: str) -> tuple[AmiMessage, ...]:
        """The list's rows: those of its messages that are events called `name`."""
        return tuple(message for message in self.messages if message.event == name)


def parse_message(block: bytes) -> AmiMessage | None:
    """The message in `block` (without its closing empty line), or None if it is none."""
    headers: dict[str, tuple[str, ...]] = {}
    is_ascii = block.isascii()
    # A hang-up is told in a dozen messages and the next caller waits for them: no step in vain.
    for line in block.decode("latin-1").split("\r\n"):
        name, separator, value = line.partition(":")
        if separator:
            key = name.lower()
            text = value.removeprefix(" ") if is_ascii else _text(value.removeprefix(" "))
            headers[key] = (*headers[key], text) if key in headers else (text,)
    if "event" not in headers and "response" not in headers:
        return None
    return AmiMessage(headers)


def _text(value: str) -> str:
    """A value off the wire as text: UTF-8 if it is that, else latin-1."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


def to_wire(action: Action) -> dict[str, str | list[str]]:
    """`action` with its values as panoramisk shall write them: checked, UTF-8 seen as latin-1.

    Raises:
        ActionInvalid: a value that would end its line or the action, that is no text or is
            longer than Asterisk reads; or a header name that is none.
    """
    name = action.get("Action")
    if not isinstance(name, str) or not _HEADER.fullmatch(name):
        raise ActionInvalid("an action needs one header 'Action' with a name of letters")
    wire: dict[str, str | list[str]] = {}
    count = 0
    for header, value in action.items():
        if not _HEADER.fullmatch(header) or header.lower() in _RESERVED:
            raise ActionInvalid(f"action {name}: {header[:40]!r} cannot be a header's name")
        if isinstance(value, str):
            wire[header] = _wire_text(name, header, value)
            count += 1
        else:
            wire[header] = [_wire_text(name, header, item) for item in value]
            count += len(wire[header])
    if count > HEADERS_MAX:
        raise ActionInvalid(f"action {name} has {count} headers; Asterisk reads {HEADERS_MAX}")
    return wire


def _wire_text(action: str, header: str, value: str) -> str:
    place = f"action {action}, header {header}"
    if _BREAKS.search(value):
        raise ActionInvalid(f"{place}: the value holds a line break or a NUL character")
    try:
        encoded = value.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise ActionInvalid(f"{place}: the value cannot be written as UTF-8") from exc
    if len(header) + 2 + len(encoded) > LINE_BYTES_MAX:
        raise ActionInvalid(f"{place}: over {LINE_BYTES_MAX} bytes, more than Asterisk reads")
    return encoded.decode("latin-1")
