"""Mutation runs: which small wrong versions of a module would the tests let pass?

    python -m tools.mutation routing/limits.py routing/order.py -- tests/routing tests/transcripts
    python -m tools.mutation --seconds 6 queue_engine/core/settle.py -- tests/transcripts
    python -m tools.mutation --since e6b9c3d routing/waiting.py -- tests/routing

Tests are collected once and run once, to see which of them reach which line. Then each mutant is a
forked process: the code of one function is exchanged, and the tests that reach the changed lines
run until one fails, the quick and the successful first. Only what stands in functions is changed;
constants and tables of a module are not. With `--seconds` no more tests are run for a mutant than
cost so much together: more survive, and those are to be looked at one by one. With `--since` only
statements are changed of which a line is newer than that commit. It needs `fork`, and tests that do
not mind their order.
"""

from __future__ import annotations

import argparse
import ast
import gc
import math
import os
import pickle
import re
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings

from tools.mutants import Mutant, mutants

TIMES_AS_LONG: Final = 4
"""A mutant that costs so many times what the tests cost is one that does not come to an end."""
GRACE_CPU_S: Final = 5
MEMORY_MAX: Final = 4 << 30
CAUGHT: Final = 1
NOT_MADE: Final = 2
"""Exit of a child whose function cannot be exchanged: the mutant uses other outer names."""

Lines = dict[Path, set[int]]


@dataclass
class Reach:
    """What one test costs, the lines that it runs, and how many mutants it has caught."""

    cpu_s: float
    lines: Lines
    caught: int = field(default=0)


class MutationRun:
    """A plugin of pytest: it runs mutants of `paths` instead of the collected tests."""

    def __init__(self, paths: Sequence[Path], tests_s_max: float, since: str | None = None) -> None:
        self.paths = paths
        self.newer = {path: lines_since(since, path) for path in paths} if since else {}
        self.tests_s_max = tests_s_max
        self.made: Counter[Path] = Counter()
        self.survived: Counter[Path] = Counter()
        self.functions: dict[Path, list[FunctionType]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """All mutants of all modules; what survives is printed as it is found."""
        items = {item.nodeid: item for item in session.items}
        reaches = _in_child(lambda: {name: self._reach(item) for name, item in items.items()})
        for name in [name for name, reach in reaches.items() if reach is None]:
            print(f"left out, for it fails anyhow: {name}", flush=True)
            del reaches[name]
        gc.collect()
        self.functions = {path: functions_of(path) for path in self.paths}
        gc.freeze()
        for path in self.paths:
            newer = self.newer.get(path)
            for mutant in mutants(path.read_text("utf-8")):
                if newer is None or not newer.isdisjoint(mutant.lines):
                    self._try(path, mutant, items, reaches)
            print(f"| `{path}` | {self.made[path]} | {self.survived[path]} |", flush=True)
        return True

    def _reach(self, item: pytest.Item) -> Reach | None:
        files = {str(path.resolve()): path for path in self.paths}
        lines: Lines = defaultdict(set)

        def trace(frame: FrameType, event: str, arg: object) -> Callable[..., Any] | None:
            path = files.get(frame.f_code.co_filename)
            if path is None:
                return None
            reached = lines[path]

            def line(frame: FrameType, event: str, arg: object) -> Any:
                reached.add(frame.f_lineno)
                return line

            return line

        before = time.process_time()
        sys.settrace(trace)
        try:
            passed = _passes(item)
        finally:
            sys.settrace(None)
        return Reach(time.process_time() - before, dict(lines)) if passed else None

    def _try(
        self,
        path: Path,
        mutant: Mutant,
        items: dict[str, pytest.Item],
        reaches: dict[str, Reach],
    ) -> None:
        chosen = [
            name
            for name, reach in reaches.items()
            if not reach.lines.get(path, set()).isdisjoint(mutant.lines)
        ]
        # A condition that never holds is seen by those for whom it does, and who come further; one
        # that always holds by those who do not.
        always = mutant.what.endswith("-> if True")
        chosen.sort(
            key=lambda name: (
                (mutant.lines.stop in reaches[name].lines[path]) is always,
                (0.001 + reaches[name].cpu_s) / (1 + reaches[name].caught),
            )
        )
        none = "no test has the time" if chosen else "no test comes here"
        costs = accumulate(reaches[name].cpu_s for name in chosen)
        chosen = [name for name, cost in zip(chosen, costs, strict=True) if cost < self.tests_s_max]
        limit_s = GRACE_CPU_S + TIMES_AS_LONG * sum(reaches[name].cpu_s for name in chosen)

        def run() -> str | None:
            _limit(limit_s)
            if not exchange(self.functions[path], mutant.tree):
                os._exit(NOT_MADE)
            return next((name for name in chosen if not _passes(items[name])), None)

        try:
            catcher = _in_child(run)
        except ChildProcessError as died:
            if died.errno == NOT_MADE:
                return
            catcher = "no end"
        self.made[path] += 1
        if catcher is None:
            self.survived[path] += 1
            why = "" if chosen else f"  ({none})"
            print(f"{path}:{mutant.lines.start}: {mutant.what}{why}", flush=True)
        elif catcher in reaches:
            reaches[catcher].caught += 1


def lines_since(commit: str, path: Path) -> set[int]:
    """The lines of this file, as it stands here, that it did not have at this commit.

    Raises:
        subprocess.CalledProcessError: git does not know the commit, or not the file's folder.
    """
    told = subprocess.run(
        ["git", "diff", "--unified=0", commit, "--", path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    heads = re.findall(r"^@@ \S+ \+(\d+)(?:,(\d+))? @@", told, re.MULTILINE)
    return {int(first) + at for first, many in heads for at in range(int(many or 1))}


def functions_of(path: Path) -> list[FunctionType]:
    """Every living function of this file, wherever it hangs."""
    file = str(path.resolve())
    return [
        found
        for found in gc.get_objects()
        if isinstance(found, FunctionType) and found.__code__.co_filename == file
    ]


def exchange(functions: Sequence[FunctionType], tree: ast.Module) -> bool:
    """Gives the functions of a file the code that they have in `tree`; False: cannot."""
    codes = {_name(code): code for code in _inner(compile(tree, "mutant", "exec"))}
    for found in functions:
        code = codes.get(_name(found.__code__))
        if code is None or code.co_freevars != found.__code__.co_freevars:
            return False
        found.__code__ = code
    return True


def _name(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _inner(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _inner(const)


def _passes(item: pytest.Item) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=None)
    return not any(report.failed for report in reports)


def _limit(cpu_s: float) -> None:
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + cpu_s) + 1,) * 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))


