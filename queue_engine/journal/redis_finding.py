"""The one Redis of several that may be written to: told by sentinels, or by a cluster's nodes.

House rules: it is asked for anew at each connection, and a connection to one that turns out not to
be it (any more) is closed, so that the next attempt finds the one that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from redis import Redis
from redis.connection import Connection, SSLConnection
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)

Address = tuple[str, int]
"""Host and port."""
Find = Callable[[], Address]

ASK_S: Final = 0.5
"""So long one of them may take to answer: with two of three silent a lease is still renewed."""
_NOT_HERE: Final = (AskError, ClusterDownError, MasterDownError, ReadOnlyError, TryAgainError)


class _Finding(Connection):
    """A connection to whatever is found when it is made."""

    def __init__(self, *, find: Find, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]
        self._find = find

    def _connect(self) -> Any:
        self.host, self.port = self._find()
        return super()._connect()  # type: ignore[no-untyped-call]

    def read_response(self, *args: Any, **options: Any) -> Any:
        with self._left_if_not_here():
            return super().read_response(*args, **options)

    @contextmanager
    def _left_if_not_here(self) -> Iterator[None]:
        try:
            yield
        except _NOT_HERE as exc:
            self.disconnect()  # type: ignore[no-untyped-call]
            raise ConnectionError(f"{self.host}:{self.port} is not the primary: {exc}") from exc


class _FindingWithTls(_Finding, SSLConnection):
    pass


def finding(*, has_tls: bool) -> type[Connection]:
    """The kind of connection that takes an argument `find`."""
    return _FindingWithTls if has_tls else _Finding


def by_sentinels(
    sentinels: Sequence[Address], service: str, asking: Callable[[Address], Redis]
) -> Find:
    """Finds the primary of a service.

    All sentinels are asked, and those that know the latest failover are believed: one that is cut
    off with a former primary may not know yet that it is a former one. That it is down, more than
    half of them must say: one alone may have lost only its own way to it.

    Args:
        asking: makes a client for one of them.
    """

    def find() -> Address:
        faults, states = [], []
        for sentinel in sentinels:
            try:
                with asking(sentinel) as client:
                    states.append(client.sentinel_masters().get(service))
            except RedisError as exc:
                faults.append(f"{sentinel[0]}:{sentinel[1]}: {exc}")
        known = [state for state in states if state is not None]
        if not known:
            said = "; ".join(faults) or "they know no such service"
            raise ConnectionError(f"no sentinel tells where {service} is: {said}")
        epoch = max(int(state["config-epoch"]) for state in known)
        latest = [state for state in known if int(state["config-epoch"]) == epoch]
        if 2 * sum(map(_is_down, latest)) > len(latest):
            raise ConnectionError(f"the primary of {service} is down, say its sentinels")
        return str(latest[0]["ip"]), int(latest[0]["port"])

    return find


def _is_down(state: Any) -> bool:
    """Whether a sentinel takes the primary for down."""
    return bool(state["is_sdown"] or state["is_odown"] or not state["is_master"])


def by_cluster(seeds: Sequence[Address], key: str, asking: Callable[[Address], Redis]) -> Find:
    """Finds the primary of the slot of a key.

    Another node is asked each time: one that is cut off from the others may not know better.

    Args:
        seeds: some of the cluster's nodes; whichever it says there are is asked as well.
        asking: makes a client for one of them.
    """
    slot = key_slot(key.encode())
    known = list(seeds)

    def find() -> Address:
        faults = []
        for _ in range(len(known)):
            asked = known.pop(0)
            known.append(asked)
            try:
                with asking(asked) as client:
                    slots: Any = client.execute_command("CLUSTER SLOTS")
            except RedisError as exc:
                faults.append(f"{asked[0]}:{asked[1]}: {exc}")
                continue
            primaries = {
                (first, last): (primary[0].decode() or asked[0], int(primary[1]))
                for first, last, primary, *_ in slots
            }
            known.extend(node for node in primaries.values() if node not in known)
            for (first, last), primary in primaries.items():
                if first <= slot <= last:
                    return primary
            faults.append(f"{asked[0]}:{asked[1]}: nobody has slot {slot}")
        raise ConnectionError(f"no node of the cluster tells who has {key}: {'; '.join(faults)}")

    return find
