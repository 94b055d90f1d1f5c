"""Every implementation of the journal under one name, and ways to harm a SQLite journal."""

from __future__ import annotations

import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from queue_engine.journal.base import Journal
from queue_engine.journal.degraded import Degradation, FallbackJournal
from queue_engine.journal.memory import MemoryJournal
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.sqlite import SqliteJournal
from tests.redis_places import Cluster, Watched
from tests.redis_server import RedisServer

OpenJournal = Callable[[], Journal]
Harm = Callable[..., None]
FilesUpTo = Callable[[int], AbstractContextManager[None]]


def _never_degraded(degradation: Degradation | None) -> None:
    raise AssertionError(degradation)


_REDIS = [
    pytest.param(kind, marks=pytest.mark.redis)
    for kind in ("redis", "redis_sentinel", "redis_replicas", "redis_cluster")
]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One for all; each test has a name of its own there."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def redis_sentinel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A primary and its replica, found by sentinels."""
    with Watched(tmp_path_factory.mktemp("sentinel")) as watched:
        yield watched


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster whose nodes have the tests' journals among them."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


def _redis_place(request: pytest.FixtureRequest, kind: str, name: str) -> RedisPlace:
    if kind == "redis_replicas":
        watched: Watched = request.getfixturevalue("redis_sentinel")
        return watched.place(name, replicas=1)
    fixture = "redis_server" if kind == "redis" else kind
    found: RedisServer | Watched | Cluster = request.getfixturevalue(fixture)
    return found.place(name)


def _opener(request: pytest.FixtureRequest, folder: Path) -> OpenJournal:
    path = folder / "samko.db"
    if request.param.startswith("redis"):
        place = _redis_place(request, request.param, folder.name)
        return lambda: RedisJournal(place)
    openers: dict[str, OpenJournal] = {
        "memory": MemoryJournal,
        "sqlite": lambda: SqliteJournal(path),
        "fallback": lambda: FallbackJournal(SqliteJournal(path), _never_degraded),
    }
    return openers[request.param]


@pytest.fixture(params=["memory", "sqlite", "fallback", *_REDIS])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    """An empty journal of each kind."""
    opened = _opener(request, tmp_path)()
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "fallback", *_REDIS])
def open_lasting(request: pytest.FixtureRequest, tmp_path: Path) -> OpenJournal:
    """Opens, again and again, the same journal of each kind that outlives its process."""
    return _opener(request, tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a SQLite journal may be."""
    return tmp_path / "samko.db"


@pytest.fixture
def harm(path: Path) -> Harm:
    """Runs a statement in a closed journal's file, behind the back of its checksums."""

    def run(statement: str, *values: object) -> None:
        with closing(sqlite3.connect(path)) as database, database:
            changed = database.execute(statement, values).rowcount
            assert changed >= 1, f"nothing was harmed by {statement}"

    return run


@pytest.fixture
def copy_as_after_a_crash(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies an open journal, as its disk would be found if the machine stopped now."""

    def copy(path: Path, *, with_mark: bool = False) -> Path:
        folder = tmp_path / "after-the-crash"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for suffix in ("", "-wal", *([".mark"] if with_mark else [])):
            shutil.copy(path.with_name(path.name + suffix), folder)
        return folder / path.name

    return copy


@pytest.fixture
def files_up_to() -> FilesUpTo:
    """While it lasts, no file of this process can grow beyond so many bytes: a full disk."""

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited
