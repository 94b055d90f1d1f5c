"""`samko doctor`: each thing that can be wrong at night is named, with what to do about it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ivr.prompts import sentences
from queue_engine import cli
from queue_engine.config.load import load_all
from queue_engine.core.errors import SamkoError
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.serve import doctor_files, doctor_links, doctor_machine, doctor_ports
from queue_engine.serve.doctor import Finding, Level, examine
from tests.cli.fake_engine import CONFIG, TOKEN, FakeEngine, problem
from tests.ports import free_port
from tests.telephony.fake_ami import FakeAmi, Fields, error, message

QUICK_MENU = """
opening: [opening]
emergency_key: "9"
waiting: {say: [waiting_keys]}
first: service
steps: {service: {ask: [choose_service], silence: nurse}}
"""
OUR_CONTEXTS = ("samko-inbound", "waiting", "offer", "fallback")


class SwitchOfDoctors(FakeAmi):
    """An Asterisk that knows what the doctor asks."""

    version = "22.10.1"
    name = "ast1"
    contexts: tuple[str, ...] = OUR_CONTEXTS
    beats: Iterator[int] | None = None
    """The engine's beat at each look; one that stands still if None."""

    def _on_coresettings(self, _fields: Fields) -> str:
        return message(Response="Success", AsteriskVersion=self.version, SystemName=self.name)

    def _on_command(self, fields: Fields) -> str:
        context = fields["command"][0].rpartition(" ")[2]
        if context in self.contexts:
            shown = f"[ Context '{context}' created by 'pbx_config' ]"
            return message(Response="Success", Message="Command output follows", Output=shown)
        shown = f"There is no existence of '{context}' context"
        return message(Response="Error", Message="Command output follows", Output=shown)

    def _on_getvar(self, _fields: Fields) -> str:
        value = next(self.beats) if self.beats is not None else 7
        return message(Response="Success", Variable="SAMKO_BEAT", Value=str(value))


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that a test can wait for, and a machine whose clock is kept."""
    monkeypatch.setattr(doctor_links, "BEAT_S", 0.05)
    monkeypatch.setattr(doctor_links, "ASK_S", 1.0)
    monkeypatch.setattr(doctor_ports, "ASK_S", 1.0)
    monkeypatch.setattr(doctor_machine, "_is_unsynchronised", lambda: False)
    monkeypatch.setenv("SAMKO_AMI_SECRET", "hemlig")


@pytest.fixture
async def ami() -> AsyncIterator[SwitchOfDoctors]:
    async with SwitchOfDoctors() as running:
        yield running


@pytest.fixture
async def ready(tmp_path: Path, ami: SwitchOfDoctors, sounds: Path) -> Path:
    """A configuration with which all is well: a small country, sounds, free ports, an Asterisk."""
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config, ignore=shutil.ignore_patterns("regions", "menus", "schema"))
    (config / "regions").mkdir()
    (config / "menus").mkdir()
    (config / "regions" / "14.yaml").write_text('code: "14"\nname: Väst\npopulation: 1\n')
    (config / "menus" / "quick.yaml").write_text(QUICK_MENU)
    (config / "lines.yaml").write_text('lines: [{id: n, numbers: ["1177"], menu: quick}]\n')
    (config / "staff.yaml").write_text("agents: []\n")
    (config / "staff.yaml").chmod(0o600)
    write_engine(config, ami_port=ami.port, http_port=free_port())
    (config.parent / "var").mkdir()
    (config.parent / "var" / "prompts").symlink_to(sounds)
    return config


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is shipped to be said, for whoever changes none of it."""
    folder = tmp_path_factory.mktemp("prompts")
    for language, said in load_all(CONFIG).prompts.items():
        (folder / language).mkdir()
        for name in sentences(said):
            (folder / language / f"{name}.wav").touch()
    return folder


def own_sounds(config: Path) -> Path:
    """The same, for a test that changes them."""
    folder = config.parent / "var" / "prompts"
    shipped = folder.readlink()
    folder.unlink()
    return shutil.copytree(shipped, folder)


def write_engine(config: Path, *, ami_port: int, http_port: int, agi_port: int = 0) -> None:
    """`samko.yaml` for these ports."""
    (config / "samko.yaml").write_text(
        f"agi: {{port: {agi_port}}}\nhttp: {{port: {http_port}}}\n"
        f"links: [{{id: ast1, port: {ami_port}}}]\n"
    )


async def found(config: Path) -> list[Finding]:
    """Everything."""
    return [finding async for finding in examine(config)]


async def bad(config: Path) -> dict[str, str]:
    """What is not well, by area: its level, text and advice."""
    return {
        one.area: f"{one.level}: {one.text} -> {one.advice}"
        for one in await found(config)
        if one.level is not Level.OK
    }


