"""Several versions of the program on one journal: which records may be written, and who reads them.

A newer program writes the version that the journal says, which older ones read, until all that are
there read a newer one and somebody says that it is to be written. A node that cannot read what is
written follows nothing and never decides: it would tell of a queue that is not so.
"""

from __future__ import annotations

import logging

from queue_engine.core import codec
from queue_engine.core.errors import Refused
from queue_engine.core.snapshot import version_needed
from queue_engine.journal.redis_nodes import ClusterPicture, RedisNodes, SeenNode
from queue_engine.runtime.driver import Driver

_log = logging.getLogger(__name__)


class WrittenVersion:
    """What a node knows of the version that is written to its journal.

    Args:
        nodes: asks Redis; in whichever thread `look` is called.
    """

    def __init__(self, nodes: RedisNodes) -> None:
        self._nodes = nodes
        self.version = codec.FIRST_VERSION
        """The newest that has been seen; it never goes back."""

    def look(self, *, decides: bool) -> None:
        """Asks for it, and goes on as `see`.

        Raises:
            JournalError: Redis cannot be asked.
        """
        self.see(self._nodes.written_version(), decides=decides)

    def see(self, found: int, *, decides: bool) -> None:
        """It has been found to be this one; told once if that cannot be read here.

        Who decides gives it back to a Redis that has lost it.

        Raises:
            JournalError: Redis cannot be asked.
        """
        if found < self.version and decides:
            found = self._nodes.raise_version(self.version)
        was_well = not self.fault
        self.version = max(self.version, found)
        if was_well and self.fault:
            _log.critical("this node follows no more, and does not decide: %s", self.fault)

    @property
    def fault(self) -> str:
        """Why this program cannot read what is written; empty: it can."""
        if self.version in codec.VERSIONS:
            return ""
        known = ", ".join(map(str, codec.VERSIONS))
        return (
            f"records are written in version {self.version}, and this program reads {known}:"
            " install a newer one"
        )

    def obey(self, driver: Driver) -> None:
        """From its next turn on the driver writes this version; or what its state has come of
        already, which whoever follows has read, if Redis says less."""
        if not self.fault:
            driver.writes = max(self.version, version_needed(driver.state))


def newer_version(picture: ClusterPicture) -> int:
    """The version that all nodes which are there read, newer than the one that is written.

    Raises:
        Refused: there is none; says why, and names those that do not read what others do.
    """
    if not picture.nodes:
        raise Refused("no_node", "no engine is there, and so nobody who reads anything newer")
    newest = max(max(node.note.reads, default=0) for node in picture.nodes)
    if newest <= picture.version:
        raise Refused("newest", f"version {picture.version} is written, and nobody reads a newer")
    behind = [_name(node) for node in picture.nodes if newest not in node.note.reads]
    if behind:
        names = ", ".join(behind)
        raise Refused("not_read_by_all", f"version {newest} is not read by {names}")
    return newest


def _name(node: SeenNode) -> str:
    return f"{node.note.host} ({node.note.start}, {node.note.version})"
