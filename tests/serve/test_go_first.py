"""The engine runs before other processes where it may, and runs anyway where it may not."""

from __future__ import annotations

import logging
import os

import pytest

from queue_engine import cli


def test_it_asks_for_its_priority_and_keeps_a_better_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, int]] = []
    monkeypatch.setattr(os, "setpriority", lambda *args: asked.append(args))
    for present, wanted in ((0, cli.NICE), (-15, -15)):
        monkeypatch.setattr(os, "getpriority", lambda *_, present=present: present)
        cli.go_first()
        assert asked.pop() == (os.PRIO_PROCESS, 0, wanted)


def test_a_refusal_is_told_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    with caplog.at_level(logging.INFO):
        cli.go_first()
    assert "CAP_SYS_NICE" in caplog.text
