"""What is journaled when the core itself fails: the kind and the place, never what was said."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import Final

from queue_engine.core.commands import Command, ReportCallerWaiting, ReportCommandFailed
from queue_engine.core.decide import DeadlineFailed
from routing.vocabulary import ContactId

FRAMES: Final = 3
"""Of the code, innermost first: enough to find the line."""


def report_failure(command: Command, exc: Exception) -> ReportCommandFailed:
    """The command that puts this failure into the journal.

    It names the contact or the deadline at which the core failed, so that the others can go on
    without it. An exception's own words may be about a person and are left out.
    """
    deadline = None
    cause: BaseException = exc
    if isinstance(exc, DeadlineFailed):
        deadline = (exc.row.kind.value, exc.row.subject, exc.row.detail)
        cause = exc.__cause__ or exc
    return ReportCommandFailed(
        command=type(command).__name__,
        error=f"{type(cause).__name__} at {_place(cause)}",
        contact_id=_contact_of(command),
        deadline=deadline,
    )


def _place(cause: BaseException) -> str:
    frames = traceback.extract_tb(cause.__traceback__)[-FRAMES:]
    return " < ".join(
        f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )


def _contact_of(command: Command) -> ContactId | None:
    if isinstance(command, ReportCallerWaiting):
        return command.caller.contact_id
    contact_id: ContactId | None = getattr(command, "contact_id", None)
    return contact_id
