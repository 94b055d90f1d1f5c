"""A conversation with one call: what the scripts use, whatever network the call comes over.

House rules: the scripts know this class and no network. Every method raises `CallLeft` once the
call has left the conversation (hung up, or taken elsewhere: no telling), and every later one too.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from ivr.agi_wire import AgiRequest
from ivr.prompts import Sound
from routing.vocabulary import ContactId

_log = logging.getLogger(__name__)


class CallSession(ABC):
    """The conversation with one call, from the beginning of a visit to its end.

    Args:
        request: what the visit was begun with.
    """

    def __init__(self, request: AgiRequest) -> None:
        self.request: Final = request

    @property
    def contact_id(self) -> ContactId:
        """The call's id at its switch."""
        return self.request.contact_id

    @abstractmethod
    async def get_variable(self, name: str) -> str | None:
        """A call's variable or function; None if it has none."""

    @abstractmethod
    async def set_variable(self, name: str, value: str) -> None:
        """Sets a call's variable, which it keeps after the visit."""

    @abstractmethod
    async def play(self, sound: Sound, barge_in: str = "") -> tuple[str | None, bool]:
        """Plays a prompt until its end or until one of the keys `barge_in` is pressed.

        Args:
            barge_in: keys that stop it; other keys pressed meanwhile are lost.

        Returns:
            The key that stopped it, and whether anything could be played at all.
        """

    @abstractmethod
    async def wait_for_digit(self, wait_ms: int) -> str | None:
        """The next key within `wait_ms`, or None."""

    async def say(self, sounds: Sequence[Sound], barge_in: str = "") -> str | None:
        """Plays prompts one after another; returns the key that stopped them, or None.

        One that cannot be played is skipped: silence leads to a nurse as well.
        """
        for sound in sounds:
            key, is_played = await self.play(sound, barge_in)
            if key is not None:
                return key
            if not is_played:
                _log.warning("call %s: %s cannot be played", self.contact_id, sound.path)
        return None

    async def collect_digits(
        self, first: str | None, *, count_max: int, first_ms: int, next_ms: int, ends: str = "#*"
    ) -> str:
        """Collects keys until there are `count_max`, one of `ends` comes, or silence.

        Args:
            first: a key already heard, if any.
            count_max: so many keys at most, `ends` not counted.
            first_ms: how long to wait for the first key.
            next_ms: how long to wait for each further key.
            ends: keys that end it; the one that did is the last of the result.
        """
        keys = ""
        key = first if first is not None else await self.wait_for_digit(first_ms)
        while key is not None:
            keys += key
            if key in ends or len(keys) >= count_max:
                break
            key = await self.wait_for_digit(next_ms)
        return keys

    async def drain_digits(self, quiet_ms: int, count_max: int = 200) -> int:
        """Throws away keys until none comes for `quiet_ms`; returns how many there were.

        A hand that slipped, a stuck key or a fax: what came too fast to be meant for the next
        question must not answer it.
        """
        for count in range(count_max):
            if await self.wait_for_digit(quiet_ms) is None:
                return count
        return count_max


Visit = Callable[[CallSession], Awaitable[None]]
"""What a script does; returning ends the visit and gives the call back to its switch."""
