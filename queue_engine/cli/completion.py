"""`samko completion`: what a shell needs to complete samko's commands at a press of Tab."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.core.errors import SamkoError

SHELLS: Final = ("bash", "zsh", "fish")
_MORE: Final = """\
For this shell session:
  eval "$(samko completion bash)"        bash, zsh
  samko completion fish | source         fish
For every one to come:
  samko completion bash > ~/.local/share/bash-completion/completions/samko
  samko completion zsh > "${fpath[1]}/_samko"
  samko completion fish > ~/.config/fish/completions/samko.fish
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "completion",
        run,
        Group.SHELL,
        "print the script by which Tab completes samko's commands",
        more=_MORE,
    )
    parser.add_argument(
        "shell", nargs="?", choices=SHELLS, help="for which shell; yours ($SHELL) if left out"
    )


def run(chosen: argparse.Namespace) -> int:
    """Prints the script.

    Raises:
        SamkoError: no shell was named, and $SHELL is none of them.
    """
    from argcomplete.shell_integration import shellcode

    shell = chosen.shell or Path(os.environ.get("SHELL", "")).name
    if shell not in SHELLS:
        raise SamkoError(f"say for which shell: samko completion {'|'.join(SHELLS)}")
    print(shellcode(["samko"], shell=shell))
    return 0


def complete(parser: argparse.ArgumentParser) -> None:
    """Answers a shell that asks what could come next, and ends the process; else does nothing."""
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(parser)
