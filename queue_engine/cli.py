"""`samko`: the command line. Each command is a small function; the work is elsewhere."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from ivr.render import render_all
from queue_engine.config.load import Configuration, check, load_all
from queue_engine.config.staff_file import hash_pin
from queue_engine.core.errors import SamkoError
from queue_engine.serve.service import Service
from queue_engine.serve.status_line import StatusLine

EXIT_FAULT: Final = 1
_LOG_FORMAT: Final = "%(asctime)s %(levelname)-8s %(name)s: %(message)s"


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; the exit code: 0 well, 1 something is wrong (said on stderr)."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(format=_LOG_FORMAT, level=logging.INFO, stream=sys.stderr)
    try:
        run: Callable[[argparse.Namespace], int] = chosen.run
        return run(chosen)
    except SamkoError as fault:
        print(f"samko: {fault}", file=sys.stderr)
        return EXIT_FAULT
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="samko", description="A national call-queue engine for nurse advice lines."
    )
    parser.add_argument(
        "--config", type=Path, default=Path("config"), help="the folder of the configuration"
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> Any:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    command("serve", _serve, "run the engine for the Asterisks that the configuration names")
    command("check", _check, "check all files of the configuration; say all faults at once")
    command("prompts", _prompts, "render what callers hear, and take over what was recorded")
    command("hash-pin", _hash_pin, "read a PIN and print its hash for staff.yaml")
    return parser


def _check(chosen: argparse.Namespace) -> int:
    problems = check(chosen.config)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print(f"{len(problems)} faults in {chosen.config}", file=sys.stderr)
        return EXIT_FAULT
    loaded = load_all(chosen.config)
    for warning in loaded.warnings:
        print(f"warning: {warning}")
    print(f"{chosen.config}: {len(loaded.regions)} regions, {len(loaded.lines)} lines, no faults")
    return 0


def _prompts(chosen: argparse.Namespace) -> int:
    render_prompts(chosen.config, load_all(chosen.config))
    return 0


def render_prompts(config_dir: Path, loaded: Configuration) -> None:
    """Brings the sound files up to date, showing how far it is."""

    def progress(done: int, wanted: int, _name: str) -> None:
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


def _hash_pin(chosen: argparse.Namespace) -> int:
    try:
        print(hash_pin(getpass.getpass("PIN: ")))
    except ValueError as fault:
        raise SamkoError(str(fault)) from fault
    return 0


def _serve(chosen: argparse.Namespace) -> int:
    return until_stopped(_serving(load_all(chosen.config)))


async def _serving(loaded: Configuration) -> None:
    async with Service(loaded) as service:
        logging.getLogger(__name__).info("the engine runs; the IVR is at port %d", service.agi.port)
        async with StatusLine(service):
            await service.wait()


def until_stopped(work: Coroutine[Any, Any, None]) -> int:
    """Runs until it ends by itself, or by SIGINT or SIGTERM, cleanly."""

    async def supervised() -> int:
        task = asyncio.create_task(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            print("stopped", file=sys.stderr)
        return 0

    return asyncio.run(supervised())


if __name__ == "__main__":
    sys.exit(main())
