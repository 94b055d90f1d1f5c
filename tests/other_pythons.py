"""Other Python minors on this machine, and how a program of the tests runs in one.

They have none of our packages. What a program needs of those that are Python from beginning to end
is lent to it in a folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final, TypeGuard

import pytest

ROOT: Final = Path(__file__).parents[1]
MINORS: Final = ("3.11", "3.12", "3.13", "3.14")
DEADLINE_S: Final = 60.0


def other_pythons() -> Iterator[Path]:
    """One of each minor other than ours that is here, installed as it may be."""
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in MINORS:
        named = shutil.which(f"python{minor}")
        found = [*kept.glob(f"{minor}.*/bin/python"), *([Path(named)] if _runs(named) else [])]
        if minor != ours and found:
            yield found[0]


def _runs(named: str | None) -> TypeGuard[str]:
    """A name may lead to a pyenv that knows of such a Python and has another one chosen."""
    if named is None:
        return False
    tried = subprocess.run((named, "-c", ""), capture_output=True, timeout=DEADLINE_S, check=False)
    return tried.returncode == 0


def needed_pythons() -> list[Path]:
    """The same, of which there must be one; without any the test is skipped, and says so.

    Also where everything is required: Debian has one minor, so `tools/prerequisites.sh` cannot
    install another.
    """
    found = list(other_pythons())
    if not found:
        ours = f"{sys.version_info.major}.{sys.version_info.minor}"
        others = ", ".join(minor for minor in MINORS if minor != ours)
        pytest.skip(f"NOT TESTED in another Python than {ours}, for lack of: any of {others}")
    return found


def lend(folder: Path, *packages: ModuleType) -> None:
    """Copies the Python of these packages into a folder."""
    for package in packages:
        assert package.__file__ is not None
        source = Path(package.__file__).parent
        shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("*.so"))


def said_by(python: Path, module: str, arguments: Sequence[str], lent: Path, given: bytes) -> str:
    """What a module of ours prints in that Python, with a hash seed of its own."""
    done = subprocess.run(
        [str(python), "-m", module, *arguments],
        input=given,
        capture_output=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}{os.pathsep}{lent}", "PYTHONHASHSEED": "1177"},
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()
