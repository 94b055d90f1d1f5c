"""The WebSocket of an agent's phone in a page, on the embedded telephone network.

    -> {"token": "..."}
    <- {"news": "plugged_in", "phone_id", "state": "idle|ringing|talking", "contact": {...} | null}
    <- {"news": "ringing", "offer", "contact_id", "contact"}
    <- {"news": "talking", "contact_id", "contact"} | {"news": "idle", "reason"}
    -> {"answer": true}  {"reject": true}  {"hang_up": true}

The phone is plugged in while the page is there and `GRACE_S` longer. One page at a time: a second
one's socket is closed with `IN_USE` and the reason `phone_in_use`, as is one for a phone that is no
seat's with `unknown_phone`.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from queue_engine.console_api.board import Board
from queue_engine.console_api.phone_line import GRACE_S, Page, PhoneLine, news_as_plain
from queue_engine.console_api.ports import AgentPhonePort, TelephonesPort
from queue_engine.console_api.reading import path_id
from queue_engine.console_api.sockets import IN_USE, Client, Sockets
from queue_engine.core.errors import Refused
from routing.vocabulary import ContactId, PhoneId


class AgentSockets:
    """Serves agents' phones.

    Args:
        sockets: lets pages in.
        telephones: the network.
        board: for what a contact is about.
        grace_s: how long a page that lost its socket has.
    """

    def __init__(
        self,
        sockets: Sockets,
        telephones: TelephonesPort,
        board: Board,
        *,
        grace_s: float = GRACE_S,
    ) -> None:
        self._sockets = sockets
        self._telephones = telephones
        self._board = board
        self._grace_s = grace_s
        self._lines: dict[PhoneId, _AgentLine] = {}
        """At most one for each phone that is for people."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One page, from its handshake until it is gone."""
        phone_id = PhoneId(path_id(request, "phone_id"))
        async with self._sockets.entered(request) as client:
            if client.is_known:
                await self._sit_down(phone_id, client)
        return client.ws

    async def _sit_down(self, phone_id: PhoneId, client: Client) -> None:
        try:
            line = self._line(phone_id)
        except Refused as refused:
            await client.close(IN_USE, refused.code)
            return
        if line.page is not None:
            await client.close(IN_USE, "phone_in_use")
            return
        page = Page(client)
        line.sit_down(page)
        try:
            await page.run(line.obey)
        finally:
            line.let_go(page)

    def _line(self, phone_id: PhoneId) -> _AgentLine:
        line = self._lines.get(phone_id)
        if line is None:
            phone = self._telephones.phone(phone_id)
            line = self._lines[phone_id] = _AgentLine(phone_id, phone, self._board, self._grace_s)
        return line


class _AgentLine(PhoneLine):
    """An agent's phone with its page."""

    def __init__(
        self, phone_id: PhoneId, phone: AgentPhonePort, board: Board, grace_s: float
    ) -> None:
        super().__init__(self._left, grace_s)
        self._phone_id = phone_id
        self._phone = phone
        self._board = board
        self._contact_id: ContactId | None = None

    def sit_down(self, page: Page) -> None:
        """The page holds the phone, and it can be rung."""
        self._phone.listener = self.hear
        self._phone.plug_in()
        told = {
            "news": "plugged_in",
            "phone_id": self._phone_id,
            "state": str(self._phone.state),
            "contact": self._contact(self._contact_id),
        }
        self.take(page, told)

    def hear(self, news: object) -> None:
        """The network tells."""
        told = news_as_plain(news)
        self._contact_id = told.get("contact_id")
        if self._contact_id is not None:
            told["contact"] = self._contact(self._contact_id)
        self.tell(told)

    def obey(self, said: dict[str, Any]) -> None:
        """Does what the page says, or tells it why not."""
        match said:
            case {"answer": True}:
                self._phone.answer()
            case {"reject": True}:
                self._phone.reject()
            case {"hang_up": True}:
                self._phone.hang_up()
            case _:
                assert self.page is not None, "only a page that holds the phone is heard"
                self.page.send_problem("bad_request", "expected answer, reject or hang_up")

    def _contact(self, contact_id: ContactId | None) -> object:
        return None if contact_id is None else self._board.summary(contact_id)

    def _left(self) -> None:
        self._phone.hang_up()
        self._phone.unplug()
        self._phone.listener = None
        self.forget()
