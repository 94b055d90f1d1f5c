"""The outbox: text messages that the journal asks for are sent once, and reported.

What is asked for and not reported stands in the state, so that a start or a takeover goes on where
the last decider stopped. Between sending and reporting it may die: then the same message is handed
over again, under the same key, and whoever sends it sends it once.

House rules: acts on journaled records only, and at the engine that decides alone; the number is
read from the vault at the moment of sending, and forgotten.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final, Protocol

from ivr.phone_number import COUNTRY, is_mobile
from queue_engine.config.engine_file import EngineSettings
from queue_engine.core import events as ev
from queue_engine.core.commands import (
    Command,
    ReportTextFailed,
    ReportTextSent,
    TextFailure,
)
from queue_engine.core.errors import EngineStopped, Refused
from queue_engine.core.record import Record
from queue_engine.core.texts import Text, TextState, text_id_of
from queue_engine.journal.vault_file import VaultError
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.running import RunningEngine
from queue_engine.serve.caller_vault import CallerVault
from queue_engine.serve.member import Member
from queue_engine.serve.text_file import FileTextSender
from queue_engine.serve.text_http import HttpTextSender
from queue_engine.serve.text_message import (
    NOT_REACHED,
    TextMessage,
    TextNotSent,
    TextSender,
    key_of,
)
from routing.vocabulary import ContactId, TextId

_log = logging.getLogger(__name__)

AT_ONCE_MAX: Final = 8
"""Messages that are handed over side by side."""
FOLLOW_AGAIN_S: Final = 1.0


class Numbers(Protocol):
    """Where the numbers are; the `CallerVault`."""

    async def phone_number(self, contact_id: ContactId, reader: str, reason: str) -> str | None:
        """The caller's number; None: it is not known, or no longer.

        Raises:
            VaultError: it cannot be read.
        """


class Outbox:
    """Sends what is asked for. `run` must be running.

    Args:
        engine: is told what came of them.
        numbers: tells to whom a message goes.
        sender: hands messages over.
        journaled: the number of the last record that the journal holds.
        decides: whether this engine does.
    """

    def __init__(
        self,
        engine: RunningEngine,
        numbers: Numbers,
        sender: TextSender,
        journaled: Callable[[], int],
        decides: Callable[[], bool] = lambda: True,
    ) -> None:
        self._engine = engine
        self._numbers = numbers
        self._sender = sender
        self._journaled = journaled
        self._decides = decides
        self._under_way: dict[TextId, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(AT_ONCE_MAX)

    async def run(self) -> None:
        """Sends until cancelled; what is under way then is taken up by whoever decides next."""
        looking = asyncio.create_task(self._look_now_and_then())
        try:
            while True:
                feed = self._engine.follow("the outbox")
                self._take_up()
                async for record in feed:
                    for event in record.events:
                        if isinstance(event, ev.CallbackTextAsked):
                            self._begin(text_id_of(record.number, event.contact_id))
                        elif isinstance(event, ev.TextAskedAgain):
                            self._begin(event.text_id)
                await asyncio.sleep(FOLLOW_AGAIN_S)  # cut off, or the engine has stopped
        finally:
            under_way = [looking, *self._under_way.values()]
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _look_now_and_then(self) -> None:
        """Who has just begun to decide takes up what the former decider left."""
        while True:
            await asyncio.sleep(FOLLOW_AGAIN_S)
            self._take_up()

    def _take_up(self) -> None:
        """What was asked for before anybody followed; what is not journaled yet comes by itself."""
        journaled = self._journaled()
        for text in list(self._engine.state.texts.values()):
            if text.number <= journaled:
                self._begin(text.text_id)

    def _begin(self, text_id: TextId) -> None:
        text = self._engine.state.texts.get(text_id) if self._decides() else None
        if text is None or text.state is not TextState.ASKED or text_id in self._under_way:
            return
        task = asyncio.create_task(self._send(text, text.tries + 1), name=f"text {text_id}")
        self._under_way[text_id] = task
        task.add_done_callback(lambda _: self._under_way.pop(text_id, None))

    async def _send(self, text: Text, try_number: int) -> None:
        report: Command
        try:
            async with self._room:
                await self._hand_over(text)
        except TextNotSent as fault:
            _log.error("text message %s, try %d: %s", text.text_id, try_number, fault)
            report = ReportTextFailed(text.text_id, try_number, fault.failure)
        except Exception as fault:  # noqa: BLE001  one message must not cost all others theirs
            # By its kind alone: its words may hold to whom the message goes.
            kind = type(fault).__name__
            _log.error("text message %s, try %d: failed with %s", text.text_id, try_number, kind)
            report = ReportTextFailed(text.text_id, try_number, TextFailure.UNREACHABLE)
        else:
            report = ReportTextSent(text.text_id)
        await self._tell(self._engine.submit(report))

    async def _hand_over(self, text: Text) -> None:
        try:
            number = await self._numbers.phone_number(text.contact_id, "outbox", "text_message")
        except VaultError as fault:
            raise TextNotSent(TextFailure.UNREACHABLE, str(fault)) from fault
        if number is None or not _may_have_texts(number):
            raise TextNotSent(TextFailure.NO_NUMBER, "no number is known that gets text messages")
        await self._sender.send(TextMessage(key_of(text.text_id), number, NOT_REACHED))

    async def _tell(self, report: Awaitable[Record | None]) -> None:
        try:
            await report
        except EngineStopped:
            pass  # whoever decides next sends it under the same key, and tells
        except Refused as fault:
            _log.warning("what came of a text message could not be told: %s", fault)


def _may_have_texts(number: str) -> bool:
    """Other countries' numbers may be tried; of ours only a mobile's gets any."""
    return number.startswith("+") and (not number.startswith(COUNTRY) or is_mobile(number))


def open_outbox(
    opened: AsyncExitStack,
    settings: EngineSettings,
    engine: Driver | Member,
    vault: CallerVault,
    is_embedded: bool,
) -> Outbox:
    """The outbox of a service, until `opened` is closed.

    Args:
        is_embedded: the people are invented: no message ever leaves this machine.

    Raises:
        ConfigError: the token of whoever sends them cannot be read.
    """
    service = settings.text_messages
    sender: TextSender
    if service is None or is_embedded:
        sender = FileTextSender(settings.text_dir)
    else:
        token = service.secret.read() if service.secret is not None else ""
        sender = HttpTextSender(service.url, token, service.timeout_ms / 1000)
    opened.push_async_callback(sender.close)
    if isinstance(engine, Driver):
        return Outbox(engine, vault, sender, lambda: engine.hand.last)
    return Outbox(engine, vault, sender, lambda: engine.last_journaled, lambda: engine.decides)
