"""`config/prompts/*.yaml`: what is said, one file a language, named by its code.

House rules: a language with `numbers` is complete and must have every prompt that a caller can
come to; one without has single sentences only (`För svenska, tryck 1`). No text may leave the 112
message or the emergency key out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.menu import options
from ivr.prompts import (
    DEFAULT_LANGUAGE,
    NumberTexts,
    PromptTexts,
    missing,
    template_fault,
    warnings_missing,
)
from queue_engine.config.menu_file import MenuFile
from queue_engine.config.source import Faults, Item, Section

LANGUAGES_MAX: Final = 30
TEXTS_MAX: Final = 1_000
TEXT_LENGTH_MAX: Final = 500
WORDS_PER_MINUTE_MIN: Final = 80
WORDS_PER_MINUTE_MAX: Final = 250
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
PROMPT_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
VOICE: Final = re.compile(r"[a-z]{2,3}[a-z0-9+_-]{0,30}")


@dataclass(frozen=True, slots=True)
class PromptFile:
    """One language, with its file for checks across files."""

    texts: PromptTexts
    root: Section


def read_prompts(faults: Faults, config_dir: Path) -> dict[str, PromptFile]:
    """Reads all languages; what is wrong with them goes to `faults`."""
    directory = config_dir / "prompts"
    paths = sorted(directory.glob("*.yaml"))
    if not 1 <= len(paths) <= LANGUAGES_MAX:
        message = f"expected 1 to {LANGUAGES_MAX} languages, found {len(paths)}"
        faults.add(directory.as_posix(), 1, message)
    found = {path.stem: _read_language(faults, path) for path in paths[:LANGUAGES_MAX]}
    default = found.get(DEFAULT_LANGUAGE)
    if default is None or default.texts.numbers is None:
        message = "the default language needs every prompt, numbers included"
        faults.add((directory / f"{DEFAULT_LANGUAGE}.yaml").as_posix(), 1, message)
    return found


def check_prompts(
    faults: Faults, prompts: Mapping[str, PromptFile], menus: Iterable[MenuFile]
) -> None:
    """Notes each prompt that is missing, and each warning that no text gives.

    Call it when menus and prompts have been read; it says nothing while those have faults.
    """
    menu_files = tuple(menus)
    roots = [*(file.root for file in prompts.values()), *(file.root for file in menu_files)]
    if DEFAULT_LANGUAGE not in prompts or any(faults.has_any_in(root.path) for root in roots):
        return
    texts = {language: file.texts for language, file in prompts.items()}
    lacking = list(missing(texts, (file.menu for file in menu_files)))
    for language, name in lacking:
        if language in prompts:
            prompts[language].root.may("texts").fault(f"there is no text for the prompt {name}")
        else:
            prompts[DEFAULT_LANGUAGE].root.fault(f"no file for {language}, with a text for {name}")
    if lacking:
        return
    for file in menu_files:
        _check_languages(file, prompts)
        for message in warnings_missing(texts, file.menu):
            file.root.fault(message)


def _check_languages(file: MenuFile, prompts: Mapping[str, PromptFile]) -> None:
    """A language that a key chooses for the prompts must be complete."""
    for step, key, option in options(file.menu):
        language = option.prompts or option.language
        if language is None:
            continue
        if language not in prompts or prompts[language].texts.numbers is None:
            file.fault(
                f"steps.{step}.keys.{key}",
                f"not everything can be said in {language}: name another language in `prompts`",
            )


def _read_language(faults: Faults, path: Path) -> PromptFile:
    root = faults.read(path)
    language = path.stem
    if not LANGUAGE.fullmatch(language):
        root.fault("expected a file named by its language, such as sv.yaml")
    spoken = root.may("spoken").section().entries()
    numbers = root.may("numbers")
    entries = root.need("texts").section().entries()
    if len(entries) > TEXTS_MAX:
        root.need("texts").fault(f"expected at most {TEXTS_MAX} texts, found {len(entries)}")
    texts = PromptTexts(
        language=language,
        voice=root.need("voice").matching(VOICE, "a voice of espeak-ng such as sv"),
        words_per_minute=root.need("words_per_minute").whole(
            WORDS_PER_MINUTE_MIN, least=WORDS_PER_MINUTE_MIN, most=WORDS_PER_MINUTE_MAX
        ),
        spoken=tuple((written, item.text()) for written, item in spoken),
        texts={_name(name, item): _text(item) for name, item in entries[:TEXTS_MAX]},
        numbers=_numbers(numbers.section(), language) if numbers.is_given else None,
    )
    return PromptFile(texts, root)


def _numbers(section: Section, language: str) -> NumberTexts:
    return NumberTexts(
        place=_template(section.need("place"), language),
        place_over=_template(section.need("place_over"), language),
        wait_under=_template(section.need("wait_under"), language),
        wait_between=_template(section.need("wait_between"), language),
        wait_over=_template(section.need("wait_over"), language),
    )


def _template(item: Item, language: str) -> str:
    template = _text(item)
    if fault := template_fault(template, language):
        item.fault(fault)
    return template


def _name(name: str, item: Item) -> str:
    if not PROMPT_NAME.fullmatch(name):
        item.fault("expected a prompt's name of lower-case letters, digits and _")
    return name


def _text(item: Item) -> str:
    return item.text(length_max=TEXT_LENGTH_MAX)
