"""The house rules that a machine can check: sizes, docstrings, clocks, import directions."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("routing", "queue_engine", "ivr", "simulations")
PURE = ("routing", "queue_engine/core")
LINES_MAX = 400
FUNCTION_LINES_MAX = 70
FORBIDDEN_IN_PURE = {"time", "datetime", "random", "uuid", "os", "asyncio", "threading", "socket"}
FORBIDDEN_NAMES = {"id", "hash", "input", "open", "print", "float"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


FILES = _files(*PACKAGES)
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def _port_methods() -> set[str]:
    """Methods that a port promises: what implements it need not say so again."""
    return {
        inner.name
        for path in FILES
        for node in _tree(path).body
        if isinstance(node, ast.ClassDef) and "Protocol" in {ast.unparse(b) for b in node.bases}
        for inner in node.body
        if isinstance(inner, Function) and ast.get_docstring(inner)
    }


PORTS = _port_methods()


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_files_and_functions_fit(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= LINES_MAX, f"{lines} lines: split it sensibly"
    for node in ast.walk(_tree(path)):
        if isinstance(node, Function):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES_MAX, f"{node.name}: {length} lines"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_everything_public_says_what_is_promised(path: Path) -> None:
    tree = _tree(path)
    assert ast.get_docstring(tree), "the module has no docstring"
    missing = [
        name
        for name, node in _public(tree)
        if not ast.get_docstring(node) and name.partition(".")[2] not in PORTS
    ]
    assert not missing, f"no docstring: {', '.join(missing)}"


def _public(tree: ast.Module) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Public functions, classes and methods."""
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, Function) and not inner.name.startswith("_"):
                        yield f"{node.name}.{inner.name}", inner


@pytest.mark.parametrize("path", _files(*PURE), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_pure_reads_no_clock_and_leaves_nothing_to_chance(path: Path) -> None:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {(node.module or "").partition(".")[0]}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN_NAMES, f"line {node.lineno}: {node.func.id}()"
            continue
        elif isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), f"line {node.lineno}: a float"
            continue
        else:
            continue
        assert not names & FORBIDDEN_IN_PURE, f"line {node.lineno}: {sorted(names)}"


def test_only_the_clock_reads_a_clock() -> None:
    """In the runtime, and how long an append took; edges take the engine's time as a callable."""
    readers = {
        str(path.relative_to(ROOT))
        for path in _files("queue_engine/runtime")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"time_ns", "monotonic_ns", "monotonic", "perf_counter", "now", "utcnow"}
    }
    assert readers == {"queue_engine/runtime/clock.py", "queue_engine/runtime/journal_hand.py"}


def test_the_two_machines_of_asserts_are_left_on() -> None:
    """What only we can cause is an assert: Python must not be run without them."""
    assert __debug__


def test_import_directions() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [str(linter), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
