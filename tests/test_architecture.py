"""The house rules that a machine can check: sizes, docstrings, clocks, import directions."""

from __future__ import annotations

import ast
import re
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


def _file_of(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in files if path.is_file()), None)


def _imported_by(path: Path) -> Iterator[str]:
    """Also inside functions, and what is imported from a package, which may be a module of it."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} line {node.lineno}: the whole name, for `_file_of`"
            package = node.module or ""
            yield package
            yield from (f"{package}.{alias.name}" for alias in node.names)


def _reached_from(*modules: str) -> dict[str, str]:
    """Every module of ours that these import, also through others: each with the way to it."""
    found: dict[str, str] = {}
    left = [(module, module) for module in modules]
    while left:
        module, way = left.pop()
        path = _file_of(module)
        if path is not None and module not in found:
            found[module] = way
            left += [(name, f"{way} -> {name}") for name in _imported_by(path)]
    return found


DECIDING = re.compile(
    r"queue_engine\.core\."
    r"(decide|apply|check_|invariants|state|settle|engine|keeping|placing|sharing|relax|measures)"
    r"|routing\.(matching|may_answer|order|rules|waiting|ready_agents|estimate)$"
)
"""What the auditor says a second time, and must not have from where it was said first."""


def test_the_auditor_knows_the_rules_by_itself() -> None:
    """Else it would make the mistakes that it is to find."""
    books = _files("tests/properties")
    names = [path.stem for path in books if re.match("audit|books|agreement", path.stem)]
    found = _reached_from(*(f"tests.properties.{name}" for name in names))
    assert "queue_engine.core.events" in found, "it reads events"
    assert not [way for module, way in found.items() if DECIDING.match(module)]


def test_a_way_around_would_be_seen() -> None:
    found = _reached_from("tests.core.world")
    assert "tests.core.world -> queue_engine.core.engine" in found.values()
    assert {"queue_engine.core.settle", "routing.matching"} < {
        module for module in found if DECIDING.match(module)
    }


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
