"""What the command line's tests share."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the shipped configuration, whose var folder is the test's."""
    copy = tmp_path / "config"
    shutil.copytree(CONFIG, copy)
    return copy


@pytest.fixture(autouse=True)
def _same_log() -> Iterator[None]:
    """Whatever a command does to logging ends with its test: the next has another stderr."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
