"""The tool for mutation runs: what it changes, and that it tells what the tests let pass."""

from __future__ import annotations

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


def test_what_survives_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "door.py").write_text(MODULE, "utf-8")
    (tmp_path / "test_door.py").write_text(TESTS, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n", "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "tools.mutation", "door.py", "--", "-c", "pytest.ini", "."],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )
    told = run.stdout.splitlines()
    assert "door.py:4: 8 <= hour < 17 -> 8 <= hour <= 17" in told, run
    assert "door.py:7: raise LookupError -> pass  (no test comes here)" in told
    assert "| `door.py` | 10 | 4 |" in told
