"""AGI as text: what Asterisk sends and what we send, without a socket.

House rules: pure. A command is built so that no argument can end it or begin another. A value is
read as UTF-8 when it is that, else as latin-1: a caller's name is never a reason to lose him.
Faults never quote what was sent, since it may hold names and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ivr.errors import AgiGarbage
from queue_engine.core.errors import BadInput
from routing.vocabulary import ContactId

COMMAND_BYTES_MAX: Final = 2_000
"""Asterisk reads a command into 2,048 bytes and would act on the first part of a longer one."""
KEYS: Final = "0123456789*#"

_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f]")
_HEADER: Final = re.compile(r"(agi_[a-z0-9_]{1,40}):(?: (.*))?", re.DOTALL)
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9_.\-]{1,80}", re.ASCII)
_REPLY: Final = re.compile(r"(\d{3})(?:[ -](.*))?", re.DOTALL | re.ASCII)
_RESULT: Final = re.compile(
    r"result=(?P<result>-?\d{0,9})(?: \((?P<value>.*)\))?(?: endpos=(?P<endpos>\d{1,18}))?\s*",
    re.DOTALL | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class AgiRequest:
    """What Asterisk tells at the start of a visit."""

    script: str
    """`call` of `agi://host/call`."""
    arguments: tuple[str, ...]
    contact_id: ContactId
    """The channel's Uniqueid; made of letters, digits, `_`, `.` and `-` only."""
    headers: Mapping[str, str] = field(repr=False)
    """All headers by name, `agi_` included. May hold the caller's number: never to be logged."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Asterisk's answer to one command."""

    code: int
    result: int | None
    """None if there is none, as in `200 result= (timeout)`."""
    value: str | None = field(default=None, repr=False)
    """What stands in parentheses after the result."""
    endpos: int | None = None
    """Samples played."""

    @property
    def is_timeout(self) -> bool:
        """Whether Asterisk stopped waiting for keys by itself."""
        return self.value == "timeout"


def command_line(command: str, *arguments: str) -> bytes:
    """One command with its arguments, each of them quoted, as a line for Asterisk.

    Raises:
        BadInput: an argument has a character that could end the line, or it is all too long.
    """
    words = [command]
    for argument in arguments:
        if _UNSENDABLE.search(argument):
            raise BadInput(f"{command}: a control character cannot be sent to Asterisk")
        escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
        words.append(f'"{escaped}"')
    line = " ".join(words).encode("utf-8", "replace") + b"\n"
    if len(line) > COMMAND_BYTES_MAX:
        raise BadInput(f"{command}: {len(line)} bytes, at most {COMMAND_BYTES_MAX} can be sent")
    return line


def text_of(raw: bytes) -> str:
    """Bytes of a header or reply as text: UTF-8 if they are that, else latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def read_request(lines: Iterable[bytes]) -> AgiRequest:
    """The request in the header lines of a visit, without the empty line at their end.

    Raises:
        AgiGarbage: they are not what Asterisk sends. A header given twice is refused, since a
            second one can only have been smuggled in by a caller's name.
    """
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(text_of(line.rstrip(b"\r\n")))
        if found is None:
            raise AgiGarbage(f"header line {len(headers) + 1} is not of the form `agi_name: value`")
        name, value = found[1], found[2] or ""
        if name in headers:
            raise AgiGarbage(f"header {name} is given twice")
        headers[name] = value
    script, contact_id = headers.get("agi_network_script", ""), headers.get("agi_uniqueid", "")
    if not _SAFE_ID.fullmatch(script):
        raise AgiGarbage("agi_network_script is missing or is no script's name")
    if not _SAFE_ID.fullmatch(contact_id):
        raise AgiGarbage("agi_uniqueid is missing or is no channel's id")
    arguments: list[str] = []
    while (value := headers.get(f"agi_arg_{len(arguments) + 1}", "")) != "":
        arguments.append(value)
    return AgiRequest(script, tuple(arguments), ContactId(contact_id), MappingProxyType(headers))


def read_reply(line: bytes) -> Reply:
    """The answer in one line, without its end.

    Raises:
        AgiGarbage: it is not what Asterisk sends.
    """
    found = _REPLY.fullmatch(text_of(line))
    if found is None:
        raise AgiGarbage(f"expected a reply, found {len(line)} bytes of something else")
    code, rest = int(found[1]), found[2] or ""
    if code != 200:
        return Reply(code, None)
    parts = _RESULT.fullmatch(rest)
    if parts is None:
        raise AgiGarbage("a reply 200 without a result")
    result, endpos = parts["result"], parts["endpos"]
    return Reply(
        code,
        int(result) if result not in ("", "-") else None,
        parts["value"],
        int(endpos) if endpos is not None else None,
    )
