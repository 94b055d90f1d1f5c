"""The mark knows how far the journal was acknowledged, or nothing; it never stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from queue_engine.journal.mark import AcknowledgedMark


def test_it_remembers_the_number(tmp_path: Path) -> None:
    mark = AcknowledgedMark(tmp_path / "mark")
    assert mark.number() == 0
    mark.set(7)
    mark.set_durably(1234567890123)
    assert mark.number() == 1234567890123
    mark.close()
    again = AcknowledgedMark(tmp_path / "mark")
    assert again.number() == 1234567890123
    again.close()


@pytest.mark.parametrize("content", [b"", b"\n", b"seven", b"-7", b"\xff\xfe"])
def test_a_file_that_says_nothing_is_no_number(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mark").write_bytes(content)
    mark = AcknowledgedMark(tmp_path / "mark")
    assert mark.number() == 0
    mark.close()


def test_a_mark_that_cannot_be_written_is_no_error(
    tmp_path: Path, files_up_to: Callable[[int], AbstractContextManager[None]]
) -> None:
    mark = AcknowledgedMark(tmp_path / "mark")
    with files_up_to(0):
        mark.set(7)
    assert mark.number() == 0
    mark.set(8)
    assert mark.number() == 8
    mark.close()
