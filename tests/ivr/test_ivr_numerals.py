"""Numbers in words sound right."""

from __future__ import annotations

import pytest

from ivr.numerals import NUMBER_MAX, counted, minutes


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "noll"),
        (1, "ett"),
        (7, "sju"),
        (11, "elva"),
        (18, "arton"),
        (20, "tjugo"),
        (21, "tjugoett"),
        (32, "trettiotvå"),
        (99, "nittionio"),
        (100, "etthundra"),
        (101, "etthundraett"),
        (245, "tvåhundrafyrtiofem"),
    ],
)
def test_swedish(number: int, words: str) -> None:
    assert counted(number, "sv") == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "en minut"),
        (2, "två minuter"),
        (5, "fem minuter"),
        (11, "elva minuter"),
        (21, "tjugoen minuter"),
        (31, "trettioen minuter"),
        (101, "etthundraen minuter"),
        (111, "etthundraelva minuter"),
    ],
)
def test_minutes_are_of_common_gender(number: int, words: str) -> None:
    assert minutes(number, "sv") == words


@pytest.mark.parametrize(
    ("number", "words", "in_minutes"),
    [
        (1, "one", "one minute"),
        (13, "thirteen", "thirteen minutes"),
        (21, "twenty-one", "twenty-one minutes"),
        (60, "sixty", "sixty minutes"),
        (345, "three hundred and forty-five", "three hundred and forty-five minutes"),
    ],
)
def test_english(number: int, words: str, in_minutes: str) -> None:
    assert counted(number, "en") == words
    assert minutes(number, "en") == in_minutes


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_two_numbers_sound_alike(language: str) -> None:
    words = {counted(number, language) for number in range(NUMBER_MAX + 1)}
    assert len(words) == NUMBER_MAX + 1


def test_a_language_without_numerals_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError, match="no numerals in 'fi'"):
        counted(1, "fi")
