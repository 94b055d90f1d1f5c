"""How the engine's log looks: lines for eyes on a terminal, JSON lines for machines elsewhere.

House rules: code logs as the standard library does (or through structlog); both come out alike. A
contact is named by its id under the key `contact_id`; nothing about the caller is ever logged.
"""

from __future__ import annotations

import logging
import sys
from typing import Final, Literal, TextIO

import structlog

Style = Literal["auto", "text", "json"]
_UTC: Final = structlog.processors.TimeStamper(fmt="iso", utc=True)
_LOCAL: Final = structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False)


def start_logging(style: Style = "auto", out: TextIO | None = None) -> None:
    """Sends all that is logged from now on to `out`, instead of where an earlier call sent it.

    Args:
        style: `text` for people, `json` for one object a line (`timestamp` in UTC, `level`,
            `logger`, `event`, `contact_id` ...); `auto` is text if `out` is a terminal.
        out: stderr unless given.
    """
    out = out if out is not None else sys.stderr
    is_json = style == "json" or (style == "auto" and not out.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(("contact_id",)),
        _UTC if is_json else _LOCAL,
    ]
    last: list[structlog.typing.Processor] = (
        [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        if is_json
        else [structlog.dev.ConsoleRenderer(colors=out.isatty())]
    )
    handler = _Handler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    for earlier in [known for known in root.handlers if isinstance(known, _Handler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, to be told from those of whoever else listens."""
