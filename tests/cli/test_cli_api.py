"""The commands that ask a running engine: what they say when all is well, and when it is not."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.cli.api_client import engine_address
from tests.cli.fake_engine import TOKEN, FakeEngine, contact, problem, queue
from tests.ports import free_port


@pytest.fixture
async def engine(config: Path) -> AsyncIterator[FakeEngine]:
    """One that runs, with its token where an engine puts it."""
    async with FakeEngine(queue=queue(contact("ast1-1700000000.1"))) as running:
        _keep_token(config, "", TOKEN)
        yield running


def _keep_token(config: Path, below: str, token: str) -> Path:
    file = config.parent / "var" / below / "http.token"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(token + "\n")
    return file


async def samko(*arguments: str) -> int:
    """A command, in a thread with a loop of its own as in a process."""
    return await asyncio.to_thread(cli.main, list(arguments))


async def test_reload_says_what_is_in_force(
    engine: FakeEngine, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await samko("reload", "-c", str(config), "--url", engine.url) == 0
    assert capsys.readouterr().out == "configuration 2026-11-21: in force now\n"
    engine.reloaded = {"version": "2026-11-21", "is_changed": False, "restart_needed": True}
    assert await samko("reload", "-c", str(config), "--url", engine.url) == 0
    said = capsys.readouterr().out
    assert "nothing has changed" in said
    assert "samko.yaml says something that only a restart" in said
    assert engine.asked.count("POST /api/v1/configuration/reload") == 2


async def test_reload_tells_every_fault_of_the_configuration(
    engine: FakeEngine, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = ["config/lines.yaml:6: lines[0].menu: no such menu", "config/staff.yaml:9: no id"]
    title = "The configuration has faults"
    engine.reloaded = problem(422, "bad_configuration", title, faults=faults)
    assert await samko("reload", "-c", str(config), "--url", engine.url) == 1
    said = capsys.readouterr().err
    assert said == "\n".join(("samko: The configuration has faults", *faults, ""))


async def test_top_in_a_pipe_prints_everything_once(
    engine: FakeEngine, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await samko("top", "-c", str(config), "--url", engine.url) == 0
    said = capsys.readouterr().out
    assert "Norrbotten" in said
    assert "ast1-1700000000.1" in said
    assert "\x1b" not in said


async def test_the_token_of_samko_run_is_found_beside_that_of_samko_serve(
    engine: FakeEngine, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _keep_token(config, "", "of-another-engine")
    _keep_token(config, "embedded", TOKEN)
    assert await samko("reload", "-c", str(config), "--url", engine.url) == 0


async def test_an_unknown_token_is_said_with_its_file(
    engine: FakeEngine, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _keep_token(config, "", "of-another-engine")
    assert await samko("reload", "-c", str(config), "--url", engine.url) == 1
    said = capsys.readouterr().err
    assert f"does not know the token of {file}" in said
    assert "of-another-engine" not in said
    file.unlink()
    assert await samko("reload", "-c", str(config), "--url", engine.url) == 1
    assert "wants a token" in capsys.readouterr().err


async def test_nobody_there_is_said_with_what_to_do(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert await samko("reload", "-c", str(config), "--url", url) == 1
    said = capsys.readouterr().err
    assert f"no engine answers at {url} (Connection refused)" in said
    assert "`samko serve`" in said


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://127.0.0.1:99999"])
async def test_an_address_that_is_none_is_a_sentence(
    config: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert await samko("reload", "-c", str(config), "--url", url) == 1
    said = capsys.readouterr().err
    assert url in said
    assert "Traceback" not in said


async def test_a_named_token_file_must_be_there(
    engine: FakeEngine, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(config / "missing")
    assert await samko("reload", "-c", str(config), "--url", engine.url, "--token", missing) == 1
    assert f"{missing}, for the engine's token, cannot be read" in capsys.readouterr().err


def test_the_address_comes_from_option_environment_and_configuration(config: Path) -> None:
    chosen = Namespace(config=config, url=None, token=None)
    assert engine_address(chosen, {}).url == "http://127.0.0.1:1177"
    given = {"SAMKO_URL": "http://samko.example/", "SAMKO_TOKEN": "of-the-environment"}
    found = engine_address(chosen, given)
    assert (found.url, found.token) == ("http://samko.example", "of-the-environment")
    assert "of-the-environment" not in repr(found)
    chosen.url = "http://127.0.0.1:8080"
    assert engine_address(chosen, given).url == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("url", "is_shown"),
    [
        (None, True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost:8080", True),
        ("http://samko.example", False),
        ("http://127.0.0.1.samko.example", False),
        ("http://[nonsense", False),
    ],
)
def test_this_machines_tokens_are_not_shown_to_others(
    config: Path, url: str | None, is_shown: bool
) -> None:
    _keep_token(config, "", TOKEN)
    _keep_token(config, "embedded", "of-samko-run")
    found = engine_address(Namespace(config=config, url=url, token=None), {})
    assert (found.token, found.other_tokens) == (
        (TOKEN, ("of-samko-run",)) if is_shown else ("", ())
    )


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:1177"),
        ("10.1.2.3", "http://10.1.2.3:1177"),
        ('"::"', "http://[::1]:1177"),
    ],
)
def test_an_engine_that_listens_everywhere_is_asked_here(config: Path, host: str, url: str) -> None:
    (config / "samko.yaml").write_text(f"http: {{host: {host}}}\n")
    assert engine_address(Namespace(config=config, url=None, token=None), {}).url == url


def test_a_broken_configuration_keeps_nobody_from_looking(config: Path) -> None:
    (config / "samko.yaml").write_text("http: {port: many}\nlinks: 7\n")
    chosen = Namespace(config=config, url=None, token=None)
    assert engine_address(chosen, {}).url == "http://127.0.0.1:1177"
