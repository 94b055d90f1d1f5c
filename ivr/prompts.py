"""What is said: texts by name and language, and the sentences made of numbers.

House rules: every prompt is a whole sentence of its own sound file; numbers are never glued in
between, since they would sound wrong. The text is written as people read it (`1177`) and `spoken`
says how it is pronounced. Rendering is in `render.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.menu import Menu, Spoken, spoken
from ivr.numerals import NUMERAL_LANGUAGES, counted, minutes
from routing.estimate import WAIT_BANDS_MIN, wait_band

DEFAULT_LANGUAGE: Final = "sv"
PLACE_MAX: Final = 60
"""Higher places are said as `more than`."""
_BRACES: Final = re.compile(r"\{([a-z_]+)\}")

RING_112: Final = "ring_112_now"
EMERGENCY_FIRST: Final = "emergency_first"
EMERGENCY_NOTED: Final = "emergency_noted"
WORSE_NOTED: Final = "worse_noted"
RAISE_FAILED: Final = "raise_failed"
QUEUED: Final = "queued"
STILL_WAITING: Final = "still_waiting"
PLACE_OVERTAKEN: Final = "place_overtaken"
PLACE_UNKNOWN: Final = "place_unknown"
LINK_SENT: Final = "link_sent"
LINK_NEEDS_MOBILE: Final = "link_needs_mobile"
LINK_FAILED: Final = "link_failed"
NO_SUCH_CHOICE: Final = "no_such_choice"
OVERLOADED: Final = "overloaded"
OVERLOADED_LINK: Final = "overloaded_link"
OVERLOADED_LINK_SENT: Final = "overloaded_link_sent"
OVERLOADED_BYE: Final = "overloaded_bye"
AGENT_NUMBER: Final = "agent_number"
AGENT_PIN: Final = "agent_pin"
AGENT_WRONG: Final = "agent_wrong"
AGENT_LOCKED: Final = "agent_locked"
AGENT_REASON: Final = "agent_reason"
AGENT_NOT_SIGNED_ON: Final = "agent_not_signed_on"
AGENT_REFUSED: Final = "agent_refused"
AGENT_FAILED: Final = "agent_failed"
AGENT_DONE: Final = {
    "sign-on": "agent_signed_on",
    "sign-off": "agent_signed_off",
    "ready": "agent_ready",
    "not-ready": "agent_not_ready",
}
"""The confirmation of each action from an agent's phone."""

CALLER_PROMPTS: Final = (
    *(RING_112, EMERGENCY_FIRST, EMERGENCY_NOTED, WORSE_NOTED, RAISE_FAILED, QUEUED),
    *(STILL_WAITING, PLACE_OVERTAKEN, PLACE_UNKNOWN, LINK_SENT, LINK_NEEDS_MOBILE, LINK_FAILED),
    *(NO_SUCH_CHOICE, OVERLOADED, OVERLOADED_LINK, OVERLOADED_LINK_SENT, OVERLOADED_BYE),
)
"""What the flow itself says to callers: every language of prompts must have them."""
AGENT_PROMPTS: Final = (
    *(AGENT_NUMBER, AGENT_PIN, AGENT_WRONG, AGENT_LOCKED, AGENT_REASON, AGENT_NOT_SIGNED_ON),
    *(AGENT_REFUSED, AGENT_FAILED, *AGENT_DONE.values()),
)
"""What the flow says to agents, in the default language."""


@dataclass(frozen=True, slots=True)
class NumberTexts:
    """Sentences with a number in them. Words in braces are replaced by numbers in words.

    `{place}`, `{from}` and `{to}` are numbers, `{from_minutes}` and `{to_minutes}` minutes.
    """

    place: str
    """`Du är nummer {place} i kön.`"""
    place_over: str
    """`Det är fler än {place} före dig.`"""
    wait_under: str
    wait_between: str
    wait_over: str


@dataclass(frozen=True, slots=True)
class PromptTexts:
    """All texts of one language."""

    language: str
    voice: str
    """espeak-ng's name of the voice."""
    words_per_minute: int
    spoken: tuple[tuple[str, str], ...]
    """How written words are said: `1177`, `ett ett sju sju`."""
    texts: Mapping[str, str]
    """By prompt name."""
    numbers: NumberTexts | None = None
    """None: a language of single sentences only; its callers hear another's prompts."""

    def said(self, text: str) -> str:
        """The text as it is to be pronounced."""
        if not self.spoken:
            return text
        by_length = sorted(self.spoken, key=lambda pair: (-len(pair[0]), pair[0]))
        pattern = "|".join(rf"(?<!\w){re.escape(written)}(?!\w)" for written, _ in by_length)
        said = dict(self.spoken)
        return re.sub(pattern, lambda found: said[found[0]], text)


def sentences(texts: PromptTexts) -> dict[str, str]:
    """Every sentence of the language by prompt name, those with numbers included."""
    return {**texts.texts, **dict(_number_sentences(texts))}


