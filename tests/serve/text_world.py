"""A service that sends text messages, a vault, one who is not reached: for the outbox's tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from queue_engine.core import commands as cmd
from queue_engine.core.policy_codec import write_policy
from queue_engine.journal.caller_seal import CallerSecrets
from queue_engine.journal.vault import Vault
from queue_engine.runtime.driver import Driver
from queue_engine.serve.caller_vault import CallerVault
from queue_engine.serve.outbox import Outbox
from queue_engine.serve.text_message import TextSender
from routing.callback_policy import CallbackPolicy
from routing.vocabulary import AgentId, ContactChannel, ContactId
from tests.core.world import POLICY
from tests.runtime.driver_world import enqueue, picture, sign_on

MOBILE: Final = "+46701740605"
"""Of the numbers that are reserved for fiction."""
LANDLINE: Final = "+46846500410"
TOKEN: Final = "a-token-of-the-tests"
ONE_TRY: Final = replace(POLICY, callbacks=CallbackPolicy(60 * 60_000, retry_after_ms=()))
"""Who is not reached once is given up."""


class TextService:
    """Sends one message for each key, as such services promise, at a real port."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: dict[str, dict[str, str]] = {}
        """What has gone out, by key."""
        self.asked: list[str] = []
        """The keys of all requests."""
        self.seen: list[tuple[str, dict[str, str]]] = []
        """Path and headers of each request."""
        self.statuses: list[int] = []
        """What the next requests are answered with; nothing of these goes out."""
        self.on_sent: Callable[[], None] = lambda: None
        """Called when a message has gone out, before that is answered."""
        self.gate = asyncio.Event()
        self.gate.set()

    async def _take(self, request: web.Request) -> web.Response:
        key = request.headers["Idempotency-Key"]
        body: dict[str, str] = await request.json()
        self.asked.append(key)
        self.seen.append((request.path_qs, dict(request.headers)))
        if self.statuses:
            return web.Response(status=self.statuses.pop(0), headers={"Location": "/elsewhere"})
        assert self.sent.setdefault(key, body) == body, "one key, two messages"
        self.on_sent()
        await self.gate.wait()
        return web.json_response({"to": body["to"]}, status=201)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[TextService]:
        """It answers meanwhile."""
        app = web.Application()
        app.router.add_route("*", "/{any:.*}", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/messages"
            yield self
        finally:
            self.gate.set()
            await runner.cleanup()


@contextmanager
def vault_of(folder: Path, **numbers: str) -> Iterator[tuple[CallerVault, Vault]]:
    """A vault with these callers' numbers, as the outbox and as a test sees it."""
    sealed = Vault(folder / "vault.sqlite", folder / "vault.key")
    for name, number in numbers.items():
        sealed.put(ContactId(name), CallerSecrets(phone_number=number), 0)
    vault = CallerVault(sealed, lambda: 0)
    try:
        yield vault, sealed
    finally:
        vault._thread.shutdown()
        sealed.close()


@asynccontextmanager
async def outbox_of(driver: Driver, vault: CallerVault, sender: TextSender) -> AsyncIterator[None]:
    """An outbox that runs."""
    outbox = Outbox(driver, vault, sender, lambda: driver.hand.last)
    task = asyncio.create_task(outbox.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        await sender.close()


async def begin(driver: Driver) -> None:
    """Rules by which one is rung once, a switch in reach, a nurse."""
    for command in (cmd.LoadPolicy(write_policy(ONE_TRY)), picture(), sign_on("a1")):
        await driver.submit(command)
    await driver.submit(cmd.SetAgentReady(AgentId("a1")))


async def not_reached(driver: Driver, name: str) -> None:
    """He was to be rung back, is rung in vain, and is to have a text message."""
    await rung_back(driver, name)
    await in_vain(driver, name)


async def rung_back(driver: Driver, name: str) -> None:
    """He is to be rung back, and is rung."""
    await driver.submit(picture(asked_ms=driver.now_ms()))  # the test's clock may have jumped
    await driver.submit(replace_channel(enqueue(name)))


async def in_vain(driver: Driver, name: str) -> None:
    """He does not answer, and is to have a text message."""
    contact = driver.state.contacts[ContactId(name)]
    assert contact.offer is not None
    failure = cmd.CallbackFailure.NO_ANSWER
    await driver.submit(cmd.ReportCallbackFailed(contact.contact_id, contact.offer, failure))


def replace_channel(command: cmd.EnqueueContact) -> cmd.EnqueueContact:
    """He chooses to be rung back at once."""
    fields: dict[str, Any] = {
        name: getattr(command, name) for name in type(command).__dataclass_fields__
    }
    return cmd.EnqueueContact(**{**fields, "channel": ContactChannel.CALLBACK})
