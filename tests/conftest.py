"""What tests of several folders share."""

from __future__ import annotations

import pytest

from tests import fault_table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was done, and who was lost: nobody."""
    for place, line in enumerate(fault_table.lines()):
        if not place:
            terminalreporter.section("faults")
        terminalreporter.line(line)
