"""JSON files of the reference, with a clear word if one is something else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from queue_engine.core.errors import BadInput

_NATION: Final = ("regions", "staffing", "classes", "handling", "patience", "calls_per_hour")


def read_json(path: Path) -> Any:
    """What stands in it.

    Raises:
        BadInput: it cannot be read; names the file, and the line of what is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as fault:
        raise BadInput(f"{path}:{fault.lineno}: expected JSON: {fault.msg}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: cannot be read: expected JSON in UTF-8") from None
    except OSError as fault:
        raise BadInput(f"{path}: cannot be read: {fault.strerror}") from None


def read_nation(path: Path, needs: Sequence[str] = _NATION) -> dict[str, Any]:
    """`national.json`, with the keys that are needed of it.

    Raises:
        BadInput: as for `read_json`, or one of them is missing.
    """
    known = read_json(path)
    missing = [key for key in needs if not isinstance(known, dict) or key not in known]
    if missing:
        raise BadInput(f"{path}: expected a nation as in national.json; no {missing[0]!r}")
    found: dict[str, Any] = known
    return found


def staffing_of_nation(path: Path, known: dict[str, Any], staffing: str) -> dict[str, Any]:
    """One of its staffings.

    Raises:
        BadInput: it has no such one.
    """
    if staffing not in known["staffing"]:
        raise BadInput(
            f"{path.name}: no staffing {staffing!r}; it has {', '.join(known['staffing'])}"
        )
    found: dict[str, Any] = known["staffing"][staffing]
    return found
