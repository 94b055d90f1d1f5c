"""The WebSocket of a caller's phone in a page, on the embedded telephone network.

    -> {"token": "..."}
    -> {"dial": "1177", "from_region": "14"}       the region is optional
    <- {"news": "dialled", "contact_id": "...", "key": "..."}
    <- {"news": "prompt", "name", "text", "text_sv", "text_en", "language", "duration_ms"}
    <- {"news": "listening", "wait_ms"} | {"news": "waiting"} | {"news": "ringing"}
       | {"news": "talking", "phone_id"} | {"news": "ended", "reason"}
    -> {"key": "1"}  {"hang_up": true}

After the socket was lost, within `GRACE_S`, or of the engine's restart within a minute:

    -> {"token": "..."}
    -> {"resume": contact_id, "key": as told}
    <- {"news": "resumed", "contact_id", "state": "menu|waiting|ringing|talking"}

The key is made of the token and the contact, so that it holds across a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from queue_engine.console_api.phone_line import GRACE_S, Page, PhoneLine, news_as_plain
from queue_engine.console_api.ports import CallPort, TelephonesPort
from queue_engine.console_api.problems import ProblemError
from queue_engine.console_api.shapes import ID_PATTERN, REGION_PATTERN
from queue_engine.console_api.sockets import Sockets
from queue_engine.core.errors import Refused
from routing.vocabulary import ContactId, RegionCode

CALLS_MAX: Final = 100
"""From pages at a time."""
_NUMBER: Final = re.compile(r"\+?[0-9]{2,15}", re.ASCII)
_ID: Final = re.compile(ID_PATTERN)
_KEYS: Final = frozenset("0123456789*#")


class CallerSockets:
    """Serves callers' phones.

    Args:
        sockets: lets pages in.
        telephones: the network.
        token: makes the keys with which pages come back.
        grace_s: how long a page that lost its socket has.
    """

    def __init__(
        self, sockets: Sockets, telephones: TelephonesPort, token: str, *, grace_s: float = GRACE_S
    ) -> None:
        self._sockets = sockets
        self._telephones = telephones
        self._secret = token.encode()
        self._grace_s = grace_s
        self._lines: dict[ContactId, _CallLine] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One page, from its handshake until it is gone."""
        async with self._sockets.entered(request) as client:
            if client.is_known:
                caller = _CallerPage(Page(client), self)
                try:
                    await caller.page.run(caller.obey)
                finally:
                    caller.leave()
        return client.ws

    def dial(self, page: Page, number: str, from_region: RegionCode | None) -> _CallLine:
        """Begins a call for the page.

        Raises:
            ProblemError: too many calls.
        """
        if len(self._lines) >= CALLS_MAX:
            raise ProblemError("overloaded", f"{CALLS_MAX} calls from pages already")
        line = _CallLine(self._grace_s)
        call = self._telephones.dial(number, from_region, line.hear)
        self._keep(line, call)
        told = {"news": "dialled", "contact_id": call.contact_id, "key": self._key(call.contact_id)}
        line.take(page, told)
        return line

    def resume(self, page: Page, contact_id: ContactId, key: str) -> _CallLine:
        """Gives the page its call again; a page that holds it still loses it.

        Raises:
            ProblemError: the key is not this call's, or it is over.
        """
        shown = key.encode("utf-8", "surrogatepass")  # half a character is wrong, and no fault
        if not hmac.compare_digest(shown, self._key(contact_id).encode()):
            raise ProblemError("unknown_contact", "no call with this key")
        line, call = self._lines.get(contact_id), self._telephones.call(contact_id)
        if call is None:
            raise ProblemError("unknown_contact", "the call is over")
        if line is None:  # from before a restart of the engine
            line = _CallLine(self._grace_s)
            call.listener = line.hear
            self._keep(line, call)
        line.take(page, {"news": "resumed", "contact_id": contact_id, "state": str(call.state)})
        return line

    def _keep(self, line: _CallLine, call: CallPort) -> None:
        line.call = call
        line.on_over = lambda: self._lines.pop(call.contact_id, None)
        if not line.is_over:
            self._lines[call.contact_id] = line

    def _key(self, contact_id: ContactId) -> str:
        return hmac.new(self._secret, f"call {contact_id}".encode(), hashlib.sha256).hexdigest()


class _CallLine(PhoneLine):
    """A call of a page."""

    def __init__(self, grace_s: float) -> None:
        super().__init__(self._left, grace_s)
        self.call: CallPort | None = None
        self.is_over = False
        self.on_over: Callable[[], object] = lambda: None

    def hear(self, news: object) -> None:
        """The network tells."""
        told = news_as_plain(news)
        self.tell(told)
        if told["news"] == "ended":
            self.is_over = True
            self.close()
            self.on_over()

    def let_go(self, page: Page) -> None:
        """A call that is over waits for nobody."""
        if not self.is_over:
            super().let_go(page)

    def _left(self) -> None:
        if self.call is not None:
            self.call.hang_up()


class _CallerPage:
    """One page with a caller's phone."""

    def __init__(self, page: Page, sockets: CallerSockets) -> None:
        self.page = page
        self._sockets = sockets
        self._line: _CallLine | None = None

    def obey(self, said: dict[str, Any]) -> None:
        """Does what the page says, or tells it why not."""
        try:
            self._obey(said)
        except ProblemError as problem:
            self.page.send_problem(problem.code, problem.detail)
        except Refused as refused:
            self.page.send_problem(refused.code, str(refused))

    def leave(self) -> None:
        """The page is gone."""
        if self._line is not None:
            self._line.let_go(self.page)

    def _obey(self, said: dict[str, Any]) -> None:
        match said:
            case {"dial": str(number)} if _NUMBER.fullmatch(number):
                self._require_free()
                self._line = self._sockets.dial(self.page, number, _region(said))
            case {"resume": str(contact_id), "key": str(key)} if _ID.fullmatch(contact_id):
                self._require_free()
                self._line = self._sockets.resume(self.page, ContactId(contact_id), key)
            case {"key": str(key)} if key in _KEYS:
                self._held().press(key)
            case {"hang_up": True}:
                self._held().hang_up()
            case _:
                raise ProblemError("bad_request", "expected dial, resume, key or hang_up")

    def _require_free(self) -> None:
        if self._line is not None and self._line.page is self.page and not self._line.is_over:
            raise ProblemError("has_contact", "hang up first")

    def _held(self) -> CallPort:
        line = self._line
        if line is None or line.call is None or line.page is not self.page:
            raise ProblemError("unknown_contact", "no call here: dial first")
        return line.call


def _region(said: dict[str, Any]) -> RegionCode | None:
    region = said.get("from_region")
    if region is None:
        return None
    if not isinstance(region, str) or not re.fullmatch(REGION_PATTERN, region):
        raise ProblemError("bad_request", "from_region: expected two digits")
    return RegionCode(region)
