"""Decisions of an engine that is alone with its own switches, because it reaches no other."""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.commands import ReportCutOff
from queue_engine.core.turn import Turn


def report_cut_off(turn: Turn, command: ReportCutOff) -> None:
    """All other switches are lost to it: whoever is there, another engine decides on."""
    if command.link_ids == turn.state.island:
        return
    for link_id, is_up in sorted(turn.state.links.items()):
        if is_up and link_id not in command.link_ids:
            turn.emit(ev.LinkLost(link_id))
    turn.emit(ev.IslandBegan(command.link_ids))