async def test_when_all_is_well_it_says_so(
    ready: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert await bad(ready) == {}
    assert await asyncio.to_thread(cli.main, ["doctor", "-c", str(ready)]) == 0
    said = capsys.readouterr().out
    assert said.endswith("\nAll is well.\n")
    assert "Asterisk at 127.0.0.1" in said
    assert max(len(line) for line in said.splitlines() if "/" not in line) <= 80


async def test_nothing_is_left_behind_by_a_look(ready: Path) -> None:
    own_sounds(ready)
    before = sorted(ready.parent.rglob("*"))
    await found(ready)
    assert sorted(ready.parent.rglob("*")) == before


async def test_faults_of_the_configuration_are_told_and_the_rest_is_looked_at(ready: Path) -> None:
    (ready / "lines.yaml").write_text("lines: []\n")
    (ready / "national.yaml").write_text("".join(f"unknown{number}: 1\n" for number in range(9)))
    findings = await found(ready)
    told = [one for one in findings if one.area == "configuration"]
    assert len(told) == doctor_files.TOLD_MAX + 1
    assert "more faults" in told[-1].text
    assert any(one.area == "link ast1" for one in findings)


async def test_a_warning_of_the_configuration_is_one_here_too(ready: Path) -> None:
    text = (ready / "national.yaml").read_text()
    changed = text.replace("home_advantage: always", "home_advantage: 5 min")
    (ready / "national.yaml").write_text(changed)
    assert "a neighbour's backlog" in (await bad(ready))["configuration"]


async def test_for_programs_it_is_one_json_object(
    ready: Path, ami: SwitchOfDoctors, capsys: pytest.CaptureFixture[str]
) -> None:
    ami.name = "ast7"
    assert await asyncio.to_thread(cli.main, ["doctor", "--json", "-c", str(ready)]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["is_well"] is False
    assert [one for one in said["findings"] if one["level"] == "fault"] == [
        {
            "area": "link ast1",
            "level": "fault",
            "text": f"Asterisk at 127.0.0.1:{ami.port} calls itself ast7",
            "advice": "set systemname = ast1 in asterisk.conf, or the link's id in samko.yaml",
        }
    ]


async def test_a_fault_is_printed_with_what_to_do(
    ready: Path, ami: SwitchOfDoctors, capsys: pytest.CaptureFixture[str]
) -> None:
    ami.contexts = ("waiting",)
    assert await asyncio.to_thread(cli.main, ["doctor", "-c", str(ready)]) == 1
    said = capsys.readouterr().out
    assert "fault   link ast1" in said
    assert "-> copy deploy/asterisk/extensions.conf there" in said
    assert said.endswith("\n1 fault to be mended.\n")


# --- files ------------------------------------------------------------------------------------


def a_journal(config: Path) -> Path:
    """One with three records."""
    path = config.parent / "var" / "journal.sqlite"
    journal = SqliteJournal(path)
    journal.append(0, [b"{}", b"{}", b"{}"])
    journal.close()
    return path


async def test_a_whole_journal_is_counted(ready: Path) -> None:
    a_journal(ready)
    (told,) = [one for one in await found(ready) if one.area == "journal"]
    assert told.level is Level.OK
    assert told.text.startswith("3 records")


async def test_a_damaged_record_is_found_and_left_as_it_is(ready: Path) -> None:
    path = a_journal(ready)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE record SET data = x'78' WHERE number = 2")
        database.commit()
    before = path.read_bytes()
    told = (await bad(ready))["journal"]
    assert "record 2 is damaged" in told
    assert "copy all of" in told
    assert path.read_bytes() == before


async def test_a_file_that_is_no_journal_is_found(ready: Path) -> None:
    (ready.parent / "var" / "journal.sqlite").write_text("shopping list")
    assert (await bad(ready))["journal"].startswith("fault: ")


async def test_a_journal_that_was_taken_away_is_missed(ready: Path) -> None:
    a_journal(ready).unlink()
    assert "is missing, but journal.sqlite.mark lies beside it" in (await bad(ready))["journal"]


async def test_a_full_disk_is_seen_coming(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, level in ((100 * 1024**2, "fault"), (500 * 1024**2, "warning")):
        usage = type("Usage", (), {"free": free})()
        monkeypatch.setattr("shutil.disk_usage", lambda _path, usage=usage: usage)
        assert (await bad(ready))["var_dir"].startswith(f"{level}: 0.")


async def test_a_folder_that_others_may_write_is_a_fault(ready: Path) -> None:
    (ready.parent / "var").chmod(0o777)
    assert "chmod go-w" in (await bad(ready))["var_dir"]


async def test_a_folder_that_cannot_be_made_is_a_fault(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (ready / "samko.yaml").open("a") as file:
        file.write("var_dir: /proc/samko\n")
    monkeypatch.setattr("os.access", lambda *_: False)  # as anybody but root
    assert "/proc/samko is not there" in (await bad(ready))["var_dir"]


@pytest.mark.parametrize("name", ["vault.key", "vault.sqlite", "embedded/http.token"])
async def test_what_is_private_must_be_closed_to_others(ready: Path, name: str) -> None:
    (ready.parent / "var" / "embedded").mkdir()
    for file in ("vault.key", "vault.sqlite", "http.token", "embedded/http.token"):
        (ready.parent / "var" / file).touch(mode=0o600)
    assert await bad(ready) == {}
    (ready.parent / "var" / name).chmod(0o640)
    (told,) = (await bad(ready)).values()
    assert f"chmod 600 {ready.parent / 'var' / name}" in told


async def test_a_vault_without_its_key_is_a_fault(ready: Path) -> None:
    (ready.parent / "var" / "vault.sqlite").touch(mode=0o600)
    assert "is there without its key" in (await bad(ready))["vault"]


async def test_pins_that_others_may_read_are_told(ready: Path) -> None:
    (ready / "staff.yaml").chmod(0o644)
    assert (await bad(ready))["staff"].startswith("warning: ")


async def test_a_missing_sound_is_a_fault_and_so_are_missing_voices(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _tool: None)
    assert await bad(ready) == {}, "nothing is to be rendered"
    next((own_sounds(ready) / "sv").glob("*.wav")).unlink()
    told = await bad(ready)
    assert "1 of" in told["prompts"]
    assert "`samko prompts`" in told["prompts"]
    assert "apt-get install espeak-ng sox" in told["voices"]


async def test_texts_that_are_younger_than_their_sounds_are_told(ready: Path) -> None:
    made = own_sounds(ready) / "sv" / "rendered.json"
    made.write_text("{}")
    os.utime(made, (1_700_000_000, 1_700_000_000))
    assert "younger than its sounds" in (await bad(ready))["prompts"]


# --- the machine ------------------------------------------------------------------------------


async def test_a_clock_that_was_set_back_is_told(ready: Path) -> None:
    path = a_journal(ready)
    ahead_s = time.time() + 3_600
    os.utime(path, (ahead_s, ahead_s))
    assert "behind what the journal was last written at" in (await bad(ready))["clock"]


async def test_a_clock_that_nobody_keeps_is_told(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_machine, "_is_unsynchronised", lambda: True)
    assert (await bad(ready))["clock"].startswith("warning: ")
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert "today is 1970-01-01" in (await bad(ready))["clock"]


async def test_a_machine_without_time_zones_is_told(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere() -> None:
        raise SamkoError("no time zone data")

    monkeypatch.setattr(doctor_machine, "sweden", nowhere)
    assert "apt-get install tzdata" in (await bad(ready))["time zone"]


# --- ports and the engine ---------------------------------------------------------------------


async def test_a_port_that_somebody_else_has_is_told(ready: Path, ami: SwitchOfDoctors) -> None:
    with socket.socket() as agi, socket.socket() as http:
        for taken in (agi, http):
            taken.bind(("127.0.0.1", 0))
            taken.listen()
        ports = {"agi_port": agi.getsockname()[1], "http_port": http.getsockname()[1]}
        write_engine(ready, ami_port=ami.port, **ports)
        told = await bad(ready)
    assert "cannot be had: Address already in use" in told["IVR port"]
    assert "does not answer as an engine does" in told["HTTP"]
    assert "ss -ltnp" in told["HTTP"]


async def test_an_api_for_other_machines_wants_encryption(
    ready: Path, ami: SwitchOfDoctors
) -> None:
    write_engine(ready, ami_port=ami.port, http_port=free_port())
    text = (ready / "samko.yaml").read_text()
    (ready / "samko.yaml").write_text(text.replace("http: {", "http: {host: 0.0.0.0, "))
    assert "without encryption" in (await bad(ready))["HTTP"]


@pytest.fixture
async def engine(ready: Path, ami: SwitchOfDoctors) -> AsyncIterator[FakeEngine]:
    """One that runs on the journal, with its beat at the switch."""
    journal = SqliteJournal(a_journal(ready))
    (ready.parent / "var" / "http.token").write_text(TOKEN)
    (ready.parent / "var" / "http.token").chmod(0o600)
    ami.beats = iter(range(100))
    async with FakeEngine() as running:
        write_engine(ready, ami_port=ami.port, http_port=running.port)
        yield running
    journal.close()


async def test_a_running_engine_is_asked_how_it_is(ready: Path, engine: FakeEngine) -> None:
    told = {one.area: one for one in await found(ready)}
    assert all(one.level is Level.OK for one in told.values())
    assert f"in use by process {os.getpid()}" in told["journal"].text
    assert "is ready" in told["HTTP"].text
    assert "sees an engine's beat" in told["link ast1"].text


async def test_what_the_engine_is_not_ready_for_is_told(ready: Path, engine: FakeEngine) -> None:
    checks = [
        {"name": "engine", "is_ok": True, "detail": "record 9"},
        {"name": "journal", "is_ok": False, "detail": "records are in memory only"},
    ]
    engine.ready = problem(503, "not_ready", "Not ready", checks=checks)
    assert "records are in memory only" in (await bad(ready))["its journal"]


async def test_an_engine_whose_token_is_another_is_told(ready: Path, engine: FakeEngine) -> None:
    (ready.parent / "var" / "http.token").write_text("of-another-engine")
    told = (await bad(ready))["HTTP"]
    assert "does not know the token" in told
    assert "of-another-engine" not in told


async def test_an_engine_that_has_stopped_listening_is_told(
    ready: Path, engine: FakeEngine, ami: SwitchOfDoctors
) -> None:
    write_engine(ready, ami_port=ami.port, http_port=free_port(), agi_port=free_port())
    told = await bad(ready)
    assert told["HTTP"].startswith("warning: an engine runs, and nobody listens")
    assert told["IVR port"].startswith("fault: an engine runs, and nobody listens")


async def test_an_engine_that_goes_on_without_its_redis_is_not_taken_for_a_stranger(
    ready: Path, ami: SwitchOfDoctors
) -> None:
    (ready.parent / "var" / "http.token").write_text(TOKEN)
    (ready.parent / "var" / "http.token").chmod(0o600)
    async with FakeEngine() as running:
        with socket.socket() as agi:
            agi.bind(("127.0.0.1", 0))
            agi.listen()
            ports = {"http_port": running.port, "agi_port": agi.getsockname()[1]}
            write_engine(ready, ami_port=ami.port, **ports)
            with (ready / "samko.yaml").open("a") as engine_file:
                engine_file.write(f"redis: {{host: 127.0.0.1, port: {free_port()}}}\n")
            told = await bad(ready)
    assert "IVR port" not in told, "its own port is no fault, and nobody is told to stop it"
    assert "restart no engine" in told["journal"]


async def test_an_engine_of_samko_run_needs_no_asterisk(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ready.parent / "var" / "embedded"
    folder.mkdir()
    journal = SqliteJournal(folder / "journal.sqlite")
    monkeypatch.delenv("SAMKO_AMI_SECRET")
    (folder / "http.token").write_text(TOKEN)
    (folder / "http.token").chmod(0o600)
    try:
        async with FakeEngine() as running:
            write_engine(ready, ami_port=1, http_port=running.port)
            findings = await found(ready)
    finally:
        journal.close()
    assert [one for one in findings if one.level is not Level.OK] == []
    assert "is ready" in findings[-1].text


# --- links ------------------------------------------------------------------------------------


async def test_an_engine_whose_beat_stands_still_is_told(
    ready: Path, engine: FakeEngine, ami: SwitchOfDoctors
) -> None:
    ami.beats = None
    told = (await bad(ready))["link ast1"]
    assert "no new beat" in told
    assert "fallback queue" in told


async def test_a_secret_that_is_not_there_is_told(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SAMKO_AMI_SECRET")
    told = (await bad(ready))["link ast1"]
    assert "SAMKO_AMI_SECRET is not set" in told
    assert "`samko run`" in told


async def test_a_wrong_secret_is_told_and_never_shown(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMKO_AMI_SECRET", "fel-hemlighet")
    told = (await bad(ready))["link ast1"]
    assert "refuses the login: Authentication failed" in told
    assert "fel-hemlighet" not in told


async def test_an_asterisk_that_is_down_is_told(ready: Path, ami: SwitchOfDoctors) -> None:
    await ami.stop()
    assert "no connection" in (await bad(ready))["link ast1"]
    await ami.listen()


async def test_an_asterisk_that_is_silent_costs_a_moment_only(
    ready: Path, ami: SwitchOfDoctors
) -> None:
    ami.is_silent = True
    assert "no answer within 1.0 s" in (await bad(ready))["link ast1"]


async def test_another_version_is_a_warning(ready: Path, ami: SwitchOfDoctors) -> None:
    ami.version = "18.20.0"
    assert (await bad(ready))["link ast1"].startswith("warning: ")


async def test_a_manager_user_who_may_not_enough_is_told(ready: Path, ami: SwitchOfDoctors) -> None:
    ami.answers["command"] = lambda _fields: error("Permission denied")
    told = (await bad(ready))["link ast1"]
    assert "samko may not Command" in told
    assert "deploy/asterisk/manager.conf" in told
