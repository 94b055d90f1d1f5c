"""Reloading: the new rules hold for those who wait already, and a fault changes nothing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from ivr.line import Lines
from queue_engine.config.load import Configuration, load_all
from queue_engine.config.problems import ConfigError
from queue_engine.core.commands import Command, LoadPolicy, ReportSwitch
from queue_engine.core.errors import EngineStopped
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.journal.lookup_keys import LookupKeys
from queue_engine.journal.memory import MemoryJournal
from queue_engine.journal.vault import Vault
from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.running import RunningEngine
from queue_engine.serve.caller_keys import CallerKeys
from queue_engine.serve.caller_vault import CallerVault
from queue_engine.serve.desk import EngineDesk
from queue_engine.serve.ivr_parts import Conversations
from queue_engine.serve.reload import Reloader
from routing.policy import MINUTE_MS
from routing.vocabulary import AgentId, LineId, LinkId, Priority
from tests.ivr.desk_contract import LINK, enqueue_command

CONFIG = Path(__file__).resolve().parents[2] / "config"

NIGHT_MS = 1_795_474_800_000
"""Tuesday 24 November 2026, 00:00 in Sweden."""


class Parts:
    """A reloader with a real engine behind it, and files to change."""

    def __init__(self, config: Path, driver: Driver, vault: CallerVault, keys: CallerKeys) -> None:
        self.config = config
        self.driver = driver
        self.loaded = load_all(config)
        lines = Lines(self.loaded.lines)
        self.desk = EngineDesk(driver, self.loaded.staff, lines)
        self.conversations = Conversations(self.loaded, driver, self.desk, vault, keys)
        self.calendar = Calendar(
            self.loaded.windows, driver.submit, lambda: NIGHT_MS, hours=self.loaded.hours
        )
        self.reloader = Reloader(
            lambda: load_all(config),
            driver,
            self.calendar,
            self.desk,
            self.conversations,
            in_force=lambda: self.loaded,
            put_in_force=self._put_in_force,
        )

    def _put_in_force(self, loaded: Configuration) -> None:
        self.loaded = loaded

    def change(self, name: str, old: str, new: str) -> None:
        """Replaces text in one file; the old must be there."""
        text = (self.config / name).read_text()
        assert old in text
        (self.config / name).write_text(text.replace(old, new))


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    driver = Driver(MemoryJournal())
    await driver.start()
    loop = asyncio.create_task(driver.run())
    vault = CallerVault(Vault(tmp_path / "vault.sqlite", tmp_path / "vault.key"), driver.now_ms)
    keys = CallerKeys(LookupKeys(tmp_path / "keys", driver.now_ms()), driver.now_ms)
    parts = Parts(config, driver, vault, keys)
    await driver.submit(LoadPolicy(write_policy(parts.loaded.policy)))
    await parts.calendar.tell()
    await driver.submit(ReportSwitch(LINK, driver.now_ms(), ()))
    yield parts
    loop.cancel()
    await asyncio.wait([loop])
    await keys.close()
    await vault.close()
    await driver.close()


async def test_new_rules_hold_at_once_and_nobody_who_waits_is_lost(parts: Parts) -> None:
    ticket = await parts.desk.enqueue(enqueue_command(1))
    parts.change("national.yaml", "due_after: 8 min", "due_after: 5 min")
    done = await parts.reloader.reload()
    assert (done.rules_changed, done.restart_needed) == (True, False)
    rules = parts.driver.state.rules.priorities
    assert rules[Priority.STANDARD].due_after_ms == 5 * MINUTE_MS
    assert parts.driver.state.living(ticket.contact_id) is not None


async def test_the_same_files_again_change_nothing(parts: Parts) -> None:
    last = parts.driver.state.record_number
    done = await parts.reloader.reload()
    assert (done.rules_changed, done.restart_needed) == (False, False)
    assert parts.driver.state.record_number == last


async def test_one_fault_in_one_file_and_nothing_of_it_is_in_force(parts: Parts) -> None:
    before, scripts = parts.loaded, dict(parts.conversations.scripts)
    parts.change("national.yaml", "due_after: 8 min", "due_after: 5 min")
    parts.change("lines.yaml", "menu: national", "menu: nationel")
    with pytest.raises(ConfigError, match=r"lines\.yaml:\d+"):
        await parts.reloader.reload()
    assert parts.loaded is before
    assert parts.conversations.scripts == scripts
    rules = parts.driver.state.rules.priorities
    assert rules[Priority.STANDARD].due_after_ms == 8 * MINUTE_MS


async def test_menus_staff_and_windows_are_new_for_what_begins_now(parts: Parts) -> None:
    call = parts.conversations.scripts["call"]
    parts.change("national.yaml", "  night_22_07:", "  night_21_07:")
    for region in (parts.config / "regions").iterdir():
        region.write_text(region.read_text().replace("night_22_07", "night_21_07"))
    parts.change("staff.yaml", "n1401", "n1499")
    parts.change(
        "lines.yaml",
        'non_holiday_weekday, from: "07:30", to: "17:00"',
        'every_day, from: "00:00", to: "00:00"',
    )
    await parts.reloader.reload()
    assert parts.conversations.scripts["call"] is not call
    assert parts.loaded.staff.profile(AgentId("n1499")) is not None
    # Whatever the time of day is: a window that is off was never told to be so, if it was not on.
    assert not parts.driver.state.is_window_on("night_22_07")
    assert "night_21_07" in {window.name for window in parts.loaded.windows}
    assert parts.driver.state.is_line_open(LineId("health_centre_hamnen"))


async def test_what_only_a_restart_makes_true_is_told(parts: Parts) -> None:
    parts.change("samko.yaml", "port: 1177", "port: 1178")
    before = parts.loaded.settings
    assert (await parts.reloader.reload()).restart_needed
    assert parts.loaded.settings == before
    assert (await parts.reloader.reload()).restart_needed, "as long as it is so"


async def test_a_trunk_is_in_force_without_a_restart(parts: Parts) -> None:
    other = "\n  - id: ast2\n    trunks: [ast1]\n"
    (parts.config / "samko.yaml").write_text(f"links:\n  - id: ast1{other}")
    joined = await parts.reloader.reload()
    assert joined.restart_needed, "for the link itself"
    assert parts.driver.state.rules.can_ring(LINK, LinkId("ast2"))
    (parts.config / "samko.yaml").write_text(f"links:\n  - id: ast1{other}".replace("[ast1]", "[]"))
    await parts.reloader.reload()
    assert not parts.driver.state.rules.can_ring(LINK, LinkId("ast2"))


async def test_an_engine_that_does_not_decide_has_all_of_it_too_and_tells_the_time_later(
    parts: Parts,
) -> None:
    decides = False

    async def submit_here(command: Command) -> Record | None:
        if not decides:
            raise EngineStopped("another engine decides")
        return await parts.driver.submit(command)

    loaded = parts.loaded
    calendar = Calendar(loaded.windows, submit_here, lambda: NIGHT_MS, hours=loaded.hours)
    call = parts.conversations.scripts["call"]
    parts.change("national.yaml", "due_after: 8 min", "due_after: 5 min")
    parts.change("staff.yaml", "n1401", "n1499")
    parts.change(
        "lines.yaml",
        'non_holiday_weekday, from: "07:30", to: "17:00"',
        'every_day, from: "00:00", to: "00:00"',
    )
    assert (await replace(parts.reloader, calendar=calendar).reload()).rules_changed
    rules = parts.driver.state.rules.priorities
    assert rules[Priority.STANDARD].due_after_ms == 5 * MINUTE_MS
    assert parts.loaded.staff.profile(AgentId("n1499")) is not None, "its rules when it decides"
    assert parts.conversations.scripts["call"] is not call
    hall = LineId("health_centre_hamnen")
    assert not parts.driver.state.is_line_open(hall), "whoever decides tells by his own hours"
    decides = True
    calendar.forget()
    await calendar.tell()
    assert parts.driver.state.is_line_open(hall)


async def test_where_nobody_decides_nothing_is_changed(parts: Parts) -> None:
    class Stopped:
        async def submit(self, command: Command) -> Record | None:
            raise EngineStopped("no engine has decided it in time")

    before, scripts = parts.loaded, dict(parts.conversations.scripts)
    parts.change("national.yaml", "due_after: 8 min", "due_after: 5 min")
    with pytest.raises(EngineStopped):
        await replace(parts.reloader, driver=cast(RunningEngine, Stopped())).reload()
    assert parts.loaded is before
    assert parts.conversations.scripts == scripts