def _number_sentences(texts: PromptTexts) -> Iterator[tuple[str, str]]:
    if texts.numbers is None:
        return
    for place in range(1, PLACE_MAX + 1):
        yield place_prompt(place), _filled(texts.numbers.place, texts.language, place=place)
    over = _filled(texts.numbers.place_over, texts.language, place=PLACE_MAX)
    yield place_prompt(PLACE_MAX + 1), over
    for start, end in zip((0, *WAIT_BANDS_MIN), (*WAIT_BANDS_MIN, None), strict=True):
        template = texts.numbers.wait_between
        if end is None:
            template = texts.numbers.wait_over
        elif start == 0:
            template = texts.numbers.wait_under
        text = _filled(template, texts.language, start=start, end=end or start)
        yield _band_prompt(start, end), text


def _filled(template: str, language: str, *, place: int = 0, start: int = 0, end: int = 0) -> str:
    words = {
        "place": counted(place, language),
        "from": counted(start, language),
        "to": counted(end, language),
        "from_minutes": minutes(start, language),
        "to_minutes": minutes(end, language),
    }
    return _BRACES.sub(lambda found: words.get(found[1], found[0]), template)


def template_fault(template: str, language: str) -> str | None:
    """What is wrong with a sentence of `NumberTexts`, or None."""
    if language not in NUMERAL_LANGUAGES:
        return f"there are no numbers in words for the language {language!r}"
    if re.search(r"[{}]", _filled(template, language)):
        return "expected only {place}, {from}, {to}, {from_minutes} or {to_minutes} in braces"
    return None


def place_prompt(place: int) -> str:
    """The prompt that says a place in the queue, from 1."""
    assert place >= 1, place
    return f"place_{place}" if place <= PLACE_MAX else f"place_over_{PLACE_MAX}"


def wait_prompt(expected_wait_ms: int) -> str:
    """The prompt that says the band in which an expected wait lies."""
    return _band_prompt(*wait_band(expected_wait_ms))


def _band_prompt(start: int, end: int | None) -> str:
    return f"wait_over_{start}" if end is None else f"wait_{start}_{end}"


def complete_languages(all_texts: Mapping[str, PromptTexts]) -> tuple[str, ...]:
    """The languages in which callers can hear everything, the default first."""
    complete = [t.language for t in all_texts.values() if t.numbers is not None]
    return tuple(sorted(complete, key=lambda language: (language != DEFAULT_LANGUAGE, language)))


def missing(
    all_texts: Mapping[str, PromptTexts], menus: Iterable[Menu]
) -> Iterator[tuple[str, str]]:
    """Yields language and name of each prompt that can be asked for and has no text."""
    menus = tuple(menus)
    wanted = {Spoken(name) for name in CALLER_PROMPTS}
    wanted |= {Spoken(name, DEFAULT_LANGUAGE) for name in AGENT_PROMPTS}
    wanted |= {prompt for menu in menus for prompt in spoken(menu)}
    complete = complete_languages(all_texts)
    for prompt in sorted(wanted, key=str):
        for language in [prompt.language] if prompt.language else complete:
            if language not in all_texts or prompt.name not in all_texts[language].texts:
                yield language, prompt.name


def warnings_missing(all_texts: Mapping[str, PromptTexts], menu: Menu) -> Iterator[str]:
    """Yields a sentence for each complete language in which a caller would not be warned.

    The first prompt of the opening, and the one before an emergency, say 112; the first and those
    that tell the keys while waiting say the emergency key.
    """
    for language in complete_languages(all_texts):
        for name, prompts, words in (
            ("opening", menu.opening[:1], ("112", menu.emergency_key)),
            ("waiting.say", menu.waiting.say, (menu.emergency_key,)),
            (RING_112, (Spoken(RING_112),), ("112",)),
        ):
            said = [all_texts[prompt.language or language].texts[prompt.name] for prompt in prompts]
            for word in words:
                if word.isdigit() and not re.search(rf"(?<!\d){word}(?!\d)", " ".join(said)):
                    yield f"{name}: the text in {language!r} must mention {word}"


@dataclass(frozen=True, slots=True)
class Sound:
    """One prompt in the language in which it is heard."""

    name: str
    language: str
    path: str
    """Of its sound file, without the extension, as Asterisk wants it."""


class PromptShelf:
    """Where the sound files are.

    Args:
        root: the directory that `render_all` writes to.
        languages: those in which everything can be said; the first is the default.
    """

    def __init__(self, root: Path, languages: tuple[str, ...]) -> None:
        assert languages, "at least one language"
        self._root = root
        self._languages = languages
        self._sounds: dict[tuple[Spoken, str], Sound] = {}

    def language(self, wanted: str | None) -> str:
        """`wanted`, if everything can be said in it; else the default."""
        return wanted if wanted in self._languages else self._languages[0]

    def sound(self, prompt: Spoken, language: str) -> Sound:
        """What is heard of `prompt` in a conversation in `language`."""
        heard = prompt.language or self.language(language)
        found = self._sounds.get((prompt, heard))
        if found is None:  # as often as there are prompts
            path = str(self._root / heard / prompt.name)
            found = self._sounds[prompt, heard] = Sound(prompt.name, heard, path)
        return found
