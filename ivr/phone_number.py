"""Phone numbers, as Swedish trunks and callers write them, in one form.

House rules: pure. E.164 (`+46701740605`) is the one form of a public number; a short number such
as 1177 stays as it is. What is not surely a number is no number: it is never guessed.
"""

from __future__ import annotations

import re
from typing import Final

COUNTRY: Final = "+46"
_SEPARATORS: Final = re.compile(r"[\s()./-]+")
_DIGITS: Final = re.compile(r"\d{1,20}", re.ASCII)
_E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_BARE: Final = re.compile(r"46[1-9]\d{6,9}", re.ASCII)
"""Some trunks leave the `+` out; no Swedish number can be dialled like that."""
_SHORT: Final = re.compile(r"\d{2,6}", re.ASCII)
_MOBILE: Final = re.compile(r"\+467[02369]\d{7}", re.ASCII)


def e164(number: str) -> str | None:
    """The number as `+` country and digits, or None if it is not a public number.

    >>> e164("070-174 06 05"), e164("0046 8 465 004 10"), e164("anonymous")
    ('+46701740605', '+46846500410', None)
    """
    plain = _SEPARATORS.sub("", number)
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    elif plain.startswith("0"):
        plain = f"{COUNTRY}{plain[1:]}"
    elif _BARE.fullmatch(plain):
        plain = f"+{plain}"
    if plain.startswith(f"{COUNTRY}0"):  # "+46 (0)8-...", as letterheads have it
        plain = f"{COUNTRY}{plain[4:]}"
    return plain if _E164.fullmatch(plain) else None


def is_mobile(number: str) -> bool:
    """Whether an E.164 number is a Swedish mobile's: the only kind that surely gets texts."""
    return _MOBILE.fullmatch(number) is not None


def national(number: str) -> str | None:
    """An E.164 number of Sweden with its leading 0 (`0846500410`); None for another country's."""
    return f"0{number.removeprefix(COUNTRY)}" if number.startswith(COUNTRY) else None


def called_number(number: str) -> str:
    """A called number's one form: E.164, or the short number itself; empty if it is neither."""
    if public := e164(number):
        return public
    plain = _SEPARATORS.sub("", number)
    if plain.startswith(COUNTRY) and _SHORT.fullmatch(plain.removeprefix(COUNTRY)):
        return plain.removeprefix(COUNTRY)
    return plain if _DIGITS.fullmatch(plain) else ""
