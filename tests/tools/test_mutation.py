"""The tool for mutation runs: what it changes, and that it tells what the tests let pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.mutants import mutants

HEAD = "def f(a, b):\n    "


@pytest.mark.parametrize(
    ("statement", "changes"),
    [
        ("return a < b", {"return a < b -> return None", "a < b -> a <= b", "a < b -> a >= b"}),
        ("x = a and b", {"a and b -> a or b", "a and b -> a", "a and b -> b"}),
        ("x = a + 5", {"a + 5 -> a - 5", "5 -> 6", "5 -> 4"}),
        ("x = b if not a else 'word'", {"not a -> a", "b if not a else 'word' -> b"}),
        ("x = min(c for c in b if c)", {"min -> max", "for c in b if c -> for c in b"}),
        ("a.name = b", {"a.name = b -> pass"}),
        ("b.clear()", {"b.clear() -> pass"}),
        ("return False", {"False -> True"}),
        ("'What it is.'", set()),
    ],
)
def test_each_change_is_named(statement: str, changes: set[str]) -> None:
    assert changes <= {mutant.what.strip() for mutant in mutants(HEAD + statement)}


def test_conditions_always_and_never_hold_and_only_heads_of_statements_are_their_lines() -> None:
    found = list(
        mutants("LIMIT = 3\ndef f(a):\n    if a:\n        while True:\n            break\n")
    )
    assert [(each.what, list(each.lines)) for each in found] == [
        ("if a -> if True", [3]),
        ("if a -> if False", [3]),
        ("if True -> if False", [4]),
        ("True -> False", [4]),
        ("break -> continue", [5]),
    ]


MODULE = """
class Door:
    def is_open(self, hour):
        return 8 <= hour < 17

    def never_asked(self):
        raise LookupError
"""
TESTS = """
from door import Door

def test_in_the_morning():
    assert not Door().is_open(7)
    assert Door().is_open(8)

def test_at_noon():
    assert Door().is_open(12)

def test_at_night():
    assert not Door().is_open(23)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "door.py").write_text(MODULE, "utf-8")
    (tmp_path / "test_door.py").write_text(TESTS, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n", "utf-8")
    return tmp_path


def told_of_door(folder: Path, *options: str) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-m", "tools.mutation", *options, "door.py", "--", "-c", "pytest.ini"],
        cwd=folder,
        env={"PYTHONPATH": str(Path.cwd()), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.splitlines()


def test_what_survives_is_told_with_its_line(folder: Path) -> None:
    told = told_of_door(folder)
    assert "door.py:4: 8 <= hour < 17 -> 8 <= hour <= 17" in told, told
    assert "door.py:7: raise LookupError -> pass  (no test comes here)" in told
    assert "| `door.py` | 10 | 4 |" in told


def test_only_what_is_newer_than_a_commit_is_changed(folder: Path) -> None:
    me = ("-c", "user.name=me", "-c", "user.email=me@example.org")
    for command in (("init", "-q"), ("add", "door.py"), (*me, "commit", "-q", "-m", "a door")):
        subprocess.run(["git", *command], cwd=folder, check=True)
    (folder / "door.py").write_text(MODULE.replace("LookupError", "KeyError"), "utf-8")
    assert [line for line in told_of_door(folder, "--since", "HEAD") if "door.py" in line] == [
        "door.py:7: raise KeyError -> pass  (no test comes here)",
        "| `door.py` | 1 | 1 |",
    ]
