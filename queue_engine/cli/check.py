"""`samko check`: all faults of the configuration at once."""

from __future__ import annotations

import argparse
import sys

from queue_engine.cli.commands import Commands, Group


def add(commands: Commands) -> None:
    """Makes it known."""
    commands.add(
        "check",
        run,
        Group.CONFIGURATION,
        "check all files of the configuration; say all faults at once",
    )


def run(chosen: argparse.Namespace) -> int:
    """Says all faults on stderr, or on stdout that there are none, with warnings; 1 for faults."""
    from queue_engine.config.load import check, load_all

    problems = check(chosen.config)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        faults = "1 fault" if len(problems) == 1 else f"{len(problems)} faults"
        print(f"{faults} in {chosen.config}", file=sys.stderr)
        return 1
    loaded = load_all(chosen.config)
    for warning in loaded.warnings:
        print(f"warning: {warning}")
    print(f"{chosen.config}: {len(loaded.regions)} regions, {len(loaded.lines)} lines, no faults")
    return 0
