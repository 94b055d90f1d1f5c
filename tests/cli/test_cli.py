"""`samko`: what people see of it, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine import cli


def run(*arguments: str) -> int:
    """The exit code of one command."""
    return cli.main(list(arguments))


def test_check_says_that_the_shipped_configuration_is_whole(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--config", str(config), "check") == 0
    assert "21 regions, 2 lines, no faults" in capsys.readouterr().out


def test_check_says_all_faults_with_file_and_line(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, old, new in (
        ("national.yaml", "ring: 20 s", "ring: soon"),
        ("lines.yaml", "menu: national", "menu: nationel"),
    ):
        text = (config / name).read_text()
        assert old in text
        (config / name).write_text(text.replace(old, new))
    assert run("--config", str(config), "check") == 1
    said = capsys.readouterr().err
    assert "national.yaml:" in said
    assert "lines.yaml:" in said
    assert 'did you mean "national"' in said
    assert "2 faults" in said


@pytest.mark.parametrize("command", ["serve", "prompts", "check"])
def test_a_broken_file_is_a_sentence_and_not_a_traceback(
    config: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (config / "regions" / "14.yaml").write_text("code: '14\nname: {")
    assert run("--config", str(config), command) == 1
    said = capsys.readouterr().err
    assert "14.yaml:" in said
    assert "Traceback" not in said


def test_serve_says_that_the_sounds_are_missing(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMKO_AMI_SECRET", "of-a-test")
    assert run("--config", str(config), "serve") == 1
    assert "run `samko prompts`" in capsys.readouterr().err


def test_a_pin_is_hashed_and_a_bad_one_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "7301")
    assert run("hash-pin") == 0
    assert capsys.readouterr().out.startswith("$argon2id$")
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "73")
    assert run("hash-pin") == 1
    assert "4 to 12 digits" in capsys.readouterr().err


def test_an_unknown_command_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("dance")
    assert "serve" in capsys.readouterr().err
