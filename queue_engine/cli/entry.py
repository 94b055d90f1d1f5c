"""From `samko ...` to one command: the list of commands, and what comes of their faults.

A command is a module of this package with `add(commands)`, which says what it is called, in which
group it is shown and which options it has, and `run(chosen) -> int`, which does it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Final

from queue_engine.cli import (
    archive,
    backup,
    check,
    cluster,
    completion,
    doctor,
    explain,
    hash_pin,
    ledger,
    lending,
    prompts,
    redecide,
    reload,
    replay,
    restore,
    run,
    schema,
    seats,
    serve,
    shadow,
    simulate,
    staff,
    top,
)
from queue_engine.cli.commands import Commands
from queue_engine.core.errors import SamkoError

EXIT_FAULT: Final = 1
EXIT_INTERRUPTED: Final = 130
"""As shells have it for Ctrl-C; a command that runs until Ctrl-C ends by it with 0."""
COMMANDS: Final = (
    *(run, serve, lending, seats),
    *(doctor, top, cluster),
    *(explain, replay, redecide, ledger),
    *(archive, backup, restore),
    *(simulate, staff, shadow),
    *(check, reload, schema, prompts, hash_pin),
    completion,
)
"""In the order in which `samko --help` shows them within their groups."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; the exit code: 0 well, 1 something is wrong (said on stderr).

    Raises:
        SystemExit: help was asked for (0), or the words were not understood (2).
    """
    whole = parser()
    completion.complete(whole)
    chosen = whole.parse_args(arguments)
    if chosen.command is None:
        whole.print_help()
        return 0
    try:
        if chosen.writes_log:
            from queue_engine.serve.logs import start_logging

            start_logging(chosen.log)
        do: Callable[[argparse.Namespace], int] = chosen.run
        code = do(chosen)
        sys.stdout.flush()
        return code
    except SamkoError as fault:
        print(f"samko: {fault}", file=sys.stderr)
        return EXIT_FAULT
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read has seen enough, as `head` does; nor shall the interpreter try it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def parser() -> argparse.ArgumentParser:
    """The whole command line, every command added."""
    commands = Commands()
    for command in COMMANDS:
        command.add(commands)
    return commands.parser
