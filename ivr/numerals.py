"""Numbers as words, so that they sound right: `nummer tjugoett`, but `tjugoen minuter`.

House rules: pure. Swedish has two forms of one: `ett` when counting and before neuter nouns, `en`
before common ones, such as a minute. English has no such thing; the caller of these functions
need not know which language it is.
"""

from __future__ import annotations

from typing import Final

NUMBER_MAX: Final = 999
NUMERAL_LANGUAGES: Final = ("sv", "en")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SV_UNITS: Final = _words("""
    noll ett två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton
    arton nitton""")
_SV_TENS: Final = _words("tjugo trettio fyrtio femtio sextio sjuttio åttio nittio")
_EN_UNITS: Final = _words("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen""")
_EN_TENS: Final = _words("twenty thirty forty fifty sixty seventy eighty ninety")


def counted(number: int, language: str) -> str:
    """A number by itself, 0 to 999: `tjugoett`, `twenty-one`.

    Args:
        language: one of `NUMERAL_LANGUAGES`.
    """
    assert 0 <= number <= NUMBER_MAX, number
    match language:
        case "sv":
            return _swedish(number)
        case "en":
            return _english(number)
    raise AssertionError(f"no numerals in {language!r}")


def minutes(number: int, language: str) -> str:
    """A number of minutes: `en minut`, `tjugoen minuter`, `one minute`."""
    words = counted(number, language)
    if language == "sv":
        is_one = number % 10 == 1 and number % 100 != 11
        return f"{words[:-3]}en minut{'er' * (number != 1)}" if is_one else f"{words} minuter"
    return f"{words} minute{'s' * (number != 1)}"


def _swedish(number: int) -> str:
    if number < 20:
        return _SV_UNITS[number]
    if number < 100:
        tens, units = divmod(number, 10)
        return _SV_TENS[tens - 2] + (_SV_UNITS[units] if units else "")
    hundreds, rest = divmod(number, 100)
    return f"{_SV_UNITS[hundreds]}hundra{_swedish(rest) if rest else ''}"


def _english(number: int) -> str:
    if number < 20:
        return _EN_UNITS[number]
    if number < 100:
        tens, units = divmod(number, 10)
        return _EN_TENS[tens - 2] + (f"-{_EN_UNITS[units]}" if units else "")
    hundreds, rest = divmod(number, 100)
    return f"{_EN_UNITS[hundreds]} hundred{f' and {_english(rest)}' if rest else ''}"
