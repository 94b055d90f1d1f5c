"""The token that a client of the API has to show: made once, readable to this user alone."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Final

from queue_engine.core.errors import SamkoError

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32,200}")


def read_or_make_token(path: Path) -> str:
    """The token in the file; a new one is written if there is no file.

    Raises:
        SamkoError: the file cannot be used; says why, never what is in it.
    """
    try:
        _make(path)
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as fault:
        raise SamkoError(f"{path}: the token cannot be read: {type(fault).__name__}") from fault
    if not _TOKEN.fullmatch(token):
        raise SamkoError(f"{path}: expected 32 to 200 letters, digits, - or _; remove it for a new")
    return token


def _make(path: Path) -> None:
    """Whole or not at all, and never over one that is there."""
    if path.exists():
        return
    made = path.with_name(f"{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(made, flags, 0o600), "w", encoding="ascii") as file:
        file.write(f"{secrets.token_urlsafe(32)}\n")
    try:
        os.link(made, path)
    except FileExistsError:
        pass  # another process was quicker
    finally:
        made.unlink()
