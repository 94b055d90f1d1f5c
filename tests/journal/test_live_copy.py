"""A journal and a vault are copied while their owner writes: whole, with all that was kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core.errors import SamkoError
from queue_engine.journal import live_copy
from queue_engine.journal.caller_seal import CallerSecrets
from queue_engine.journal.live_copy import copy_live
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.vault import Vault
from routing.vocabulary import ContactId
from tests.journal.test_sqlite_killed import content, start_writer

COPIES = 8


def test_a_journal_is_copied_while_another_process_writes_it(path: Path, tmp_path: Path) -> None:
    """The log is written into the database some times a second here, each copy is whole."""
    writer = start_writer(path, 1)
    assert writer.stdout is not None
    seen = 0
    try:
        for number in range(COPIES):
            for _ in range(300):
                seen = int(writer.stdout.readline())
            copy = tmp_path / f"copy-{number}.db"
            copy_live(path, copy)
            journal = SqliteJournal(copy)
            assert journal.last_number() >= seen
            assert journal.cut is None
            records = [record.data for record in journal.read(0)]
            assert records == [content(at) for at in range(1, journal.last_number() + 1)]
            journal.close()
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()


def test_what_is_written_to_all_the_time_is_given_up(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"x")
    copied = live_copy.copy_private

    def copy_and_change(source: Path, target: Path) -> None:
        copied(source, target)
        source.write_bytes(source.read_bytes() + b"x")

    monkeypatch.setattr(live_copy, "copy_private", copy_and_change)
    monkeypatch.setattr(live_copy, "_PAUSE_S", 0.03)
    monkeypatch.setattr(live_copy, "_TRIES", 4)
    with pytest.raises(SamkoError, match="is written to all the time"):
        copy_live(path, tmp_path / "copy")
    with pytest.raises(SamkoError, match="No such file"):
        copy_live(path.with_name("other"), tmp_path / "copy")


def test_what_was_erased_is_in_no_copy(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault.sqlite", tmp_path / "vault.key")
    vault.put(ContactId("gone"), CallerSecrets("191212121212", None), 1_000)
    vault.put(ContactId("here"), CallerSecrets(None, "+46700000000"), 1_000)
    vault.erase(ContactId("gone"))
    copy_live(vault.path, tmp_path / "copy.sqlite")
    copy = Vault(tmp_path / "copy.sqlite", tmp_path / "vault.key")
    assert copy.read(ContactId("gone"), "n", "test", 2_000) is None
    assert copy.read(ContactId("here"), "n", "test", 2_000) == CallerSecrets(None, "+46700000000")
    copy.close()
    vault.close()
