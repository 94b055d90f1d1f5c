"""Links in the spool: whole, private, nameless."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivr import link_sender
from ivr.link_sender import VALID_MS, FileLinkSender
from ivr.ports import LinkRequest
from routing.vocabulary import ContactId

REQUEST = LinkRequest(ContactId("ast1-1795282147.12"), "+46701740605", "sv", 1_795_282_150_000)


def spooled(spool: Path) -> list[dict[str, object]]:
    return [json.loads(file.read_text()) for file in spool.iterdir()]


async def test_a_request_is_one_private_file(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    await FileLinkSender(spool).send(REQUEST)
    (file,) = spool.iterdir()
    assert file.suffix == ".json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert spool.stat().st_mode & 0o777 == 0o700
    told = json.loads(file.read_text())
    token = told.pop("token")
    assert len(token) >= 32
    assert told == {
        "contact_id": "ast1-1795282147.12",
        "mobile_number": "+46701740605",
        "language": "sv",
        "asked_at_ms": REQUEST.at_ms,
        "valid_until_ms": REQUEST.at_ms + VALID_MS,
    }
    assert token not in file.name
    assert "46701740605" not in file.name


async def test_every_link_is_its_own(tmp_path: Path) -> None:
    for _ in range(3):
        await FileLinkSender(tmp_path).send(REQUEST)
    assert len({told["token"] for told in spooled(tmp_path)}) == 3


async def test_a_full_spool_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_sender, "SPOOL_MAX", 2)
    sender = FileLinkSender(tmp_path)
    await sender.send(REQUEST)
    await sender.send(REQUEST)
    with pytest.raises(OSError, match="2 links wait"):
        await sender.send(REQUEST)


async def test_a_spool_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        await FileLinkSender(tmp_path / "file" / "spool").send(REQUEST)


def test_a_request_does_not_show_its_number() -> None:
    assert "701740605" not in repr(REQUEST)
