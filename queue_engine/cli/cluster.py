"""`samko cluster`: the engines on one journal in Redis, which of them is to decide, and merging."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any, Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.core.errors import SamkoError

if TYPE_CHECKING:
    from queue_engine.journal.redis_nodes import ClusterPicture, RedisNodes
    from queue_engine.journal.redis_place import RedisPlace

HAND_OVER: Final = "hand-over"
UPGRADE: Final = "upgrade"
MERGE: Final = "merge"
_WHAT: Final = "let another engine decide, newer records be written, or an island be merged"
_EVERY_S: Final = 0.05
_START_SHOWN: Final = 8
"""Of a start's letters: a row fits into 80 columns, and `hand-over` takes a beginning."""
_MORE: Final = """\
Age is how long ago an engine has said so, Lease how long it may decide unless
it says so again, which it does each second.

`samko cluster hand-over` asks the engine that decides to let another one do so:
the NODE that is named by its host or the beginning of its start, else whoever
is furthest along. For less than a tenth of a second nobody decides. The former
one goes on serving, and follows. Redis is asked, so no engine needs to answer
over HTTP.

`samko cluster upgrade` lets records be written in the newest version that an
engine here reads, once all of them read it. Until then newer engines write what
the older ones read. It cannot be taken back: an older engine that is started
afterwards follows nothing, and says so.

`samko cluster merge FILE` is for a node that was an island (cut off from Redis)
and does not come back: FILE is what its var/unjournaled has. The engine that
runs here tells it to whoever decides; a node that comes back does so by itself.
Told twice it counts once. FILE stays as it is.

Exit codes: 0 it is told or done, 1 it cannot be (says why), 3 FILE is damaged.
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    summary = "the engines on one journal in Redis: who decides; let another one do so"
    parser = commands.add("cluster", run, Group.LOOK, summary, more=_MORE)
    parser.add_argument("what", nargs="?", choices=(HAND_OVER, UPGRADE, MERGE), help=_WHAT)
    parser.add_argument("node", nargs="?", default="", metavar="NODE", help="which one, or FILE")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(chosen: argparse.Namespace) -> int:
    """Shows who is there, or hands over and says to whom, or merges what an island did.

    Raises:
        SamkoError: no journal in Redis, or it cannot be done; says why.
    """
    if chosen.what == MERGE:
        from queue_engine.cli.cluster_merge import merge

        return merge(chosen)
    from queue_engine.journal.redis_nodes import RedisNodes

    place = _place(chosen)
    nodes = RedisNodes(place)
    try:
        if chosen.what is None:
            _show(place, nodes.picture(), is_json=chosen.json)
        elif chosen.what == UPGRADE:
            _upgrade(nodes, is_json=chosen.json)
        else:
            _hand_over(nodes, chosen.node, is_json=chosen.json)
    finally:
        nodes.close()
    return 0


def _place(chosen: argparse.Namespace) -> RedisPlace:
    from queue_engine.config.engine_file import read_settings
    from queue_engine.config.source import Faults
    from queue_engine.serve.journal import place_of

    faults = Faults()
    settings = read_settings(faults, chosen.config)
    faults.raise_if_any()
    if settings.redis is None:
        raise SamkoError("samko.yaml names no redis: its one engine decides by itself")
    return place_of(settings.redis)


def _hand_over(nodes: RedisNodes, wanted: str, *, is_json: bool) -> None:
    from queue_engine.journal.redis_nodes import WISH_MS
    from queue_engine.serve.hand_over import successor

    to = successor(nodes.picture(), wanted).note
    nodes.wish(to.start)
    began_s = time.monotonic()
    while (found := nodes.picture()).holder != to.start:
        if found.wished != to.start or time.monotonic() - began_s > WISH_MS / 1000:
            raise SamkoError(
                f"not handed over to {to.host} ({to.start}): the engines' logs say why"
            )
        time.sleep(_EVERY_S)
    if is_json:
        print(json.dumps({"decides": to.start, "host": to.host}))
    else:
        print(f"{to.host} ({to.start}) decides now, from record {found.last_number} on")


def _upgrade(nodes: RedisNodes, *, is_json: bool) -> None:
    from queue_engine.serve.upgrade import newer_version

    before = nodes.picture()
    now = nodes.raise_version(newer_version(before))
    if is_json:
        print(json.dumps({"was_written": before.version, "written": now}))
    else:
        print(f"records are written in version {now} from now on, no longer {before.version}")


def _show(place: RedisPlace, found: ClusterPicture, *, is_json: bool) -> None:
    if is_json:
        print(json.dumps(_plain(found), ensure_ascii=False, indent=2))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for head in ("Host", "Start", "", "Version", "Holds"):
        table.add_column(head, overflow="fold", no_wrap=head in ("Start", ""))
    for head in ("Record", "Behind", "Age", "Lease"):
        table.add_column(head, justify="right", no_wrap=True)
    for node in found.nodes:
        note, decides = node.note, node.note.start == found.holder
        table.add_row(
            note.host,
            note.start[:_START_SHOWN],
            "decides" if decides else "follows",
            f"{note.version}, rules {note.rules}",
            " ".join(note.links) or "-",
            f"{note.number:,}",
            f"{node.lag:,}",
            f"{node.age_ms / 1000:.1f} s",
            f"{found.lease_left_ms / 1000:.1f} s" if decides else "",
        )
    begun = f"incarnation {found.incarnation}" if found.incarnation else "not begun yet"
    console.print(f"Journal {place}: {begun}, {found.last_number:,} records")
    console.print(table)
    for line in _remarks(found):
        console.print(line)


def _remarks(found: ClusterPicture) -> list[str]:
    lines = [
        f"{node.note.host} ({node.note.start}) cannot take over: {node.note.fault}"
        for node in found.nodes
        if node.note.fault
    ]
    held = max((node.note.number for node in found.nodes), default=0)
    if held and not found.incarnation:
        lines.append(
            f"Redis was emptied: the engines hold {held:,} records, and whoever decides begins"
            " the journal anew with the next one."
        )
    if not found.nodes:
        lines.append("No engine is there.")
    elif not found.holder:
        lines.append("Nobody decides.")
    elif found.holder not in {node.note.start for node in found.nodes}:
        left_s = found.lease_left_ms / 1000
        lines.append(f"{found.holder} has the lease for {left_s:.1f} s more, and is not there.")
    if found.wished:
        lines.append(f"{found.wished} is to decide.")
    newest = max((max(node.note.reads, default=0) for node in found.nodes), default=0)
    if newest > found.version:
        lines.append(
            f"Records are written in version {found.version}; {newest} is written after"
            f" `samko cluster {UPGRADE}`, once all read it."
        )
    return lines


def _plain(found: ClusterPicture) -> dict[str, Any]:
    return {
        "incarnation": found.incarnation or None,
        "last_number": found.last_number,
        "decider": found.holder or None,
        "lease_left_ms": found.lease_left_ms,
        "wished": found.wished or None,
        "written": found.version,
        "nodes": [
            {
                "start": node.note.start,
                "host": node.note.host,
                "version": node.note.version,
                "rules": node.note.rules,
                "decides": node.note.start == found.holder,
                "number": node.note.number,
                "lag": node.lag,
                "age_ms": node.age_ms,
                "links": list(node.note.links),
                "reads": list(node.note.reads),
                "fault": node.note.fault or None,
            }
            for node in found.nodes
        ],
    }
