"""What is said: texts, sentences with numbers, and which file says what."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.menu import Spoken
from ivr.prompts import (
    AGENT_PROMPTS,
    CALLER_PROMPTS,
    PLACE_MAX,
    NumberTexts,
    PromptShelf,
    PromptTexts,
    complete_languages,
    missing,
    place_prompt,
    sentences,
    template_fault,
    wait_prompt,
    warnings_missing,
)
from tests.ivr.fakes import shipped

MENUS, TEXTS, _ = shipped()
SV = TEXTS["sv"]


def test_nothing_that_can_be_asked_for_is_missing() -> None:
    assert complete_languages(TEXTS) == ("sv", "en")
    assert list(missing(TEXTS, MENUS.values())) == []


@pytest.mark.parametrize("menu", sorted(MENUS))
def test_every_menu_warns_in_every_language(menu: str) -> None:
    assert list(warnings_missing(TEXTS, MENUS[menu])) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("place_1", "Du är nummer ett i kön."),
        ("place_21", "Du är nummer tjugoett i kön."),
        ("place_over_60", "Det är minst sextio personer före dig i kön."),
        ("wait_0_5", "Väntetiden är kortare än fem minuter."),
        ("wait_10_20", "Väntetiden är mellan tio och tjugo minuter."),
        ("wait_over_60", "Väntetiden är mer än sextio minuter."),
    ],
)
def test_numbers_are_whole_sentences_in_words(name: str, text: str) -> None:
    assert sentences(SV)[name] == text


def test_one_minute_is_one_minute() -> None:
    numbers = NumberTexts("{place}", "{place}", "{to_minutes}", "{from_minutes}", "{from}")
    texts = PromptTexts("sv", "sv", 150, (), {}, numbers)
    assert sentences(texts)["wait_5_10"] == "fem minuter"
    assert template_fault("{from_minutes}", "sv") is None


@pytest.mark.parametrize("template", ["{0}", "{minutes}", "{", "}", "{place.real}", "{place[0]}"])
def test_other_braces_are_a_fault(template: str) -> None:
    fault = template_fault(template, "sv")
    assert fault is not None
    assert "{place}" in fault


def test_a_language_without_numerals_is_a_fault() -> None:
    assert template_fault("{place}", "fi") == "there are no numbers in words for the language 'fi'"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_prompt_that_the_flow_computes_exists(language: str) -> None:
    names = sentences(TEXTS[language]).keys()
    wanted = {place_prompt(place) for place in range(1, 2 * PLACE_MAX)}
    wanted |= {wait_prompt(minute * 60_000) for minute in range(200)}
    assert wanted <= names


def test_the_flows_own_prompts_are_not_numbered_ones() -> None:
    assert set(CALLER_PROMPTS + AGENT_PROMPTS) <= SV.texts.keys()


@pytest.mark.parametrize(
    ("expected_ms", "prompt"),
    [
        (0, "wait_0_5"),
        (299_999, "wait_0_5"),
        (300_000, "wait_5_10"),
        (600_000, "wait_10_20"),
        (1_200_000, "wait_20_30"),
        (1_800_000, "wait_30_45"),
        (2_700_000, "wait_45_60"),
        (3_599_999, "wait_45_60"),
        (3_600_000, "wait_over_60"),
        (10**9, "wait_over_60"),
    ],
)
def test_waits_are_told_in_bands(expected_ms: int, prompt: str) -> None:
    assert wait_prompt(expected_ms) == prompt


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Välkommen till 1177.", "Välkommen till ett ett sju sju."),
        ("Ring 112!", "Ring ett ett två!"),
        ("ett sms", "ett ess em ess"),
        ("11772, 0112 och 112a", "11772, 0112 och 112a"),
    ],
)
def test_numbers_that_are_names_are_said_digit_by_digit(written: str, said: str) -> None:
    assert SV.said(written) == said


def test_a_longer_word_is_replaced_before_a_shorter_one() -> None:
    texts = PromptTexts("sv", "sv", 150, (("112", "a"), ("112 direkt", "b")), {})
    assert texts.said("112 direkt, 112") == "b, a"
    assert PromptTexts("sv", "sv", 150, (), {}).said("112") == "112"


def test_a_missing_text_is_named() -> None:
    texts = {"sv": PromptTexts("sv", "sv", 150, (), {}, SV.numbers), "en": TEXTS["en"]}
    found = set(missing(texts, MENUS.values()))
    assert ("sv", "opening") in found
    assert ("sv", "agent_pin") in found
    assert ("en", "agent_pin") not in found


def test_a_text_without_its_warning_is_named() -> None:
    mute = {name: text.replace("112", "").replace("9", "") for name, text in SV.texts.items()}
    texts = {"sv": PromptTexts("sv", "sv", 150, (), mute, SV.numbers), "en": TEXTS["en"]}
    assert list(warnings_missing(texts, MENUS["national"])) == [
        "opening: the text in 'sv' must mention 112",
        "opening: the text in 'sv' must mention 9",
        "waiting.say: the text in 'sv' must mention 9",
        "ring_112_now: the text in 'sv' must mention 112",
    ]


def test_a_prompt_is_where_it_was_rendered_in_a_language_that_has_all() -> None:
    shelf = PromptShelf(Path("/p"), ("sv", "en"))
    assert shelf.sound(Spoken("opening"), "en").path == "/p/en/opening"
    assert shelf.sound(Spoken("opening"), "xx").path == "/p/sv/opening"
    assert shelf.sound(Spoken("choose", "fi"), "en").path == "/p/fi/choose"
    assert shelf.language(None) == "sv"
