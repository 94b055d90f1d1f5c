"""Events on what the regions' agreement hangs on from outside: rules, windows and lines.

Part of `events`, where the house rules stand.
"""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import LineId


@message
class PolicyLoaded:
    """These rules are in force."""

    policy: str


@message
class WindowSet:
    """A time window went on or off."""

    window: str
    is_on: bool


@message
class LineOpened:
    """Callers are taken in at a line that was closed."""

    line_id: LineId


@message
class LineClosed:
    """No caller is taken in at a line any more; those who wait in it keep their places."""

    line_id: LineId
