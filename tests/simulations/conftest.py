"""The country as shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.load import Configuration, load_all


@pytest.fixture(scope="session")
def country() -> Configuration:
    return load_all(Path(__file__).parents[2] / "config")
