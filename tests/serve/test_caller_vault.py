"""Callers' data goes some time after their contacts have ended, whoever was there to see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from queue_engine.core.record import Record
from queue_engine.journal.caller_seal import KEPT_AFTER_END_MS
from queue_engine.journal.vault import Vault
from queue_engine.journal.vault_file import VaultError
from queue_engine.runtime.feed import Feed
from queue_engine.serve import caller_vault
from queue_engine.serve.caller_vault import CallerVault
from routing.vocabulary import ContactId
from tests.core.world import World


class SeenVault(Vault):
    """Tells when somebody has been marked."""

    tell: Callable[[], object]

    def mark_ended(self, contact_id: ContactId, at_ms: int) -> None:
        super().mark_ended(contact_id, at_ms)
        self.tell()


def _ends(world: World, contact_id: str) -> Record:
    """Somebody calls and hangs up; the record of that."""
    world.caller(contact_id, "24")
    world.gone(contact_id)
    return world.records[-1]


@pytest.mark.parametrize("seen", ["by its record", "before the start", "while it was cut off"])
async def test_data_goes_two_hours_after_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: str
) -> None:
    monkeypatch.setattr(caller_vault, "FOLLOW_AGAIN_S", 0.0)
    monkeypatch.setattr(caller_vault, "AFTER_OFFER_S", 0.0)
    world, vault = World(), SeenVault(tmp_path / "vault.sqlite", tmp_path / "vault.key")
    kept = CallerVault(vault, lambda: world.now_ms)
    await kept.keep(ContactId("c1"), None, "+46700000001")
    followed, marked = asyncio.Event(), asyncio.Event()
    vault.tell = partial(asyncio.get_running_loop().call_soon_threadsafe, marked.set)
    feeds: list[Feed] = []

    def follow() -> Feed:
        followed.set()
        feeds.append(Feed("vault"))
        return feeds[-1]

    if seen == "before the start":
        _ends(world, "c1")
    marking = asyncio.create_task(kept.erase_after(follow, lambda: world.state.contacts.values()))
    await followed.wait()
    if seen == "by its record":
        feeds[0].put(_ends(world, "c1"))
    elif seen == "while it was cut off":
        feeds[0].close()
        _ends(world, "c1")
    async with asyncio.timeout(10):
        await marked.wait()
    assert not marking.done()
    marking.cancel()
    await asyncio.wait([marking])
    assert vault.erase_due(world.now_ms + KEPT_AFTER_END_MS - 1) == 0
    assert vault.erase_due(world.now_ms + KEPT_AFTER_END_MS) == 1
    await kept.close()


async def test_a_vault_that_cannot_be_used_is_told_once_and_all_is_marked_when_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world, vault = World(), Vault(tmp_path / "vault.sqlite", tmp_path / "vault.key")
    kept = CallerVault(vault, lambda: world.now_ms)
    names = [ContactId(f"c{number}") for number in range(20)]
    for name in names:
        await kept.keep(name, None, "+46700000001")
    with monkeypatch.context() as broken:
        broken.setattr(vault, "mark_ended", _fails)
        broken.setattr(vault, "erase_due", _fails)
        for name in names:
            await kept.mark_ended(name, world.now_ms)
        for _ in range(3):
            await kept.erase_due()
    assert [record.message for record in caplog.records] == ["vault: no key"]
    await kept.erase_due()
    assert vault.erase_due(world.now_ms + KEPT_AFTER_END_MS) == len(names)
    await kept.close()


def _fails(*_: object) -> None:
    raise VaultError("no key")
