"""What `samko` says of itself: at 80 columns, in colour and piped; and what Tab completes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.cli.entry import COMMANDS, parser

SAMKO = Path(sys.executable).with_name("samko")
DEADLINE_S = 30.0


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints that ends well, be it by `SystemExit`."""
    try:
        code: object = cli.main(list(arguments))
    except SystemExit as end:
        code = end.code
    assert not code
    return capsys.readouterr().out


def commands() -> list[str]:
    """All that can be typed after `samko`."""
    return [module.__name__.rpartition(".")[2].replace("_", "-") for module in COMMANDS]


def test_help_shows_every_command_in_a_group_and_fits_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = said(capsys, "--help")
    assert max(len(line) for line in text.splitlines()) <= 80
    for heading in (
        "Run the engine",
        "See how it goes",
        "Look back",
        "Configuration and sounds",
        "At night",
    ):
        assert f"\n{heading}\n" in text
    for command in commands():
        assert f"\n  {command} " in text
    assert "\x1b" not in text, "nothing but text when it is piped"
    assert said(capsys) == text, "samko alone says what it can do"


@pytest.mark.parametrize(
    ("environment", "is_coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], is_coloured: bool
) -> None:
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert ("\x1b[1mAt night\x1b[0m" in parser().format_help()) is is_coloured


@pytest.mark.parametrize("columns", [50, 80, 200])
def test_help_folds_to_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    longest = max(len(line) for line in said(capsys, "--help").splitlines())
    assert longest <= min(columns, 100)


@pytest.mark.parametrize("command", commands())
def test_each_command_says_what_it_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = said(capsys, command, "--help")
    assert text.startswith(f"usage: samko {command} ")
    assert "--config DIR" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_folder_of_the_configuration_may_stand_before_or_after_the_command() -> None:
    for words in (["--config", "a", "check"], ["check", "--config", "a"], ["check", "-c", "a"]):
        assert parser().parse_args(words).config == Path("a")
    assert parser().parse_args(["check"]).config == Path("config")


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--version").startswith("samko 0.")


def test_python_m_is_samko() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "queue_engine.cli", "--version"],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=True,
    )
    assert done.stdout.startswith("samko 0.")


def test_help_does_not_wait_for_the_engine() -> None:
    """A press of Tab costs as much; the engine, aiohttp and rich are several times that."""
    script = (
        "import sys; from queue_engine.cli.entry import parser; parser().format_help();"
        "print([name for name in ('aiohttp', 'rich', 'yaml', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=True,
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("samko do", {"doctor"}),
        ("samko completion ", {"bash", "zsh", "fish"}),
        ("samko serve --log ", {"auto", "text", "json"}),
        ("samko top --o", {"--once"}),
    ],
)
def test_bash_completes_what_is_typed(typed: str, offered: set[str]) -> None:
    script = (
        'eval "$(samko completion bash)"; COMP_LINE="$1" COMP_POINT=${#1} COMP_TYPE=9'
        ' COMP_WORDBREAKS=" "; _python_argcomplete samko; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script, "bash", typed],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        env={**os.environ, "PATH": f"{SAMKO.parent}:{os.environ['PATH']}"},
        check=True,
    )
    words = {word.strip() for word in done.stdout.splitlines()}
    assert words - {"-h", "--help", "-c", "--config"} == offered


@pytest.mark.parametrize(
    ("shell", "sign"), [("zsh", "#compdef samko"), ("fish", "complete --command samko")]
)
def test_the_other_shells_have_a_script_too(
    capsys: pytest.CaptureFixture[str], shell: str, sign: str
) -> None:
    assert sign in said(capsys, "completion", shell)


def test_the_shell_is_known_by_the_environment_or_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "complete --command samko" in said(capsys, "completion")
    monkeypatch.setenv("SHELL", "/bin/dash")
    assert cli.main(["completion"]) == 1
    assert "samko completion bash|zsh|fish" in capsys.readouterr().err
