"""Records as bytes and back: one JSON line each, versioned.

`{"v":1,"n":number,"t":at_ms,"r":rules_version,"c":["Command",{...}],"e":[["Event",{...}],...]}`;
of a command that another node was given also `"o":[start,count]`.
A reader refuses each message and each field that it does not know: it would tell of a queue that
is not so. What older programs lack therefore has a version of its own in `VERSIONS`, and is written
only once every node on the journal reads that; what is older stays readable, as golden journals
are.

So a new command or event goes into `SINCE`. While an older version is written a command of it is
not decided (`require_written`); an event of it may come of nothing else than such a command, or of
what one has left in the state, and a snapshot of such a state says its version. A field cannot be
held back: what an older message does not say, a new one beside it does. (Until the first release
the first version grows as well; a field that records of before it lack has a default.)
"""

from __future__ import annotations

from typing import Any, Final, cast, get_args

from queue_engine.core.commands import Command, ReportIsland
from queue_engine.core.errors import BadInput, Refused
from queue_engine.core.events import Event
from queue_engine.core.island_events import IslandEvent
from queue_engine.core.json_bytes import from_bytes, to_bytes
from queue_engine.core.plain import from_plain, to_plain
from queue_engine.core.record import Origin, Record

VERSIONS: tuple[int, ...] = (1, 2)
"""Those that this program reads and can write, oldest first. Asked for by `codec.VERSIONS`: a test
has programs that know others."""
FIRST_VERSION: Final = 1
"""Of a journal that says nothing of it."""
SINCE: Final[dict[type, int]] = dict.fromkeys((ReportIsland, *get_args(IslandEvent)), 2)
"""The version that came with a command or event; the first, of those that are not here."""

_COMMANDS: Final = {kind.__name__: kind for kind in get_args(Command)}
_EVENTS: Final = {kind.__name__: kind for kind in get_args(Event)}


def newest_version() -> int:
    """The newest that this program reads and can write."""
    return VERSIONS[-1]


def require_written(command: Command, version: int) -> None:
    """That a command may be decided while records are written in this version.

    Raises:
        Refused: others could not read what would come of it.
    """
    needed = SINCE.get(type(command), FIRST_VERSION)
    if needed > version:
        raise Refused(
            "not_yet",
            f"{type(command).__name__} needs records of version {needed}, and {version} is written:"
            " say `samko cluster upgrade` once all engines are of a program that reads them",
        )


def encode_record(record: Record, version: int | None = None) -> bytes:
    """The record as one line of JSON, without the newline.

    Args:
        version: one of `VERSIONS`, in which there is all that the record has; None: the newest.
    """
    newest = VERSIONS[-1]
    if version is None:
        version = newest
    elif version != newest:
        assert version in VERSIONS, f"cannot write version {version}"
        for message in (record.command, *record.events):
            needed = SINCE.get(type(message), FIRST_VERSION)
            assert needed <= version, f"{type(message).__name__} is not in version {version}"
    line = {
        "v": version,
        "n": record.number,
        "t": record.at_ms,
        "r": record.rules_version,
        "c": _tagged(record.command),
        "e": [_tagged(event) for event in record.events],
    }
    if record.origin is not None:
        line["o"] = [record.origin.start, record.origin.count]
    return to_bytes(line)


def encode_command(command: Command) -> bytes:
    """The command as one line of JSON, for another node."""
    return to_bytes(_tagged(command))


def decode_command(data: bytes) -> Command:
    """The command that `encode_command` wrote.

    Raises:
        BadInput: it is none, or one that this code does not know; says which.
    """
    return from_bytes(data, "command", _command)


def decode_record(data: bytes) -> Record:
    """The record that `encode_record` wrote.

    Raises:
        BadInput: it is not one, or of a version that this code does not know; says which.
    """
    return from_bytes(data, "record", _record)


def _record(line: Any) -> Record:
    found = line.get("v") if isinstance(line, dict) else line
    if not isinstance(line, dict) or type(found) is not int or found not in VERSIONS:
        expected = " or ".join(map(str, VERSIONS))
        raise BadInput(f"record: expected version {expected}, found {found!r:.80}")
    try:
        return Record(
            number=_number(line["n"]),
            at_ms=_number(line["t"]),
            rules_version=_number(line["r"]),
            command=_command(line["c"]),
            events=tuple(_untagged(event, _EVENTS) for event in _list(line["e"])),
            origin=_origin(line["o"]) if "o" in line else None,
        )
    except KeyError as fault:
        raise BadInput(f"record: {fault} is missing") from None


def _command(value: Any) -> Command:
    return cast(Command, _untagged(value, _COMMANDS))


def _tagged(message: Any) -> list[Any]:
    return [type(message).__name__, to_plain(message)]


def _untagged(value: Any, kinds: dict[str, type[Any]]) -> Any:
    if type(value) is list and len(value) == 2:
        name, fields = value
        kind = kinds.get(name) if type(name) is str else None
        if kind is not None:
            return from_plain(kind, fields)
    raise BadInput(f"record: expected [name, fields] of a known message, found {value!r:.80}")


def _origin(value: Any) -> Origin:
    if type(value) is list and [type(each) for each in value] == [str, int]:
        return Origin(*value)
    raise BadInput(f"record: expected an origin, found {value!r:.80}")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadInput(f"record: expected a list of events, found {value!r:.80}")
    return value


def _number(value: Any) -> int:
    if type(value) is not int:
        raise BadInput(f"record: expected a number, found {value!r:.80}")
    return value
