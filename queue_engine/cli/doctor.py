"""`samko doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from queue_engine.cli.commands import Commands, Group
from queue_engine.cli.screen import Paint, columns

if TYPE_CHECKING:
    from queue_engine.serve.doctor import Finding

_AREA_COLUMNS: Final = 15
_MORE: Final = """\
It only looks: no file is changed, no port taken, and an engine that runs is
not disturbed. Without a running engine it looks at what `samko serve` needs;
`samko run` needs neither Asterisk nor sounds. Exit code: 1 if there is a fault.
"""


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "doctor", run, Group.LOOK, "say what is wrong, and what to do about it", more=_MORE
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(chosen: argparse.Namespace) -> int:
    """Tells each finding as it is made; 1 if one of them is a fault."""
    import asyncio

    from queue_engine.serve.doctor import Level

    tell = None if chosen.json else _teller(Paint.of_stdout(), columns())
    findings = asyncio.run(_found(chosen, tell))
    counts = {level: sum(one.level is level for one in findings) for level in Level}
    if chosen.json:
        told = [
            {"area": one.area, "level": one.level, "text": one.text, "advice": one.advice}
            for one in findings
        ]
        whole = {"findings": told, "is_well": not counts[Level.FAULT]}
        print(json.dumps(whole, ensure_ascii=False, indent=2))
    else:
        print(_summary(counts[Level.FAULT], counts[Level.WARNING], Paint.of_stdout()))
    return 1 if counts[Level.FAULT] else 0


async def _found(
    chosen: argparse.Namespace, tell: Callable[[Finding], None] | None
) -> list[Finding]:
    from queue_engine.serve.doctor import examine

    findings = []
    async for finding in examine(chosen.config):
        findings.append(finding)
        if tell is not None:
            tell(finding)
    return findings


def _teller(paint: Paint, width: int) -> Callable[[Finding], None]:
    """Prints one finding: its level in a word, what was looked at, what is so and what to do."""
    painted = {"ok": paint.good, "warning": paint.doubtful, "fault": paint.bad}

    def tell(finding: Finding) -> None:
        level = painted[finding.level](f"{finding.level:<7}")
        indent = 7 + 1 + _AREA_COLUMNS + 1
        text = _folded(finding.text, width - indent)
        print(f"{level} {finding.area:<{_AREA_COLUMNS}} {text[0]}")
        for line in text[1:]:
            print(f"{' ' * indent}{line}")
        for number, line in enumerate(_folded(finding.advice, width - indent - 3)):
            print(f"{' ' * indent}{'-> ' if number == 0 else '   '}{line}")

    return tell


def _folded(text: str, width: int) -> list[str]:
    """Lines of at most `width`; a path is never broken, since somebody will copy it."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _summary(faults: int, warnings: int, paint: Paint) -> str:
    if faults:
        counted = f"{faults} fault{'s' if faults > 1 else ''}"
        return paint.bad(f"\n{counted} to be mended.")
    if warnings:
        counted = f"{warnings} warning{'s' if warnings > 1 else ''}"
        return paint.doubtful(f"\nNo faults; {counted} to think about.")
    return paint.good("\nAll is well.")
