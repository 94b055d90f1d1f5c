"""Text messages by HTTP, to the service that sends them.

House rules: one POST each, JSON, with the key as `Idempotency-Key`, by which the service sends one
message however often it is asked; number and words are in the body alone; no redirect is followed;
nothing of an answer but its status is looked at, or told.
"""

from __future__ import annotations

from typing import Final

import aiohttp

from queue_engine.core.commands import TextFailure
from queue_engine.serve.text_message import TextMessage, TextNotSent

REFUSED: Final = frozenset({400, 405, 406, 410, 413, 415, 422})
"""It will not take this message later either. All others may be put right, as a wrong token can."""


class HttpTextSender:
    """Posts `{"to": ..., "text": ...}`; any 2xx means that the message has been taken over.

    Args:
        url: of the service.
        token: shown as a bearer's; empty: none is.
        timeout_s: so long an answer may take.
    """

    def __init__(self, url: str, token: str, timeout_s: float) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, message: TextMessage) -> None:
        """See `TextSender`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False)
        try:
            async with self._session.post(
                self._url,
                json={"to": message.number, "text": message.words},
                headers={**self._headers, "Idempotency-Key": message.key},
                allow_redirects=False,
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            why = f"the text message service cannot be reached: {type(exc).__name__}"
            raise TextNotSent(TextFailure.UNREACHABLE, why) from exc
        if not 200 <= status < 300:
            failure = TextFailure.REFUSED if status in REFUSED else TextFailure.UNREACHABLE
            raise TextNotSent(failure, f"the text message service answers {status}")

    async def close(self) -> None:
        """Ends its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
