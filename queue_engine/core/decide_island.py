"""Decisions of an engine that is alone with its own switches, because it reaches no other."""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.commands import ReportCutOff
from queue_engine.core.turn import Turn


def report_cut_off(turn: Turn, command: ReportCutOff) -> None:
    """Every switch is out of reach until it has been looked at anew, which only its own will be."""
    if command.link_ids == turn.state.island:
        return
    for link_id, is_up in sorted(turn.state.links.items()):
        if is_up:
            turn.emit(ev.LinkLost(link_id))
    turn.emit(ev.IslandBegan(command.link_ids))
