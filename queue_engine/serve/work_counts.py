"""What the loop and the links of a service have counted, by words, for metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from queue_engine.telephony.ami_connection import AmiConnection
from queue_engine.telephony.ami_link import AmiLink
from queue_engine.telephony.embedded.link import EmbeddedLink
from routing.vocabulary import LinkId


def link_counts(links: Sequence[AmiLink | EmbeddedLink]) -> dict[LinkId, dict[str, int]]:
    """Each link's, with those of its moves, its errands and its connection."""
    return {link.link_id: _counts_of(link) for link in links}


def _counts_of(link: AmiLink | EmbeddedLink) -> dict[str, int]:
    counts: dict[str, int] = asdict(link.counts)
    if isinstance(link, EmbeddedLink):
        return counts
    for name, part in (("redirects", link.redirects.counts), ("errands", link.errands.counts)):
        counts |= {f"{name}_{what}": count for what, count in asdict(part).items()}
    connection = link.connection
    if isinstance(connection, AmiConnection):
        counts |= {
            "attempts": connection.attempts,
            "late_answers": connection.late_answers,
            "odd_messages": connection.odd_messages,
        }
    return counts
