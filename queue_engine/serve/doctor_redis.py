"""The journal in Redis: whether it can be had, and whether what it keeps lasts."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Final, NamedTuple

from redis.exceptions import AuthenticationError, NoPermissionError

from queue_engine.config.problems import ConfigError
from queue_engine.config.redis_file import RedisSettings
from queue_engine.core.errors import JournalError
from queue_engine.journal.base import NoJournal
from queue_engine.journal.redis_nodes import ClusterPicture, RedisNodes
from queue_engine.journal.redis_place import RedisPlace, kept_on_disk
from queue_engine.journal.redis_reading import RedisReading
from queue_engine.serve.doctor_files import JournalFound
from queue_engine.serve.doctor_finding import fault, ok, warning
from queue_engine.serve.journal import place_of

RECORDS_HERE_MAX: Final = 1_000_000
"""Some ten days of the whole country, and a gigabyte of memory."""
_REFUSALS: Final = (AuthenticationError, NoPermissionError)


class _Records(NamedTuple):
    last: int
    here: int
    """That have not left for the archive."""


def redis_journal(settings: RedisSettings, area: str = "journal") -> JournalFound:
    """Whether it can be reached and lasts, and whether an engine has its lease."""
    try:
        place = place_of(settings)
        with closing(RedisNodes(place)) as nodes:
            picture = nodes.picture()
        records = _records(place)
        lasts = kept_on_disk(place)
    except ConfigError as exc:
        advice = "give samko.yaml a secret_file or secret_env, and a ca_file, that is there"
        return JournalFound(fault(area, str(exc), advice))
    except JournalError as exc:
        advice = (
            "see that Redis runs, and what `redis` of samko.yaml says; restart no engine until it"
            " does: one that runs goes on in memory, one that starts serves nobody"
        )
        if isinstance(exc.__cause__, _REFUSALS):
            advice = "see user and secret under `redis` in samko.yaml, and that user's rights"
        return JournalFound(fault(area, str(exc), advice))
    is_here, is_elsewhere = _who_serves(picture)
    held = max((node.note.number for node in picture.nodes), default=0)
    if records is None and held:
        text = f"{place} was emptied: the engines on it hold {held} records"
        advice = "let them run: whoever decides begins it anew with its next record"
        return JournalFound(warning(area, text, advice), is_here, is_elsewhere)
    if records is None:
        text = f"{place} is begun at the first start"
    else:
        state = "an engine serves" if is_here else "nobody serves"
        state = "engines of other machines serve" if is_elsewhere else state
        text = f"{place}: {records.last} records, {state} on it"
    if lasts == "not at all":
        text += "; they are in that Redis's memory only"
        advice = "set `appendonly yes` there: else all records go when it stops"
        return JournalFound(warning(area, text, advice), is_here, is_elsewhere)
    if records is not None and records.here > RECORDS_HERE_MAX:
        text += f"; {records.here} of them are in its memory"
        advice = "have `samko archive` run each night; it says what keeps them there"
        return JournalFound(warning(area, text, advice), is_here, is_elsewhere)
    return JournalFound(ok(area, f"{text}, kept on disk: {lasts}"), is_here, is_elsewhere)


def _who_serves(picture: ClusterPicture) -> tuple[bool, bool]:
    """Whether an engine of this machine is there; and whether those of others alone are."""
    hosts = {node.note.host for node in picture.nodes}
    is_held = bool(picture.holder)
    is_here = socket.gethostname() in hosts or (is_held and not hosts)
    return is_here, is_held and not is_here


def _records(place: RedisPlace) -> _Records | None:
    """How many there are; None: the journal is not begun."""
    try:
        with RedisReading(place) as reading:
            last = reading.last_number()
            return _Records(last, last - reading.kept_after())
    except NoJournal:
        return None
