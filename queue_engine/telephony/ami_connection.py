"""A manager connection that is kept: login, watchdog, reconnect, and one ordered stream.

House rules: all that a reader may see comes out of `messages()` in one order, changes of the
connection among them, so that nothing is ever known before its cause. A `Connected` means logged
in and booted. The stream has a bound: a reader that falls behind loses the connection and asks
anew, rather than acting on old news. Nothing is sent twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from queue_engine.telephony.ami_message import Action, AmiMessage, AmiResponse
from queue_engine.telephony.ami_session import AmiSession
from queue_engine.telephony.errors import (
    ConnectFailed,
    LoginRefused,
    NotConnected,
    OutcomeUnknown,
    TelephonyError,
)

_log = logging.getLogger(__name__)

EVENT_CLASSES: Final = "system,call,user"
"""What we listen to: `system` for FullyBooted, Shutdown and phones, `call` for channels and
bridges, `user` for the dialplan's own. No `dialplan` and `reporting`: most of the traffic."""
STREAM_MAX: Final = 10_000
"""Messages that may lie unread."""


@dataclass(frozen=True, slots=True)
class Connected:
    """Logged in and booted; everything that was known before is to be asked anew."""

    attempt: int
    """Which of the `AmiConnection.attempts` it was."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection ended, or could not be made for a reason other than the last one."""

    reason: str
    is_refused: bool = False
    """The login was refused: an operator has to act."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The reader's own: all that had been received when `mark` was called has been read."""

    number: int


StreamItem = AmiMessage | Connected | Disconnected | Mark


@dataclass(frozen=True, slots=True)
class AmiTimes:
    """Deadlines and pauses, in seconds."""

    connect_s: float = 3.0
    login_s: float = 3.0
    boot_s: float = 20.0
    """From the login until Asterisk says that it is fully booted."""
    action_s: float = 3.0
    ping_every_s: float = 2.0
    ping_s: float = 2.0
    """An Asterisk that does not answer a ping for so long is taken for dead."""
    pause_s_min: float = 0.1
    """Before the first attempt to reconnect; doubles with each."""
    pause_s_max: float = 3.0
    refused_pause_s: float = 5.0
    """After a refused login: the secret does not get better by asking."""
    stable_s: float = 5.0
    """A connection that held so long starts the pauses from the shortest again."""


