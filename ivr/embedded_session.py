"""A conversation with a call of the embedded telephone network.

House rules: the same scripts as for Asterisk, over a small port that the network gives. What is
said is told as text, in the caller's language and for a screen in Swedish and English; how long it
takes comes from its sound file where there is one, else from its length. Neither voice nor file is
needed.
"""

from __future__ import annotations

import logging
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from ivr.agi_wire import AgiRequest
from ivr.call_session import CallSession, Visit
from ivr.errors import CallLeft
from ivr.prompts import PromptTexts, Sound, sentences
from queue_engine.core.errors import SamkoError
from routing.vocabulary import ContactId

CHARACTERS_PER_SECOND: Final = 14
"""As a calm voice reads."""
_WITHHELD: Final = "67"
"""The calling presentation of a number that is not shown."""
_log = logging.getLogger(__name__)


class CallPort(Protocol):
    """One visit to one call of the network."""

    @property
    def contact_id(self) -> ContactId:
        """The call's id."""
        ...

    @property
    def called_number(self) -> str:
        """As dialled."""
        ...

    @property
    def caller_number(self) -> str | None:
        """As shown; None if withheld."""
        ...

    @property
    def has_left(self) -> bool:
        """Whether the call is no longer in this visit; true for ever then, and all waits end."""
        ...

    def get(self, name: str) -> str | None:
        """A variable of the call."""
        ...

    def set(self, name: str, value: str) -> None:
        """Sets a variable of the call."""
        ...

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
        ...

    async def next_key(self, wait_ms: int) -> str | None:
        """The next key within `wait_ms`, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """One prompt, as a call of the network hears and shows it."""

    text: str
    text_sv: str
    text_en: str
    duration_ms: int


class PromptBook:
    """All that can be said, as text, and how long each takes.

    Args:
        prompts: by language; has the default one.
    """

    def __init__(self, prompts: Mapping[str, PromptTexts]) -> None:
        self._texts = {language: sentences(texts) for language, texts in prompts.items()}
        self._durations_ms: dict[Sound, int] = {}

    def told(self, sound: Sound) -> Told | None:
        """The prompt's text and time; None if it has no text in its language."""
        text = self._texts.get(sound.language, {}).get(sound.name)
        if text is None:
            return None
        duration_ms = self._durations_ms.get(sound)
        if duration_ms is None:
            duration_ms = _sound_ms(sound.path) or len(text) * 1000 // CHARACTERS_PER_SECOND
            self._durations_ms[sound] = duration_ms
        return Told(text, self._in("sv", sound, text), self._in("en", sound, text), duration_ms)

    def _in(self, language: str, sound: Sound, otherwise: str) -> str:
        return self._texts.get(language, {}).get(sound.name, otherwise)


class EmbeddedSession(CallSession):
    """The conversation with one call of the embedded network.

    Args:
        port: the visit.
        book: the prompts.
        script, arguments: what the visit is for.
    """

    def __init__(
        self, port: CallPort, book: PromptBook, script: str, arguments: tuple[str, ...]
    ) -> None:
        super().__init__(AgiRequest(script, arguments, port.contact_id, _headers(port)))
        self._port = port
        self._book = book

    async def get_variable(self, name: str) -> str | None:
        """See `CallSession`."""
        self._check()
        return self._port.get(name)

    async def set_variable(self, name: str, value: str) -> None:
        """See `CallSession`."""
        self._check()
        self._port.set(name, value)

    async def play(self, sound: Sound, barge_in: str = "") -> tuple[str | None, bool]:
        """See `CallSession`."""
        self._check()
        told = self._book.told(sound)
        if told is None:
            return None, False
        key = await self._port.play(
            name=sound.name,
            text=told.text,
            text_sv=told.text_sv,
            text_en=told.text_en,
            language=sound.language,
            duration_ms=told.duration_ms,
            barge_in=barge_in,
        )
        self._check()
        return key, True

    async def wait_for_digit(self, wait_ms: int) -> str | None:
        """See `CallSession`."""
        self._check()
        key = await self._port.next_key(wait_ms)
        self._check()
        return key

    def _check(self) -> None:
        if self._port.has_left:
            raise CallLeft("the network has taken the call elsewhere, or it is over")


class EmbeddedVisits:
    """Runs scripts on calls of the embedded network.

    Args:
        visits: what each script does, looked up at each visit.
        book: the prompts; may be set anew, for the visits that begin from then on.
    """

    def __init__(self, visits: Mapping[str, Visit], book: PromptBook) -> None:
        self.book = book
        self._visits = visits

    async def __call__(self, script: str, port: CallPort, *arguments: str) -> None:
        """Runs `script`; returns when it has ended. Its errors are logged, as the server's are."""
        session = EmbeddedSession(port, self.book, script, arguments)
        try:
            await self._visits[script](session)
        except CallLeft:
            _log.debug("call %s: left while in script %s", port.contact_id, script)
        except (SamkoError, TimeoutError) as exc:
            _log.warning("call %s: %s: %s", port.contact_id, type(exc).__name__, exc)


def _headers(port: CallPort) -> Mapping[str, str]:
    """What an Asterisk would say of the call at the start of a visit."""
    number = port.caller_number
    return MappingProxyType(
        {
            "agi_extension": port.called_number,
            "agi_callerid": number or "unknown",
            "agi_callingpres": "0" if number is not None else _WITHHELD,
        }
    )


def _sound_ms(path: str) -> int | None:
    """How long the sound file is; None if there is none that can be read."""
    try:
        with wave.open(f"{path}.wav") as sound:
            return sound.getnframes() * 1000 // sound.getframerate() or None
    except (OSError, EOFError, wave.Error, ZeroDivisionError):
        return None
