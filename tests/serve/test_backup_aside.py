"""What has been set aside is in a back-up: an island of a machine that is gone is merged still."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.config.engine_file import EngineSettings, read_settings
from queue_engine.config.source import Faults
from queue_engine.core.codec import encode_record
from queue_engine.journal.live_copy import copy_private
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.driver import Driver
from queue_engine.serve import merging
from queue_engine.serve.deciding import Deciding
from queue_engine.serve.journal import open_journal
from queue_engine.serve.merging import open_merging
from routing.vocabulary import ContactId, Outcome
from tests.core.island_world import parted
from tests.core.world import World
from tests.runtime.driver_world import until
from tests.runtime.island_on_disk import set_aside


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An engine whose journal has one caller, and whose island had another, who gave up there."""
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "samko.yaml").write_text("var_dir: ../var\n")
    common = World()
    common.caller("c0", "24")
    after, island = common.state.record_number, parted(common)
    island.caller("i0")
    island.gone("i0")
    kept = settings(folder)
    kept.var_dir.mkdir(mode=0o711)
    with closing(SqliteJournal(kept.journal)) as journal:
        journal.append(0, [encode_record(record) for record in common.records])
    set_aside(kept.unjournaled_dir, island, after)
    return folder


def settings(config: Path) -> EngineSettings:
    return read_settings(Faults(), config)


def samko(config: Path, *words: str) -> int:
    return cli.main(["--config", str(config), *words])


def test_an_island_that_was_not_merged_is_restored_and_merged_then(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "LOOK_S", 0.01)
    kept, backup = settings(config), str(tmp_path / "backup")
    (kept.unjournaled_dir / "half.island.gz.new").write_bytes(b"is being written")
    assert samko(config, "backup", backup) == 0
    (file,) = kept.unjournaled_dir.glob("*.island.gz")
    shutil.rmtree(kept.var_dir)
    assert samko(config, "restore", backup) == 0
    assert list(kept.unjournaled_dir.iterdir()) == [file]

    async def merged() -> None:
        engine = Deciding(open_journal(kept), lambda opened: Driver(opened.journal))
        await engine.start()
        works = [engine.driver.run(), open_merging(kept, engine).run()]
        tasks = [asyncio.create_task(work) for work in works]
        await until(lambda: not file.exists(), "it is merged")
        assert engine.driver.state.contacts[ContactId("i0")].outcome is Outcome.ABANDONED
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await engine.driver.close()

    asyncio.run(merged())


def test_a_damaged_one_is_told_and_nothing_is_restored(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert samko(config, "backup", str(tmp_path / "backup")) == 0
    (copied,) = (tmp_path / "backup" / "unjournaled").iterdir()
    copied.write_bytes(copied.read_bytes()[:-1])
    shutil.rmtree(settings(config).var_dir)
    assert samko(config, "restore", str(tmp_path / "backup")) == 3
    assert f"{copied} is not as it was written" in capsys.readouterr().err
    assert not settings(config).var_dir.exists()


def test_what_lies_there_stays_and_nothing_of_its_name_is_written_over(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The journal alone is lost; an island that came since the back-up is known here only."""
    kept, backup = settings(config), str(tmp_path / "backup")
    assert samko(config, "backup", backup) == 0
    (file,) = kept.unjournaled_dir.iterdir()
    since = kept.unjournaled_dir / "since.island.gz"
    since.write_bytes(b"since")
    for path in kept.var_dir.iterdir():
        if path.is_file():
            path.unlink()
    data = file.read_bytes()
    file.write_bytes(b"another")
    assert samko(config, "restore", backup) == 1
    assert f"{file} is there, and nothing is written over" in capsys.readouterr().err
    file.write_bytes(data)
    assert samko(config, "restore", backup) == 0
    assert (file.read_bytes(), since.read_bytes()) == (data, b"since")


def test_one_that_is_merged_while_it_is_copied_is_copied_under_its_new_name(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = settings(config).unjournaled_dir.iterdir()
    merged = file.with_name(f"{file.name}.merged")

    def renamed_first(source: Path, target: Path) -> None:
        if source == file:
            file.rename(merged)
        copy_private(source, target)

    monkeypatch.setattr("queue_engine.serve.set_aside.copy_private", renamed_first)
    assert samko(config, "backup", str(tmp_path / "backup")) == 0
    (copied,) = (tmp_path / "backup" / "unjournaled").iterdir()
    assert (copied.name, copied.read_bytes()) == (merged.name, merged.read_bytes())
