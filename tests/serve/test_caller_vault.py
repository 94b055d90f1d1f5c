"""Callers' data goes some time after their contacts have ended, whoever was there to see it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.contact import Contact
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.journal.caller_seal import KEPT_AFTER_END_MS
from queue_engine.journal.vault import Vault
from queue_engine.journal.vault_file import VaultError
from queue_engine.runtime.feed import Feed
from queue_engine.serve import caller_vault
from queue_engine.serve.caller_vault import CallerVault
from routing.guard_policy import GuardRule
from routing.policy import MINUTE_MS
from routing.vocabulary import ContactId, Outcome, Priority, RegionCode
from tests.core.island_world import come_back, parted, told
from tests.core.world import LINK, POLICY, World

C1 = ContactId("c1")


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


def _is_seen_again(world: World) -> None:
    """His switch was lost and looked empty, and then it was not."""
    world.caller("c1")
    ticket = world.state.contacts[C1].ticket()
    come_back(world, world.now_ms + MINUTE_MS)
    seen = cmd.SeenCaller(C1, cmd.CallerPlace.WAITING, world.now_ms, ticket)
    world.do(cmd.ReportSwitch(LINK, world.now_ms, (seen,)))


def _is_promised_on_an_island(world: World) -> None:
    """The others took him for lost; there he was promised to be rung back."""
    world.caller("c1")
    after, island = world.state.record_number, parted(world)
    island.do(cmd.RequestCallback(C1))
    island.gone("c1")
    come_back(world, world.now_ms + MINUTE_MS)
    for part in told(island, after):
        world.do(part)


def _gets_a_place_after_all(world: World) -> None:
    """He was turned away, and pressed the emergency key."""
    guarded = replace(POLICY.regions[0], guard=GuardRule(None, 1))
    world.do(cmd.LoadPolicy(write_policy(replace(POLICY, regions=(guarded,)))))
    world.caller("c0", guarded.code)
    asks = replace(_entered("c1", guarded.code, world), has_chosen=True)
    world.do(asks)
    assert world.state.contacts[C1].outcome is Outcome.REFUSED
    world.do(replace(asks, priority=Priority.EMERGENCY))


def _entered(name: str, region: RegionCode, world: World) -> cmd.EnqueueContact:
    commands = [record.command for record in world.records]
    found = next(each for each in commands if isinstance(each, cmd.EnqueueContact))
    contact_id = ContactId(name)
    return replace(found, contact_id=contact_id, home_region=region, arrived_ms=world.now_ms)


@pytest.mark.parametrize("is_cut_off", [False, True])
@pytest.mark.parametrize(
    "comes_back", [_is_seen_again, _is_promised_on_an_island, _gets_a_place_after_all]
)
async def test_who_has_a_place_again_after_his_end_is_kept(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    comes_back: Callable[[World], None],
    is_cut_off: bool,
) -> None:
    """A promise to ring back needs his number hours later."""
    monkeypatch.setattr(caller_vault, "FOLLOW_AGAIN_S", 0.0)
    monkeypatch.setattr(caller_vault, "AFTER_OFFER_S", 0.0)
    world, vault = World(), Vault(tmp_path / "vault.sqlite", tmp_path / "vault.key")
    kept = CallerVault(vault, lambda: world.now_ms)
    await kept.keep(C1, None, "+46700000001")
    comes_back(world)
    assert world.state.living(C1) is not None
    if is_cut_off:  # and whoever saw his end did not see that it was none
        await kept.mark_ended(C1, world.now_ms)
        await _follow(kept, [], world.state.contacts.values())
    else:
        await _follow(kept, world.records, [])
    assert vault.erase_due(world.now_ms + KEPT_AFTER_END_MS) == 0
    await kept.mark_ended(C1, world.now_ms)
    assert vault.erase_due(world.now_ms + KEPT_AFTER_END_MS) == 1
    await kept.close()


async def _follow(
    kept: CallerVault, records: Iterable[Record], contacts: Iterable[Contact]
) -> None:
    """These contacts are there, then these records come."""
    feed, followed = Feed("vault"), asyncio.Event()
    for record in records:
        feed.put(record)
    feed.close()
    feeds = iter((feed,))

    def follow() -> Feed:
        found = next(feeds, None)
        if found is None:
            followed.set()
        return found or Feed("vault")

    marking = asyncio.create_task(kept.erase_after(follow, lambda: contacts))
    async with asyncio.timeout(10):
        await followed.wait()
    marking.cancel()
    await asyncio.wait([marking])


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


async def test_who_is_seen_again_while_old_ends_are_told_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who were taken for lost are seen again just when the vault is there again, too."""
    world, vault = World(), Vault(tmp_path / "vault.sqlite", tmp_path / "vault.key")
    kept, before = CallerVault(vault, lambda: world.now_ms), ContactId("c0")
    await kept.keep(C1, None, "+46700000001")
    with monkeypatch.context() as broken:
        broken.setattr(vault, "mark_ended", _fails)
        for name in (before, C1):
            await kept.mark_ended(name, world.now_ms)
    marking, gate = vault.mark_ended, threading.Event()

    def slowly(contact_id: ContactId, at_ms: int) -> None:
        assert gate.wait(10.0)
        marking(contact_id, at_ms)

    monkeypatch.setattr(vault, "mark_ended", slowly)
    telling = asyncio.create_task(kept.erase_due())
    await asyncio.sleep(0)
    seen = asyncio.create_task(kept.mark_alive(C1, world.now_ms))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(telling, seen)
    assert vault.erase_due(world.now_ms + KEPT_AFTER_END_MS) == 0
    await kept.close()
