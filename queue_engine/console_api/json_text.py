"""Shapes as the text that is sent."""

from __future__ import annotations

import json


def to_json(body: object) -> bytes:
    """One of the shapes as compact JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
