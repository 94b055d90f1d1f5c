"""While another engine decides: what is said of it, in the log and over HTTP."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack
from typing import Final

from queue_engine.config.engine_file import EngineSettings
from queue_engine.console_api.standby_api import StandbyApi, StandbyPicture
from queue_engine.serve.http import listen
from queue_engine.serve.node import Node
from queue_engine.serve.token import read_or_make_token

_log = logging.getLogger(__name__)

CLOSE_S: Final = 0.05
"""So long a running request may keep this engine from taking over."""


async def until_it_decides(node: Node, settings: EngineSettings) -> None:
    """Stands by, if another engine decides, and serves health and metrics meanwhile.

    Raises:
        JournalError: Redis cannot be reached at the start.
        SamkoError: the address for HTTP cannot be had.
    """
    if await node.take():
        return
    _log.warning("another engine decides on journal %s: standing by", node.place)
    async with AsyncExitStack() as opened:
        token = read_or_make_token(settings.token_file)
        hosts = (settings.http.host, *settings.http.hosts)
        api = StandbyApi(token, hosts, lambda: _picture(node))
        port = await listen(api.app(), settings.http, opened, CLOSE_S)
        _log.info("health and metrics of who stands by are at port %d", port)
        await node.stand_by()
    _log.warning("this engine decides on journal %s from now on", node.place)


def _picture(node: Node) -> StandbyPicture:
    holder, left_ms = node.held or ("", 0)
    trouble = ""
    if node.standby.fault is not None:
        trouble = str(node.standby.fault)
    elif node.is_cut_off:
        trouble = "Redis cannot be reached"
    return StandbyPicture(holder, left_ms, node.standby.number, node.lag, trouble)
