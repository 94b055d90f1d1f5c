"""How long a test waits for what should come at once."""

from __future__ import annotations

from typing import Final

PATIENCE_S: Final = 40.0
"""Only a failure takes so long: on a machine with much else to do everything comes later, and
that must fail no test that is about something else than time."""
