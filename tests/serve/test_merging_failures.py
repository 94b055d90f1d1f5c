"""Files of islands that are not taken yet: whoever decides goes on, and none is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from queue_engine.core import codec, decide_merge
from queue_engine.core.errors import JournalError, Refused
from queue_engine.runtime.driver import FAILURES_MAX, FAILURES_WINDOW_MS
from queue_engine.serve import merging
from tests.core.island_world import parted
from tests.runtime.driver_world import until
from tests.runtime.island_on_disk import set_aside
from tests.serve.test_merging import Scene, Story, _in_haste, here, scene, story

__all__ = ["_in_haste", "here", "story"]

FAILED = Refused("failed", "ReportIsland failed; it has been noted")


def test_it_is_tried_so_rarely_that_the_decider_goes_on() -> None:
    assert merging.FAILED_S * 1000 * (FAILURES_MAX - 1) > FAILURES_WINDOW_MS


async def test_three_files_at_once_do_not_stop_the_decider(
    tmp_path: Path, story: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The core itself fails at each of them."""
    monkeypatch.setattr(decide_merge, "why_not_told", _fails)
    folder = tmp_path / "unjournaled"
    async with scene(folder, story.common) as here:
        here.is_fit = False
        for _ in range(FAILURES_MAX):
            story.set_aside(folder)
        here.is_fit = True
        await until(lambda: here.driver.counts.failures == 1, "it fails at the first")
        await asyncio.sleep(0.2)
        assert here.driver.counts.failures == 1, "and at no other for now"
        assert here.names() == [""] * FAILURES_MAX
        assert "waits" in caplog.text


def _fails(*_: object) -> str:
    raise AssertionError("a mistake of ours")


async def test_one_that_fails_each_time_is_put_aside_and_may_be_given_again(
    here: Scene, story: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(merging, "FAILED_S", 0.01)
    here.teller.refusals = [FAILED] * merging.TRIES
    path = story.set_aside(here.folder)
    whole = path.read_bytes()
    await until(lambda: here.names() == [".failed"], "it is put aside")
    aside = path.with_name(f"{path.name}.failed")
    assert aside.read_bytes() == whole
    await until(lambda: f"kept as {aside}" in caplog.text, "it is told")
    assert f"samko cluster merge {aside}" in caplog.text
    assert here.metrics()["samko_island_files faulty"] == 1
    await asyncio.sleep(0.1)
    assert here.tries == merging.TRIES, "it is not tried by itself any more"
    assert not here.teller.told
    aside.rename(path)  # as `samko cluster merge` gives it
    await until(lambda: here.names() == [".merged"], "it is merged")


async def test_one_that_cannot_be_put_aside_is_not_tried_again_either(
    here: Scene, story: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The folder is on a disk that takes no more writes."""
    monkeypatch.setattr(merging, "FAILED_S", 0.01)
    monkeypatch.setattr(merging, "mark_failed", _takes_no_writes)
    here.teller.refusals = [FAILED] * (3 * merging.TRIES)
    path = story.set_aside(here.folder)
    await until(lambda: here.merging.counts.faulty == 1, "it is given up")
    assert f"{path}: ReportIsland failed" in caplog.text
    assert "a read-only disk" in caplog.text
    await asyncio.sleep(0.1)
    assert here.tries == merging.TRIES, "or whoever decides would stop"
    assert here.names() == [""]


def _takes_no_writes(path: Path) -> Path:
    raise JournalError(f"island {path}: a read-only disk")


async def test_another_that_is_well_comes_first_after_a_failure(
    here: Scene, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "FAILED_S", 0.01)
    here.is_fit = False
    first = story.set_aside(here.folder)
    island = parted(story.common)
    island.caller("other")
    island.gone("other")
    set_aside(here.folder, island, story.common.state.record_number)
    here.teller.refusals = [FAILED]
    here.is_fit = True
    await until(lambda: here.names() == [".merged", ".merged"], "both are merged")
    told = [part.island.island_id for part in here.teller.told]
    assert len(set(told)) == 2
    assert told.count(told[0]) == 1, "the longer one failed first, and is told last"
    assert not first.exists()


async def test_while_an_older_version_is_written_it_waits_and_says_what_to_do(
    here: Scene, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    here.driver.writes = codec.FIRST_VERSION
    story.set_aside(here.folder)
    await until(lambda: "waits" in caplog.text, "it is told")
    assert "`samko cluster upgrade`" in caplog.text
    await asyncio.sleep(0.1)
    assert here.names() == [""]
    assert here.driver.counts.failures == 0
    here.driver.writes = codec.newest_version()
    await until(lambda: here.names() == [".merged"], "it is merged")
