"""The journal that the configuration names: opened, and told how it was found."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from queue_engine.config.engine_file import EngineSettings
from queue_engine.config.problems import ConfigError, Problem
from queue_engine.config.redis_file import RedisSettings, SentinelSettings
from queue_engine.console_api.past import JournalSnapshots, LatestSnapshot
from queue_engine.console_api.ports import SnapshotsPort
from queue_engine.core.errors import AppendRefused, JournalError
from queue_engine.core.state import State
from queue_engine.journal.base import Journal, Snapshot
from queue_engine.journal.degraded import Degradation, FallbackJournal
from queue_engine.journal.out_of_reach import OutOfReach
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_place import RedisPlace, Sentinels
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.journal_hand import JournalHand
from queue_engine.runtime.standby import Held, resume
from queue_engine.serve.set_aside import SetAside

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedJournal:
    """A journal in use."""

    journal: FallbackJournal
    """What is written to: memory takes over while the kept one takes no records."""
    kept: SqliteJournal | RedisJournal | OutOfReach
    ledger_file: Path
    """Beside it: where the ledger is kept, of this journal and no other."""

    def hand(self) -> JournalHand:
        """A hand for it; there is to be one."""
        is_near = not isinstance(self.kept, RedisJournal)
        return JournalHand(self.journal, is_near=is_near, keep=self.journal.keep)

    def resume(self, held: Held) -> State | None:
        """See `runtime.standby.resume`; in the journal's thread."""
        assert isinstance(self.kept, RedisJournal), "nobody stands by on a file"
        state = resume(self.kept, held)
        self.journal.last_number()
        return state

    def retry(self) -> None:
        """Gives the journal what is in memory only, if it takes it now; one that is lost is begun
        anew with that. In the journal's thread: whoever decides goes on in memory meanwhile.

        Raises:
            AppendRefused: it holds other records, or another engine decides.
        """
        if self.journal.retry():
            return
        held = self.journal.held_of_lost()
        if held is None or held.state is None:
            return
        assert isinstance(self.kept, RedisJournal), "a file is not lost"
        number, data = held.state.number, held.state.data
        first = number - held.after
        try:
            self.kept.begin_anew(number, data, held.records[:first], held.records[first:])
        except AppendRefused:
            self.journal.retry()
            if self.journal.held_of_lost() is not None:
                raise  # lost still, and another's to begin; else it is there again
        except JournalError as exc:
            _log.error("the journal is not begun anew yet: %s", exc)
        else:
            self.journal.retry()

    def snapshots(self, hand: JournalHand) -> SnapshotsPort:
        """Its snapshots, for looking back."""
        if isinstance(self.kept, SqliteJournal):
            return JournalSnapshots(self.kept.path)
        return LatestSnapshot(self.journal, hand)


def open_journal(settings: EngineSettings, holder: str = "") -> OpenedJournal:
    """Opens it and says in the log what an operator must know of how it was found.

    Args:
        holder: of the lease, for a journal in Redis.

    Raises:
        JournalError: it cannot be opened; says why.
        ConfigError: the password for Redis is not to be had.
    """
    kept: SqliteJournal | RedisJournal
    if settings.redis is not None:
        kept = _redis(settings.redis, holder)
        ledger_file = settings.var_dir / f"redis-{kept.incarnation}.ledger"
    else:
        kept = _sqlite(settings.journal)
        ledger_file = settings.journal.with_name(f"{settings.journal.name}.ledger")
    return OpenedJournal(_falling_back(settings, kept), kept, ledger_file)


def open_out_of_reach(settings: EngineSettings, held: Snapshot) -> OpenedJournal:
    """A journal in Redis that cannot be reached: what is written to it stays in memory, and is set
    aside at the end, as whatever no journal has.

    Args:
        held: what was folded of it.
    """
    kept = OutOfReach(held, "this engine is cut off from Redis")
    return OpenedJournal(_falling_back(settings, kept), kept, settings.var_dir / "none.ledger")


def _falling_back(settings: EngineSettings, kept: Journal) -> FallbackJournal:
    aside = SetAside(settings.unjournaled_dir)
    return FallbackJournal(kept, _tell_degradation, set_aside=aside)


def place_of(settings: RedisSettings) -> RedisPlace:
    """Where the journal is, with what must be shown there.

    Raises:
        ConfigError: the password or the certificates to trust are not to be had.
    """
    return RedisPlace(
        host=settings.host,
        port=settings.port,
        database=settings.database,
        name=settings.name,
        user=settings.user,
        password=settings.secret.read() if settings.secret is not None else "",
        ca_file=_ca_file(settings),
        sentinels=_sentinels(settings.sentinels),
        cluster=settings.cluster,
        replicas=settings.replicas,
    )


def _ca_file(settings: RedisSettings) -> Path | None:
    file, at = settings.ca_file, settings.ca_said_at
    if file is not None and at is not None:
        try:
            file.open("rb").close()
        except OSError as exc:
            said = f"{at.message}: {file} cannot be read: {exc.strerror or exc}"
            raise ConfigError([Problem(at.path, at.line, said)]) from exc
    return file


def _sentinels(told: SentinelSettings | None) -> Sentinels | None:
    if told is None:
        return None
    password = told.secret.read() if told.secret is not None else ""
    return Sentinels(told.addresses, told.service, told.user, password)


def _redis(settings: RedisSettings, holder: str) -> RedisJournal:
    place = place_of(settings)
    journal = RedisJournal(place, holder)
    if journal.created:
        _log.warning("a new journal begins: %s", place)
    return journal


def _sqlite(path: Path) -> SqliteJournal:
    journal = SqliteJournal(path)
    if journal.created:
        _log.warning("a new journal begins: %s", path)
    if journal.cut is not None:
        _log.critical("the journal's torn end was cut off: %s", journal.cut)
    for damaged in journal.damaged_snapshots:
        _log.error("a damaged snapshot was passed over: %s", damaged)
    return journal


def _tell_degradation(degradation: Degradation | None) -> None:
    if degradation is None:
        _log.warning("the journal is whole again")
    else:
        _log.critical(
            "DEGRADED: records after %d are in memory only: %s",
            degradation.after,
            degradation.reason,
        )
