"""Runs the study again: `python -m simulations.studies.national_cooperation [--part N]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from simulations.studies.national_cooperation.estimates import run_scenes
from simulations.studies.national_cooperation.scenes import Effort
from simulations.studies.national_cooperation.writeup import FOLDER, PARTS, filled, keep

SEEDS_MAX = 100


def main(arguments: list[str] | None = None) -> int:
    """Runs the parts asked for, and writes results, pictures and tables."""
    parser = argparse.ArgumentParser(prog="national_cooperation", description=main.__doc__)
    numbers = [part.number for part in PARTS]
    parser.add_argument("--part", type=int, action="append", choices=numbers, help="all of them")
    parser.add_argument("--seeds", type=int, help="runs of each; each part has a number of its own")
    parser.add_argument("--out", type=Path, default=FOLDER, help="a folder for what is found")
    parser.add_argument("--tables", action="store_true", help="run nothing, write the tables again")
    chosen = parser.parse_args(arguments)
    if chosen.seeds is not None and not 2 <= chosen.seeds <= SEEDS_MAX:
        parser.error(f"--seeds is from 2 to {SEEDS_MAX}")
    for part in () if chosen.tables else PARTS:
        if chosen.part is None or part.number in chosen.part:
            effort = Effort(seeds=chosen.seeds or part.seeds)
            _tell(f"part {part.number}, {part.name}, {effort.seeds} seeds")
            found = part.sum_up(run_scenes(part.scenes(effort), effort, _tell))
            keep(chosen.out, part, effort.seeds, found)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    (chosen.out / "README.md").write_text(filled(readme, chosen.out), encoding="utf-8")
    return 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
