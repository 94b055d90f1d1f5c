"""Back-up and restore, tried: an engine at work is copied, all is lost, and all is there again."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.core.snapshot import digest
from queue_engine.journal.archive import BEGIN, Archive
from queue_engine.journal.archive_file import write_day
from queue_engine.journal.caller_seal import KEPT_AFTER_END_MS, CallerSecrets
from queue_engine.journal.lookup_keys import LookupKeys
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.vault import Vault
from queue_engine.runtime.clock import wall_ms
from queue_engine.runtime.recovery import recover
from routing.vocabulary import ContactId
from tests.runtime.driver_world import begin, enqueue, running, seen

ROOT = Path(__file__).parents[2]
CALLER = CallerSecrets("191212121212", "+46700000000")


@dataclass
class Engine:
    """Where one keeps its files."""

    config: Path

    @property
    def var(self) -> Path:
        return self.config.parent / "var"

    @property
    def journal(self) -> Path:
        return self.var / "journal.sqlite"

    @property
    def backup(self) -> Path:
        return self.config.parent / "backup"

    def vault(self) -> Vault:
        return Vault(self.var / "vault.sqlite", self.var / "vault.key")

    async def at_work(self) -> int:
        """Takes calls until a back-up has been made beside it; how many it had acknowledged."""
        journal, vault = SqliteJournal(self.journal), self.vault()
        keys = LookupKeys(self.var / "lookup-keys", wall_ms())
        keys.hash_today("phone", "+46700000000", wall_ms())
        async with running(journal, snapshot_every=20) as driver:
            await begin(driver)
            vault.put(ContactId("c1"), CALLER, wall_ms())
            async with asyncio.TaskGroup() as tasks:
                made = tasks.create_task(self.backed_up())
                number, acknowledged = 1, driver.state.record_number
                while not made.done() or number < 30:
                    number += 1
                    await driver.submit(enqueue(f"c{number}"))
                    await driver.submit(seen(f"c{number}"))
            assert driver.state.record_number > acknowledged
        for opened in (keys, vault, journal):
            opened.close()
        return acknowledged

    async def backed_up(self) -> None:
        """By a process of its own."""
        words = ("-m", "queue_engine.cli", "--config", str(self.config), "backup")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *words, str(self.backup)),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        assert b"callers  yes" in out


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    config = tmp_path / "config"
    config.mkdir()
    (config / "samko.yaml").write_text("var_dir: ../var\n")
    (tmp_path / "var").mkdir(mode=0o711)
    return Engine(config)


def said(capsys: pytest.CaptureFixture[str], engine: Engine, *words: str) -> tuple[int, str, str]:
    code = cli.main(["--config", str(engine.config), *words])
    out = capsys.readouterr()
    return code, out.out, out.err


async def test_an_engine_at_work_is_backed_up_destroyed_and_restored(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    acknowledged = await engine.at_work()
    shutil.rmtree(engine.var)
    code, out, err = await asyncio.to_thread(said, capsys, engine, "restore", str(engine.backup))
    assert (code, err) == (0, "")
    manifest = json.loads((engine.backup / "manifest.json").read_text())
    assert manifest["records"] >= acknowledged
    assert manifest["digest"] in out
    journal = SqliteJournal(engine.journal)
    assert (journal.last_number(), journal.cut) == (manifest["records"], None)
    assert digest(recover(journal)) == manifest["digest"]
    async with running(journal) as driver:
        assert ContactId("c1") in driver.state.contacts
        await driver.submit(enqueue("next"))
    journal.close()
    vault = engine.vault()
    assert vault.read(ContactId("c1"), "n", "test", wall_ms()) == CALLER
    vault.close()
    keys = LookupKeys(engine.var / "lookup-keys", wall_ms())
    assert len(keys.hashes("phone", "+46700000000", wall_ms())) == 1
    keys.close()


async def test_all_files_are_private_and_none_is_left_over(engine: Engine) -> None:
    await engine.at_work()
    paths = [path for path in engine.backup.rglob("*") if path.is_file()]
    names = {str(path.relative_to(engine.backup)) for path in paths}
    manifest = json.loads((engine.backup / "manifest.json").read_text())
    assert names == {"manifest.json", *manifest["files"]}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE(engine.backup.stat().st_mode) == 0o700
    assert not any(name.endswith((".lock", "-wal", ".new")) for name in names)


@pytest.fixture
def backed_up(engine: Engine, capsys: pytest.CaptureFixture[str]) -> Engine:
    """Of an engine that does not run."""

    async def work() -> None:
        journal = SqliteJournal(engine.journal)
        async with running(journal) as driver:
            await begin(driver)
        journal.close()

    asyncio.run(work())
    vault = engine.vault()
    vault.put(ContactId("c1"), CALLER, wall_ms())
    vault.put(ContactId("over"), CALLER, wall_ms() - KEPT_AFTER_END_MS)
    vault.mark_ended(ContactId("over"), wall_ms() - KEPT_AFTER_END_MS)
    vault.close()
    assert said(capsys, engine, "backup", str(engine.backup))[0] == 0
    return engine


def test_nothing_is_written_over(backed_up: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in backed_up.var.rglob("*") if path.is_file()}

    before = contents()
    code, _, err = said(capsys, backed_up, "restore", str(backed_up.backup))
    assert (code, "nothing is written over: move it away first" in err) == (1, True)
    moved = ("vault.sqlite", "vault.key")
    for name in moved:
        (backed_up.var / name).rename(backed_up.config / name)
    code, _, err = said(capsys, backed_up, "restore", str(backed_up.backup))
    assert (code, "journal.sqlite" in err) == (1, True)
    assert contents() == {path: data for path, data in before.items() if path.name not in moved}
    code, _, err = said(capsys, backed_up, "backup", str(backed_up.backup))
    assert (code, "File exists" in err) == (1, True)


def test_what_is_due_to_be_erased_is_not_brought_back(
    backed_up: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(backed_up.var)
    assert said(capsys, backed_up, "restore", str(backed_up.backup))[0] == 0
    vault = backed_up.vault()
    assert vault.read(ContactId("over"), "n", "test", wall_ms()) is None
    assert vault.read(ContactId("c1"), "n", "test", wall_ms()) == CALLER
    vault.close()


def test_any_altered_or_missing_file_is_told_and_nothing_is_restored(
    backed_up: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(backed_up.var)
    names = json.loads((backed_up.backup / "manifest.json").read_text())["files"]
    assert len(names) >= 3
    for name in names:
        path = backed_up.backup / name
        kept = path.read_bytes()
        path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        code, _, err = said(capsys, backed_up, "restore", str(backed_up.backup))
        assert (code, f"{path} is not as it was written" in err) == (3, True)
        path.unlink()
        code, _, err = said(capsys, backed_up, "restore", str(backed_up.backup))
        assert (code, f"{path} is missing" in err) == (3, True)
        path.write_bytes(kept)
    (backed_up.backup / "manifest.json").unlink()
    code, _, err = said(capsys, backed_up, "restore", str(backed_up.backup))
    assert (code, "is no back-up" in err) == (1, True)
    assert not backed_up.var.exists()


def test_without_callers_there_is_no_vault(
    backed_up: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = backed_up.config.parent / "kept for long"
    code, out, _ = said(capsys, backed_up, "backup", str(folder), "--without-callers")
    assert (code, "callers  no" in out) == (0, True)
    assert not list(folder.rglob("vault*"))
    assert not (folder / "lookup-keys").exists()


def test_the_archive_comes_along_and_the_tail_follows_it(
    backed_up: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = SqliteJournal(backed_up.journal)
    data = [stored.data for stored in journal.read(0)]
    journal.close()
    archive = backed_up.var / "archive"
    archive.mkdir()
    write_day(archive, "2026-11-18", BEGIN, data[:3])
    folder = backed_up.config.parent / "second"
    assert said(capsys, backed_up, "backup", str(folder))[0] == 0
    shutil.rmtree(backed_up.var)
    assert said(capsys, backed_up, "restore", str(folder))[0] == 0
    assert [row.data for row in Archive(archive).rows()] == data[:3]
    journal = SqliteJournal(backed_up.journal)
    assert [stored.data for stored in journal.read(0)] == data
    journal.close()


def test_no_journal_is_told_and_leaves_no_back_up(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, engine, "backup", str(engine.backup))
    assert (code, "there is no journal" in err) == (1, True)
    assert not engine.backup.exists()
    code, _, err = said(capsys, engine, "restore", str(engine.backup))
    assert (code, "is no back-up" in err) == (1, True)
