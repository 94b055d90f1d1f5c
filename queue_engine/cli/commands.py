"""What `samko` can do: its commands in groups, and the help that shows them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

Run = Callable[[argparse.Namespace], int]


class Group(StrEnum):
    """Under which heading `samko --help` shows a command."""

    ENGINE = "Run the engine"
    LOOK = "See how it goes"
    CONFIGURATION = "Configuration and sounds"
    SHELL = "This shell"


class Commands:
    """The command line as it is put together; `parser` is the whole."""

    def __init__(self) -> None:
        self.parser: Final = argparse.ArgumentParser(
            prog="samko", description="A national call-queue engine for nurse advice lines."
        )
        self.parser.add_argument(
            *("--config", "-c"), type=Path, default=Path("config"), metavar="DIR", help=_CONFIG_HELP
        )
        self._subparsers = self.parser.add_subparsers(
            title="commands", required=True, metavar="COMMAND"
        )

    def add(
        self, name: str, run: Run, group: Group, summary: str, *, writes_log: bool = False
    ) -> argparse.ArgumentParser:
        """One more command.

        Args:
            name: as it is typed.
            run: does it with what was chosen; its exit code. `chosen.config` is the folder.
            group: the heading that it stands under.
            summary: one line for the list of commands, beginning with a small letter.
            writes_log: whether logging is to be started first (and `--log` understood).

        Returns:
            the command's own parser, for its options.
        """
        added = self._subparsers.add_parser(name, help=summary, description=summary)
        added.set_defaults(run=run, writes_log=writes_log)
        added.add_argument(
            *("--config", "-c"),
            type=Path,
            default=argparse.SUPPRESS,
            metavar="DIR",
            help=_CONFIG_HELP,
        )
        if writes_log:
            added.add_argument(
                "--log", choices=("auto", "text", "json"), default="auto", help=_LOG_HELP
            )
        return added


_CONFIG_HELP: Final = "the folder of the configuration (config)"
_LOG_HELP: Final = "how the log is written; auto: text on a terminal, JSON lines elsewhere"
