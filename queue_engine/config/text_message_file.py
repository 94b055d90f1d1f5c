"""The section `text_messages` of `samko.yaml`: the service that sends them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from queue_engine.config.schema_parts import Schema, mapping, matching, text, time
from queue_engine.config.secret import ENVIRONMENT_VARIABLE, SecretPlace, secret_place
from queue_engine.config.source import Section

TEXT_VARIABLE: Final = "SAMKO_TEXT_SECRET"
TIMEOUT_MS: Final = 10_000
TIMEOUT_MS_MAX: Final = 60_000
_PATH: Final = r"(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]{0,500})?"
TEXT_URL: Final = re.compile(
    rf"https://[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,251}}[A-Za-z0-9])?{_PATH}"
    rf"|http://(?:127\.0\.0\.1|localhost){_PATH}"
)
"""Numbers go there: in the clear on this machine at most. Without a query, which others log."""


@dataclass(frozen=True, slots=True)
class TextMessageSettings:
    """The service that sends text messages."""

    url: str
    secret: SecretPlace | None
    """Of the token that is shown to it; None: none is."""
    timeout_ms: int
    """So long an answer may take."""


def read_text_messages(top: Section) -> TextMessageSettings | None:
    """None: there is no such section, and they are written to files."""
    item = top.may("text_messages")
    if not item.is_given:
        return None
    section = item.section()
    has_secret = section.has("secret_file") or section.has("secret_env") or section.has("secret")
    return TextMessageSettings(
        url=section.need("url").matching(
            TEXT_URL,
            "an https address without a query (http on this machine alone)",
            is_private=True,
        ),
        secret=secret_place(section, TEXT_VARIABLE) if has_secret else None,
        timeout_ms=section.may("timeout").duration_ms(
            TIMEOUT_MS, least_ms=100, most_ms=TIMEOUT_MS_MAX
        ),
    )


def text_messages_schema() -> Schema:
    """The section for editors."""
    return mapping(
        "The service that sends text messages, instead of files",
        {"url": matching(TEXT_URL, "Where it is")},
        {
            "secret_file": text("The file with its token", length_max=1_000),
            "secret_env": matching(ENVIRONMENT_VARIABLE, "The variable with it"),
            "timeout": time("So long an answer may take"),
        },
        **{"not": {"required": ["secret_file", "secret_env"]}},
    )
