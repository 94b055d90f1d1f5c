"""The switch's own queue, which rings whoever is at work when no engine lives: pure.

House rules: the mirror is made by comparing what shall be with what the switch says, never by
replaying events; queue entries that we did not make (`queues.conf`) are left alone. Asterisk
calls an agent in a queue a member; the word stays in this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from queue_engine.telephony.ami_message import Action, AmiMessage
from queue_engine.telephony.dialplan import FALLBACK_QUEUE, interface_of
from queue_engine.telephony.ports import FallbackAgent

QUEUE_STATUS: Final[Action] = {"Action": "QueueStatus", "Queue": FALLBACK_QUEUE}
"""Asks who is in the fallback queue."""

Entries = dict[str, tuple[str, bool]]
"""Interface to (agent id, is paused)."""


def read_entries(messages: Iterable[AmiMessage]) -> Entries:
    """The entries that we once made, in the messages that answer `QUEUE_STATUS`."""
    return {
        interface: (message.get("name"), message.get("paused") == "1")
        for message in messages
        if message.event == "QueueMember"
        and message.get("queue") == FALLBACK_QUEUE
        and message.get("membership") == "dynamic"
        and (interface := message.get("location") or message.get("interface"))
    }


def wanted_entries(agents: Iterable[FallbackAgent]) -> Entries:
    """The entries that shall be."""
    return {interface_of(agent.phone_id): (agent.agent_id, agent.is_paused) for agent in agents}


def changes(present: Entries, wanted: Entries) -> list[tuple[Action, str]]:
    """The actions that make the wanted entries of the present ones, each with its interface."""
    actions: list[tuple[Action, str]] = []
    for interface, (agent_id, is_paused) in present.items():
        if interface not in wanted or wanted[interface][0] != agent_id:
            actions.append((_remove(interface), interface))
        elif wanted[interface][1] != is_paused:
            actions.append((_pause(interface, wanted[interface][1]), interface))
    for interface, (agent_id, is_paused) in wanted.items():
        if interface not in present or present[interface][0] != agent_id:
            actions.append((_add(interface, agent_id, is_paused), interface))
    return actions


def _add(interface: str, agent_id: str, is_paused: bool) -> Action:
    return {
        "Action": "QueueAdd",
        "Queue": FALLBACK_QUEUE,
        "Interface": interface,
        "MemberName": agent_id,
        "Paused": _word(is_paused),
    }


def _remove(interface: str) -> Action:
    return {"Action": "QueueRemove", "Queue": FALLBACK_QUEUE, "Interface": interface}


def _pause(interface: str, is_paused: bool) -> Action:
    return {
        "Action": "QueuePause",
        "Queue": FALLBACK_QUEUE,
        "Interface": interface,
        "Paused": _word(is_paused),
    }


def _word(is_paused: bool) -> str:
    return "true" if is_paused else "false"
