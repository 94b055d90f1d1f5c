"""How long a test's form is: short in `make test`, `SAMKO_LONG` times as long in `make soak`."""

from __future__ import annotations

import os
from typing import Final

LONG: Final = int(os.environ.get("SAMKO_LONG", "1"))


def examples(short: int) -> int:
    """How many examples, seeds or steps this form has, if the short one has so many."""
    return short * LONG
