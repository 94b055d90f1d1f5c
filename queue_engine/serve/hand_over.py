"""Handing over: the decider lets another node decide, because somebody has asked for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from queue_engine.core.errors import EngineStopped, Refused, SamkoError
from queue_engine.journal.redis_nodes import ClusterPicture, NodeNote, RedisNodes, SeenNode
from queue_engine.runtime.one_thread import OneThread

_log = logging.getLogger(__name__)

NOTICE_S: Final = 0.3
"""From when the decider sees a wish until it hands over: by then the other one has looked three
times (`node.FOLLOW_S`), has said that it is there, and is in haste."""
LAG_RECORDS_MAX: Final = 1_000
"""Folded in a moment; whoever is further behind would keep callers waiting."""


class DecidesNoMore(SamkoError):
    """This engine decides no more, and that is as it should be: it goes on following."""


class HandedOver(DecidesNoMore):
    """It has let another decide."""


def successor(picture: ClusterPicture, wanted: str = "") -> SeenNode:
    """Who is to decide next.

    Args:
        picture: who is there.
        wanted: the beginning of a node's start, or its host; empty: whoever is furthest along.

    Raises:
        Refused: nobody fits; says why.
    """
    if not picture.holder:
        raise Refused("no_decider", "nobody decides: whoever stands by takes the lease by itself")
    others = [node for node in picture.nodes if node.note.start != picture.holder]
    if not others:
        raise Refused("no_other_node", "no other node stands by")
    if wanted:
        fit = [node for node in others if _is_meant(node, wanted)]
        if not fit:
            decides = any(_is_meant(node, wanted) for node in picture.nodes)
            said = "decides already" if decides else f"is not there, but {_names(others)}"
            raise Refused("unknown_node", f"node {wanted} {said}")
        if len(fit) > 1:
            said = f"{len(fit)} nodes are called {wanted}: say which start, {_names(fit)}"
            raise Refused("unknown_node", said)
        others = fit
    chosen = min(others, key=lambda node: (bool(node.note.fault), node.lag))
    name = _names([chosen])
    if chosen.note.fault:
        raise Refused("node_fault", f"{name} does not follow the journal: {chosen.note.fault}")
    if chosen.lag > LAG_RECORDS_MAX:
        raise Refused("node_lags", f"{name} is {chosen.lag} records behind; try again later")
    return chosen


async def agreed(wished: str, nodes: RedisNodes, thread: OneThread) -> NodeNote | None:
    """Who is to have the lease, as somebody wishes. None: nobody; it is told, and the wish over.

    Args:
        wished: see `successor`.
        nodes: asked in this thread.

    Raises:
        JournalError: Redis cannot be asked.
    """
    await asyncio.sleep(NOTICE_S)
    try:
        to = successor(await thread.call(nodes.picture), wished)
        if to.age_ms > NOTICE_S * 1000:
            raise Refused("no_answer", f"node {wished} does not answer")
    except Refused as refused:
        _log.warning("asked to hand over, and does not: %s", refused)
        await thread.call(nodes.forget_wish, wished)
        return None
    return to.note


def _is_meant(node: SeenNode, wanted: str) -> bool:
    return node.note.host == wanted or node.note.start.startswith(wanted)


def _names(nodes: Sequence[SeenNode]) -> str:
    return ", ".join(f"{node.note.host} ({node.note.start})" for node in nodes)


def cause_of(faults: BaseExceptionGroup[BaseException]) -> BaseException:
    """What the others ended for: a loop that has ended stops whoever submits to it."""
    single: list[BaseException] = []
    for fault in faults.exceptions:
        single.append(cause_of(fault) if isinstance(fault, BaseExceptionGroup) else fault)
    return next((one for one in single if not isinstance(one, EngineStopped)), single[0])
