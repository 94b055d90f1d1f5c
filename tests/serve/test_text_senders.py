"""One contract for all who send text messages: a key is a message, whatever happens in between."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from queue_engine.core.commands import TextFailure
from queue_engine.serve import text_file
from queue_engine.serve.text_file import FileTextSender
from queue_engine.serve.text_http import HttpTextSender
from queue_engine.serve.text_message import (
    NOT_REACHED,
    TextMessage,
    TextNotSent,
    TextSender,
    key_of,
)
from routing.vocabulary import TextId
from tests.serve.text_world import MOBILE, TOKEN, TextService

MESSAGE = TextMessage(key_of(TextId("7-ast1-1795000000.1")), MOBILE, NOT_REACHED)
OTHER = TextMessage(key_of(TextId("8-ast1-1795000000.1")), MOBILE, NOT_REACHED)
Sent = Callable[[], dict[str, dict[str, str]]]


@asynccontextmanager
async def http(tmp_path: Path) -> AsyncIterator[tuple[Callable[[], TextSender], Sent]]:
    async with TextService().served() as service:
        yield lambda: HttpTextSender(service.url, TOKEN, 5), lambda: service.sent


@asynccontextmanager
async def file(tmp_path: Path) -> AsyncIterator[tuple[Callable[[], TextSender], Sent]]:
    spool = tmp_path / "spool"

    def sent() -> dict[str, dict[str, str]]:
        return {path.stem: json.loads(path.read_text()) for path in spool.glob("*.json")}

    yield lambda: FileTextSender(spool), sent


@pytest.mark.parametrize("kind", [http, file], ids=lambda kind: kind.__name__)
async def test_each_key_goes_out_once_from_whatever_process(kind: object, tmp_path: Path) -> None:
    assert callable(kind)
    async with kind(tmp_path) as (new_sender, sent):
        first, second = new_sender(), new_sender()
        try:
            for sender, message in (
                (first, MESSAGE),
                (first, MESSAGE),
                (second, MESSAGE),
                (second, OTHER),
            ):
                await sender.send(message)
        finally:
            await first.close()
            await second.close()
        wanted = {"to": MOBILE, "text": NOT_REACHED}
        assert sent() == {MESSAGE.key: wanted, OTHER.key: wanted}


def test_what_is_said_is_swedish_first_and_tells_nothing_but_1177() -> None:
    swedish, english = NOT_REACHED.splitlines()
    assert swedish.startswith("Vi har ringt")
    assert english.startswith("We have called")
    assert "1177" in swedish
    assert "1177" in english
    assert not set(NOT_REACHED.lower().split()) & {"sjuk", "vård", "care", "nurse", "symptoms"}


def test_a_message_shows_nobody_its_number_and_its_key_not_the_call() -> None:
    assert MOBILE not in f"{MESSAGE!r}{MESSAGE}"
    assert "1795000000" not in MESSAGE.key
    assert key_of(TextId("7-c1")) != key_of(TextId("7-c2"))


# --- by HTTP --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, TextFailure.REFUSED),
        (422, TextFailure.REFUSED),
        (302, TextFailure.UNREACHABLE),
        (401, TextFailure.UNREACHABLE),
        (404, TextFailure.UNREACHABLE),
        (409, TextFailure.UNREACHABLE),
        (429, TextFailure.UNREACHABLE),
        (503, TextFailure.UNREACHABLE),
    ],
)
async def test_an_answer_says_whether_another_try_makes_sense(
    status: int, failure: TextFailure
) -> None:
    async with TextService().served() as service:
        service.statuses = [status]
        sender = HttpTextSender(service.url, TOKEN, 5)
        with pytest.raises(TextNotSent, match=f"answers {status}") as fault:
            await sender.send(MESSAGE)
        assert fault.value.failure is failure
        assert len(service.asked) == 1, "no redirect is followed: the number would go with it"
        await sender.send(MESSAGE)
        await sender.close()
        assert len(service.sent) == 1


async def test_the_number_is_in_the_body_alone_and_the_token_is_shown() -> None:
    async with TextService().served() as service:
        sender = HttpTextSender(service.url, TOKEN, 5)
        await sender.send(MESSAGE)
        await sender.close()
        ((path, headers),) = service.seen
        assert path == "/v1/messages"
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert headers["Idempotency-Key"] == MESSAGE.key
        assert MOBILE[1:] not in f"{path}{headers}"


async def test_nobody_there_and_nobody_who_answers_in_time() -> None:
    async with TextService().served() as service:
        service.gate.clear()
        slow = HttpTextSender(service.url, "", 0.05)
        with pytest.raises(TextNotSent, match="TimeoutError") as late:
            await slow.send(MESSAGE)
        await slow.close()
    gone = HttpTextSender(service.url, "", 5)
    with pytest.raises(TextNotSent, match="cannot be reached") as nobody:
        await gone.send(MESSAGE)
    await gone.close()
    for fault in (late, nobody):
        assert fault.value.failure is TextFailure.UNREACHABLE
        assert MOBILE not in str(fault.value)


# --- as files -------------------------------------------------------------------------------


async def test_files_are_private_whole_and_known_when_they_have_been_fetched(
    tmp_path: Path,
) -> None:
    spool = tmp_path / "spool"
    sender = FileTextSender(spool)
    await sender.send(MESSAGE)
    (path,) = spool.glob("*.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert spool.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in spool.iterdir() if each.name.startswith(".")] == []
    assert MOBILE[1:] not in path.name
    path.rename(spool / "sent" / path.name)
    await sender.send(MESSAGE)
    assert list(spool.glob("*.json")) == [], "fetched and sent: never again"


async def test_a_spool_that_cannot_be_written_or_is_full_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TextNotSent, match="cannot be written"):
        await FileTextSender(tmp_path / "file" / "spool").send(MESSAGE)
    monkeypatch.setattr(text_file, "SPOOL_MAX", 1)
    sender = FileTextSender(tmp_path / "spool")
    await sender.send(MESSAGE)
    with pytest.raises(TextNotSent, match="1 of them wait to be fetched") as fault:
        await sender.send(OTHER)
    assert fault.value.failure is TextFailure.UNREACHABLE
