"""What a command has touched makes the match look again, whatever it is, and once."""

from __future__ import annotations

from typing import Any

import pytest

from queue_engine.core.touched import Touched


@pytest.mark.parametrize("what", Touched.__slots__)
def test_each_alone_is_enough_and_is_forgotten(what: str) -> None:
    touched = Touched()
    assert not touched
    held: Any = getattr(touched, what)
    if isinstance(held, bool):
        setattr(touched, what, True)
    else:
        held["x"] = None
    assert touched
    touched.clear()
    assert not touched