def _in_child(work: Callable[[], Any]) -> Any:
    """What `work` returns in a process of its own.

    Raises:
        ChildProcessError: the process ended otherwise; its exit is the number of the error.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _answer(writer, work)
    os.close(writer)
    with os.fdopen(reader, "rb") as answers:
        answer = answers.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise ChildProcessError(code, "it did not come to an end")
    return pickle.loads(answer)


def _answer(writer: int, work: Callable[[], Any]) -> None:
    code = CAUGHT
    try:
        with os.fdopen(writer, "wb") as answers:
            pickle.dump(work(), answers)
        code = 0
    finally:
        os._exit(code)


def main(arguments: Sequence[str]) -> int:
    """Modules, `--`, and what pytest is to collect; 0 also when mutants survive."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="python -m tools.mutation")
    parser.add_argument("modules", type=Path, nargs="+")
    parser.add_argument("--seconds", type=float, default=math.inf, help="of tests for a mutant")
    parser.add_argument("--since", metavar="COMMIT", help="only what is newer than this")
    chosen = parser.parse_args(arguments[:split])
    # A failing example is enough: nobody reads it, and it need not be made small.
    settings.register_profile(
        "mutation",
        phases=(Phase.explicit, Phase.generate),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutation")
    quiet = ["-q", "--no-header", "--tb=no", "--capture=sys", "-p", "no:cacheprovider"]
    quiet += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    run = MutationRun(chosen.modules, chosen.seconds, chosen.since)
    return int(pytest.main([*quiet, *arguments[split + 1 :]], plugins=[run]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
