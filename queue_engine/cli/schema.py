"""`samko schema`: JSON Schemas, by which editors know the configuration's files."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.core.errors import SamkoError

_MORE: Final = """\
The files lie in schema/ below the folder of the configuration. An editor with
YAML support finds them by the first line of each file, and then completes keys,
explains them and underlines what is wrong. `samko check` sees more: what one
file says of another.
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "schema",
        run,
        Group.CONFIGURATION,
        "write the JSON Schemas by which editors know these files",
        more=_MORE,
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if one is not up to date"
    )


def run(chosen: argparse.Namespace) -> int:
    """Brings them up to date, or says which are not.

    Raises:
        SamkoError: the folder cannot be written.
    """
    from queue_engine.config.schema import outdated, write_schemas

    if chosen.check:
        found = outdated(chosen.config)
        for path in found:
            print(f"{path} is not up to date: run `samko schema`", file=sys.stderr)
        return 1 if found else 0
    try:
        written = write_schemas(chosen.config)
    except OSError as exc:
        raise SamkoError(f"{exc.filename}: {exc.strerror}") from exc
    for path in written:
        print(path)
    print(f"{len(written)} written" if written else "all schemas are up to date")
    return 0