class AmiConnection:
    """Keeps one manager connection from `start` until `close`.

    Args:
        host: where Asterisk's manager listens.
        port: its TCP port.
        username: the manager user, as in manager.conf.
        secret: its secret; never logged.
        times: deadlines and pauses.
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        secret: str,
        *,
        times: AmiTimes | None = None,
    ) -> None:
        self.place: Final = f"Asterisk manager at {host}:{port}"
        self.attempts = 0
        """How many connections were tried: the last of them is the present one."""
        self._late_before = self._odd_before = 0
        self._address = (host, port)
        self._login: Action = {
            "Action": "Login",
            "Username": username,
            "Secret": secret,
            "Events": EVENT_CLASSES,
        }
        self._username = username
        self._times = times or AmiTimes()
        self._stream: asyncio.Queue[StreamItem | None] = asyncio.Queue(STREAM_MAX)
        self._session: AmiSession | None = None
        self._booted = asyncio.Event()
        self._told: str | None = None
        self._first_outcome: asyncio.Future[TelephonyError | None] | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def late_answers(self) -> int:
        """Answers that came after their deadline and were thrown away."""
        return self._late_before + (self._session.late_answers if self._session else 0)

    @property
    def odd_messages(self) -> int:
        """Pieces of text on the wire that were no message."""
        return self._odd_before + (self._session.odd_messages if self._session else 0)

    @property
    def is_connected(self) -> bool:
        """Whether actions can be sent now: logged in and booted."""
        return self._session is not None and self._booted.is_set() and not self._session.is_over

    def start(self) -> None:
        """Begin to connect, and keep connecting until `close`."""
        assert self._keeper is None, "started twice"
        self._first_outcome = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.place}")

    async def connect(self) -> None:
        """`start`, and wait for the outcome of the first attempt; further ones follow anyway.

        Raises:
            LoginRefused: user name or secret are not the manager's.
            ConnectFailed: no manager answers there.
        """
        self.start()
        assert self._first_outcome is not None
        error = await asyncio.shield(self._first_outcome)
        if error is not None:
            raise error

    async def close(self) -> None:
        """End the connection and every attempt at once; `messages()` ends."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._first_outcome is not None and not self._first_outcome.done():
            self._first_outcome.set_result(ConnectFailed(f"{self.place}: closed by us"))

    def drop(self, reason: str) -> None:
        """Cut the present connection; another one is made."""
        if self._session is not None:
            self._session.end(reason)

    async def action(self, action: Action, timeout_s: float | None = None) -> AmiResponse:
        """Send `action` once; its whole answer, be it a refusal.

        Args:
            action: headers without `ActionID`.
            timeout_s: deadline for the whole answer; `AmiTimes.action_s` when None.

        Raises:
            ActionInvalid: it cannot be written to the wire; nothing was sent.
            NotConnected: not logged in; nothing was sent.
            OutcomeUnknown: no answer in time or the connection ended: ask for the state instead.
        """
        if self._session is None or not self.is_connected:
            raise NotConnected(f"{self.place}: not connected, {action.get('Action')} not sent")
        return await self._session.action(action, timeout_s or self._times.action_s)

    async def messages(self) -> AsyncIterator[StreamItem]:
        """Everything that happens, in order, until `close`. For one reader."""
        while (item := await self._stream.get()) is not None:
            yield item

    def mark(self, number: int) -> None:
        """Put `Mark(number)` behind all that has been received so far."""
        try:
            self._stream.put_nowait(Mark(number))
        except asyncio.QueueFull:
            self.drop(f"{STREAM_MAX} messages lie unread: the reader fell behind")

    async def _keep(self) -> None:
        try:
            await self._connect_again_and_again()
        except Exception:
            _log.exception("%s: nobody keeps the connection any more", self.place)
            raise
        finally:
            self._put_surely(None)

    async def _connect_again_and_again(self) -> None:
        loop = asyncio.get_running_loop()
        pause_s = self._times.pause_s_min
        while True:
            started_s = loop.time()
            error = await self._one_session()
            if loop.time() - started_s >= self._times.stable_s:
                pause_s = self._times.pause_s_min
            is_refused = isinstance(error, LoginRefused)
            self._tell_end(str(error), is_refused=is_refused)
            self._settle_first(error)
            await asyncio.sleep(
                max(pause_s, self._times.refused_pause_s) if is_refused else pause_s
            )
            pause_s = min(pause_s * 2, self._times.pause_s_max)

    async def _one_session(self) -> TelephonyError:
        """One connection from its making to its end, and why it ended."""
        self.attempts += 1
        self._booted.clear()
        self._late_before, self._odd_before = self.late_answers, self.odd_messages
        session = AmiSession(*self._address, self._on_event)
        self._session = session
        try:
            await session.open(self._times.connect_s)
            await self._log_in(session)
            self._settle_first(None)
            await self._watch(session)
            return ConnectFailed(f"{self.place}: {session.ended.result()}")
        except LoginRefused as exc:
            return exc
        except TelephonyError as exc:
            reason = session.ended.result() if session.is_over else str(exc)
            return ConnectFailed(f"{self.place}: {reason}")
        finally:
            session.end("closed by us", is_orderly=True)

    async def _log_in(self, session: AmiSession) -> None:
        response = await session.action(self._login, self._times.login_s)
        if not response.is_success and "uthentication" not in response.sentence:
            raise ConnectFailed(f"login failed: {response.sentence[:80]!r}")
        if not response.is_success:
            raise LoginRefused(
                f"{self.place} refused the login of {self._username!r}: "
                f"{response.sentence[:80]!r}; expected a user and secret of its manager.conf"
            )
        booted: asyncio.Future[Any] = asyncio.ensure_future(self._booted.wait())
        try:
            await asyncio.wait(
                [booted, session.ended],
                timeout=self._times.boot_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            booted.cancel()
        if not self._booted.is_set():
            raise ConnectFailed(
                f"logged in, but no FullyBooted within {self._times.boot_s} s;"
                f" expected read=system for {self._username!r} in manager.conf"
            )

    async def _watch(self, session: AmiSession) -> None:
        """Ping until the session ends; one ping without answer ends it."""
        while not session.is_over:
            await asyncio.wait({session.ended}, timeout=self._times.ping_every_s)
            if session.is_over:
                return
            try:
                await session.action({"Action": "Ping"}, self._times.ping_s)
            except OutcomeUnknown:
                session.end(f"silent: no answer to a ping within {self._times.ping_s} s")

    def _on_event(self, message: AmiMessage) -> None:
        if message.event == "FullyBooted" and not self._booted.is_set():
            self._booted.set()
            self._told = None
            _log.info("%s: connected", self.place)
            self._put_surely(Connected(self.attempts))
        try:
            self._stream.put_nowait(message)
        except asyncio.QueueFull:
            self.drop(f"{STREAM_MAX} messages lie unread: the reader fell behind")

    def _tell_end(self, reason: str, *, is_refused: bool) -> None:
        if reason == self._told:
            return
        self._told = reason
        _log.warning("%s", reason)
        self._put_surely(Disconnected(reason, is_refused))

    def _settle_first(self, error: TelephonyError | None) -> None:
        if self._first_outcome is not None and not self._first_outcome.done():
            self._first_outcome.set_result(error)

    def _put_surely(self, item: StreamItem | None) -> None:
        """Changes of the connection always get through; what lay unread before is void then."""
        if self._stream.full():
            while not self._stream.empty():
                self._stream.get_nowait()
        self._stream.put_nowait(item)
