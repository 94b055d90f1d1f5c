"""The API's token: made once, kept, private."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core.errors import SamkoError
from queue_engine.serve.token import read_or_make_token


def test_it_is_made_once_and_only_this_user_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "http.token"
    token = read_or_make_token(path)
    assert len(token) >= 43
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_make_token(path) == token
    assert list(tmp_path.iterdir()) == [path]
    assert read_or_make_token(tmp_path / "other.token") != token


@pytest.mark.parametrize("content", ["", "short", "with a space " * 5, "å" * 40])
def test_a_token_that_anybody_could_guess_is_refused_and_not_told(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "http.token"
    path.write_text(content)
    with pytest.raises(SamkoError, match=r"http\.token") as fault:
        read_or_make_token(path)
    assert not content or content not in str(fault.value)


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(SamkoError, match="cannot be read: FileNotFoundError"):
        read_or_make_token(tmp_path / "none" / "http.token")
