"""What `samko` can do: its commands in groups, and the help that shows them."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn

from queue_engine.cli.screen import Paint, columns

Run = Callable[[argparse.Namespace], int]

_NO_SUCH_COMMAND: Final = re.compile(r"argument COMMAND: invalid choice: '(.*?)' \(")
"""How argparse says it, with every command there is behind."""
_ABOUT: Final = "Samkö: one queue for the nurse advice lines of a country."
_CONFIG_HELP: Final = "the folder of the configuration (config)"
_LOG_HELP: Final = "how the log is written; auto: text on a terminal, JSON lines elsewhere"
_OPTIONS: Final = (
    ("-c, --config DIR", _CONFIG_HELP),
    ("-V, --version", "print the version"),
    ("-h, --help", "this; samko COMMAND --help says more of one command"),
)
_AT_NIGHT: Final = (
    ("samko doctor", "what is wrong, and what to do about it"),
    ("samko top", "the queue, live; q leaves it"),
)
_EXIT_CODES: Final = """\
Exit codes: 0 well, 1 something is wrong, 2 the command was not understood;
3 and 4 as the --help of a command says."""


class Group(StrEnum):
    """Under which heading `samko --help` shows a command."""

    ENGINE = "Run the engine"
    LOOK = "See how it goes"
    PAST = "Look back"
    KEEPING = "Keep what happened"
    AHEAD = "Try it out in virtual time"
    CONFIGURATION = "Configuration and sounds"
    SHELL = "This shell"


@dataclass(frozen=True, slots=True)
class _Listed:
    name: str
    group: Group
    summary: str


class Commands:
    """The command line as it is put together; `parser` is the whole."""

    def __init__(self) -> None:
        self._listed: list[_Listed] = []
        self.parser: Final = _Parser(self._listed)
        self.parser.add_argument("-V", "--version", action=_Version, nargs=0)
        self.parser.add_argument("-c", "--config", type=Path, default=Path("config"), metavar="DIR")
        self._subparsers = self.parser.add_subparsers(
            dest="command",
            metavar="COMMAND",
            prog="samko",
            parser_class=argparse.ArgumentParser,
        )

    def add(
        self,
        name: str,
        run: Run,
        group: Group,
        summary: str,
        *,
        more: str = "",
        writes_log: bool = False,
        other_config: str = "",
    ) -> argparse.ArgumentParser:
        """One more command.

        Args:
            name: as it is typed.
            run: does it with what was chosen; its exit code. `chosen.config` is the folder.
            group: the heading that it stands under.
            summary: one line for the list of commands, beginning with a small letter.
            more: what its own help says beyond that; lines are kept as they are.
            writes_log: whether logging is to be started first (and `--log` understood).
            other_config: if after the command `--config` names another folder than the engine's
                own, what it is for; then it is `chosen.other_config`, None if it is not given.

        Returns:
            the command's own parser, for its options.
        """
        added = self._subparsers.add_parser(
            name,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=more or None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self._listed.append(_Listed(name, group, summary))
        added.set_defaults(run=run, writes_log=writes_log)
        # Understood after the command as well; suppressed, so that it does not undo one before it.
        added.add_argument(
            *("-c", "--config"),
            dest="other_config" if other_config else "config",
            type=Path,
            default=None if other_config else argparse.SUPPRESS,
            metavar="DIR",
            help=other_config or _CONFIG_HELP,
        )
        if writes_log:
            styles = ("auto", "text", "json")
            added.add_argument("--log", choices=styles, default="auto", help=_LOG_HELP)
        return added


class _Parser(argparse.ArgumentParser):
    """The whole command line's; argparse itself knows no groups of commands."""

    def __init__(self, listed: list[_Listed]) -> None:
        super().__init__(prog="samko", usage="samko [--config DIR] COMMAND [options]")
        self._listed = listed

    def error(self, message: str) -> NoReturn:
        """Two lines: what was not understood, and where help is."""
        typed = _NO_SUCH_COMMAND.match(message)
        if typed is not None:
            message = f"there is no command {typed[1]}{self._meant(typed[1])}"
        self.exit(2, f"samko: {message}\nsamko --help shows what there is.\n")

    def _meant(self, typed: str) -> str:
        from difflib import get_close_matches

        close = get_close_matches(typed, [command.name for command in self._listed], n=1)
        return f"; did you mean {close[0]}?" if close else ""

    def format_help(self) -> str:
        paint, width = Paint.of_stdout(), columns()
        first = max((len(command.name) for command in self._listed), default=0)
        blocks = [f"{paint.bold(textwrap.fill(_ABOUT, width))}\n\nUsage: {self.usage}\n"]
        for group in Group:
            rows = [(one.name, one.summary) for one in self._listed if one.group is group]
            if rows:
                blocks.append(_block(group, rows, first, paint, width))
        blocks.append(_block("At night", _AT_NIGHT, 16, paint, width))
        blocks.append(_block("Options", _OPTIONS, 16, paint, width))
        blocks.append(textwrap.fill(_EXIT_CODES, width) + "\n")
        return "\n".join(blocks)


def _block(
    heading: str,
    rows: list[tuple[str, str]] | tuple[tuple[str, str], ...],
    first: int,
    paint: Paint,
    width: int,
) -> str:
    """A heading and two columns, the second folded so that nothing is wider than the terminal."""
    lines = [paint.bold(heading)]
    for name, text in rows:
        folded = textwrap.wrap(text, max(width - first - 4, 20)) or [""]
        lines.append(f"  {paint.name(name.ljust(first))}  {folded[0]}")
        lines += [f"{' ' * (first + 4)}{rest}" for rest in folded[1:]]
    return "\n".join(lines) + "\n"


class _Version(argparse.Action):
    """Prints the version; only who asks for it waits until it is found."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"samko {version('samko')}")
        parser.exit()
