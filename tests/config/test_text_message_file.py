"""The section `text_messages` of `samko.yaml`: where numbers go is no place for a slip."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.config.text_message_file import TIMEOUT_MS
from tests.config.test_engine_file import read

FULL = """\
text_messages:
  url: https://texts.example/v1/messages
  secret_env: TEXT_TOKEN
  timeout: 5 s
"""


def test_every_value_is_read(country: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXT_TOKEN", "hidden")
    problems, settings = read(country, FULL)
    assert problems == []
    found = settings.text_messages
    assert found is not None
    assert found.secret is not None
    assert (found.url, found.timeout_ms) == ("https://texts.example/v1/messages", 5_000)
    assert found.secret.read() == "hidden"
    assert "hidden" not in f"{settings!r}"


def test_without_it_they_are_files_and_without_a_token_none_is_shown(country: Path) -> None:
    assert read(country, "")[1].text_messages is None
    problems, settings = read(country, "text_messages: {url: 'http://127.0.0.1:8025/send'}\n")
    assert problems == []
    assert settings.text_messages is not None
    assert settings.text_messages.secret is None
    assert settings.text_messages.timeout_ms == TIMEOUT_MS


@pytest.mark.parametrize(
    "url",
    [
        "http://texts.example/v1",
        "https://user:word@texts.example/v1",
        "https://texts.example/v1?token=x",
        "https://texts.example/v1#x",
        "http://127.0.0.1.texts.example/",
        "ftp://texts.example/",
        "texts.example",
    ],
)
def test_an_address_in_the_clear_or_with_a_secret_in_it_is_refused(country: Path, url: str) -> None:
    problems, _ = read(country, f"text_messages: {{url: '{url}'}}\n")
    (problem,) = problems
    assert "text_messages.url: expected an https address" in problem
    assert url not in problem


def test_what_else_can_be_wrong_is_told(country: Path) -> None:
    assert "url" in read(country, "text_messages: {}\n")[0][0]
    text = FULL.replace("5 s", "5 min").replace("secret_env: TEXT_TOKEN", "secret: abc")
    problems, _ = read(country, text)
    assert len(problems) == 2
    assert not any("abc" in problem for problem in problems)
