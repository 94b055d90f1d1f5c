"""Which links are taken for lost: those that no engine has said for long that it holds."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queue_engine.core.commands import Command, ReportLinkLost
from queue_engine.core.errors import Refused
from queue_engine.serve import link_watch
from queue_engine.serve.link_watch import UNHELD_MS, LinkWatch, watch_links
from routing.vocabulary import LinkId

A, B = LinkId("a"), LinkId("b")


def test_a_link_that_nobody_holds_is_lost_after_a_while_and_since_when() -> None:
    watch = LinkWatch()
    assert watch.lost([A, B], [A, B], 0) == {}
    assert watch.lost([A, B], [A], 1_000) == {}
    assert watch.lost([A, B], [A], 1_000 + UNHELD_MS - 1) == {}
    assert watch.lost([A, B], [A], 1_000 + UNHELD_MS) == {B: 1_000}


def test_a_link_that_changes_hands_is_not_lost() -> None:
    watch = LinkWatch()
    assert watch.lost([A], [], 0) == {}
    assert watch.lost([A], [A], 1_000) == {}
    assert watch.lost([A], [], UNHELD_MS) == {}
    assert watch.lost([A], [], UNHELD_MS + 1_000) == {}


def test_a_link_that_is_down_already_is_not_lost_again() -> None:
    watch = LinkWatch()
    assert watch.lost([], [], 0) == {}
    assert watch.lost([], [], 2 * UNHELD_MS) == {}


async def test_what_is_refused_is_reported_again_and_ends_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The core may fail at it, or too much may be waiting."""
    monkeypatch.setattr(link_watch, "LOOK_S", 0.0)
    monkeypatch.setattr(link_watch, "UNHELD_MS", 0)
    answers = [Refused("failed", "it has been noted"), Refused("overloaded", "too much"), None]
    told: list[Command] = []
    over = asyncio.Event()

    async def submit(command: Command) -> None:
        told.append(command)
        if (refused := answers.pop(0)) is not None:
            raise refused
        engine.state.links[A] = False
        over.set()

    engine = SimpleNamespace(
        state=SimpleNamespace(links={A: True}), now_ms=lambda: 1_000, submit=submit
    )
    watching = asyncio.create_task(watch_links(cast(Any, engine), set))
    async with asyncio.timeout(10.0):
        await over.wait()
    watching.cancel()
    await asyncio.wait([watching])
    assert told == [ReportLinkLost(A, 1_000)] * 3
