"""What the simulations that print a table share: their lines, and their command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from queue_engine.config.load import load_all
from routing.policy import Policy

Table = Callable[[Policy, int, int], Iterable[str]]
"""The lines, under a policy, of a seed and so many hours."""


def row(name: str, cells: Iterable[str]) -> str:
    """One line: a name, and cells to the right."""
    return f"{name:<30}" + "".join(f"{cell:>15}" for cell in cells)


def print_table(
    prog: str, about: str | None, table: Table, hours: int, arguments: list[str] | None
) -> int:
    """`--seed`, `--hours` and `--config`, then the table a line at a time; the exit code.

    Args:
        prog: what is typed after `python -m`.
        hours: if none are chosen.
        arguments: None: those of this process.
    """
    parser = argparse.ArgumentParser(prog=prog, description=about)
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same days")
    parser.add_argument("--hours", type=int, default=hours, choices=range(1, 17))
    parser.add_argument("--config", type=Path, default=Path("config"))
    chosen = parser.parse_args(arguments)
    for line in table(load_all(chosen.config).policy, chosen.seed, chosen.hours):
        print(line, flush=True)
    return 0
