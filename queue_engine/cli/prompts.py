"""`samko prompts`: what callers hear, from text to sound files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from queue_engine.config.load import Configuration


def add(commands: Commands) -> None:
    """Makes it known."""
    commands.add(
        "prompts",
        run,
        Group.CONFIGURATION,
        "render what callers hear, and take over what was recorded",
    )


def run(chosen: argparse.Namespace) -> int:
    """Brings the sound files up to date."""
    from queue_engine.config.load import load_all

    render_prompts(chosen.config, load_all(chosen.config))
    return 0


def render_prompts(config_dir: Path, loaded: Configuration) -> None:
    """Brings the sound files up to date, showing on a terminal how far it is.

    Raises:
        PromptError: one cannot be rendered.
    """
    from ivr.render import render_all

    def progress(done: int, wanted: int, _name: str) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == wanted else ""
            print(f"\rprompts: {done} of {wanted}", end=end, file=sys.stderr, flush=True)

    report = render_all(
        list(loaded.prompts.values()),
        loaded.settings.var_dir / "prompts",
        config_dir / "prompts" / "recorded",
        progress,
    )
    print(
        f"prompts: {len(report.rendered)} rendered, {len(report.recorded)} recorded,"
        f" {len(report.unchanged)} unchanged, {len(report.removed)} removed"
    )
