"""What the phones of pages have in common: news as JSON, and a line that outlives its socket.

A page that loses its socket has `GRACE_S` to come back. Until then the line keeps the latest news,
so that whoever comes back learns where things stand.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from queue_engine.console_api.json_text import to_json
from queue_engine.console_api.sockets import Client

GRACE_S: Final = 30.0
NEWS_MAX: Final = 100
"""So many wait to be sent to a page; older ones give way."""

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")
_TOLD: Final = frozenset(
    {
        "name",
        "text",
        "text_sv",
        "text_en",
        "language",
        "duration_ms",
        "wait_ms",
        "phone_id",
        "reason",
        "offer",
        "contact_id",
    }
)
"""Fields of news that pages are told; whatever else the network may add is not for them."""


def news_as_plain(news: Any) -> dict[str, Any]:
    """News of the telephone network as a page gets it: `{"news": "prompt", ...}`."""
    told: dict[str, Any] = {"news": _CAPITAL.sub("_", type(news).__name__).lower()}
    for field in dataclasses.fields(news):
        if field.name in _TOLD:
            told[field.name] = getattr(news, field.name)
    return told


class Page:
    """A page with a phone, and what is to be sent to it.

    Args:
        client: the page's socket.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._messages: deque[bytes] = deque(maxlen=NEWS_MAX)

    def send(self, told: dict[str, Any]) -> None:
        """The page gets this; does not wait."""
        self._messages.append(to_json(told))
        self._client.wake()

    def send_problem(self, code: str, detail: str) -> None:
        """The page is told what was wrong with what it said."""
        self.send({"news": "error", "code": code, "detail": detail})

    async def run(self, obey: Callable[[dict[str, Any]], None]) -> None:
        """Until the page is gone; `obey` does what it says."""
        await self._client.run(self._next_message, obey)

    def _next_message(self) -> bytes | None:
        return self._messages.popleft() if self._messages else None


class PhoneLine:
    """One end of a call, or one phone, with the page that holds it now or will again.

    Args:
        on_left: called when the page has not come back in time.
        grace_s: how long it has.
    """

    def __init__(self, on_left: Callable[[], None], grace_s: float = GRACE_S) -> None:
        self._on_left = on_left
        self._grace_s = grace_s
        self._latest: dict[str, Any] | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self.page: Page | None = None
        """Who holds it now."""

    def tell(self, told: dict[str, Any]) -> None:
        """One more piece of news."""
        self._latest = told
        if self.page is not None:
            self.page.send(told)

    def take(self, page: Page, first: dict[str, Any]) -> None:
        """The page holds it from now on: it is told `first`, then the latest news, then more."""
        self.close()
        self.page = page
        page.send(first)
        if self._latest is not None:
            page.send(self._latest)

    def let_go(self, page: Page) -> None:
        """The page is gone; if it held the line still, it has some time to come back."""
        if self.page is page:
            self.page = None
            loop = asyncio.get_running_loop()
            self._leaving = loop.call_later(self._grace_s, self._on_left)

    def forget(self) -> None:
        """The latest news are no news to whoever comes next."""
        self._latest = None

    def close(self) -> None:
        """Nobody is waited for."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
