"""Personal and coordination numbers as they come from a keypad.

House rules: pure; today is an argument. A keypad has no `-` or `+`, so twelve digits are asked
for; ten are taken too and mean the latest day that is not to come, which leaves the century a
guess. The number itself goes to the vault and nowhere else: no fault here quotes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.se import personnummer

_DIGITS: Final = re.compile(r"\d{10}|\d{12}", re.ASCII)
_COORDINATION_DAYS: Final = 60
_YEARS_MAX: Final = 125
LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """A number whose date can be and whose check digit is right."""

    digits: str = field(repr=False)
    """Twelve digits, the century first."""
    is_century_certain: bool
    """Whether the caller gave the century; if not, a child of 3 may be 103."""
    is_coordination: bool
    """A coordination number (samordningsnummer): day + 60."""


def read_personal_number(digits: str, today: date) -> PersonalNumber | None:
    """The number that these ten or twelve digits are, or None.

    >>> read_personal_number("121212121212", date(2026, 11, 21)) is None
    True
    >>> read_personal_number("191212121212", date(2026, 11, 21)).is_century_certain
    True
    """
    if not _DIGITS.fullmatch(digits):
        return None
    if len(digits) == LENGTH:
        return _checked(digits, today, is_century_certain=True)
    for century in range(today.year // 100, today.year // 100 - 2, -1):
        if found := _checked(f"{century}{digits}", today, is_century_certain=False):
            return found
    return None


def _checked(digits: str, today: date, *, is_century_certain: bool) -> PersonalNumber | None:
    day = int(digits[6:8])
    is_coordination = day > _COORDINATION_DAYS
    born_on = f"{digits[:6]}{day - _COORDINATION_DAYS:02}" if is_coordination else digits[:8]
    try:
        born = date(int(born_on[:4]), int(born_on[4:6]), int(born_on[6:]))
        if is_coordination:  # python-stdnum knows personal numbers only
            luhn.validate(digits[2:])
        else:
            personnummer.validate(f"{digits[:8]}-{digits[8:]}")
    except (ValueError, ValidationError):
        return None
    if not today.year - _YEARS_MAX <= born.year or born > today:
        return None
    return PersonalNumber(digits, is_century_certain, is_coordination)
