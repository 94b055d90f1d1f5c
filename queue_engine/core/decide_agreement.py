"""Decisions on what the agreement hangs on from outside: time windows and lines."""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.commands import CloseLine, OpenLine, SetWindow
from queue_engine.core.sharing import share_in_window, share_of_line, unshare_in_window
from queue_engine.core.turn import Turn


def set_window(turn: Turn, command: SetWindow) -> None:
    """The level of a window; told again, nothing changes."""
    if turn.state.is_window_on(command.window) == command.is_on:
        return
    turn.emit(ev.WindowSet(command.window, command.is_on))
    if command.is_on:
        share_in_window(turn, command.window)
    else:
        unshare_in_window(turn, command.window)


def open_line(turn: Turn, command: OpenLine) -> None:
    """Callers are taken in at the line; who has been shared while it was closed stays so."""
    if not turn.state.is_line_open(command.line_id):
        turn.emit(ev.LineOpened(command.line_id))


def close_line(turn: Turn, command: CloseLine) -> None:
    """Nobody more is taken in at the line; who waits in it keeps his place."""
    if turn.state.is_line_open(command.line_id):
        turn.emit(ev.LineClosed(command.line_id))
        share_of_line(turn, command.line_id)
