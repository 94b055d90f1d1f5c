"""One visit of a script to a call: the port by which it plays prompts and hears keys.

House rules: a visit ends for its script when the call is taken elsewhere or hangs up: every wait
ends at once, `has_left` is true for ever, and nothing the script says is heard any more. The script
itself is not cut off: what it has begun at the engine it brings to an end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from queue_engine.telephony.embedded import call_news
from queue_engine.telephony.embedded.alarms import call_off
from queue_engine.telephony.embedded.post import Post
from routing.vocabulary import ContactId

if TYPE_CHECKING:
    from queue_engine.telephony.embedded.call import EmbeddedCall

KEYS: Final = "0123456789*#"
KEYS_AHEAD_MAX: Final = 32
"""Keys that may be pressed before anybody listens; of more the oldest are lost."""


class CallVisit:
    """The call as one script has it.

    Args:
        call: whose visit it is.
        post: takes the news that a script makes.
    """

    def __init__(self, call: EmbeddedCall, post: Post) -> None:
        self.has_left = False
        self._call = call
        self._post = post
        self._heard: asyncio.Future[str | None] | None = None
        self._wanted = ""

    @property
    def contact_id(self) -> ContactId:
        """The call's id."""
        return self._call.contact_id

    @property
    def called_number(self) -> str:
        """As dialled; empty if it is not known any more."""
        return self._call.called_number

    @property
    def caller_number(self) -> str | None:
        """As shown; None if withheld or not known any more."""
        return self._call.caller_number

    def get(self, name: str) -> str | None:
        """A variable of the call; None if it has none of that name."""
        return self._call.variables.get(name)

    def set(self, name: str, value: str) -> None:
        """Sets a variable, which the call keeps after the visit."""
        self._call.variables[name] = value

    async def play(
        self,
        *,
        name: str,
        text: str,
        text_sv: str,
        text_en: str,
        language: str,
        duration_ms: int,
        barge_in: str,
    ) -> str | None:
        """Plays a prompt to its end, or until a key of `barge_in`: that key. Others are lost."""
        self._tell(call_news.Prompt(name, text, text_sv, text_en, language, duration_ms))
        ahead = self._call.keys_ahead
        while ahead:
            if (key := ahead.popleft()) in barge_in:
                return key
        return await self._key(duration_ms, barge_in)

    async def next_key(self, wait_ms: int) -> str | None:
        """The next key within `wait_ms`, or None."""
        ahead = self._call.keys_ahead
        if not ahead:
            self._tell(call_news.Listening(wait_ms))  # on which a key may come at once
        return ahead.popleft() if ahead else await self._key(wait_ms, KEYS)

    # --- the network's side -----------------------------------------------------------------

    def press(self, key: str) -> None:
        """A key was pressed during this visit."""
        if self._heard is None or self._heard.done():
            self._call.keys_ahead.append(key)
        elif key in self._wanted:
            self._heard.set_result(key)

    def leave(self) -> None:
        """The call is no longer the script's."""
        self.has_left = True
        self._time_is_up()

    def _time_is_up(self) -> None:
        if self._heard is not None and not self._heard.done():
            self._heard.set_result(None)

    async def _key(self, wait_ms: int, wanted: str) -> str | None:
        if self.has_left:
            return None
        self._wanted = wanted
        self._heard = asyncio.get_running_loop().create_future()
        alarm = self._call.alarms.after(wait_ms, self._time_is_up)
        try:
            return await self._heard
        finally:
            call_off(alarm)
            self._heard = None

    def _tell(self, news: call_news.CallNews) -> None:
        if not self.has_left:
            with self._post:
                self._post.send(self._call.listener, news)
