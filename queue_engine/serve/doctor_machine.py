"""The machine under the engine: its clock, its time zones, the voices."""

from __future__ import annotations

import ctypes
import os
import shutil
import time
from pathlib import Path
from typing import Final

from queue_engine.core.errors import SamkoError
from queue_engine.runtime.swedish_days import sweden
from queue_engine.serve.doctor_finding import Finding, fault, ok, warning

AHEAD_S_MAX: Final = 60.0
"""A file may be so much younger than the clock says that it is now."""
_BUILT_S: Final = 1_760_000_000
"""Autumn of 2025: no clock of a machine that runs this can be earlier."""
_TIME_ERROR: Final = 5
"""What adjtimex(2) answers while the clock is not synchronised."""
_TIMEX_BYTES: Final = 512
"""More than the kernel's struct timex; all zero asks and sets nothing."""
_NTP: Final = "keep it by NTP: on Debian, `apt-get install chrony`"


def time_zone() -> Finding:
    """Opening hours and time windows are Swedish local time."""
    try:
        return ok("time zone", f"{sweden().key} is known")
    except SamkoError as exc:
        return fault("time zone", str(exc), "on Debian, `apt-get install tzdata`")


def clock(journal: Path) -> Finding:
    """Whether the wall clock can be right: not before what has been written, and synchronised."""
    now_s = time.time()
    if now_s < _BUILT_S:
        shown = time.strftime("%Y-%m-%d", time.gmtime(now_s))
        return fault("clock", f"it says that today is {shown}", f"set it, and {_NTP}")
    ahead_s = _written_s(journal) - now_s
    if ahead_s > AHEAD_S_MAX:
        return warning(
            "clock",
            f"it is at least {ahead_s:.0f} s behind what the journal was last written at",
            f"set it, and {_NTP}; until then the engine's time follows it slowly",
        )
    if _is_unsynchronised():
        return warning("clock", "the kernel says that it is not synchronised", _NTP)
    return ok("clock", time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now_s)))


def voices(*, is_needed: bool) -> Finding:
    """What `samko prompts` renders with.

    Args:
        is_needed: whether there is something to be rendered.
    """
    missing = [tool for tool in ("espeak-ng", "sox") if shutil.which(tool) is None]
    if not missing:
        return ok("voices", "espeak-ng and sox are there")
    text = f"{' and '.join(missing)} not found"
    install = f"on Debian, `apt-get install {' '.join(missing)}`"
    if is_needed:
        return fault("voices", text, f"{install}, then `samko prompts`")
    return ok("voices", f"{text}; needed only when a text changes")


def _written_s(journal: Path) -> float:
    """When the journal or its log was last written, in seconds since 1970; 0 for never."""
    files = (journal, journal.with_name(journal.name + "-wal"))
    return max((file.stat().st_mtime for file in files if file.exists()), default=0.0)


def _is_unsynchronised() -> bool:
    """What the kernel says; False where it cannot be asked."""
    if not hasattr(os, "uname") or os.uname().sysname != "Linux":
        return False
    asked = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        return bool(ctypes.CDLL(None).adjtimex(asked) == _TIME_ERROR)
    except (OSError, AttributeError):
        return False
