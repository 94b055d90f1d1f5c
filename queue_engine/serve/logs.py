"""How the engine's log looks: lines for eyes on a terminal, JSON lines for machines elsewhere.

House rules: code logs by the standard library or through structlog; both come out alike. Whatever
concerns one contact says `call ID: ` first, or gives `contact_id`: either way `contact_id` is a key
of the line. Nothing else about a caller is ever logged.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

Style = Literal["auto", "text", "json"]
ACCESS_LOGGER: Final = "samko.http"
"""A line for each request: for machines, and too much for eyes."""
_FIRST: Final = ("timestamp", "level", "logger", "event", "contact_id")
_OF_CONTACT: Final = re.compile(r"call ([A-Za-z0-9][A-Za-z0-9._-]{0,79}): ")
_CLEAR_LINE: Final = "\r\x1b[K"


def start_logging(style: Style = "auto", out: TextIO | None = None) -> None:
    """Sends all that is logged from now on to `out`, instead of where an earlier call sent it.

    Args:
        style: `text` for people, without a line for each HTTP request; `json` for one object a
            line (`timestamp` in UTC, `level`, `logger`, `event`, `contact_id` ...); `auto` is
            text if `out` is a terminal.
        out: stderr unless given.
    """
    out = out if out is not None else sys.stderr
    is_json = style == "json" or (style == "auto" and not out.isatty())
    shared = _before(is_json)
    handler = _Handler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_after(is_json, has_colour=out.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    for earlier in [known for known in root.handlers if isinstance(known, _Handler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger(ACCESS_LOGGER).setLevel(logging.INFO if is_json else logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _before(is_json: bool) -> list[Processor]:
    """What happens to an entry where it is made, whoever makes it."""
    moment = (
        structlog.processors.TimeStamper(fmt="iso", utc=True)
        if is_json
        else structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False)
    )
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(("contact_id",)),
        moment,
    ]


def _after(is_json: bool, *, has_colour: bool) -> list[Processor]:
    """From an entry to a line."""
    if not is_json:
        # Not rich's traces, which show the values of variables: some of them are callers' numbers.
        plain = structlog.dev.plain_traceback
        return [
            structlog.dev.ConsoleRenderer(
                colors=has_colour, pad_event_to=0, exception_formatter=plain
            )
        ]
    return [
        _name_contact,
        _in_order,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _name_contact(_logger: object, _method: str, entry: EventDict) -> EventDict:
    """The contact that the sentence begins with, as a key."""
    found = _OF_CONTACT.match(str(entry.get("event", "")))
    if found is not None:
        entry.setdefault("contact_id", found[1])
    return entry


def _in_order(_logger: object, _method: str, entry: EventDict) -> EventDict:
    """What everybody looks for stands at the same place in every line."""
    first = {key: entry[key] for key in _FIRST if key in entry}
    return {**first, **entry}


class _Handler(logging.StreamHandler[TextIO]):
    """Writes over the status line that a terminal may show, which comes again by itself."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, after clearing whatever stands there."""
        line = super().format(record)
        return _CLEAR_LINE + line if self.stream.isatty() else line
