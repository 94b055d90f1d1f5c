"""`samko`: what people see of it, right and wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ivr.render import Progress, RenderReport
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


def test_no_pin_at_all_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody_types(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", nobody_types)
    assert run("hash-pin") == 1
    assert capsys.readouterr().err == "samko: no PIN was given\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["docter"], "there is no command docter; did you mean doctor?"),
        (["xyzzy"], "there is no command xyzzy\n"),
        (["--colour", "check"], "unrecognized arguments: --colour"),
    ],
)
def test_what_is_not_understood_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as end:
        run(*words)
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.endswith("samko --help shows what there is.\n")
    assert said.count("\n") == 2


def test_a_reader_who_has_seen_enough_is_no_fault(config: Path) -> None:
    script = '"$1" -m queue_engine.cli --config "$2" check | true; exit "${PIPESTATUS[0]}"'
    done = subprocess.run(
        ["bash", "-c", script, "bash", sys.executable, str(config)],
        capture_output=True,
        text=True,
        timeout=60.0,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_how_far_the_prompts_are_is_shown_on_a_terminal_only(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def rendered(_texts: object, _out: Path, _recorded: Path, progress: Progress) -> RenderReport:
        progress(1, 2, "sv/opening")
        progress(2, 2, "sv/goodbye")
        return RenderReport(("sv/opening", "sv/goodbye"), (), (), ())

    monkeypatch.setattr("ivr.render.render_all", rendered)
    assert run("--config", str(config), "prompts") == 0
    piped = capsys.readouterr()
    assert (piped.err, piped.out[:20]) == ("", "prompts: 2 rendered,")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert run("--config", str(config), "prompts") == 0
    assert capsys.readouterr().err == "\rprompts: 1 of 2\rprompts: 2 of 2\n"
