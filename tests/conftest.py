"""What tests of several folders share."""

from __future__ import annotations

import pytest

from tests import fault_table

_ROWS: dict[str, fault_table.Row] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> None:
    """What the test has noted goes with its report, to whichever process prints the table."""
    item.user_properties.extend(
        (fault_table.PROPERTY, (name, *row)) for name, row in fault_table.taken()
    )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """The last word of each row counts."""
    for name, value in report.user_properties:
        if name == fault_table.PROPERTY:
            assert isinstance(value, list | tuple)
            row, *figures = value
            _ROWS[row] = fault_table.Row(*figures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was done, and who was lost: nobody."""
    for place, line in enumerate(fault_table.lines(_ROWS)):
        if not place:
            terminalreporter.section("faults")
        terminalreporter.line(line)
