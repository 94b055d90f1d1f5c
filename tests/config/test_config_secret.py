"""Secrets: read only when used, from where the file says, and never printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.problems import ConfigError
from queue_engine.config.secret import SecretPlace, secret_place
from queue_engine.config.source import Faults

ENVIRONMENT = {"SAMKO_AMI_SECRET": "from the default", "OTHER": "from another"}


def place(folder: Path, text: str) -> tuple[list[str], SecretPlace]:
    path = folder / "f.yaml"
    path.write_text("host: here\n" + text)
    faults = Faults()
    top = faults.read(path)
    top.need("host").text()
    found = secret_place(top, "SAMKO_AMI_SECRET")
    return [problem.message for problem in faults.problems()], found


def secret_file(folder: Path, text: bytes, mode: int = 0o640) -> Path:
    path = folder / "secret"
    path.write_bytes(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("text", "secret"),
    [("", "from the default"), ("secret_env: OTHER\n", "from another")],
)
def test_a_secret_of_the_environment(tmp_path: Path, text: str, secret: str) -> None:
    problems, found = place(tmp_path, text)
    assert problems == []
    assert found.read(ENVIRONMENT) == secret


@pytest.mark.parametrize(
    "text",
    [b"s3cret", b"s3cret\n", b"; as Asterisk has it\nsecret = s3cret ; ours\n", b"\nsecret=s3cret"],
)
def test_a_secret_of_a_file_beside_the_configuration(tmp_path: Path, text: bytes) -> None:
    secret_file(tmp_path, text)
    problems, found = place(tmp_path, "secret_file: secret\n")
    assert problems == []
    assert found.read({}) == "s3cret"


def error_of(found: SecretPlace) -> str:
    with pytest.raises(ConfigError) as caught:
        found.read({})
    (problem,) = caught.value.problems
    return f"{problem.line}: {problem.message}"


def test_a_variable_that_is_not_set(tmp_path: Path) -> None:
    _, found = place(tmp_path, "secret_env: OTHER\n")
    assert error_of(found) == "2: secret_env: the environment variable OTHER is not set"


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        (b"s3cret", 0o644, "can be read by everybody; chmod 640 it"),
        (b"", 0o600, "holds no secret"),
        (b"secret =\n", 0o600, "holds no secret"),
        (b"\xff\xff", 0o600, "is not UTF-8 text"),
    ],
)
def test_a_file_that_will_not_do(tmp_path: Path, text: bytes, mode: int, message: str) -> None:
    path = secret_file(tmp_path, text, mode)
    _, found = place(tmp_path, "secret_file: secret\n")
    assert error_of(found) == f"2: secret_file: {path} {message}"


def test_a_file_that_is_missing_or_none(tmp_path: Path) -> None:
    _, found = place(tmp_path, "secret_file: nowhere\n")
    assert error_of(found).endswith("/nowhere cannot be read: No such file or directory")
    _, found = place(tmp_path, "secret_file: .\n")
    assert error_of(found).endswith(" is not a regular file")


def test_a_secret_cannot_carry_another_line_to_the_switch(tmp_path: Path) -> None:
    _, found = place(tmp_path, "")
    with pytest.raises(ConfigError, match="one line of printable characters") as caught:
        found.read({"SAMKO_AMI_SECRET": "abc\r\nAction: Command"})
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("secret: hunter2\n", "secret: a secret does not belong here; use secret_file or secret_e"),
        (
            "secret_file: a\nsecret_env: B\n",
            "secret_env: expected either secret_file or",
        ),
        ("secret_env: hunter2\n", "secret_env: expected a variable's name such as SAMKO_AMI_SECR"),
    ],
)
def test_faults_of_the_file(tmp_path: Path, text: str, message: str) -> None:
    (only,) = place(tmp_path, text)[0]
    assert only.startswith(message)
    assert "hunter2" not in only
