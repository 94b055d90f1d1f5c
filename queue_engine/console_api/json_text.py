"""Shapes as the text that is sent."""

from __future__ import annotations

import json


def to_json(body: object) -> bytes:
    """One of the shapes as compact JSON; half a character that somebody sent becomes a `?`."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
