"""The links of this engine, as the node that it is among others asks for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from queue_engine.telephony.ami_link import AmiLink
from queue_engine.telephony.embedded.link import EmbeddedLink
from queue_engine.telephony.errors import TelephonyError
from queue_engine.telephony.link_counts import LinkState
from routing.vocabulary import LinkId


class HeldLinks:
    """The `serve.island.Switches` of a service.

    Args:
        links: all of them; more may come.
    """

    def __init__(self, links: Sequence[AmiLink | EmbeddedLink]) -> None:
        self._links = links

    def held(self) -> Sequence[LinkId]:
        """See `Switches`."""
        return [link.link_id for link in self._links if link.state is LinkState.LIVE]

    async def ours(self) -> Sequence[LinkId]:
        """See `Switches`."""
        found = await asyncio.gather(*map(_is_ours, self._links))
        ours = [link.link_id for link, is_ours in zip(self._links, found, strict=True) if is_ours]
        return sorted(ours)


async def _is_ours(link: AmiLink | EmbeddedLink) -> bool:
    # One that has been taken waits for whoever decides before it is live: that may be us.
    is_taken = link.state in (LinkState.RECONCILING, LinkState.LIVE)
    if not is_taken or not isinstance(link, AmiLink):
        return False
    try:
        return await link.beat.is_ours()
    except TelephonyError:
        return False
